#include "worker/build/volume.h"

const char *const volume_rule_names[VOLUME_RULE_COUNT] = {"species", "sigma_cubed"};

static const double VOLUME_SMALL = 0.692, VOLUME_LARGE = 0.842; /* plain Voronoi, 50:50 glass at 0.767 */
static const double CUBE_SMALL = 125.0 / 216.0, CUBE_LARGE = 1; /* sigma_22^3, sigma_11^3 */

double volume_by_rule(enum volume_rule rule, double small_fraction)
{
    double small = rule == VOLUME_SPECIES ? VOLUME_SMALL : CUBE_SMALL;
    double large = rule == VOLUME_SPECIES ? VOLUME_LARGE : CUBE_LARGE;
    double equimolar = (VOLUME_SMALL + VOLUME_LARGE) / 2;
    return equimolar * (small_fraction * small + (1 - small_fraction) * large) / ((small + large) / 2);
}
