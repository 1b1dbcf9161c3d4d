#include "worker/cmd/quantities.h"

#include "common/quantity.h"

static const char head[] =
    "# Quantities\n"
    "\n"
    "Everything that Vitrine samples, by group: scalars first, then arrays. Reduced Lennard-Jones units of the large\n"
    "species: length sigma_11, energy epsilon, mass m_1, time tau, k_B = 1; a unit of 1 is a pure number. A scalar has\n"
    "shape (), one double per sample; its name is the column in the results database (table `sample_<group>`) and the\n"
    "key in `--json`. How often a group is measured is said by the key of its name in `sample:` of the campaign file;\n"
    "that of dynamics is `displacement`.\n"
    "\n"
    "This file is printed by `vitrine-worker quantities` from common/quantities.def and common/arrays.def; do not edit\n"
    "it by hand.\n";

static const char *const group_texts[QUANTITY_GROUP_COUNT] = {
    [QUANTITY_GROUP_thermal] = "of the configuration as it moves",
    [QUANTITY_GROUP_inherent] = "of the inherent structure, the energy minimum below the configuration",
    [QUANTITY_GROUP_static] = "of a perfect crystal at one volume",
    [QUANTITY_GROUP_structure] = "of the inherent structure, in full",
    [QUANTITY_GROUP_dynamics] = "between two inherent structures of one replica",
    [QUANTITY_GROUP_relaxation] = "of a window of a replica's trajectory, within one segment",
};

static void print_group(FILE *file, enum quantity_group group)
{
    fprintf(file, "\n## %s: %s\n\n| name | symbol | unit | shape | definition | reference |\n|---|---|---|---|---|---|\n",
            quantity_group_name(group), group_texts[group]);
    for (int id = 0; id < QUANTITY_COUNT; id++)
        if (quantities[id].group == group)
            fprintf(file, "| `%s` | %s | %s | () | %s | %s |\n", quantities[id].name, quantities[id].symbol,
                    quantities[id].unit, quantities[id].definition, quantities[id].reference);
}

static const char array_head[] =
    "\n"
    "## arrays: tables of rows\n"
    "\n"
    "Rows are in table `sample_array` of the database (little-endian doubles, rows x columns; view `v_arrays`) and in\n"
    "`vitrine structure`. The columns before the bar say what a row is about; of the others means are taken. Pair counts\n"
    "of species have a table of their own, `pdf`: `vitrine pdf` gives g(r) and running coordination numbers from it.\n"
    "\n"
    "| name | group | shape: columns | units | definition | reference |\n"
    "|---|---|---|---|---|---|\n";

/* "(rows, 3): n, by_edges, by_neighbours" with a bar after the keys. */
static void print_columns(FILE *file, enum array_id id)
{
    const int columns = array_columns(id);
    fprintf(file, "(rows, %d): ", columns);
    for (int k = 0; k < columns; k++) {
        char word[ARRAY_WORD_SIZE];
        array_word(array_quantities[id].columns, k, word);
        fprintf(file, "%s%s", k == 0 ? "" : k == array_quantities[id].keys ? " \\| " : ", ", word);
    }
}

static void print_arrays(FILE *file)
{
    fputs(array_head, file);
    for (int id = 0; id < ARRAY_COUNT; id++) {
        const struct array_quantity *array = &array_quantities[id];
        fprintf(file, "| `%s` | %s | ", array->name, quantity_group_name(array->group));
        print_columns(file, (enum array_id)id);
        fprintf(file, " | %s | %s | %s |\n", array->units, array->definition, array->reference);
    }
}

void quantities_print(FILE *file)
{
    fputs(head, file);
    for (int group = 0; group < QUANTITY_GROUP_COUNT; group++)
        print_group(file, (enum quantity_group)group);
    print_arrays(file);
}

int cmd_quantities(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    quantities_print(stdout);
    return fflush(stdout) == 0 ? 0 : 1;
}
