/* rebuild.h - a planner from what the store holds: after every start, whatever ended the one before. */
#ifndef VITRINE_SERVER_REBUILD_H
#define VITRINE_SERVER_REBUILD_H

#include "server/core/planner.h"
#include "server/store/store.h"

struct rebuilt {
    uint32_t campaign_count;
    struct campaign *campaigns; /* [campaign_count]; in the order of their ids */
    void *memory;               /* of the planner */
    struct planner *planner;
};

struct rebuild_limits {
    uint32_t lease_ms;
    uint32_t workers_max; /* places for sessions; one of a worker that is lost is free after three lease times */
};

/* Raises the epoch. The rebuilt is the caller's (rebuilt_finish). */
enum status rebuild_planner(struct store *store, const struct rebuild_limits *limits, struct rebuilt *out_rebuilt,
                            struct error *err) MUST_CHECK;
/* A stored segment as the planner wants it. */
struct segment_record rebuild_record(struct campaign_id campaign, const struct stored_record *stored);
void rebuilt_finish(struct rebuilt *rebuilt); /* NULL and zeroed are fine */

#endif
