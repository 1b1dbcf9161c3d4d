#include "tests/support/golden_files.h"
#include "worker/files/configuration_read.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD   "a comment\n\n2 atoms\n2 atom types\n\n0 5 xlo xhi\n0 5 ylo yhi\n0 5 zlo zhi\n\n"
#define ATOMS  "Atoms # atomic\n\n1 1 1 2 3\n2 2 4 4 4\n"
#define MASSES "Masses\n\n1 1.0\n2 0.5\n\n"

static enum status read_text(const char *content, struct configuration *out, struct error *err)
{
    const char *path = golden_temporary(content, ".data");
    enum status status = configuration_read(path, 0, out, err);
    unlink(path);
    return status;
}

static struct configuration good(const char *content)
{
    struct configuration configuration;
    struct error err;
    cr_assert_eq(read_text(content, &configuration, &err), STATUS_OK, "line %u: %s", err.line, err.message);
    return configuration;
}

Test(lammps_data, atoms_keep_the_order_of_the_file)
{
    struct configuration c = good(HEAD MASSES "Atoms\n\n7 2 1 2 3\n3 1 4 4 4\n");
    cr_assert_eq(c.atoms, 2);
    cr_assert_eq(c.id[0], 7);
    cr_assert_eq(c.id[1], 3);
    cr_assert_eq(c.type[0], ATOM_SMALL);
    cr_assert_eq(c.type[1], ATOM_LARGE);
    cr_assert_eq(c.position[2][0], 3.0);
    configuration_finish(&c);
}

Test(lammps_data, image_flags_velocities_coefficients_and_comments_are_understood)
{
    struct configuration c = good(
        "# 500 atoms\n\n 2 atoms # two\n2 atom types\n0 5 xlo xhi\n0 5 ylo yhi\n0 5 zlo zhi\n0 0 0 xy xz yz\n0 "
        "bonds\n" MASSES "Pair Coeffs # lj/cut\n\n1 1 1\n2 1 0.8333\n\nPairIJ Coeffs\n\n1 1 1 1\n1 2 1 1\n2 2 1 1\n\n"
        "Atoms # atomic\n\n1 1 1 2 3 0 -1 2 # first\n# a comment between\n2 2 4 4 4 0 0 0\n\nVelocities\n\n1 0 0 0\n2 "
        "1 1 1\n");
    cr_assert_eq(c.position[1][0], 2.0);
    configuration_finish(&c);
}

Test(lammps_data, positions_are_relative_to_the_lower_corner_and_wrapped)
{
    struct configuration c =
        good("\n2 atoms\n2 atom types\n-2 3 xlo xhi\n1 6 ylo yhi\n0 5 zlo zhi\n\nAtoms\n\n1 1 -2 0 -1\n2 2 4 6 5\n");
    cr_assert_eq(c.position[0][0], 0.0);
    cr_assert_eq(c.position[1][0], 4.0);
    cr_assert_eq(c.position[2][0], 4.0);
    cr_assert_eq(c.position[0][1], 1.0);
    cr_assert_eq(c.position[1][1], 0.0);
    cr_assert_eq(c.position[2][1], 0.0);
    configuration_finish(&c);
}

Test(lammps_data, a_file_with_dos_line_ends_is_read)
{
    struct configuration c = good("x\r\n1 atoms\r\n1 atom types\r\n0 5 xlo xhi\r\n0 5 ylo yhi\r\n0 5 zlo "
                                  "zhi\r\n\r\nAtoms # atomic\r\n\r\n1 1 1 2 3\r\n");
    cr_assert_eq(c.position[2][0], 3.0);
    configuration_finish(&c);
}

struct bad {
    char content[512];
    uint32_t line;
    char says[64];
};

