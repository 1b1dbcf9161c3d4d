#include "worker/build/start.h"

#include "worker/build/build.h"
#include "worker/build/random.h"

#include <inttypes.h>

_Static_assert((int)BUILDER_FCC == (int)BUILD_FCC && (int)BUILDER_C36 == (int)BUILD_C36 &&
                   (int)BUILDER_KIND_COUNT == (int)BUILD_FILE,
               "the builders of a campaign are those of build.h without files");

static struct build_spec make_spec(const struct segment_spec *spec)
{
    return (struct build_spec){
        .kind = (enum build_kind)spec->builder,
        .seed = {spec->seed, spec->replica},
        .potential = spec->system.potential,
        .cut = spec->system.cut,
        .cutoff = spec->system.cutoff,
        .atoms = spec->system.atoms,
        .small_fraction = (double)spec->system.atoms_small / spec->system.atoms,
        .volume_per_atom = spec->system.volume_per_atom,
        .noise = spec->start.noise,
        .grain_atoms = spec->start.grain_atoms,
        .grain_volume = spec->start.grain_volume,
    };
}

static enum status check_atoms(const struct system_spec *system, const struct build_report *report, struct error *err)
{
    if (report->atoms == system->atoms && report->atoms_small == system->atoms_small)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID,
                     "%" PRIu32 " atoms, %" PRIu32 " small, cannot be built: the nearest are %" PRIu32 ", %" PRIu32
                     " small",
                     system->atoms, system->atoms_small, report->atoms, report->atoms_small);
}

enum status start_build(const struct segment_spec *spec, struct snapshot *out, struct error *err)
{
    if (spec->builder == BUILDER_RANDOM)
        return build_random(&spec->system, spec->seed, spec->replica, out, err);
    const struct build_spec build = make_spec(spec);
    struct configuration configuration;
    struct build_report report;
    enum status status = build_make(&build, &configuration, &report, err);
    if (status != STATUS_OK)
        return status;
    if ((status = check_atoms(&spec->system, &report, err)) == STATUS_OK)
        status = configuration_to_snapshot(&configuration, 0, out, err);
    configuration_finish(&configuration);
    return status;
}
