/* store_cone.h - the causal cone: what has to go when segments go, and how it is taken back.
 *
 * On a segment stand the later segments of its replica, the exchanges after any of them, and the partners' segments
 * after those; so the cone is one number for each replica, the first segment that goes. A replica begins again only
 * where there is a snapshot to begin from, so a cone reaches back to the last one that is there, or to the very
 * beginning.
 *
 *     replica 0   . . . . X x x x x      X: proven wrong; x: its cone
 *     replica 1   . . . . . | x x x      |: the exchange after segment 5
 *
 * RETRACT (store_audit.c) and repair (store_repair.c) both work by it, inside a transaction of the caller's. */
#ifndef VITRINE_SERVER_STORE_STORE_CONE_H
#define VITRINE_SERVER_STORE_STORE_CONE_H

#include "server/store/store.h"

struct cone {
    struct store *store; /* borrowed */
    struct campaign_id campaign;
    uint32_t replica_count;
    int64_t *first;     /* [replica_count]; INT64_MAX: untouched */
    bool *is_pending;   /* [replica_count]; its exchanges have to be followed (again) */
    uint64_t *segments; /* [replica_count]; taken back so far */
};

/* Empty. cone_finish also after a failure; zeroed is fine. */
enum status cone_init(struct cone *cone, struct store *store, struct campaign_id campaign,
                      struct error *err) MUST_CHECK;
void cone_finish(struct cone *cone);

/* This segment goes, and all of its replica that are after it. STATUS_NOT_FOUND when there is no such replica. */
enum status cone_add(struct cone *cone, struct replica_id replica, struct segment_id segment,
                     struct error *err) MUST_CHECK;

/* Follows the exchanges until nothing new comes in. */
enum status cone_grow(struct cone *cone, struct error *err) MUST_CHECK;

/* Deletes the rows of a cone that has grown, with a row of `retraction` for each replica that loses any, so that its
 * generation rises. Fills cone->segments. */
enum status cone_take_back(struct cone *cone, const char *reason, struct error *err) MUST_CHECK;

#endif
