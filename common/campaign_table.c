#include "common/campaign_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const mode_names[MODE_KIND_COUNT] = {"isotherm", "tempering", "hybrid", "quench", "eos"};

#define MODES_HELD   ((1u << MODE_ISOTHERM) | (1u << MODE_TEMPERING) | (1u << MODE_HYBRID))
#define MODES_MOVING (MODES_HELD | (1u << MODE_QUENCH))

#define OFFSET(type, member) .offset = offsetof(type, member)
#define WORDS(table, count)  .words = table, .word_count = count

const struct campaign_key campaign_keys[] = {
    {SECTION_CAMPAIGN, "campaign", KEY_NAME, OFFSET(struct campaign, name), .required = true, .example = "example",
     .doc = "name of the campaign in the results database: letters, digits, '-', '_' and '.'"},
    {SECTION_CAMPAIGN, "seed", KEY_SEED, OFFSET(struct campaign, seed), .min = 0, .max = 0x1p63, .required = true,
     .example = "20190529",
     .doc =
         "all chance of the campaign follows from this number: two campaigns with the same seed are not independent"},
    {SECTION_CAMPAIGN, "Tf", KEY_GLASS, OFFSET(struct campaign, glass_temperature), .unit = "epsilon/k_B", .min = 0,
     .above_min = true, .max = 100,
     .doc =
         "glass transition temperature: a number, or the name of an ensemble of quenches that are all at their end in "
         "this campaign already (or CAMPAIGN/ENSEMBLE of the same database), whose T_f, as `vitrine quench` finds "
         "it, is then taken, rounded to 0.001, and kept. Temperatures may be written in it, as in `1.2 Tf`, and are "
         "rounded to nine digits"},
    {SECTION_CAMPAIGN, "system", KEY_SECTION, .child = SECTION_SYSTEM, .example = "",
     .doc = "the model, for all ensembles; an ensemble may have its own `system:` that overrides single keys"},
    {SECTION_CAMPAIGN, "dynamics", KEY_SECTION, .child = SECTION_DYNAMICS, .example = "",
     .doc = "how it moves, for all ensembles; an ensemble may have its own `dynamics:` that overrides single keys"},
    {SECTION_CAMPAIGN, "audit", KEY_REAL, OFFSET(struct campaign, audit_fraction), .min = 0, .max = 1, .preset = "0.02",
     .doc =
         "share of the segments that are run twice, by different workers, and compared (of a new worker's first ones "
         "more); what is proven wrong is taken back and computed again. Changes no number, and may be changed at any "
         "time; 0: none"},
    {SECTION_CAMPAIGN, "store", KEY_SECTION, .child = SECTION_STORE, .example = "",
     .doc = "what the results database may take and keeps"},
    {SECTION_CAMPAIGN, "ensembles", KEY_SECTIONS, .child = SECTION_ENSEMBLE, .required = true,
     .max = CAMPAIGN_ENSEMBLES_MAX, .example = "", .doc = "what is run"},

    {SECTION_SYSTEM, "potential", KEY_CHOICE, OFFSET(struct system_keys, spec.potential),
     WORDS(potential_names, POTENTIAL_KIND_COUNT), .preset = "wahnstrom",
     .doc = "pair potential; with kob_andersen give volume_per_atom and the composition too, the defaults are "
            "Wahnstrom's"},
    {SECTION_SYSTEM, "cut", KEY_CHOICE, OFFSET(struct system_keys, spec.cut), WORDS(cut_names, CUT_KIND_COUNT),
     .preset = "shifted",
     .doc = "what happens at the cutoff: each pair energy shifted to zero there, plainly truncated, or energy and "
            "force both brought to zero"},
    {SECTION_SYSTEM, "cutoff", KEY_REAL, OFFSET(struct system_keys, spec.cutoff), .unit = "sigma", .min = 0.5,
     .max = 10, .preset = "2.5", .doc = "cutoff of all pairs; with the list's skin at most half a box edge"},
    {SECTION_SYSTEM, "atoms", KEY_COUNT, OFFSET(struct system_keys, spec.atoms), .min = 1, .max = 1 << 21,
     .preset = "500", .doc = "atoms of one replica"},
    {SECTION_SYSTEM, "small_fraction", KEY_REAL, OFFSET(struct system_keys, small_fraction), .min = 0, .max = 1,
     .preset = "0.5", .doc = "small atoms over all atoms; must give a whole number of small atoms"},
    {SECTION_SYSTEM, "atoms_small", KEY_COUNT, OFFSET(struct system_keys, spec.atoms_small), .min = 0, .max = 1 << 21,
     .preset_note = "small_fraction x atoms", .doc = "number of small atoms, instead of small_fraction"},
    {SECTION_SYSTEM, "volume_per_atom", KEY_REAL, OFFSET(struct system_keys, spec.volume_per_atom), .unit = "sigma^3",
     .min = 0.05, .max = 1000, .preset = "0.767",
     .doc = "V/N; the volume is fixed; to be given where the composition is not 50:50, or volume_rule"},
    {SECTION_SYSTEM, "volume_rule", KEY_CHOICE, OFFSET(struct system_keys, volume_rule),
     WORDS(volume_rule_names, VOLUME_RULE_COUNT), .preset_note = "volume_per_atom as given",
     .doc = "V/N from the composition. species: small atoms keep the average volume volume_small of the 50:50 glass, "
            "large ones volume_large (67:33 has 0.742, 33:67 has 0.792); sigma_cubed: V/N goes as the mean cube of the "
            "diameters, from their mean at 50:50; fixed: their mean at every composition"},
    {SECTION_SYSTEM, "volume_small", KEY_REAL, OFFSET(struct system_keys, volume_parts.small), .unit = "sigma^3",
     .min = 0.05, .max = 1000, .preset = "0.692",
     .doc = "of volume_rule; the default is Wahnstrom's, by plain Voronoi"},
    {SECTION_SYSTEM, "volume_large", KEY_REAL, OFFSET(struct system_keys, volume_parts.large), .unit = "sigma^3",
     .min = 0.05, .max = 1000, .preset = "0.842",
     .doc = "of volume_rule; the default is Wahnstrom's, by plain Voronoi"},

    {SECTION_DYNAMICS, "dt", KEY_REAL, OFFSET(struct dynamics_spec, dt), .unit = "tau", .min = 0, .above_min = true,
     .max = 0.02, .preset = "0.002778", .doc = "time step of velocity Verlet"},
    {SECTION_DYNAMICS, "thermostat", KEY_CHOICE, OFFSET(struct dynamics_spec, thermostat),
     WORDS(thermostat_names, THERMOSTAT_KIND_COUNT), .preset = "bussi",
     .doc = "bussi: stochastic velocity rescaling, canonical and gentle on the dynamics; nose_hoover: a chain of "
            "three; langevin: friction and noise on each atom, canonical, changes the dynamics; none: constant energy"},
    {SECTION_DYNAMICS, "thermostat_tau", KEY_REAL, OFFSET(struct dynamics_spec, thermostat_tau), .unit = "tau",
     .min = 0, .above_min = true, .max = 1e6, .preset = "0.2778",
     .doc = "relaxation time of the thermostat; at least dt"},

    {SECTION_STORE, "disk_max", KEY_BYTES, OFFSET(struct campaign, disk_bytes_max), .unit = "bytes", .min = 0,
     .max = 0x1p63, .preset = "0", .example = "10 GB",
     .doc = "a campaign that is predicted to need more is refused; a number of bytes, or with a unit: 20 GB, 512 MiB; "
            "0 = no budget"},
    {SECTION_STORE, "snapshot_keep_every", KEY_COUNT, OFFSET(struct campaign, snapshot_keep_every), .unit = "segments",
     .min = 0, .max = 4294967295.0, .preset = "0",
     .doc = "keep the snapshot of every k-th segment for good, beside the first and the last of each replica; 0 = only "
            "those"},

    {SECTION_ENSEMBLE, "name", KEY_NAME, OFFSET(struct ensemble_spec, name), .required = true, .example = "ladder",
     .doc = "name of the ensemble, once in a file: letters, digits, '-', '_' and '.'"},
    {SECTION_ENSEMBLE, "mode", KEY_CHOICE, OFFSET(struct ensemble_spec, mode), WORDS(mode_names, MODE_KIND_COUNT),
     .required = true, .example = "tempering",
     .doc =
         "isotherm: replicas are never exchanged and carry a physical clock; tempering: neighbouring temperatures "
         "exchange replicas after each segment, for averages at equilibrium, no clock; hybrid: molecular dynamics with "
         "Monte Carlo exchanges of the identities of a large and a small atom, no clock; quench: molecular dynamics at "
         "a temperature that falls or rises linearly; eos: static energies of crystals against volume, no dynamics"},
    {SECTION_ENSEMBLE, "Tf", KEY_GLASS, OFFSET(struct ensemble_spec, glass_temperature), .modes = MODES_MOVING,
     .unit = "epsilon/k_B", .min = 0, .above_min = true, .max = 100, .preset_note = "the campaign's",
     .doc = "glass transition temperature of this ensemble's composition"},
    {SECTION_ENSEMBLE, "temperatures", KEY_TEMPERATURES, .in_glass_units = true, .modes = MODES_HELD,
     .unit = "epsilon/k_B", .min = 0, .above_min = true, .max = 100, .required = true,
     .example = "[0.60, 0.63, 0.66, 0.69]", .doc = "rising list, one rung each; a ladder has at least two"},
    {SECTION_ENSEMBLE, "replicas", KEY_COUNT, OFFSET(struct ensemble_spec, replicas_per_rung), .modes = MODES_MOVING,
     .min = 1, .max = CAMPAIGN_REPLICAS_MAX, .preset = "1",
     .doc = "independent replicas at each temperature, each from its own melt; 1 in a ladder"},
    {SECTION_ENSEMBLE, "segment_steps", KEY_STEPS, OFFSET(struct ensemble_spec, segment_steps), .unit = "steps",
     .min = 1, .max = 0x1p40, .preset_note = "1000 for tempering, 1 for eos, else 100000", .example = "1000",
     .doc = "steps of one segment, the unit of work; in a ladder also the steps between two exchange attempts; in "
            "mode eos volumes; never changes in the life of a campaign"},
    {SECTION_ENSEMBLE, "steps", KEY_STEPS, OFFSET(struct ensemble_spec, steps), .modes = MODES_HELD, .unit = "steps",
     .min = 1, .max = 0x1p54, .required = true, .example = "100000",
     .doc = "steps of production, after preparation; a multiple of segment_steps; may be raised later to go on"},
    {SECTION_ENSEMBLE, "system", KEY_SECTION, .child = SECTION_SYSTEM, .preset_note = "the campaign's",
     .doc = "keys that differ from the campaign's `system:`"},
    {SECTION_ENSEMBLE, "dynamics", KEY_SECTION, .child = SECTION_DYNAMICS, .modes = MODES_MOVING,
     .preset_note = "the campaign's", .doc = "keys that differ from the campaign's `dynamics:`"},
    {SECTION_ENSEMBLE, "hybrid", KEY_SECTION, .child = SECTION_HYBRID, .modes = 1u << MODE_HYBRID,
     .preset_note = "its defaults", .doc = "exchange of identities; for mode hybrid"},
    {SECTION_ENSEMBLE, "quench", KEY_SECTION, .child = SECTION_QUENCH, .modes = 1u << MODE_QUENCH, .required = true,
     .doc = "from where to where and how fast, instead of temperatures and steps; for mode quench"},
    {SECTION_ENSEMBLE, "eos", KEY_SECTION, .child = SECTION_EOS, .modes = 1u << MODE_EOS, .required = true,
     .doc = "which crystals at which volumes; for mode eos. The two-phase minimum that `vitrine eos` shows is that of "
            "the composition and volume of `system:`"},
    {SECTION_ENSEMBLE, "prepare", KEY_SECTIONS, .child = SECTION_STAGE, .modes = MODES_MOVING,
     .max = CAMPAIGN_STAGES_MAX,
     .preset_note = "build: random, hold at T = 2 for 100000 steps, ramp to the rung at 1e-6 per step", .example = "",
     .doc = "stages before step 0, each replica with random numbers of its own; after `hold: production`, ramps that "
            "follow the last step of production"},
    {SECTION_ENSEMBLE, "sample", KEY_SECTION, .child = SECTION_SAMPLE, .modes = MODES_MOVING, .example = "",
     .doc = "what is measured and how often"},

    {SECTION_HYBRID, "identity_every", KEY_STEPS, OFFSET(struct identity_spec, every), .unit = "steps", .min = 1,
     .max = 0x1p40, .preset = "100",
     .doc = "exchanges are tried where the step of production is a multiple of this; preparation has none"},
    {SECTION_HYBRID, "identity_attempts", KEY_COUNT, OFFSET(struct identity_spec, attempts), .min = 1,
     .max = IDENTITY_ATTEMPTS_MAX, .preset = "1", .doc = "exchanges that are tried at each such step"},

    {SECTION_QUENCH, "from", KEY_REAL, .in_glass_units = true, OFFSET(struct quench_keys, from), .unit = "epsilon/k_B",
     .min = 0, .above_min = true, .max = 100, .required = true, .example = "1.0",
     .doc = "temperature at step 0; `rung` in `prepare` is this"},
    {SECTION_QUENCH, "to", KEY_REAL, .in_glass_units = true, OFFSET(struct quench_keys, to), .unit = "epsilon/k_B",
     .min = 0, .max = 100, .required = true, .example = "0.1", .doc = "temperature at the last step"},
    {SECTION_QUENCH, "rate", KEY_REAL, OFFSET(struct quench_keys, rate), .unit = "epsilon/k_B per step", .min = 0,
     .above_min = true, .max = 100, .preset_note = "from the steps", .example = "1.0e-6",
     .doc = "change of temperature per step, up or down, given as a positive number; or give the steps"},
    {SECTION_QUENCH, "steps", KEY_STEPS, OFFSET(struct quench_keys, steps), .unit = "steps", .min = 1, .max = 0x1p54,
     .preset_note = "from the rate", .doc = "length of the quench, a multiple of segment_steps; or give the rate"},

    {SECTION_EOS, "phases", KEY_PHASES, .max = PHASES_MAX,
     .preset_note = "[fcc_large, fcc_small, hcp_large, hcp_small, B2, C11b, C14, C15, C36]",
     .example = "[C15, hcp_large]",
     .doc = "crystals with their sites occupied: one of the default's names, or CRYSTAL:SITES with a letter L or S for "
            "each orbit (c11b:SL) or each atom; more may follow later, at the end"},
    {SECTION_EOS, "from", KEY_REAL, OFFSET(struct eos_keys, spec.volume_first), .unit = "sigma^3", .min = 0.35,
     .max = 1.5, .preset = "0.5", .doc = "first volume per atom"},
    {SECTION_EOS, "to", KEY_REAL, OFFSET(struct eos_keys, volume_last), .unit = "sigma^3", .min = 0.35, .max = 1.5,
     .preset = "1.2", .doc = "last volume per atom; may be raised later"},
    {SECTION_EOS, "step", KEY_REAL, OFFSET(struct eos_keys, spec.volume_step), .unit = "sigma^3", .min = 0,
     .above_min = true, .max = 1, .preset = "0.002", .doc = "distance of neighbouring volumes"},
    {SECTION_EOS, "geometry", KEY_CHOICE, OFFSET(struct eos_keys, spec.geometry),
     WORDS(eos_geometry_names, EOS_GEOMETRY_COUNT), .preset = "relaxed",
     .doc =
         "relaxed: c/a and internal coordinates, where symmetry leaves them free, minimise the energy at each volume; "
         "ideal: they keep their ideal values"},

    {SECTION_STAGE, "build", KEY_BUILD, .child = SECTION_BUILD, OFFSET(struct stage_spec, builder),
     WORDS(builder_names, BUILDER_KIND_COUNT), .example = "random",
     .doc =
         "the starting configuration; the first stage and only that. A word, or a mapping with `kind`. random: atoms "
         "placed at random, overlaps relaxed; a crystal: whole cells in its ideal shape, with random sites changing "
         "species where the composition is not the crystal's own; c15_disordered: C15 with random small sites "
         "turned large; nanocomposite: randomly oriented C15 grains with large atoms between them, minimised"},
    {SECTION_STAGE, "hold", KEY_HOLD, .child = SECTION_HOLD, .example = "",
     .doc =
         "constant temperature. The word `production`, instead of a mapping, stands for the `steps:` of an isotherm or "
         "a hybrid: the ramps after it follow production, whose steps cannot be raised later then"},
    {SECTION_STAGE, "ramp", KEY_SECTION, .child = SECTION_RAMP, .example = "",
     .doc = "temperature linear in the step, from where the stage before ended; to 0 and up again is possible"},

    {SECTION_BUILD, "kind", KEY_CHOICE, OFFSET(struct stage_spec, builder), WORDS(builder_names, BUILDER_KIND_COUNT),
     .required = true, .example = "random", .doc = "as the word after `build`"},
    {SECTION_BUILD, "noise", KEY_REAL, OFFSET(struct stage_spec, start.noise), .unit = "sigma", .min = 0, .max = 0.5,
     .preset = "0", .doc = "crystals: standard deviation of a random displacement of each coordinate"},
    {SECTION_BUILD, "grain_atoms", KEY_COUNT, OFFSET(struct stage_spec, start.grain_atoms), .min = 24, .max = 1 << 21,
     .preset_note = "400", .example = "400", .doc = "nanocomposite: mean number of atoms of a grain"},
    {SECTION_BUILD, "grain_volume", KEY_REAL, OFFSET(struct stage_spec, start.grain_volume), .unit = "sigma^3",
     .min = 0.05, .max = 1000, .preset_note = "0.69", .example = "0.69",
     .doc = "nanocomposite: volume per atom in the grains before minimisation"},

    {SECTION_HOLD, "temperature", KEY_TEMPERATURE, .in_glass_units = true, .unit = "epsilon/k_B", .min = 0,
     .above_min = true, .max = 100, .required = true, .example = "2.0",
     .doc = "a number, or `rung`: the replica's own temperature"},
    {SECTION_HOLD, "steps", KEY_STEPS, OFFSET(struct stage_spec, steps), .unit = "steps", .min = 1, .max = 0x1p54,
     .required = true, .example = "100000", .doc = "length of the hold"},

    {SECTION_RAMP, "to", KEY_TEMPERATURE, .in_glass_units = true, .unit = "epsilon/k_B", .min = 0, .max = 100,
     .required = true, .example = "rung", .doc = "a number, or `rung`: the replica's own temperature"},
    {SECTION_RAMP, "rate", KEY_REAL, OFFSET(struct stage_spec, rate), .unit = "epsilon/k_B per step", .min = 0,
     .above_min = true, .max = 100, .preset = "1e-6", .example = "1.0e-6",
     .doc = "change of temperature per step, up or down, given as a positive number"},

    {SECTION_SAMPLE, "thermal", KEY_STEPS, OFFSET(struct sampling_spec, thermal_every), .unit = "steps", .min = 0,
     .max = 0x1p54, .preset = "1000", .doc = "energies, temperature and pressure every so many steps"},
    {SECTION_SAMPLE, "inherent", KEY_STEPS, OFFSET(struct sampling_spec, inherent_every), .unit = "steps", .min = 0,
     .max = 0x1p54, .preset = "10000",
     .doc = "inherent structure: its energy and icosahedral content every so many steps"},
    {SECTION_SAMPLE, "structure", KEY_STEPS, OFFSET(struct sampling_spec, structure_every), .unit = "steps", .min = 0,
     .max = 0x1p54, .preset = "0",
     .doc = "structure of the inherent structure in full: signatures, bonds, clusters and crystallites, local energy "
            "and volume, structure factors, length and correlation function of the icosahedra, their PDFs"},
    {SECTION_SAMPLE, "displacement", KEY_STEPS, OFFSET(struct sampling_spec, displacement_every), .unit = "steps",
     .min = 0, .max = 0x1p54, .preset = "0",
     .doc = "what moved between inherent structures so many steps apart: displacements, movers by environment, "
            "strings, overlap, F_s; divides segment_steps, and is not for mode hybrid"},
    {SECTION_SAMPLE, "relaxation", KEY_STEPS, OFFSET(struct sampling_spec, relaxation_every), .unit = "steps",
     .min = 0, .max = 0x1p54, .preset = "0",
     .doc = "relaxation time and the wait before a replica counts as independent, from F_s and the overlap in windows "
            "of so many steps; a window should be several relaxation times long, divides segment_steps, and is not for "
            "mode hybrid"},
    {SECTION_SAMPLE, "pdf", KEY_STEPS, OFFSET(struct sampling_spec, pdf_every), .unit = "steps", .min = 0,
     .max = 0x1p54, .preset_note = "as thermal", .doc = "pair distribution of thermal configurations"},
    {SECTION_SAMPLE, "pdf_inherent", KEY_STEPS, OFFSET(struct sampling_spec, pdf_inherent_every), .unit = "steps",
     .min = 0, .max = 0x1p54, .preset_note = "as inherent",
     .doc = "pair distribution of inherent structures"},
    {SECTION_SAMPLE, "frame", KEY_STEPS, OFFSET(struct sampling_spec, frame_every), .unit = "steps", .min = 0,
     .max = 0x1p54, .preset = "0", .doc = "the thermal configuration is stored"},
    {SECTION_SAMPLE, "frame_inherent", KEY_STEPS, OFFSET(struct sampling_spec, frame_inherent_every), .unit = "steps",
     .min = 0, .max = 0x1p54, .preset = "0", .doc = "the inherent structure is stored"},
    {SECTION_SAMPLE, "pdf_bin", KEY_REAL, OFFSET(struct sampling_spec, pdf_bin), .unit = "sigma", .min = 0.0001,
     .max = 1, .preset = "0.02", .doc = "width of the bins of pair distributions"},
    {SECTION_SAMPLE, "pdf_reach", KEY_REAL, OFFSET(struct sampling_spec, pdf_reach), .unit = "sigma", .min = 0,
     .max = 1000, .preset = "0",
     .doc = "how far pair distributions go, beyond half the box by periodic images; 0 = half the smallest edge"},
};

