#include "common/volume.h"

const char *const volume_rule_names[VOLUME_RULE_COUNT] = {"species", "sigma_cubed", "fixed"};

const struct volume_parts volume_parts_wahnstrom = {0.692, 0.842}; /* plain Voronoi, 50:50 glass at 0.767 */

/* The engine has its own table, of pairs and with their energies (worker/md/potential.c, which is the truth); these are
 * its sigma_22. */
double volume_diameter_small(enum potential_kind potential)
{
    static const double diameters[POTENTIAL_KIND_COUNT] = {
        [POTENTIAL_WAHNSTROM] = 5.0 / 6.0, [POTENTIAL_KOB_ANDERSEN] = 0.88};
    return diameters[potential];
}

double volume_by_rule(enum volume_rule rule, enum potential_kind potential, const struct volume_parts *parts,
                      double small_fraction)
{
    const double even = 0.5 * (parts->small + parts->large), d = volume_diameter_small(potential);
    switch (rule) {
    case VOLUME_SPECIES:
        return small_fraction * parts->small + (1.0 - small_fraction) * parts->large;
    case VOLUME_SIGMA_CUBED:
        return even * (small_fraction * d * d * d + (1.0 - small_fraction)) / (0.5 * (d * d * d + 1.0));
    default:
        return even;
    }
}
