#include "worker/build/random.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "common/rng.h"
#include "worker/md/cells.h"
#include "worker/md/configuration.h"
#include "worker/md/potential.h"
#include "worker/minimize/cg.h"

#include <math.h>

static const double core = 0.95;        /* of sigma_ab: where the soft repulsion begins */
static const double gentleness = 0.2;   /* of an overlap is taken away in one sweep, by each of the two atoms */
static const double overlap_max = 0.02; /* sigma: small enough */
enum { SWEEPS_MAX = 200, DESCENT_EVALUATIONS = 100 };

/* The cube root, to the last bit or so, of +, -, *, / alone: same bits everywhere. */
static double cube_edge(double volume)
{
    double edge = real_pow(volume, 1.0 / 3.0);
    for (int n = 0; n < 2; n++)
        edge -= (edge * edge * edge - volume) / (3.0 * edge * edge);
    return edge;
}

static void scatter_atoms(struct configuration *configuration, struct rng_place place)
{
    for (uint32_t i = 0; i < configuration->atoms; i++) {
        configuration->id[i] = (int64_t)i + 1;
        for (uint32_t k = 0; k < 3; k++)
            configuration->position[k][i] =
                configuration_wrap(configuration->box[k] * rng_uniform(place, 3 * i + k), configuration->box[k]);
    }
}

/* Fisher and Yates' shuffle of small atoms among large ones. */
static void shuffle_types(struct configuration *configuration, uint32_t atoms_small, struct rng_place place)
{
    const uint32_t atoms = configuration->atoms;
    for (uint32_t i = 0; i < atoms; i++)
        configuration->type[i] = i < atoms_small ? ATOM_SMALL : ATOM_LARGE;
    for (uint32_t i = atoms; i > 1; i--) {
        const uint32_t j = (uint32_t)(rng_uniform(place, 3 * atoms + i) * i);
        const uint8_t t = configuration->type[i - 1];
        configuration->type[i - 1] = configuration->type[j];
        configuration->type[j] = t;
    }
}

/* Moves of one sweep and the largest overlap it found. */
struct sweep {
    double *move[3]; /* sigma, [atoms] */
    double overlap;  /* sigma */
};

/* Two atoms closer than the core push each other apart along the line between them. */
static void push_atom(const struct potential *potential, const uint8_t *type, const struct neighbourhood *near,
                      uint32_t self, struct sweep *sweep)
{
    const uint32_t atom = near->atom[self];
    for (uint32_t n = 0; n < near->count; n++) {
        double d[3], r_sq = 0.0;
        for (int k = 0; k < 3; k++) {
            d[k] = near->position[k][self] - near->position[k][n];
            r_sq += d[k] * d[k];
        }
        const double reach = core * potential->sigma[type[atom]][type[near->atom[n]]];
        if (r_sq >= reach * reach || n == self)
            continue;
        const double r = sqrt(r_sq), overlap = reach - r;
        sweep->overlap = fmax(sweep->overlap, overlap);
        for (int k = 0; k < 3 && r > 0.0; k++)
            sweep->move[k][atom] += gentleness * overlap * d[k] / r;
    }
}

static enum status find_moves(const struct potential *potential, const struct configuration *configuration,
                              struct neighbourhood *near, struct sweep *sweep, struct error *err)
{
    const double reach = core * fmax(potential->sigma[0][0], fmax(potential->sigma[0][1], potential->sigma[1][1]));
    struct cells cells;
    enum status status = cells_init(&cells, configuration, reach, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t cell = 0; cell < cells.total && status == STATUS_OK; cell++) {
        const uint32_t count = cells.first[cell + 1] - cells.first[cell];
        if (count == 0)
            continue;
        status = neighbourhood_collect(near, &cells, cell, reach, err);
        for (uint32_t n = 0; n < count && status == STATUS_OK; n++)
            push_atom(potential, configuration->type, near, near->home + n, sweep);
    }
    cells_finish(&cells);
    return status;
}

static void apply_moves(struct configuration *configuration, struct sweep *sweep)
{
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < configuration->atoms; i++) {
            configuration->position[k][i] =
                configuration_wrap(configuration->position[k][i] + sweep->move[k][i], configuration->box[k]);
            sweep->move[k][i] = 0.0;
        }
}

/* Steepest descent on the sum of overlap^2 / 2. */
static enum status push_apart(const struct potential *potential, struct configuration *configuration, struct error *err)
{
    struct neighbourhood near = {0};
    struct sweep sweep = {0};
    enum status status = STATUS_OK;
    for (int k = 0; k < 3; k++)
        if (!(sweep.move[k] = mem_alloc_array(configuration->atoms, sizeof(double))))
            status = mem_error(err, "a random start");
    for (int n = 0; n < SWEEPS_MAX && status == STATUS_OK; n++) {
        sweep.overlap = 0.0;
        status = find_moves(potential, configuration, &near, &sweep, err);
        if (status != STATUS_OK || sweep.overlap < overlap_max)
            break;
        apply_moves(configuration, &sweep);
    }
    for (int k = 0; k < 3; k++)
        mem_free(sweep.move[k]);
    neighbourhood_finish(&near);
    return status;
}

static enum status fill(const struct system_spec *system, struct rng_place place, struct configuration *configuration,
                        struct error *err)
{
    static const struct cg_options some_way = {.force_max = 1.0, .evaluations_max = DESCENT_EVALUATIONS};
    const struct potential potential = potential_make(system->potential, system->cut, system->cutoff);
    struct cg_result result;
    for (int k = 0; k < 3; k++)
        configuration->box[k] = cube_edge(system->atoms * system->volume_per_atom);
    scatter_atoms(configuration, place);
    shuffle_types(configuration, system->atoms_small, place);
    enum status status = push_apart(&potential, configuration, err);
    return status == STATUS_OK ? cg_minimize(&potential, &some_way, configuration, &result, err) : status;
}

enum status build_random(const struct system_spec *system, uint64_t seed, struct replica_id replica,
                         struct snapshot *out, struct error *err)
{
    if (system->atoms < 1 || system->atoms > SNAPSHOT_ATOMS_MAX || system->atoms_small > system->atoms ||
        !(system->volume_per_atom > 0.0))
        return error_set(err, STATUS_INVALID, "a random start of %u atoms, %u of them small, at %g sigma^3 each",
                         system->atoms, system->atoms_small, system->volume_per_atom);
    const struct rng_place place = {seed, STREAM_BUILD, 0, replica.value};
    struct configuration configuration;
    enum status status = configuration_init(&configuration, system->atoms, err);
    if (status != STATUS_OK)
        return status;
    status = fill(system, place, &configuration, err);
    if (status == STATUS_OK)
        status = configuration_to_snapshot(&configuration, 0, out, err);
    configuration_finish(&configuration);
    return status == STATUS_OK ? STATUS_OK : error_context(err, "building a random start");
}
