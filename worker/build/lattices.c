#include "worker/build/lattices.h"

#include "common/realmath.h"
#include "common/supercell.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

const char *const lattice_names[LATTICE_KIND_COUNT] = {"fcc", "hcp", "b2", "c11b", "c14", "c15", "c36"};

enum { POSITIONS_MAX = 8 };

/* One position of an orbit: constant + slope * u. */
struct position_row {
    double constant[3], slope[3];
};

struct orbit_row {
    enum atom_type type;
    bool is_free;    /* u is not fixed by symmetry */
    double internal; /* ideal u */
    uint32_t count;
    struct position_row positions[POSITIONS_MAX];
};

/* Centring translations in the orthorhombic cell. */
enum centring { CENTRING_NONE, CENTRING_BODY, CENTRING_FACES, CENTRING_C };

struct lattice_row {
    bool is_hexagonal; /* positions are in hexagonal axes */
    enum centring centring;
    double c_over_a_sq; /* ideal (c/a)^2; of the hexagonal or tetragonal cell */
    bool c_over_a_is_free;
    uint32_t orbits;
    struct orbit_row orbit[LATTICE_ORBITS_MAX];
};

/* clang-format off */
#define AT(x, y, z) {{x, y, z}, {0, 0, 0}}
#define THIRD (1.0 / 3.0)
/* P6_3/mmc, the orbits that C14 and C36 share. */
#define ORBIT_4F {                                                                \
    {{THIRD, 2 * THIRD, 0}, {0, 0, 1}},  {{2 * THIRD, THIRD, 0.5}, {0, 0, 1}},     \
    {{2 * THIRD, THIRD, 0}, {0, 0, -1}}, {{THIRD, 2 * THIRD, 0.5}, {0, 0, -1}}}
#define ORBIT_6H {                                                                \
    {{0, 0, 0.25}, {1, 2, 0}},   {{0, 0, 0.25}, {-2, -1, 0}}, {{0, 0, 0.25}, {1, -1, 0}}, \
    {{0, 0, 0.75}, {-1, -2, 0}}, {{0, 0, 0.75}, {2, 1, 0}},   {{0, 0, 0.75}, {-1, 1, 0}}}

static const struct lattice_row LATTICES[LATTICE_KIND_COUNT] = {
    [LATTICE_FCC] = {false, CENTRING_FACES, 1, false, 1, {
        {ATOM_LARGE, false, 0, 1, {AT(0, 0, 0)}}}},
    [LATTICE_HCP] = {true, CENTRING_C, 8.0 / 3.0, true, 1, {
        {ATOM_LARGE, false, 0, 2, {AT(0, 0, 0), AT(THIRD, 2 * THIRD, 0.5)}}}},
    [LATTICE_B2] = {false, CENTRING_NONE, 1, false, 2, {
        {ATOM_LARGE, false, 0, 1, {AT(0, 0, 0)}},
        {ATOM_SMALL, false, 0, 1, {AT(0.5, 0.5, 0.5)}}}},
    [LATTICE_C11B] = {false, CENTRING_BODY, 9, true, 2, {
        {ATOM_LARGE, false, 0, 1, {AT(0, 0, 0)}},
        {ATOM_SMALL, true, THIRD, 2, {{{0, 0, 0}, {0, 0, 1}}, {{0, 0, 0}, {0, 0, -1}}}}}},
    [LATTICE_C14] = {true, CENTRING_C, 8.0 / 3.0, true, 3, {
        {ATOM_LARGE, true, 1.0 / 16.0, 4, ORBIT_4F},
        {ATOM_SMALL, false, 0, 2, {AT(0, 0, 0), AT(0, 0, 0.5)}},
        {ATOM_SMALL, true, 5.0 / 6.0, 6, ORBIT_6H}}},
    [LATTICE_C15] = {false, CENTRING_FACES, 1, false, 2, {
        {ATOM_LARGE, false, 0, 2, {AT(0, 0, 0), AT(0.25, 0.25, 0.25)}},
        {ATOM_SMALL, false, 0, 4, {AT(0.625, 0.625, 0.625), AT(0.625, 0.375, 0.375),
                                   AT(0.375, 0.625, 0.375), AT(0.375, 0.375, 0.625)}}}},
    [LATTICE_C36] = {true, CENTRING_C, 32.0 / 3.0, true, 5, {
        {ATOM_LARGE, true, 3.0 / 32.0, 4, {{{0, 0, 0}, {0, 0, 1}}, {{0, 0, 0.5}, {0, 0, 1}},
                                           {{0, 0, 0}, {0, 0, -1}}, {{0, 0, 0.5}, {0, 0, -1}}}},
        {ATOM_LARGE, true, 27.0 / 32.0, 4, ORBIT_4F},
        {ATOM_SMALL, true, 1.0 / 8.0, 4, ORBIT_4F},
        {ATOM_SMALL, false, 0, 6, {AT(0.5, 0, 0), AT(0, 0.5, 0), AT(0.5, 0.5, 0),
                                   AT(0.5, 0, 0.5), AT(0, 0.5, 0.5), AT(0.5, 0.5, 0.5)}},
        {ATOM_SMALL, true, 1.0 / 6.0, 6, ORBIT_6H}}},
};

