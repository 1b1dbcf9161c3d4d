/* campaign_judge.h - the parts of campaign_check.h, by section of the file. Each reports what cannot be, at its place,
 * and goes on. */
#ifndef VITRINE_COMMON_CAMPAIGN_JUDGE_H
#define VITRINE_COMMON_CAMPAIGN_JUDGE_H

#include "common/campaign_bind.h"

/* One ensemble under judgement. Borrows all. */
struct judge {
    struct campaign_report *report;
    const struct ensemble_draft *draft;
    struct ensemble_spec *ensemble;
};

/* Where a key of the system, of the dynamics, of the ensemble itself is written; where it is not, the ensemble. */
struct text_place judge_system_place(const struct judge *judge, const char *key);
struct text_place judge_dynamics_place(const struct judge *judge, const char *key);
struct text_place judge_own_place(const struct judge *judge, const char *key);

/* Completes the system: the count of small atoms and the volume that follow from what is written. To be called first.
 */
void judge_system(const struct judge *judge);
void judge_phases(const struct judge *judge);
void judge_dynamics(const struct judge *judge);
void judge_hybrid(const struct judge *judge);
void judge_rungs(const struct judge *judge);
void judge_steps(const struct judge *judge);
void judge_sampling(const struct judge *judge);
void judge_stages(const struct judge *judge);

/* Is this fraction of the atoms a whole number of them, to 1e-6 of all? */
bool judge_is_whole_count(double fraction, uint32_t atoms);

#endif
