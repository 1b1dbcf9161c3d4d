#include "worker/build/build.h"

#include "common/realmath.h"
#include "worker/build/disorder.h"
#include "worker/build/random.h"
#include "worker/eos/eos.h"
#include "worker/files/configuration_read.h"

#include <inttypes.h>
#include <math.h>

const char *const build_names[BUILD_KIND_COUNT] = {
    "random", "fcc", "hcp", "b2", "c11b", "c14", "c15", "c36", "c15_disordered", "nanocomposite", "file",
};

static const double EQUAL_NUMBERS = 0.5;
static const uint32_t GRAIN_ATOMS = 400;
static const double GRAIN_VOLUME = 0.69;
static const struct cg_options MINIMUM = {.force_max = 1e-8, .evaluations_max = 20000};

bool build_kind_is_crystal(enum build_kind kind)
{
    return (kind >= BUILD_FCC && kind <= BUILD_C36) || kind == BUILD_C15_DISORDERED;
}

static enum lattice_kind lattice_of(enum build_kind kind)
{
    return kind == BUILD_C15_DISORDERED ? LATTICE_C15 : (enum lattice_kind)(kind - BUILD_FCC);
}

/* Small atoms of a composition, to the nearest whole one. */
static uint32_t small_atoms(uint32_t atoms, double fraction)
{
    return (uint32_t)rint(fraction * atoms);
}

static double mixture_fraction(const struct build_spec *spec)
{
    return spec->small_fraction < 0 ? EQUAL_NUMBERS : spec->small_fraction;
}

static double spec_volume(const struct build_spec *spec, double small_fraction)
{
    if (spec->volume_per_atom > 0)
        return spec->volume_per_atom;
    return volume_by_rule(spec->volume_rule, spec->potential, &volume_parts_wahnstrom, small_fraction);
}

/* The small fraction that a crystal ends up with: its own, unless its types are to be disordered. */
static double crystal_fraction(const struct build_spec *spec, const struct lattice *lattice)
{
    if (spec->kind == BUILD_C15_DISORDERED)
        return mixture_fraction(spec);
    return spec->small_fraction < 0 ? lattice_small_fraction(lattice) : spec->small_fraction;
}

static enum status make_ideal_cell(const struct build_spec *spec, struct lattice *out, struct error *err)
{
    struct lattice_shape shape = lattice_ideal_shape(lattice_of(spec->kind));
    *out = lattice_make(lattice_of(spec->kind), &shape);
    return spec->sites ? lattice_set_sites(out, spec->sites, err) : STATUS_OK;
}

/* The same cell, types and all, in the shape of least energy at this volume. */
static enum status relax_cell(const struct potential *potential, enum lattice_kind kind, double volume,
                              struct lattice *lattice, struct error *err)
{
    struct phase phase = {.crystal = (enum builder_kind)(BUILDER_FCC + kind)};
    for (uint32_t i = 0; i < lattice->basis; i++)
        phase.sites[lattice->orbit[i]] = lattice->type[i] == ATOM_SMALL ? 'S' : 'L';
    struct lattice_shape shape = eos_point_at(potential, &phase, EOS_RELAXED, volume).shape;
    *lattice = lattice_make(kind, &shape);
    return lattice_set_sites(lattice, phase.sites, err);
}

static enum status build_crystal(const struct potential *potential, const struct build_spec *spec,
                                 struct configuration *out, struct build_report *report, struct error *err)
{
    struct lattice lattice;
    enum status status = make_ideal_cell(spec, &lattice, err);
    if (status != STATUS_OK)
        return status;
    double fraction = crystal_fraction(spec, &lattice), volume = spec_volume(spec, fraction);
    bool is_own_composition = fraction == lattice_small_fraction(&lattice);
    if (spec->is_relaxed &&
        (status = relax_cell(potential, lattice_of(spec->kind), volume, &lattice, err)) != STATUS_OK)
        return status;
    report->repeats = spec->repeats.count[0] ? spec->repeats : lattice_fit_repeats(&lattice, spec->atoms);
    status = lattice_fill(&lattice, report->repeats, volume, out, err);
    if (status != STATUS_OK || is_own_composition)
        return status;
    status = disorder_types(out, small_atoms(out->atoms, fraction), spec->seed, err);
    if (status != STATUS_OK)
        configuration_finish(out);
    return status;
}

static enum status build_composite(const struct potential *potential, const struct build_spec *spec,
                                   struct configuration *out, struct build_report *report, struct error *err)
{
    double fraction = mixture_fraction(spec);
    struct nanocomposite_spec composite = {
        .atoms = spec->atoms,
        .atoms_small = small_atoms(spec->atoms, fraction),
        .volume_per_atom = spec_volume(spec, fraction),
        .grain_atoms = spec->grain_atoms ? spec->grain_atoms : GRAIN_ATOMS,
        .grain_volume = spec->grain_volume > 0 ? spec->grain_volume : GRAIN_VOLUME,
        .seed = spec->seed,
    };
    return nanocomposite_build(potential, &composite, out, &report->nanocomposite, err);
}

