/* measure_relaxation.c - group relaxation: the times in which a window of the trajectory is forgotten, and the curves
 * that they come from. The window is the sampler's; nothing is computed here. */
#include "worker/structure/measure_state.h"

#include "common/invariant.h"

void measure_relaxation(struct measure *measure, const struct relaxation *relaxation)
{
    measure->relaxation = relaxation;
    measure->relaxation_times = relaxation_measure(relaxation);
}

static const struct relaxation *window_of(const struct measure *measure)
{
    INVARIANT(measure->relaxation);
    return measure->relaxation;
}

double measure_relaxation_window(struct measure *measure)
{
    return (double)window_of(measure)->window;
}

double measure_relaxation_q(struct measure *measure)
{
    return window_of(measure)->q;
}

double measure_relaxation_time(struct measure *measure)
{
    return measure->relaxation_times.relaxation.time;
}

double measure_relaxation_reached(struct measure *measure)
{
    return measure->relaxation_times.relaxation.reached ? 1.0 : 0.0;
}

double measure_overlap_time(struct measure *measure)
{
    return measure->relaxation_times.overlap.time;
}

double measure_overlap_reached(struct measure *measure)
{
    return measure->relaxation_times.overlap.reached ? 1.0 : 0.0;
}

double measure_independence_wait(struct measure *measure)
{
    return measure->relaxation_times.wait.time;
}

double measure_independence_reached(struct measure *measure)
{
    return measure->relaxation_times.wait.reached ? 1.0 : 0.0;
}
