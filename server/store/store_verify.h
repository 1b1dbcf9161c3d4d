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
    uint64_t segments, exchanges, samples, pdfs, frames, snapshots; /* looked at */
    uint64_t difference_count;
    uint32_t kept; /* the first differences, in words */
    char differences[VERIFY_DIFFERENCES_MAX][VERIFY_TEXT_SIZE];
};

/* STATUS_OK also when there are differences: they are the report. Another status: it could not be found out. */
enum status store_verify(struct store *store, struct campaign_id campaign, struct verify_report *out_report,
                         struct error *err) MUST_CHECK;

#endif
