#include "tests/support/lattices.h"

#include "tests/support/random_configuration.h"

#include <criterion/criterion.h>
#include <math.h>

struct site {
    double place[3];
    enum atom_type type;
};

static struct configuration repeat(const struct site *sites, uint32_t count, const double edge[3],
                                   const uint32_t cells[3])
{
    struct configuration c;
    struct error err;
    cr_assert_eq(configuration_init(&c, cells[0] * cells[1] * cells[2] * count, &err), STATUS_OK);
    for (int k = 0; k < 3; k++)
        c.box[k] = cells[k] * edge[k];
    for (uint32_t i = 0; i < c.atoms; i++) {
        const uint32_t cell = i / count;
        const uint32_t at[3] = {cell % cells[0], cell / cells[0] % cells[1], cell / cells[0] / cells[1]};
        c.id[i] = (int64_t)i + 1;
        c.type[i] = sites[i % count].type;
        for (int k = 0; k < 3; k++)
            c.position[k][i] = configuration_wrap((at[k] + sites[i % count].place[k]) * edge[k], c.box[k]);
    }
    return c;
}

struct configuration lattice_cubic(uint32_t cells, double edge, uint32_t count, const double places[][3])
{
    struct site sites[64];
    cr_assert_leq(count, 64);
    for (uint32_t n = 0; n < count; n++)
        sites[n] = (struct site){{places[n][0], places[n][1], places[n][2]}, ATOM_LARGE};
    return repeat(sites, count, (double[3]){edge, edge, edge}, (uint32_t[3]){cells, cells, cells});
}

/* Two hexagonal cells make one orthorhombic one: x = u - v/2 of a, y = v/2 of a sqrt 3, and that moved by (1/2, 1/2).
 */
static struct configuration repeat_hexagonal(const struct site *sites, uint32_t count, double c_over_a, uint32_t cells,
                                             uint32_t cells_z)
{
    struct site both[64];
    const double a = cbrt(2.0 * count * 0.767 / (sqrt(3.0) * c_over_a));
    cr_assert_leq(2 * count, 64);
    for (uint32_t n = 0; n < 2 * count; n++) {
        const struct site *from = &sites[n % count];
        const double half = n < count ? 0.0 : 0.5;
        both[n] = (struct site){
            {from->place[0] - 0.5 * from->place[1] + half, 0.5 * from->place[1] + half, from->place[2]}, from->type};
    }
    return repeat(both, 2 * count, (double[3]){a, a * sqrt(3.0), a * c_over_a}, (uint32_t[3]){cells, cells, cells_z});
}

#define LARGE(x, y, z)                                                                                                 \
    {                                                                                                                  \
        {x, y, z}, ATOM_LARGE                                                                                          \
    }
#define SMALL(x, y, z)                                                                                                 \
    {                                                                                                                  \
        {x, y, z}, ATOM_SMALL                                                                                          \
    }

/* P6_3/mmc: Mg 4f z = 0.062; Zn 2a, 6h x = 0.830. */
struct configuration lattice_c14(uint32_t cells, uint32_t cells_z)
{
    const double t = 1.0 / 3.0, z = 0.062, x = 0.830;
    const struct site sites[] = {
        LARGE(t, 2 * t, z), LARGE(2 * t, t, z + 0.5), LARGE(2 * t, t, -z),   LARGE(t, 2 * t, 0.5 - z),
        SMALL(0, 0, 0),     SMALL(0, 0, 0.5),         SMALL(x, 2 * x, 0.25), SMALL(-2 * x, -x, 0.25),
        SMALL(x, -x, 0.25), SMALL(-x, -2 * x, 0.75),  SMALL(2 * x, x, 0.75), SMALL(-x, x, 0.75),
    };
    return repeat_hexagonal(sites, 12, sqrt(8.0 / 3.0), cells, cells_z);
}

/* P6_3/mmc: Mg 4e z = 0.094, 4f z = 0.844; Ni 6g, 6h x = 0.164, 4f z = 0.125. */
struct configuration lattice_c36(uint32_t cells, uint32_t cells_z)
{
    const double t = 1.0 / 3.0, z = 0.094, w = 0.844, x = 0.164, v = 0.125;
    const struct site sites[] = {
        LARGE(0, 0, z),     LARGE(0, 0, z + 0.5),     LARGE(0, 0, -z),       LARGE(0, 0, 0.5 - z),
        LARGE(t, 2 * t, w), LARGE(2 * t, t, w + 0.5), LARGE(2 * t, t, -w),   LARGE(t, 2 * t, 0.5 - w),
        SMALL(0.5, 0, 0),   SMALL(0, 0.5, 0),         SMALL(0.5, 0.5, 0),    SMALL(0.5, 0, 0.5),
        SMALL(0, 0.5, 0.5), SMALL(0.5, 0.5, 0.5),     SMALL(x, 2 * x, 0.25), SMALL(-2 * x, -x, 0.25),
        SMALL(x, -x, 0.25), SMALL(-x, -2 * x, 0.75),  SMALL(2 * x, x, 0.75), SMALL(-x, x, 0.75),
        SMALL(t, 2 * t, v), SMALL(2 * t, t, v + 0.5), SMALL(2 * t, t, -v),   SMALL(t, 2 * t, 0.5 - v),
    };
    return repeat_hexagonal(sites, 24, 2.0 * sqrt(8.0 / 3.0), cells, cells_z);
}

/* Fd-3m: Mg 8a (diamond), Cu 16d. */
struct configuration lattice_c15(uint32_t cells)
{
    static const double centres[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
    static const struct site basis[6] = {
        LARGE(0, 0, 0),
        LARGE(0.25, 0.25, 0.25),
        SMALL(0.625, 0.625, 0.625),
        SMALL(0.625, 0.875, 0.875),
        SMALL(0.875, 0.625, 0.875),
        SMALL(0.875, 0.875, 0.625),
    };
    struct site sites[24];
    for (int n = 0; n < 24; n++) {
        sites[n] = basis[n % 6];
        for (int k = 0; k < 3; k++)
            sites[n].place[k] += centres[n / 6][k];
    }
    const double edge = cbrt(24.0 * 0.767);
    return repeat(sites, 24, (double[3]){edge, edge, edge}, (uint32_t[3]){cells, cells, cells});
}

void lattice_shake(struct configuration *configuration, double amplitude, uint64_t seed)
{
    for (uint32_t i = 0; i < configuration->atoms; i++)
        for (uint32_t k = 0; k < 3; k++)
            configuration->position[k][i] = configuration_wrap(
                configuration->position[k][i] + 2.0 * amplitude * (random_number(seed, 3 * i + k) - 0.5),
                configuration->box[k]);
}
