/* store_verify.h - is everything in the database what it says it is?
 *
 * SQLite does not see bit rot, and a program's mistakes less. Everything that can be computed again without running
 * physics is computed again and compared, bit by bit, in one state of the database:
 *
 *   - rows of ensembles, rungs and replicas against the campaign file;
 *   - segments: one after another without a gap; on the rung where the exchange ledger puts them; stage, steps,
 *     temperatures and input digest as the campaign and the snapshot before give them; output digest from the samples,
 *     pair counts and frames that are stored;
 *   - exchanges: both partners' segments and energies; log-weight, uniform and decision from seed and temperatures;
 *   - bytes of frames and snapshots, and pair counts, against their digests; the last snapshot of each replica is
 * there.
 */
#ifndef VITRINE_SERVER_STORE_STORE_VERIFY_H
#define VITRINE_SERVER_STORE_STORE_VERIFY_H

#include "server/store/store.h"

enum { VERIFY_DIFFERENCES_MAX = 64, VERIFY_TEXT_SIZE = 200 };

struct verify_report {
    bool ok;                                                        /* no difference */
    uint64_t segments, exchanges, samples, arrays, pdfs, frames, snapshots; /* looked at */
    uint64_t difference_count;
    uint32_t kept; /* the first differences, in words */
    char differences[VERIFY_DIFFERENCES_MAX][VERIFY_TEXT_SIZE];
};

/* Where a difference lies. */
enum verify_place_kind {
    PLACE_FILE,     /* in what follows from the campaign file */
    PLACE_SEGMENT,  /* in a segment, or in the exchange of two replicas after it */
    PLACE_SNAPSHOT, /* in the bytes that a replica would go on from, and nothing else */
};

struct verify_place {
    enum verify_place_kind kind;
    uint32_t replica_count; /* 0, 1 or 2 */
    struct replica_id replicas[2];
    struct segment_id segment;
};

typedef void verify_observer(void *context, const struct verify_place *place);

/* STATUS_OK also when there are differences: they are the report. Another status: it could not be found out. */
enum status store_verify(struct store *store, struct campaign_id campaign, struct verify_report *out_report,
                         struct error *err) MUST_CHECK;

/* The same, and tells the place of every difference as it is found. */
enum status store_verify_places(struct store *store, struct campaign_id campaign, verify_observer *observe,
                                void *context, struct verify_report *out_report, struct error *err) MUST_CHECK;

#endif
