/* contour.h - where nothing transforms, when has a mean reached a value? The paper's red region below T_f: contours of
 * mean icosahedral content (0.15, 0.20, 0.25), or of a length, against time, one isotherm at a time.
 *
 * The mean over replicas at each sample is averaged again over a centred window of samples; its band is Student's over
 * replicas of the windowed values. The contour is where the mean first reaches the value, between two samples straight
 * in log t; its interval runs from where the band's upper edge first reaches it to where the lower edge does. The band
 * is pointwise.
 *
 * Runs need not be watched equally long, and some lengths cannot be told at every sample (quantities.md:
 * ico_length_resolved). A replica is there between its first and its last known sample, with a window that its ends
 * narrow; what is not known in between is left out of the window. The mean and its band are those of the replicas that
 * are there at each sample, so that a run that leaves takes its part of the mean with it, and the band widens to
 * Student's of fewer; a sample that is left with fewer than two is passed over, and after the last one with two nothing
 * is said. Hence the interval holds only as long as it is chance which runs are shorter. */
#ifndef VITRINE_SERVER_ANALYSIS_CONTOUR_H
#define VITRINE_SERVER_ANALYSIS_CONTOUR_H

#include "common/error.h"
#include "server/analysis/estimate.h"
#include <stddef.h>
#include <stdint.h>

struct contour_series {
    const int64_t *steps; /* [samples] > 0, ascending; shared by all replicas */
    const double *values; /* [replicas][samples]; NAN = not known */
    size_t samples, replicas;
};

/* out->value is INFINITY when the mean never reaches `target`, and so are the ends of its interval; each is 0 where it
 * is reached at the first sample with two replicas already: some time before. window is odd: 1 = no smoothing.
 * STATUS_INVALID for fewer than 2 replicas, an even window, steps that do not ascend or infinite values.
 */
MUST_CHECK enum status contour_time(const struct contour_series *series, double target, size_t window, double level,
                                    struct estimate *out, struct error *err);

#endif
