#include "server/analysis/eos_curve.h"

#include <math.h>
#include <stdbool.h>

enum { SCAN_POINTS = 4000, SCAN_ROUNDS = 4 };

/* Index of the interval that holds the volume; count when there is none. */
static size_t find_interval(const struct eos_curve *curve, double volume)
{
    if (curve->count < 2 || !(volume >= curve->volumes[0] && volume <= curve->volumes[curve->count - 1]))
        return curve->count;
    size_t low = 0, high = curve->count - 1;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (curve->volumes[middle] <= volume)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* A smooth piece rises by about the mean of its end slopes; what is left over is the jump of a shell. */
static bool is_smooth(double rise, double rise_by_slopes, double width, double slope_first, double slope_last)
{
    const double turn = fabs(slope_last - slope_first) * width;
    return fabs(rise - rise_by_slopes) <= turn + 1e-9;
}

double eos_curve_energy(const struct eos_curve *curve, double volume)
{
    const size_t i = find_interval(curve, volume);
    if (i == curve->count)
        return HUGE_VAL;
    const double width = curve->volumes[i + 1] - curve->volumes[i], t = (volume - curve->volumes[i]) / width;
    const double e0 = curve->energies[i], e1 = curve->energies[i + 1];
    const double s0 = -curve->pressures[i], s1 = -curve->pressures[i + 1];
    if (!is_smooth(e1 - e0, 0.5 * (s0 + s1) * width, width, s0, s1))
        return e0 + t * (e1 - e0);
    const double u = 1.0 - t;
    return u * u * (1.0 + 2.0 * t) * e0 + t * t * (3.0 - 2.0 * t) * e1 + t * u * width * (u * s0 - t * s1);
}

/* Something to minimise over one volume. */
typedef double energy_at(const void *context, double volume);

/* The best point of a grid, then of finer ones around it. */
static double scan(energy_at *energy, const void *context, double low, double high)
{
    double best = low;
    for (int round = 0; round < SCAN_ROUNDS; round++) {
        const double step = (high - low) / SCAN_POINTS;
        double least = HUGE_VAL;
        for (int i = 0; i <= SCAN_POINTS; i++) {
            const double volume = low + i * step, here = energy(context, volume);
            if (here < least) {
                least = here;
                best = volume;
            }
        }
        low = fmax(low, best - step);
        high = fmin(high, best + step);
    }
    return best;
}

static double energy_of_curve(const void *context, double volume)
{
    return eos_curve_energy(context, volume);
}

struct eos_minimum eos_curve_minimum(const struct eos_curve *curve)
{
    const struct eos_minimum none = {(double)NAN, (double)NAN};
    if (curve->count < 3)
        return none;
    const double first = curve->volumes[0], last = curve->volumes[curve->count - 1];
    const double volume = scan(energy_of_curve, curve, first, last);
    if (volume <= first || volume >= last)
        return none;
    return (struct eos_minimum){volume, eos_curve_energy(curve, volume)};
}

/* Two curves that share atoms and volume. */
struct partition {
    const struct eos_curve *a, *b;
    double fraction_a, volume;
};

static double volume_left(const struct partition *partition, double volume_a)
{
    return (partition->volume - partition->fraction_a * volume_a) / (1.0 - partition->fraction_a);
}

static double energy_of_partition(const void *context, double volume_a)
{
    const struct partition *partition = context;
    return partition->fraction_a * eos_curve_energy(partition->a, volume_a) +
           (1.0 - partition->fraction_a) * eos_curve_energy(partition->b, volume_left(partition, volume_a));
}

enum status eos_curve_pair(const struct eos_curve *a, const struct eos_curve *b, double small_fraction, double volume,
                           struct eos_pair *out, struct error *err)
{
    if (!((small_fraction - a->small_fraction) * (small_fraction - b->small_fraction) < 0.0))
        return error_set(err, STATUS_INVALID,
                         "a small fraction of %g does not lie between those of the two phases (%.4g and %.4g), so that "
                         "they cannot fill it",
                         small_fraction, a->small_fraction, b->small_fraction);
    const struct partition partition = {
        a, b, (small_fraction - b->small_fraction) / (a->small_fraction - b->small_fraction), volume};
    if (a->count < 2 || b->count < 2)
        return error_set(err, STATUS_INVALID, "a phase of the two has fewer than two energies yet");
    const double volume_a = scan(energy_of_partition, &partition, a->volumes[0], a->volumes[a->count - 1]);
    const double energy = energy_of_partition(&partition, volume_a), volume_b = volume_left(&partition, volume_a);
    if (!isfinite(energy))
        return error_set(err, STATUS_INVALID, "the two phases cannot share a volume of %g per atom within their curves",
                         volume);
    *out = (struct eos_pair){.fraction_a = partition.fraction_a,
                             .volume_a = volume_a,
                             .volume_b = volume_b,
                             .energy_a = eos_curve_energy(a, volume_a),
                             .energy_b = eos_curve_energy(b, volume_b),
                             .energy = energy};
    return STATUS_OK;
}