static struct bad bads[] = {
    {"", 1, "no section 'Atoms'"},
    {"only a comment\n", 1, "no section 'Atoms'"},
    {HEAD, 9, "no section 'Atoms'"},
    {HEAD "Atoms # full\n\n1 1 1 0 1 2 3\n", 10, "atom style 'full'"},
    {HEAD "Atoms\n\n1 1 1 0 1 2 3\n2 1 1 0 1 2 3\n", 12, "7 columns"},
    {HEAD "Atoms\n\n1 1 1 2 3\n", 12, "ends after 1 of 2 rows"},
    {HEAD "Atoms\n\n1 1 1 2 3\n\nVelocities\n\n1 0 0 0\n", 14, "has 1 rows where the header says 2"},
    {HEAD ATOMS "3 1 1 1 1\n", 14, "one more than the header says"},
    {HEAD "Atoms\n\n1 1 1 2 3\n1 1 4 4 4\n", 13, "stands twice"},
    {HEAD "Atoms\n\n1 1 1 2 nan\n2 1 4 4 4\n", 12, "not a number: 'nan'"},
    {HEAD "Atoms\n\n1 1 1 2 1e400\n2 1 4 4 4\n", 12, "too large"},
    {HEAD "Atoms\n\n1 1 1 2 0x10\n2 1 4 4 4\n", 12, "not a number"},
    {HEAD "Atoms\n\n1 1 1,5 2 3\n2 1 4 4 4\n", 12, "not a number"},
    {HEAD "Atoms\n\n1 3 1 2 3\n2 1 4 4 4\n", 12, "atom type 3"},
    {HEAD "Atoms\n\n1 0 1 2 3\n2 1 4 4 4\n", 12, "atom type 0"},
    {HEAD "Atoms\n\n0 1 1 2 3\n2 1 4 4 4\n", 12, "ids start at 1"},
    {HEAD "Atoms\n\n1.5 1 1 2 3\n2 1 4 4 4\n", 12, "not a whole number"},
    {HEAD "Atoms\n\n1 1 1 2 3 0 0 0\n2 1 4 4 4\n", 13, "5 columns where the rows before have 8"},
    {HEAD "Atoms\n\n1 1 1 2 3 0 0.5 0\n2 1 4 4 4 0 0 0\n", 12, "image flag is not a whole number"},
    {HEAD "Bonds\n\n1 1 1 2\n", 10, "section 'Bonds'"},
    {HEAD ATOMS "\nVelocities\n\n1 0 0 0\n2 0 0\n", 18, "3 columns"},
    {"x\n2 atoms\n2 atom types\n0 5 xlo xhi\n0 5 ylo yhi\n0 5 zlo zhi\n1 0 0 xy xz yz\n\n" ATOMS, 7, "triclinic"},
    {"x\n2 atoms\n2 atom types\n5 5 xlo xhi\n0 5 ylo yhi\n0 5 zlo zhi\n\n" ATOMS, 4, "not above the lower"},
    {"x\n2 atoms\n2 atom types\n0 5 xlo xhi\n0 5 ylo yhi\n\n" ATOMS, 7, "'zlo zhi'"},
    {"x\n2 atom types\n0 5 xlo xhi\n0 5 ylo yhi\n0 5 zlo zhi\n\n" ATOMS, 7, "how many atoms"},
    {"x\n2 atoms\n0 5 xlo xhi\n0 5 ylo yhi\n0 5 zlo zhi\n\n" ATOMS, 7, "how many atom types"},
    {"x\n0 atoms\n2 atom types\n", 2, "is 0, not in 1"},
    {"x\n-5 atoms\n2 atom types\n", 2, "is -5, not in 1"},
    {"x\n2 atoms\n2 atoms\n", 3, "given twice"},
    {"x\n9999999999 atoms\n", 2, "not in 1"},
    {"x\n2 atoms\n3 bonds\n", 3, "has bonds"},
    {"x\n2 atoms\n3 apples\n", 3, "neither a header line"},
    {HEAD ATOMS "\nAtoms\n\n1 1 1 2 3\n2 2 4 4 4\n", 15, "stands twice"},
};

ParameterizedTestParameters(lammps_data, a_bad_file_is_refused_where_it_is_bad)
{
    return cr_make_param_array(struct bad, bads, sizeof bads / sizeof bads[0]);
}

ParameterizedTest(struct bad *bad, lammps_data, a_bad_file_is_refused_where_it_is_bad)
{
    struct configuration configuration;
    struct error err = {0};
    cr_assert_eq(read_text(bad->content, &configuration, &err), STATUS_INVALID, "%s", bad->content);
    cr_assert_not_null(strstr(err.message, bad->says), "'%s' does not say '%s'", err.message, bad->says);
    cr_assert_eq(err.line, bad->line, "line %u, not %u: %s", err.line, bad->line, err.message);
}

Test(lammps_data, every_cut_of_a_good_file_is_refused)
{
    static const char whole[] = HEAD MASSES ATOMS;
    char part[sizeof whole];
    for (size_t size = 0; size + 8 < sizeof whole; size++) {
        struct configuration configuration;
        struct error err = {0};
        memcpy(part, whole, size);
        part[size] = '\0';
        cr_assert_neq(read_text(part, &configuration, &err), STATUS_OK, "cut after %zu bytes", size);
    }
}

Test(lammps_data, a_missing_file_a_folder_and_a_binary_file_are_refused)
{
    struct configuration configuration;
    struct error err = {0};
    cr_assert_eq(configuration_read("/nowhere/at/all.data", 0, &configuration, &err), STATUS_NOT_FOUND);
    cr_assert_neq(configuration_read("/tmp", 0, &configuration, &err), STATUS_OK);
    cr_assert_eq(configuration_read("/proc/self/cmdline", 0, &configuration, &err), STATUS_INVALID, "zero bytes");
}