static const struct { uint32_t count; double shift[4][3]; } CENTRINGS[] = {
    [CENTRING_NONE] = {1, {{0, 0, 0}}},
    [CENTRING_BODY] = {2, {{0, 0, 0}, {0.5, 0.5, 0.5}}},
    [CENTRING_FACES] = {4, {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}},
    [CENTRING_C] = {2, {{0, 0, 0}, {0.5, 0.5, 0}}},
};
/* clang-format on */

struct lattice_shape lattice_ideal_shape(enum lattice_kind kind)
{
    const struct lattice_row *row = &LATTICES[kind];
    struct lattice_shape shape = {.c_over_a = sqrt(row->c_over_a_sq)};
    for (uint32_t o = 0; o < row->orbits; o++)
        shape.internal[o] = row->orbit[o].internal;
    return shape;
}

uint32_t lattice_free_parameters(enum lattice_kind kind, struct lattice_shape *shape,
                                 double *out_parameters[LATTICE_ORBITS_MAX + 1])
{
    const struct lattice_row *row = &LATTICES[kind];
    uint32_t count = 0;
    if (row->c_over_a_is_free)
        out_parameters[count++] = &shape->c_over_a;
    for (uint32_t o = 0; o < row->orbits; o++)
        if (row->orbit[o].is_free)
            out_parameters[count++] = &shape->internal[o];
    return count;
}

/* Edges a, b, c of volume `volume` with the row's axes and this c/a. */
static void cell_edges(const struct lattice_row *row, double c_over_a, double volume, double out_edge[3])
{
    double b_over_a = row->is_hexagonal ? sqrt(3.0) : 1.0;
    double a = real_cbrt(volume / (b_over_a * c_over_a));
    out_edge[0] = a;
    out_edge[1] = a * b_over_a;
    out_edge[2] = a * c_over_a;
}

static double wrap_unit(double fraction)
{
    fraction -= floor(fraction);
    return fraction < 1.0 ? fraction : 0.0;
}

/* Fractions of the orthorhombic edges. Hexagonal axes a1 = (a, 0), a2 = (-a/2, sqrt(3)/2 a): x = a (u - v/2),
 * y = sqrt(3) a v/2. */
static void orthorhombic_fractions(const struct lattice_row *row, const struct position_row *position, double internal,
                                   double out[3])
{
    for (int d = 0; d < 3; d++)
        out[d] = position->constant[d] + position->slope[d] * internal;
    if (!row->is_hexagonal)
        return;
    out[0] -= out[1] / 2;
    out[1] /= 2;
}

static void add_atoms(struct lattice *lattice, const struct lattice_row *row, uint32_t orbit, const double fractions[3])
{
    for (uint32_t s = 0; s < CENTRINGS[row->centring].count; s++) {
        uint32_t atom = lattice->basis++;
        for (int d = 0; d < 3; d++)
            lattice->position[atom][d] = wrap_unit(fractions[d] + CENTRINGS[row->centring].shift[s][d]);
        lattice->type[atom] = (uint8_t)row->orbit[orbit].type;
        lattice->orbit[atom] = (uint8_t)orbit;
    }
}

