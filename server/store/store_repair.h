/* store_repair.h - after bit rot: what is damaged is taken back, so that a resumed run computes it again.
 *
 * Each replica is rewound to its last good snapshot before the damage. A partner of an exchange that is taken back is
 * rewound to that exchange, and so on until nothing stands on what is gone. Computing again gives the same bits, so the
 * science hash ends as that of the undisturbed run. Damaged snapshots that no replica goes on from are dropped. */
#ifndef VITRINE_SERVER_STORE_STORE_REPAIR_H
#define VITRINE_SERVER_STORE_STORE_REPAIR_H

#include "server/store/store_verify.h"

struct repair_rewind {
    struct replica_id replica;
    struct segment_id segment_first; /* this one and all after it are taken back */
    uint64_t segments;               /* so many */
};

struct repair_report {
    struct verify_report found; /* before the repair */
    uint64_t snapshots_dropped; /* damaged ones */
    uint32_t rewind_count;
    struct repair_rewind *rewinds; /* [rewind_count], in order of replica */
};

/* Own transaction; on a STORE_WRITE store that nobody else works on. dry_run: finds out, and changes nothing.
 * STATUS_CORRUPT when rows do not help: the file's pages, or what follows from the campaign file, are damaged; then
 * nothing is changed. */
enum status store_repair(struct store *store, struct campaign_id campaign, bool dry_run,
                         struct repair_report *out_report, struct error *err) MUST_CHECK;
void repair_report_finish(struct repair_report *report); /* NULL and zeroed are fine */

#endif
