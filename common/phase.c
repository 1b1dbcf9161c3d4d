#include "common/phase.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct phase phases[] = {
    {"fcc_large", BUILDER_FCC, "L"}, {"fcc_small", BUILDER_FCC, "S"}, {"hcp_large", BUILDER_HCP, "L"},
    {"hcp_small", BUILDER_HCP, "S"}, {"B2", BUILDER_B2, "LS"},        {"C11b", BUILDER_C11B, "LS"},
    {"C14", BUILDER_C14, "LSS"},     {"C15", BUILDER_C15, "LS"},      {"C36", BUILDER_C36, "LLSSS"},
};
const uint32_t phase_count = sizeof phases / sizeof phases[0];

enum { ORBITS_MAX = 5 };

/* Atoms of each orbit in the orthorhombic cell: lattices.h has the orbits. */
static const uint32_t orbit_atoms[BUILDER_KIND_COUNT][ORBITS_MAX] = {
    [BUILDER_FCC] = {4},
    [BUILDER_HCP] = {4},
    [BUILDER_B2] = {1, 1},
    [BUILDER_C11B] = {2, 4},
    [BUILDER_C14] = {8, 4, 12},
    [BUILDER_C15] = {8, 16},
    [BUILDER_C36] = {8, 8, 8, 12, 12},
};

static uint32_t count_orbits(enum builder_kind crystal)
{
    uint32_t count = 0;
    while (count < ORBITS_MAX && orbit_atoms[crystal][count])
        count++;
    return count;
}

static uint32_t cell_atoms(enum builder_kind crystal)
{
    uint32_t atoms = 0;
    for (uint32_t i = 0; i < ORBITS_MAX; i++)
        atoms += orbit_atoms[crystal][i];
    return atoms;
}

enum status phase_check_sites(enum builder_kind crystal, const char *sites, struct error *err)
{
    const size_t length = strlen(sites);
    if ((unsigned)crystal >= BUILDER_KIND_COUNT || cell_atoms(crystal) == 0)
        return error_set(err, STATUS_INVALID, "a start that is no crystal has no sites");
    if (strspn(sites, "LS") != length)
        return error_set(err, STATUS_INVALID, "sites '%s' have letters other than L (large) and S (small)", sites);
    if (length != count_orbits(crystal) && length != cell_atoms(crystal))
        return error_set(err, STATUS_INVALID,
                         "sites '%s' have %zu letters, not %" PRIu32 " (one per orbit) or %" PRIu32 " (one per atom)",
                         sites, length, count_orbits(crystal), cell_atoms(crystal));
    return STATUS_OK;
}

/* CRYSTAL:SITES */
static enum status find_written_out(const char *name, const char *colon, struct phase *out_phase, struct error *err)
{
    for (unsigned crystal = 0; crystal < BUILDER_KIND_COUNT; crystal++) {
        const size_t length = strlen(builder_names[crystal]);
        if ((size_t)(colon - name) != length || strncasecmp(name, builder_names[crystal], length) != 0 ||
            cell_atoms(crystal) == 0)
            continue;
        enum status status = phase_check_sites(crystal, colon + 1, err);
        if (status != STATUS_OK)
            return error_context(err, "phase '%s'", name);
        *out_phase = (struct phase){.crystal = crystal};
        snprintf(out_phase->name, sizeof out_phase->name, "%s", name);
        snprintf(out_phase->sites, sizeof out_phase->sites, "%s", colon + 1);
        return STATUS_OK;
    }
    return error_set(err, STATUS_INVALID, "no crystal '%.*s'", (int)(colon - name), name);
}

enum status phase_find(const char *name, struct phase *out_phase, struct error *err)
{
    for (uint32_t i = 0; i < phase_count; i++)
        if (strcasecmp(name, phases[i].name) == 0) {
            *out_phase = phases[i];
            return STATUS_OK;
        }
    const char *colon = strchr(name, ':');
    if (colon)
        return find_written_out(name, colon, out_phase, err);
    return error_set(err, STATUS_INVALID,
                     "no phase '%s': it is one of fcc_large fcc_small hcp_large hcp_small B2 C11b C14 C15 C36, or "
                     "CRYSTAL:SITES such as c11b:SL",
                     name);
}

uint32_t phase_cell_atoms(const struct phase *phase)
{
    return cell_atoms(phase->crystal);
}

uint32_t phase_cell_atoms_small(const struct phase *phase)
{
    const size_t length = strlen(phase->sites);
    const bool by_orbit = length == count_orbits(phase->crystal);
    uint32_t small = 0;
    for (size_t i = 0; i < length; i++)
        if (phase->sites[i] == 'S')
            small += by_orbit ? orbit_atoms[phase->crystal][i] : 1;
    return small;
}

double phase_small_fraction(const struct phase *phase)
{
    return (double)phase_cell_atoms_small(phase) / phase_cell_atoms(phase);
}
