#include "worker/cmd/quantities.h"

#include "common/quantity.h"

static const char head[] =
    "# Quantities\n"
    "\n"
    "Every scalar that Vitrine samples, by group. The name is the column in the results database and the key in\n"
    "`--json`. Reduced Lennard-Jones units of the large species: length sigma_11, energy epsilon, mass m_1, time tau,\n"
    "k_B = 1; a unit of 1 is a pure number. All have shape (): one double per sample.\n"
    "\n"
    "This file is printed by `vitrine-worker quantities` from common/quantities.def; do not edit it by hand.\n";

static const char *const group_texts[QUANTITY_GROUP_COUNT] = {
    [QUANTITY_GROUP_thermal] = "of the configuration as it moves",
    [QUANTITY_GROUP_inherent] = "of the inherent structure, the energy minimum below the configuration",
    [QUANTITY_GROUP_static] = "of a perfect crystal at one volume",
};

static void print_group(FILE *file, enum quantity_group group)
{
    fprintf(file, "\n## %s: %s\n\n| name | symbol | unit | definition |\n|---|---|---|---|\n",
            quantity_group_name(group), group_texts[group]);
    for (int id = 0; id < QUANTITY_COUNT; id++)
        if (quantities[id].group == group)
            fprintf(file, "| `%s` | %s | %s | %s |\n", quantities[id].name, quantities[id].symbol, quantities[id].unit,
                    quantities[id].definition);
}

void quantities_print(FILE *file)
{
    fputs(head, file);
    for (int group = 0; group < QUANTITY_GROUP_COUNT; group++)
        print_group(file, (enum quantity_group)group);
}

int cmd_quantities(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    quantities_print(stdout);
    return fflush(stdout) == 0 ? 0 : 1;
}
