#include "tests/support/golden_files.h"
#include "worker/files/configuration_read.h"
#include "worker/files/configuration_write.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOX  "Lattice=\"5 0 0 0 5 0 0 0 5\" "
#define ROWS "L 1 2 3\nS 4 4 4\n"

static enum status read_text(const char *content, uint32_t frame, struct configuration *out, struct error *err)
{
    const char *path = golden_temporary(content, ".xyz");
    enum status status = configuration_read(path, frame, out, err);
    unlink(path);
    return status;
}

static struct configuration good(const char *content, uint32_t frame)
{
    struct configuration configuration;
    struct error err;
    cr_assert_eq(read_text(content, frame, &configuration, &err), STATUS_OK, "line %u: %s", err.line, err.message);
    return configuration;
}

Test(extended_xyz, species_and_positions_are_what_it_holds_without_properties)
{
    struct configuration c = good("2\n" BOX "\n" ROWS, 0);
    cr_assert_eq(c.atoms, 2);
    cr_assert_eq(c.type[0], ATOM_LARGE);
    cr_assert_eq(c.type[1], ATOM_SMALL);
    cr_assert_eq(c.position[1][0], 2.0);
    cr_assert_eq(c.id[1], 2);
    configuration_finish(&c);
}

Test(extended_xyz, columns_may_stand_in_any_order_with_others_between)
{
    struct configuration c =
        good("2\nProperties=id:I:1:force:R:3:type:I:1:tag:S:1:pos:R:3:fixed:L:1 comment='two words' key "
             "energy=-1.5 " BOX "pbc=\"T T T\"\n"
             "9 0 0 0 2 a 1 2 3 T\n4 0 0 0 1 b 4 4 4 F\n",
             0);
    cr_assert_eq(c.id[0], 9);
    cr_assert_eq(c.type[0], ATOM_SMALL);
    cr_assert_eq(c.type[1], ATOM_LARGE);
    cr_assert_eq(c.position[2][0], 3.0);
    configuration_finish(&c);
}

Test(extended_xyz, a_frame_is_chosen_by_its_number)
{
    static const char two[] = "2\n" BOX "\n" ROWS "1\n" BOX "\nS 0.5 1 1\n";
    struct configuration c = good(two, 1);
    cr_assert_eq(c.atoms, 1);
    cr_assert_eq(c.position[0][0], 0.5);
    configuration_finish(&c);
    struct error err = {0};
    cr_assert_eq(read_text(two, 2, &c, &err), STATUS_INVALID);
    cr_assert_not_null(strstr(err.message, "there is no frame 2: the file has 2"), "%s", err.message);
}

Test(extended_xyz, an_origin_is_subtracted_and_positions_are_wrapped)
{
    struct configuration c = good("1\n" BOX "Origin=\"-1 0 1\"\nL 5 -1 0\n", 0);
    cr_assert_eq(c.position[0][0], 1.0);
    cr_assert_eq(c.position[1][0], 4.0);
    cr_assert_eq(c.position[2][0], 4.0);
    configuration_finish(&c);
}

struct bad {
    char content[512];
    uint32_t line;
    char says[64];
};

