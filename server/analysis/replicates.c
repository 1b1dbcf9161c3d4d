#include "server/analysis/replicates.h"

#include "common/invariant.h"
#include "server/analysis/prob.h"

#include <math.h>

static double mean_of(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

struct replicates replicates_of(const double *values, size_t count, double level)
{
    INVARIANT(count > 0 && level > 0.0 && level < 1.0);
    const double none = (double)NAN;
    double mean = mean_of(values, count), squares = 0.0;
    struct replicates result = {{mean, {none, none}}, none, count};
    if (count < 2)
        return result;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    double dof = (double)(count - 1);
    result.standard_deviation = sqrt(squares / dof);
    double spread = prob_student_quantile(0.5 + 0.5 * level, dof) * result.standard_deviation / sqrt((double)count);
    result.mean.interval = (struct interval){mean - spread, mean + spread};
    return result;
}