static enum status build_scattered(const struct build_spec *spec, struct configuration *out, struct error *err)
{
    double fraction = mixture_fraction(spec);
    const struct system_spec system = {
        .atoms = spec->atoms,
        .atoms_small = small_atoms(spec->atoms, fraction),
        .volume_per_atom = spec_volume(spec, fraction),
        .potential = spec->potential,
        .cut = spec->cut,
        .cutoff = spec->cutoff,
    };
    struct snapshot snapshot;
    enum status status = build_random(&system, spec->seed.seed, spec->seed.replica, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = configuration_from_snapshot(&snapshot, out, err);
    snapshot_finish(&snapshot);
    return status;
}

/* Scales box and positions alike. */
static void scale_to_volume(struct configuration *configuration, double volume_per_atom)
{
    double factor = real_cbrt(volume_per_atom * configuration->atoms / configuration_volume(configuration));
    for (int d = 0; d < 3; d++) {
        configuration->box[d] *= factor;
        for (uint32_t i = 0; i < configuration->atoms; i++)
            configuration->position[d][i] =
                configuration_wrap(configuration->position[d][i] * factor, configuration->box[d]);
    }
}

static enum status build_from_file(const struct build_spec *spec, struct configuration *out, struct error *err)
{
    if (!spec->path)
        return error_set(err, STATUS_USAGE, "a start from a file needs the file's path");
    enum status status = configuration_read(spec->path, 0, out, err);
    if (status != STATUS_OK)
        return status;
    if (spec->volume_per_atom > 0)
        scale_to_volume(out, spec->volume_per_atom);
    if (spec->small_fraction >= 0)
        status = disorder_types(out, small_atoms(out->atoms, spec->small_fraction), spec->seed, err);
    if (status != STATUS_OK)
        configuration_finish(out);
    return status;
}

static enum status check_spec(const struct build_spec *spec, struct error *err)
{
    if (spec->small_fraction > 1)
        return error_set(err, STATUS_INVALID, "a small fraction of %g is above 1", spec->small_fraction);
    if (spec->kind != BUILD_FILE && !spec->repeats.count[0] && (spec->atoms == 0 || spec->atoms > SNAPSHOT_ATOMS_MAX))
        return error_set(err, STATUS_INVALID, "%" PRIu32 " atoms are not between 1 and %d", spec->atoms,
                         SNAPSHOT_ATOMS_MAX);
    if (!(spec->noise >= 0 && spec->noise < 1))
        return error_set(err, STATUS_INVALID, "noise of %g sigma is not between 0 and 1", spec->noise);
    return STATUS_OK;
}

static enum status build_base(const struct potential *potential, const struct build_spec *spec,
                              struct configuration *out, struct build_report *report, struct error *err)
{
    if (build_kind_is_crystal(spec->kind))
        return build_crystal(potential, spec, out, report, err);
    if (spec->kind == BUILD_NANOCOMPOSITE)
        return build_composite(potential, spec, out, report, err);
    if (spec->kind == BUILD_RANDOM)
        return build_scattered(spec, out, err);
    return build_from_file(spec, out, err);
}

static bool wants_minimum(const struct build_spec *spec)
{
    if (spec->minimum == BUILD_MINIMUM_BY_KIND)
        return spec->kind == BUILD_NANOCOMPOSITE;
    return spec->minimum == BUILD_MINIMUM_YES;
}

static void count_atoms(const struct configuration *configuration, struct build_report *report)
{
    report->atoms = configuration->atoms;
    report->atoms_small = 0;
    for (uint32_t i = 0; i < configuration->atoms; i++)
        report->atoms_small += configuration->type[i] == ATOM_SMALL;
    report->volume_per_atom = configuration_volume(configuration) / configuration->atoms;
}

enum status build_make(const struct build_spec *spec, struct configuration *out, struct build_report *out_report,
                       struct error *err)
{
    struct potential potential = potential_make(spec->potential, spec->cut, spec->cutoff);
    struct build_report report = {.atoms_wanted = spec->repeats.count[0] ? 0 : spec->atoms};
    enum status status = check_spec(spec, err);
    if (status == STATUS_OK)
        status = build_base(&potential, spec, out, &report, err);
    if (status != STATUS_OK)
        return error_context(err, "building '%s'", build_names[spec->kind]);
    if ((report.is_minimized = wants_minimum(spec)))
        status = cg_minimize(&potential, &MINIMUM, out, &report.minimum, err);
    if (status != STATUS_OK) {
        configuration_finish(out);
        return error_context(err, "minimising '%s'", build_names[spec->kind]);
    }
    if (spec->noise > 0)
        disorder_positions(out, spec->noise, spec->seed);
    count_atoms(out, &report);
    *out_report = report;
    return STATUS_OK;
}