struct lattice lattice_make(enum lattice_kind kind, const struct lattice_shape *shape)
{
    const struct lattice_row *row = &LATTICES[kind];
    struct lattice lattice = {0};
    for (uint32_t o = 0; o < row->orbits; o++)
        for (uint32_t p = 0; p < row->orbit[o].count; p++) {
            double fractions[3];
            orthorhombic_fractions(row, &row->orbit[o].positions[p], shape->internal[o], fractions);
            add_atoms(&lattice, row, o, fractions);
        }
    cell_edges(row, shape->c_over_a, lattice.basis, lattice.edge);
    return lattice;
}

static uint32_t count_orbits(const struct lattice *lattice)
{
    return lattice->orbit[lattice->basis - 1] + 1u;
}

enum status lattice_set_sites(struct lattice *lattice, const char *sites, struct error *err)
{
    size_t length = strlen(sites);
    uint32_t orbits = count_orbits(lattice);
    if (strspn(sites, "LS") != length)
        return error_set(err, STATUS_INVALID, "sites '%s' have letters other than L (large) and S (small)", sites);
    if (length != orbits && length != lattice->basis)
        return error_set(err, STATUS_INVALID,
                         "sites '%s' have %zu letters, not %" PRIu32 " (one per orbit) or %" PRIu32 " (one per atom)",
                         sites, length, orbits, lattice->basis);
    for (uint32_t i = 0; i < lattice->basis; i++) {
        size_t site = length == orbits ? lattice->orbit[i] : i;
        lattice->type[i] = sites[site] == 'S' ? ATOM_SMALL : ATOM_LARGE;
        lattice->orbit[i] = (uint8_t)site;
    }
    return STATUS_OK;
}

double lattice_small_fraction(const struct lattice *lattice)
{
    uint32_t small = 0;
    for (uint32_t i = 0; i < lattice->basis; i++)
        small += lattice->type[i] == ATOM_SMALL;
    return (double)small / lattice->basis;
}

struct lattice_repeats lattice_fit_repeats(const struct lattice *lattice, uint32_t atoms)
{
    const struct supercell_cell cell = {lattice->basis, {lattice->edge[0], lattice->edge[1], lattice->edge[2]}};
    struct lattice_repeats repeats;
    supercell_fit(&cell, atoms, repeats.count);
    return repeats;
}

static void place_cell(const struct lattice *lattice, const uint32_t cell[3], const struct lattice_repeats *repeats,
                       uint32_t first, struct configuration *out)
{
    for (uint32_t i = 0; i < lattice->basis; i++) {
        for (int d = 0; d < 3; d++)
            out->position[d][first + i] = (cell[d] + lattice->position[i][d]) / repeats->count[d] * out->box[d];
        out->type[first + i] = lattice->type[i];
    }
}

enum status lattice_fill(const struct lattice *lattice, struct lattice_repeats repeats, double volume_per_atom,
                         struct configuration *out, struct error *err)
{
    uint64_t cells = (uint64_t)repeats.count[0] * repeats.count[1] * repeats.count[2];
    if (cells == 0 || cells * lattice->basis > SNAPSHOT_ATOMS_MAX)
        return error_set(err, STATUS_LIMIT, "a supercell of %" PRIu64 " cells has no atom or more than %d", cells,
                         SNAPSHOT_ATOMS_MAX);
    if (!(volume_per_atom > 0))
        return error_set(err, STATUS_INVALID, "volume per atom %g is not above 0", volume_per_atom);
    enum status status = configuration_init(out, (uint32_t)cells * lattice->basis, err);
    if (status != STATUS_OK)
        return status;
    for (int d = 0; d < 3; d++)
        out->box[d] = lattice->edge[d] * real_cbrt(volume_per_atom) * repeats.count[d];
    uint32_t first = 0;
    for (uint32_t z = 0; z < repeats.count[2]; z++)
        for (uint32_t y = 0; y < repeats.count[1]; y++)
            for (uint32_t x = 0; x < repeats.count[0]; x++, first += lattice->basis)
                place_cell(lattice, (const uint32_t[3]){x, y, z}, &repeats, first, out);
    for (uint32_t i = 0; i < out->atoms; i++)
        out->id[i] = (int64_t)i + 1;
    return STATUS_OK;
}
