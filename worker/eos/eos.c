#include "worker/eos/eos.h"

#include "common/realmath.h"
#include "worker/eos/optimum.h"

#include <math.h>

static const double ENERGY_TOLERANCE = 1e-13;  /* epsilon, of a relaxed shape */
static const double VOLUME_TOLERANCE = 1e-7;   /* sigma^3, of a minimum */
static const double C_OVER_A_STRETCH = 0.25;   /* relative, how far a relaxed crystal may leave its ideal shape ... */
static const double INTERNAL_SHIFT_MAX = 0.06; /* ... without becoming something else */
static const double HELD_DEPARTURE = 0.99;     /* of these limits */

_Static_assert(BUILDER_C36 - BUILDER_FCC == (int)LATTICE_C36, "the crystals of the builders are those of lattices.h");

enum lattice_kind eos_lattice_kind(const struct phase *phase)
{
    return (enum lattice_kind)(phase->crystal - BUILDER_FCC);
}

static struct lattice make_lattice(const struct phase *phase, const struct lattice_shape *shape)
{
    struct lattice lattice = lattice_make(eos_lattice_kind(phase), shape);
    error_ignore(lattice_set_sites(&lattice, phase->sites, NULL), "phase_find has checked them");
    return lattice;
}

/* Energy and sum of r.f, of one atom or of the whole. */
struct sums {
    double energy, virial;
};

/* Over atom j and all its images within the cutoff of atom i, itself left out. */
static struct sums pair_sum(const struct potential *potential, const struct lattice *lattice, const double edge[3],
                            uint32_t i, uint32_t j)
{
    double separation[3];
    int low[3], high[3];
    for (int d = 0; d < 3; d++) {
        separation[d] = lattice->position[j][d] - lattice->position[i][d];
        low[d] = (int)ceil(-potential->cutoff / edge[d] - separation[d]);
        high[d] = (int)floor(potential->cutoff / edge[d] - separation[d]);
    }
    double cutoff_sq = potential->cutoff * potential->cutoff;
    struct sums sum = {0};
    for (int nx = low[0]; nx <= high[0]; nx++)
        for (int ny = low[1]; ny <= high[1]; ny++)
            for (int nz = low[2]; nz <= high[2]; nz++) {
                double x = (separation[0] + nx) * edge[0], y = (separation[1] + ny) * edge[1];
                double z = (separation[2] + nz) * edge[2], r_sq = x * x + y * y + z * z, force_over_r;
                if (r_sq >= cutoff_sq || (i == j && nx == 0 && ny == 0 && nz == 0))
                    continue;
                sum.energy += potential_pair(potential, lattice->type[i], lattice->type[j], r_sq, &force_over_r);
                sum.virial += force_over_r * r_sq;
            }
    return sum;
}

/* Per atom; the sum over one atom of each orbit, for all of them. */
static struct sums lattice_sums(const struct potential *potential, const struct lattice *lattice, double volume)
{
    uint32_t multiplicity[LATTICE_BASIS_MAX] = {0}, representative[LATTICE_BASIS_MAX] = {0};
    for (uint32_t i = lattice->basis; i-- > 0;) {
        multiplicity[lattice->orbit[i]]++;
        representative[lattice->orbit[i]] = i;
    }
    double edge[3];
    struct sums all = {0};
    for (int d = 0; d < 3; d++)
        edge[d] = lattice->edge[d] * real_cbrt(volume);
    for (uint32_t o = 0; o < LATTICE_BASIS_MAX; o++) {
        struct sums sum = {0};
        for (uint32_t j = 0; multiplicity[o] && j < lattice->basis; j++) {
            const struct sums pair = pair_sum(potential, lattice, edge, representative[o], j);
            sum.energy += pair.energy;
            sum.virial += pair.virial;
        }
        all.energy += multiplicity[o] * sum.energy;
        all.virial += multiplicity[o] * sum.virial;
    }
    return (struct sums){all.energy / 2 / lattice->basis, all.virial / 2 / lattice->basis};
}

double eos_lattice_energy(const struct potential *potential, const struct lattice *lattice, double volume)
{
    return lattice_sums(potential, lattice, volume).energy;
}

/* A phase under relaxation: the shape with its free parameters replaced by x. */
struct relaxation {
    const struct potential *potential;
    const struct phase *phase;
    double volume;
    struct lattice_shape ideal;
};

/* How far a shape is from ideal, as a part of what it may be: above 1 it has left its phase. */
static double shape_departure(const struct lattice_shape *shape, const struct lattice_shape *ideal)
{
    double departure = fabs(shape->c_over_a / ideal->c_over_a - 1) / C_OVER_A_STRETCH;
    for (int o = 0; o < LATTICE_ORBITS_MAX; o++)
        departure = fmax(departure, fabs(shape->internal[o] - ideal->internal[o]) / INTERNAL_SHIFT_MAX);
    return departure;
}

static struct lattice_shape shape_of_parameters(const struct relaxation *relaxation, const double *x)
{
    struct lattice_shape shape = relaxation->ideal;
    double *parameters[LATTICE_ORBITS_MAX + 1];
    uint32_t count = lattice_free_parameters(eos_lattice_kind(relaxation->phase), &shape, parameters);
    for (uint32_t p = 0; p < count; p++)
        *parameters[p] = x[p];
    return shape;
}

