/* segment.h - the unit of work: what a worker is asked to do, and what it answers.
 *
 * A segment is a pure function: (snapshot in, specification) -> (snapshot out, samples). The specification stands
 * alone: a worker needs no campaign file, no table and no clock. Its input digest covers all that can change a bit of
 * the trajectory, and nothing else: sampling never alters a trajectory, so cadences are left out. */
#ifndef VITRINE_COMMON_SEGMENT_H
#define VITRINE_COMMON_SEGMENT_H

#include "common/digest.h"
#include "common/error.h"
#include "common/ids.h"
#include "common/quantity.h"
#include <stddef.h>
#include <stdint.h>

enum potential_kind { POTENTIAL_WAHNSTROM, POTENTIAL_KOB_ANDERSEN, POTENTIAL_KIND_COUNT };
enum cut_kind { CUT_SHIFTED, CUT_TRUNCATED, CUT_FORCE_SHIFTED, CUT_KIND_COUNT };
enum thermostat_kind {
    THERMOSTAT_NONE,
    THERMOSTAT_BUSSI,
    THERMOSTAT_NOSE_HOOVER,
    THERMOSTAT_LANGEVIN,
    THERMOSTAT_KIND_COUNT
};
enum stage_kind { STAGE_BUILD, STAGE_HOLD, STAGE_RAMP, STAGE_STATIC, STAGE_KIND_COUNT };
enum builder_kind {
    BUILDER_RANDOM,
    BUILDER_FCC,
    BUILDER_HCP,
    BUILDER_B2,
    BUILDER_C11B,
    BUILDER_C14,
    BUILDER_C15,
    BUILDER_C36,
    BUILDER_C15_DISORDERED,
    BUILDER_NANOCOMPOSITE,
    BUILDER_KIND_COUNT
};
enum eos_geometry { EOS_IDEAL, EOS_RELAXED, EOS_GEOMETRY_COUNT };

/* The words of the campaign file, the store and --json for these. Static storage. */
extern const char *const potential_names[POTENTIAL_KIND_COUNT];   /* "wahnstrom", "kob_andersen" */
extern const char *const cut_names[CUT_KIND_COUNT];               /* "shifted", "truncated", "force_shifted" */
extern const char *const thermostat_names[THERMOSTAT_KIND_COUNT]; /* "none", "bussi", "nose_hoover", "langevin" */
extern const char *const stage_names[STAGE_KIND_COUNT];           /* "build", "hold", "ramp", "static" */
extern const char *const eos_geometry_names[EOS_GEOMETRY_COUNT];  /* "ideal", "relaxed" */
extern const char
    *const builder_names[BUILDER_KIND_COUNT]; /* "random", "fcc", ..., "c15_disordered", "nanocomposite" */

/* The model: what is simulated. */
struct system_spec {
    uint32_t atoms;
    uint32_t atoms_small;
    double volume_per_atom; /* sigma^3 */
    enum potential_kind potential;
    enum cut_kind cut;
    double cutoff; /* sigma (of the large species), one for all pairs */
};

/* How it is advanced. */
struct dynamics_spec {
    double dt; /* tau */
    enum thermostat_kind thermostat;
    double thermostat_tau; /* tau; for Langevin 1/friction */
};

/* Monte Carlo between the steps: exchange of the identities of a large and a small atom (worker/mc/identity.h), tried
 * where the absolute step is a multiple of `every`. */
struct identity_spec {
    int64_t every;     /* steps; 0 = never */
    uint32_t attempts; /* at each such step */
};

/* What a builder wants to know beside the system; 0 where it has no use for it. */
struct start_spec {
    double noise;         /* crystals: standard deviation of each coordinate's displacement, sigma */
    uint32_t grain_atoms; /* nanocomposite: mean atoms of a grain */
    double grain_volume;  /* nanocomposite: sigma^3 per atom in the grains, before minimisation */
};

enum { SITES_SIZE = 49 }; /* a letter for each atom of the largest cell */

/* A static energy-volume curve of a crystal (worker/eos/eos.h): step n of the ensemble is the volume volume_first +
 * (n - 1) volume_step, and its sample is the energy there. There are no dynamics. */
struct eos_spec {
    double volume_step;  /* sigma^3 per atom; 0 = no such curve */
    double volume_first; /* sigma^3 per atom */
    enum eos_geometry geometry;
    char sites[SITES_SIZE]; /* of the crystal that is the segment's builder: common/phase.h */
};

/* When it is measured: a sample falls due where the step is a multiple of the cadence; 0 = never. Cadences are
 * independent of one another; a configuration is minimised once, however many of them fall due.
 *
 * Displacements need an earlier configuration, and yet a segment stays a function of its snapshot: both configurations
 * are of the same segment, the first at a multiple of displacement_every from its first step on. So displacement_every
 * divides segment_steps. (To carry the earlier one in the snapshot would make snapshots, and with them the digests of
 * the trajectory, depend on what is measured.) Longer times are a matter of stored frames: `vitrine compare`. */
struct sampling_spec {
    int64_t thermal_every;        /* steps */
    int64_t inherent_every;       /* steps: minimise and measure */
    int64_t pdf_every;            /* steps; of thermal configurations */
    int64_t pdf_inherent_every;   /* steps; of inherent structures */
    int64_t frame_every;          /* steps; the thermal configuration is stored */
    int64_t frame_inherent_every; /* steps; the inherent structure is stored */
    int64_t structure_every;      /* steps; scalars and arrays of group structure */
    int64_t displacement_every;   /* steps; group dynamics: inherent structures so far apart are compared */
    int64_t relaxation_every;     /* steps; group relaxation: windows of so many steps, likewise in one segment */
    double pdf_bin;               /* sigma */
    double pdf_reach;             /* sigma, beyond half the box by periodic images; 0 = half the smallest edge */
};

