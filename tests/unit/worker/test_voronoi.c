#include "common/mem.h"
#include "tests/support/lattices.h"
#include "tests/support/random_configuration.h"
#include "worker/structure/signatures.h"
#include "worker/structure/voronoi.h"

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>

static const struct voronoi_options plain;

static struct voronoi tessellate(const struct configuration *c, const struct voronoi_options *options)
{
    struct voronoi voronoi;
    struct error err;
    cr_assert_eq(voronoi_init(&voronoi, c, options, &err), STATUS_OK, "%s", err.message);
    return voronoi;
}

static double total(const struct voronoi *voronoi)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < voronoi->atoms; i++)
        sum += voronoi->volume[i];
    return sum;
}

static void expect_signature(struct configuration *c, struct signature expected)
{
    struct voronoi voronoi = tessellate(c, &plain);
    for (uint32_t i = 0; i < c->atoms; i++) {
        const struct signature s = signature_of(&voronoi, i);
        cr_assert(s.n3 == expected.n3 && s.n4 == expected.n4 && s.n5 == expected.n5 && s.n6 == expected.n6 &&
                      s.faces == expected.faces,
                  "atom %u of %u is <%u,%u,%u,%u> with %u faces", i, c->atoms, s.n3, s.n4, s.n5, s.n6, s.faces);
    }
    cr_assert_float_eq(total(&voronoi) / configuration_volume(c), 1.0, 1e-12);
    voronoi_finish(&voronoi);
    configuration_finish(c);
}

Test(voronoi, simple_cubic_cells_are_cubes)
{
    static const double places[][3] = {{0.25, 0.25, 0.25}};
    struct configuration c = lattice_cubic(6, 1.1, 1, places);
    expect_signature(&c, (struct signature){.n4 = 6, .faces = 6});
}

Test(voronoi, one_atom_alone_has_its_own_images_for_neighbours)
{
    static const double places[][3] = {{0.0, 0.0, 0.0}};
    struct configuration c = lattice_cubic(1, 1.0, 1, places);
    expect_signature(&c, (struct signature){.n4 = 6, .faces = 6});
}

Test(voronoi, face_centred_cells_are_rhombic_dodecahedra)
{
    static const double places[][3] = {{0.0, 0.0, 0.0}, {0.5, 0.5, 0.0}, {0.5, 0.0, 0.5}, {0.0, 0.5, 0.5}};
    for (uint32_t cells = 1; cells < 6; cells++) {
        struct configuration c = lattice_cubic(cells, 1.5, 4, places);
        expect_signature(&c, (struct signature){.n4 = 12, .faces = 12});
    }
}

Test(voronoi, body_centred_cells_are_truncated_octahedra)
{
    static const double places[][3] = {{0.0, 0.0, 0.0}, {0.5, 0.5, 0.5}};
    for (uint32_t cells = 1; cells < 6; cells++) {
        struct configuration c = lattice_cubic(cells, 1.3, 2, places);
        expect_signature(&c, (struct signature){.n4 = 6, .n6 = 8, .faces = 14});
    }
}

Test(voronoi, diamond_cells_are_triakis_truncated_tetrahedra)
{
    static const double places[][3] = {{0.0, 0.0, 0.0},    {0.5, 0.5, 0.0},    {0.5, 0.0, 0.5},    {0.0, 0.5, 0.5},
                                       {0.25, 0.25, 0.25}, {0.75, 0.75, 0.25}, {0.75, 0.25, 0.75}, {0.25, 0.75, 0.75}};
    struct configuration c = lattice_cubic(3, 2.0, 8, places);
    expect_signature(&c, (struct signature){.n3 = 12, .n6 = 4, .faces = 16});
}

Test(voronoi, nearly_perfect_crystals_do_not_break_it)
{
    static const double places[][3] = {{0.0, 0.0, 0.0}, {0.5, 0.5, 0.0}, {0.5, 0.0, 0.5}, {0.0, 0.5, 0.5}};
    for (int exponent = -16; exponent <= -2; exponent++) {
        struct configuration c = lattice_cubic(4, 1.5, 4, places);
        for (uint32_t i = 0; i < c.atoms; i++)
            for (uint32_t k = 0; k < 3; k++)
                c.position[k][i] = configuration_wrap(
                    c.position[k][i] + pow(10.0, exponent) * (random_number(1, 3 * i + k) - 0.5), c.box[k]);
        struct voronoi voronoi = tessellate(&c, &plain);
        cr_assert_float_eq(total(&voronoi) / configuration_volume(&c), 1.0, exponent < -12 ? 1e-12 : 1e-10,
                           "noise 1e%d: %g", exponent, total(&voronoi) / configuration_volume(&c) - 1.0);
        voronoi_finish(&voronoi);
        configuration_finish(&c);
    }
}