static double relaxation_energy(const double *x, const void *context)
{
    const struct relaxation *relaxation = context;
    struct lattice_shape shape = shape_of_parameters(relaxation, x);
    if (shape_departure(&shape, &relaxation->ideal) > 1)
        return HUGE_VAL;
    struct lattice lattice = make_lattice(relaxation->phase, &shape);
    return eos_lattice_energy(relaxation->potential, &lattice, relaxation->volume);
}

/* Whose minimum is where the forces vanish: a plain cut has the forces of the shifted potential and jumps besides, and
 * its own minimum is wherever the last shell just slips inside the cutoff. */
static struct potential without_jumps(const struct potential *potential)
{
    struct potential smooth = *potential;
    double unused;
    for (int a = 0; a < 2 && potential->cut == CUT_TRUNCATED; a++)
        for (int b = 0; b < 2; b++)
            smooth.shift[a][b] = potential_pair(potential, a, b, potential->cutoff * potential->cutoff, &unused);
    return smooth;
}

struct eos_point eos_point_at(const struct potential *potential, const struct phase *phase, enum eos_geometry geometry,
                              double volume)
{
    struct potential smooth = without_jumps(potential);
    struct relaxation relaxation = {&smooth, phase, volume, lattice_ideal_shape(eos_lattice_kind(phase))};
    struct lattice_shape start = relaxation.ideal;
    double *parameters[LATTICE_ORBITS_MAX + 1], x[OPTIMUM_DIMENSIONS_MAX], step[OPTIMUM_DIMENSIONS_MAX];
    uint32_t count = lattice_free_parameters(eos_lattice_kind(phase), &start, parameters);
    for (uint32_t p = 0; p < count; p++) {
        x[p] = *parameters[p];
        step[p] = parameters[p] == &start.c_over_a ? 0.01 * x[p] : 0.005;
    }
    if (geometry == EOS_RELAXED && count > 0) {
        struct optimum_problem problem = {relaxation_energy, &relaxation, count};
        optimum_simplex(&problem, step, ENERGY_TOLERANCE, x);
    }
    struct lattice_shape shape = shape_of_parameters(&relaxation, x);
    struct lattice lattice = make_lattice(phase, &shape);
    const struct sums sums = lattice_sums(potential, &lattice, volume);
    return (struct eos_point){volume, sums.energy, sums.virial / 3 / volume, shape,
                              shape_departure(&shape, &relaxation.ideal) > HELD_DEPARTURE};
}

struct curve {
    const struct potential *potential;
    const struct phase *phase;
    enum eos_geometry geometry;
};

static double curve_energy(const double *volume, const void *context)
{
    const struct curve *curve = context;
    return eos_point_at(curve->potential, curve->phase, curve->geometry, *volume).energy;
}

struct eos_point eos_minimum(const struct potential *potential, const struct phase *phase, enum eos_geometry geometry)
{
    struct curve curve = {potential, phase, geometry};
    struct optimum_problem problem = {curve_energy, &curve, 1};
    double volume;
    optimum_scan(&problem, EOS_VOLUME_MIN, EOS_VOLUME_MAX, VOLUME_TOLERANCE, &volume);
    return eos_point_at(potential, phase, geometry, volume);
}

struct partition {
    struct curve a, b;
    double fraction_a, volume;
};

static double partition_volume_b(const struct partition *partition, double volume_a)
{
    return (partition->volume - partition->fraction_a * volume_a) / (1 - partition->fraction_a);
}

static double partition_energy(const double *volume_a, const void *context)
{
    const struct partition *partition = context;
    double volume_b = partition_volume_b(partition, *volume_a);
    if (volume_b < EOS_VOLUME_MIN || volume_b > EOS_VOLUME_MAX)
        return HUGE_VAL;
    return partition->fraction_a * curve_energy(volume_a, &partition->a) +
           (1 - partition->fraction_a) * curve_energy(&volume_b, &partition->b);
}

enum status eos_two_phase(const struct potential *potential, const struct phase *a, const struct phase *b,
                          enum eos_geometry geometry, double small_fraction, double volume, struct eos_two_phase *out,
                          struct error *err)
{
    double small_a = phase_small_fraction(a), small_b = phase_small_fraction(b);
    if (!((small_fraction - small_a) * (small_fraction - small_b) < 0))
        return error_set(err, STATUS_INVALID,
                         "a small fraction of %g does not lie between those of %s (%.4g) and %s (%.4g), so that the "
                         "two cannot fill it",
                         small_fraction, a->name, small_a, b->name, small_b);
    struct partition partition = {
        {potential, a, geometry}, {potential, b, geometry}, (small_fraction - small_b) / (small_a - small_b), volume};
    struct optimum_problem problem = {partition_energy, &partition, 1};
    double volume_a, energy = optimum_scan(&problem, EOS_VOLUME_MIN, EOS_VOLUME_MAX, VOLUME_TOLERANCE, &volume_a);
    if (!isfinite(energy))
        return error_set(err, STATUS_INVALID, "a volume of %g per atom is out of reach of %s and %s", volume, a->name,
                         b->name);
    *out = (struct eos_two_phase){.fraction_a = partition.fraction_a,
                                  .a = eos_point_at(potential, a, geometry, volume_a),
                                  .b = eos_point_at(potential, b, geometry, partition_volume_b(&partition, volume_a)),
                                  .energy = energy};
    return STATUS_OK;
}