static struct bad bads[] = {
    {"", 1, "empty"},
    {"two\n" BOX "\n" ROWS, 1, "the atom count of frame 0"},
    {"2 3\n" BOX "\n" ROWS, 1, "the atom count of frame 0"},
    {"0\n" BOX "\n", 1, "is 0, not in 1"},
    {"-2\n" BOX "\n" ROWS, 1, "is -2"},
    {"2\n", 1, "ends after 0 of 2"},
    {"2\n\n" ROWS, 2, "no Lattice"},
    {"2\n" BOX "\nL 1 2 3\n", 3, "ends after 1 of 2 atoms"},
    {"1\n" BOX "\n" ROWS, 4, "more rows than its count"},
    {"2\n" BOX "\nL 1 2\nS 4 4 4\n", 3, "has 3 columns, Properties says 4"},
    {"2\n" BOX "\nL 1 2 3 4\nS 4 4 4\n", 3, "has 5 columns, Properties says 4"},
    {"2\n" BOX "\nX 1 2 3\nS 4 4 4\n", 3, "'X' is no atom type"},
    {"2\n" BOX "\nL 1 2 inf\nS 4 4 4\n", 3, "z is not a number"},
    {"2\nLattice=\"5 1 0 0 5 0 0 0 5\"\n" ROWS, 2, "triclinic"},
    {"2\nLattice=\"5 0 0 0 5 0 0 0\"\n" ROWS, 2, "8 numbers, not 9"},
    {"2\nLattice=\"5 0 0 0 -5 0 0 0 5\"\n" ROWS, 2, "not above 0"},
    {"2\nLattice=\"5 0 0 0 5 0 0 0 5\n" ROWS, 2, "not closed"},
    {"2\n" BOX "pbc=\"T T F\"\n" ROWS, 2, "not periodic along axis 3"},
    {"2\n" BOX "Properties=species:S:1\nL\nS\n", 2, "no positions"},
    {"2\n" BOX "Properties=pos:R:3\n1 2 3\n4 4 4\n", 2, "neither species"},
    {"2\n" BOX "Properties=species:S:1:pos:R\n" ROWS, 2, "name:kind:width"},
    {"2\n" BOX "Properties=species:S:1:pos:R:2\nL 1 2\nS 4 4\n", 2, "must be pos:R:3"},
    {"2\n" BOX "Properties=species:S:1:pos:R:3:pos:R:3\n", 2, "stands twice"},
    {"2\n" BOX "Properties=species:S:1:pos:R:3:type:I:1\nL 1 2 3 2\nS 4 4 4 2\n", 3, "contradicts species"},
    {"2\n" BOX "Properties=species:S:1:pos:R:3:id:I:1\nL 1 2 3 5\nS 4 4 4 5\n", 4, "stands twice"},
};

ParameterizedTestParameters(extended_xyz, a_bad_file_is_refused_where_it_is_bad)
{
    return cr_make_param_array(struct bad, bads, sizeof bads / sizeof bads[0]);
}

ParameterizedTest(struct bad *bad, extended_xyz, a_bad_file_is_refused_where_it_is_bad)
{
    struct configuration configuration;
    struct error err = {0};
    cr_assert_eq(read_text(bad->content, 0, &configuration, &err), STATUS_INVALID, "%s", bad->content);
    cr_assert_not_null(strstr(err.message, bad->says), "'%s' does not say '%s'", err.message, bad->says);
    cr_assert_eq(err.line, bad->line, "line %u, not %u: %s", err.line, bad->line, err.message);
}

static void expect_equal(const struct configuration *a, const struct configuration *b)
{
    cr_assert_eq(a->atoms, b->atoms);
    cr_assert_arr_eq(a->box, b->box, sizeof a->box);
    cr_assert_arr_eq(a->type, b->type, a->atoms);
    for (int k = 0; k < 3; k++)
        cr_assert_arr_eq(a->position[k], b->position[k], a->atoms * sizeof(double));
}

/* Writes with `write`, reads it back. */
static struct configuration round_trip(const struct configuration *configuration, const char *ending)
{
    const char *path = golden_temporary("", ending);
    struct error err;
    struct configuration back;
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    static const double mass[2] = {1.0, 0.5};
    enum status status = strcmp(ending, ".xyz") == 0 ? extended_xyz_write(file, configuration, 17, &err)
                                                     : lammps_data_write(file, configuration, mass, &err);
    cr_assert_eq(status, STATUS_OK);
    fclose(file);
    cr_assert_eq(configuration_read(path, 0, &back, &err), STATUS_OK, "%s", err.message);
    unlink(path);
    return back;
}

Test(extended_xyz, what_is_written_is_read_back_to_the_last_bit)
{
    struct configuration configuration = golden_configuration("liquid_T0.80.data");
    for (uint32_t i = 0; i < configuration.atoms; i++)
        for (int k = 0; k < 3; k++)
            configuration.position[k][i] = configuration_wrap(configuration.position[k][i] / 3.0, configuration.box[k]);
    static const char *const endings[] = {".xyz", ".data"};
    for (int n = 0; n < 2; n++) {
        struct configuration back = round_trip(&configuration, endings[n]);
        expect_equal(&configuration, &back);
        configuration_finish(&back);
    }
    configuration_finish(&configuration);
}