Test(voronoi, atoms_on_a_sphere_around_one_share_its_cell)
{
    struct configuration c = random_gas(201, (double[3]){10.0, 10.0, 10.0}, 9);
    for (uint32_t i = 0; i < c.atoms; i++) {
        double d[3], r = 0.0;
        for (uint32_t k = 0; k < 3; k++) {
            d[k] = random_number(9, 3 * i + k) - 0.5;
            r += d[k] * d[k];
        }
        for (int k = 0; k < 3; k++)
            c.position[k][i] = 5.0 + (i ? d[k] / sqrt(r) : 0.0);
    }
    struct voronoi voronoi = tessellate(&c, &plain);
    cr_assert_eq(signature_of(&voronoi, 0).faces, 200);
    cr_assert_float_eq(total(&voronoi) / 1000.0, 1.0, 1e-11);
    voronoi_finish(&voronoi);
    configuration_finish(&c);
}

Test(voronoi, two_atoms_far_apart_in_a_long_box_share_it)
{
    struct configuration c = random_gas(2, (double[3]){1.0, 30.0, 2.0}, 11);
    struct voronoi voronoi = tessellate(&c, &plain);
    cr_assert_float_eq(total(&voronoi), 60.0, 1e-10);
    voronoi_finish(&voronoi);
    configuration_finish(&c);
}

Test(voronoi, coinciding_atoms_are_an_error)
{
    struct configuration c = random_gas(50, (double[3]){4.0, 4.0, 4.0}, 5);
    struct voronoi voronoi;
    struct error err;
    for (int k = 0; k < 3; k++)
        c.position[k][3] = c.position[k][20];
    cr_assert_eq(voronoi_init(&voronoi, &c, &plain, &err), STATUS_PHYSICS);
    configuration_finish(&c);
}

Test(voronoi, the_number_of_threads_changes_no_bit)
{
    struct configuration c = random_gas(6000, (double[3]){20.0, 15.0, 16.0}, 13);
    omp_set_num_threads(1);
    struct voronoi a = tessellate(&c, &plain);
    omp_set_num_threads(3);
    struct voronoi b = tessellate(&c, &plain);
    cr_assert_arr_eq(a.volume, b.volume, c.atoms * sizeof(double));
    cr_assert_arr_eq(a.first, b.first, (c.atoms + 1) * sizeof(uint32_t));
    for (uint32_t f = 0; f < a.first[c.atoms]; f++)
        cr_assert(a.face[f].neighbour == b.face[f].neighbour && a.face[f].edges == b.face[f].edges &&
                  a.face[f].area == b.face[f].area);
    voronoi_finish(&a);
    voronoi_finish(&b);
    configuration_finish(&c);
}

Test(voronoi, a_threshold_drops_small_faces_and_no_volume)
{
    struct configuration c = random_gas(300, (double[3]){7.0, 6.0, 6.5}, 17);
    const struct voronoi_options coarse = {.face_area_min = 0.02};
    struct voronoi fine = tessellate(&c, &plain), rough = tessellate(&c, &coarse);
    cr_assert_lt(rough.first[c.atoms], fine.first[c.atoms]);
    cr_assert_arr_eq(fine.volume, rough.volume, c.atoms * sizeof(double));
    voronoi_finish(&fine);
    voronoi_finish(&rough);
    configuration_finish(&c);
}

Test(voronoi, every_failed_allocation_is_reported)
{
    struct configuration c = random_gas(60, (double[3]){4.0, 4.0, 4.0}, 19);
    struct voronoi voronoi;
    struct error err;
    enum status status = STATUS_NO_MEMORY;
    for (uint64_t n = 1; status != STATUS_OK; n++) {
        cr_assert_lt(n, 200);
        mem_fail_nth(n);
        status = voronoi_init(&voronoi, &c, &plain, &err);
        cr_assert(status == STATUS_OK || status == STATUS_NO_MEMORY);
    }
    mem_fail_nth(0);
    voronoi_finish(&voronoi);
    configuration_finish(&c);
}