struct segment_spec {
    uint64_t seed; /* of the campaign */
    struct replica_id replica;
    struct segment_id segment;
    struct system_spec system;
    struct dynamics_spec dynamics;
    struct identity_spec identity;
    enum stage_kind stage;
    enum builder_kind builder; /* where stage == STAGE_BUILD: steps is 0 and there is no snapshot in */
    struct start_spec start;   /* likewise */
    struct eos_spec eos;       /* a curve of the builder's crystal, in all its segments: no dynamics then */
    int64_t step_first;        /* step of the snapshot in; preparation is negative, production starts at 0 */
    int64_t steps;
    double temperature_first; /* at step_first ... */
    double temperature_last;  /* ... and at step_first + steps, linear in between; equal in a hold */
    /* Thermal history: before the first step velocities are multiplied by sqrt(temperature_first / temperature_before);
     * 0 means that they are drawn from the Maxwell distribution at temperature_first (after a build, or a ramp to 0),
     * unless that is 0 too. */
    double temperature_before;
    struct sampling_spec sampling;
};

/* One measurement of one group at one step. Values stand in the order of quantities.def within their group. A row that
 * was stored before the group's last quantities existed lacks them; what a worker sends lacks none. */
struct sample {
    int64_t step;
    enum quantity_group group;
    double values[QUANTITY_COUNT];
    int lacking; /* the last so many of the group */
};

/* One table of rows of arrays.def, measured with the scalars of its group at that step. */
struct sample_array {
    int64_t step;
    enum array_id array;
    uint32_t rows;
    double *cells; /* [rows][array_columns(array)] */
};

enum configuration_kind { CONFIGURATION_THERMAL, CONFIGURATION_INHERENT, CONFIGURATION_KIND_COUNT };
extern const char *const configuration_names[CONFIGURATION_KIND_COUNT]; /* "thermal", "inherent" */

enum { PDF_PAIRS = 3, PDF_BINS_MAX = 8192 }; /* pairs 11, 12, 22 in that order; 1 = large, 2 = small */

/* Integer pair counts summed over the frames of one kind in one segment. Bin b holds pairs (each unordered pair counted
 * once) with b bin <= r < (b+1) bin, up to half the smallest box edge or to
 * pdf_reach. */
struct pdf_counts {
    int64_t step_last; /* of the last frame counted */
    enum configuration_kind kind;
    uint32_t frames;
    double bin; /* sigma */
    uint32_t bins;
    uint64_t *counts; /* [PDF_PAIRS][bins] */
};

/* A stored configuration: the bytes of a snapshot (snapshot.h). Velocities of an inherent frame are zero. */
struct frame {
    int64_t step;
    enum configuration_kind kind;
    uint8_t *bytes;
    size_t size;
    struct digest digest;
};

/* How often identities were exchanged. */
struct identity_counts {
    uint64_t attempts, accepted;
};

enum { SEGMENT_SAMPLES_MAX = 1 << 20, SEGMENT_FRAMES_MAX = 4096, SEGMENT_PDFS_MAX = 2 };
enum { SEGMENT_ARRAYS_MAX = 1 << 14, ARRAY_ROWS_MAX = 1 << 16 };
enum { IDENTITY_ATTEMPTS_MAX = 1 << 16 };    /* at one step */
#define SEGMENT_STEPS_MAX (INT64_C(1) << 48) /* of a segment, and of a campaign's clock: rng.h takes 56 bits */

struct segment_result {
    struct replica_id replica;
    struct segment_id segment;
    struct digest input;    /* segment_input_digest of what was run */
    struct digest snapshot; /* digest of the snapshot out */
    struct digest output;   /* segment_output_digest: covers all science below */
    double
        energy_potential; /* epsilon, total (extensive) of the snapshot out, double precision, in the campaign's cut */
    struct identity_counts identity;
    size_t sample_count;
    struct sample *samples; /* rising steps, groups in their order at one step */
    size_t array_count;
    struct sample_array *arrays; /* rising steps, in the order of arrays.def at one step */
    size_t pdf_count;
    struct pdf_counts *pdfs;
    size_t frame_count;
    struct frame *frames;
    size_t snapshot_size;
    uint8_t *snapshot_bytes;
    int64_t cpu_time_ns; /* operational: not covered by a digest */
    int64_t wall_time_ns;
};

/* STATUS_INVALID, with the reason, for a specification that no worker can run: a number that is not finite or out of
 * its range, an enum value that is unknown, a build with steps. Both ends check: the sender's check is not trusted. */
enum status segment_spec_check(const struct segment_spec *spec, struct error *err) MUST_CHECK;

/* All members that own memory are freed; NULL and zeroed are fine. */
void segment_result_finish(struct segment_result *result);

/* What the bits of a segment depend on; `snapshot` is the digest of the snapshot in, NULL for a build. */
struct digest segment_input_digest(const struct segment_spec *spec, uint32_t engine_id, const struct digest *snapshot);

/* What a segment found: snapshot, end energy, identity exchanges, samples, pair counts, frames. */
struct digest segment_output_digest(const struct segment_result *result);

#endif