const size_t campaign_key_count = sizeof campaign_keys / sizeof campaign_keys[0];

static const struct {
    const char *name, *title, *doc;
} sections[SECTION_COUNT] = {
    [SECTION_CAMPAIGN] = {"campaign", "the file", "the top level"},
    [SECTION_SYSTEM] = {"system", "system", "the model: what is simulated"},
    [SECTION_DYNAMICS] = {"dynamics", "dynamics", "how it is advanced"},
    [SECTION_STORE] = {"store", "store",
                       "the results database; these keys change no number and may be changed at any time"},
    [SECTION_ENSEMBLE] = {"ensemble", "ensembles[]",
                          "replicas of one system, prepared and run one way, on the rungs of one list of "
                          "temperatures"},
    [SECTION_HYBRID] = {"hybrid", "ensembles[].hybrid",
                        "Monte Carlo exchange of the identities of a large and a small atom: their types and "
                        "velocities are swapped with probability min(1, exp(-dU/T))"},
    [SECTION_QUENCH] = {"quench", "ensembles[].quench",
                        "a linear ramp of the temperature as production, each replica from its own melt; with `rate` "
                        "or `steps`"},
    [SECTION_EOS] = {"eos", "ensembles[].eos",
                     "static energy per atom of perfect crystals against volume per atom: a replica for each phase, a "
                     "step for each volume"},
    [SECTION_STAGE] = {"stage", "ensembles[].prepare[]", "one stage of preparation: exactly one of these keys"},
    [SECTION_BUILD] = {"build", "ensembles[].prepare[].build", "a start that needs more than its name"},
    [SECTION_HOLD] = {"hold", "ensembles[].prepare[].hold", "a stage at constant temperature"},
    [SECTION_RAMP] = {"ramp", "ensembles[].prepare[].ramp", "a stage whose temperature changes linearly"},
    [SECTION_SAMPLE] = {"sample", "ensembles[].sample",
                        "cadences, in steps: a sample falls due where the step is a multiple of the cadence, 0 = "
                        "never; each divides segment_steps or is a multiple of it"},
};

