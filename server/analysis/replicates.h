/* replicates.h - the mean of independent repetitions and its interval: the only honest way to an error bar when the
 * points within one repetition are correlated. */
#ifndef VITRINE_SERVER_ANALYSIS_REPLICATES_H
#define VITRINE_SERVER_ANALYSIS_REPLICATES_H

#include "server/analysis/estimate.h"
#include <stddef.h>

struct replicates {
    struct estimate mean;      /* Student's interval with count - 1 degrees of freedom; NAN for fewer than 2 */
    double standard_deviation; /* of one repetition; NAN for fewer than 2 */
    size_t count;
};

/* count >= 1, 0 < level < 1, values finite. */
struct replicates replicates_of(const double *values, size_t count, double level);

#endif