const struct campaign_key *campaign_key_find(enum campaign_section section, const char *name)
{
    for (size_t i = 0; i < campaign_key_count; i++)
        if (campaign_keys[i].section == section && strcmp(campaign_keys[i].name, name) == 0)
            return &campaign_keys[i];
    return NULL;
}

bool campaign_key_is_of_mode(const struct campaign_key *key, enum ensemble_mode mode)
{
    return key->modes == 0 || (key->modes >> mode & 1);
}

const char *campaign_section_name(enum campaign_section section)
{
    return sections[section].name;
}

const char *campaign_section_title(enum campaign_section section)
{
    return sections[section].title;
}

const char *campaign_section_doc(enum campaign_section section)
{
    return sections[section].doc;
}

/* Limits that are powers of two are shown as such; 2^63 stands for the largest signed number, which is one less. */
static void print_limit(double limit, char *out, size_t size)
{
    int exponent;
    if (limit == 0x1p63)
        snprintf(out, size, "2^63 - 1");
    else if (limit >= 0x1p40 && frexp(limit, &exponent) == 0.5)
        snprintf(out, size, "2^%d", exponent - 1);
    else
        snprintf(out, size, "%.10g", limit);
}

const char *campaign_key_range(const struct campaign_key *key, char out[CAMPAIGN_RANGE_SIZE])
{
    char min[24], max[24];
    print_limit(key->min, min, sizeof min);
    print_limit(key->max, max, sizeof max);
    snprintf(out, CAMPAIGN_RANGE_SIZE, "%s %s and at most %s%s%s", key->above_min ? "above" : "at least", min, max,
             key->unit ? " " : "", key->unit ? key->unit : "");
    return out;
}
