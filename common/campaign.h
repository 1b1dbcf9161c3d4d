/* campaign.h - an experiment that has been checked: the campaign file as a struct, with every default filled in.
 *
 * A campaign is a list of ensembles. An ensemble is a set of replicas of one system, prepared and run one way, on the
 * rungs of one list of temperatures. Production steps start at 0; preparation has negative steps (ids.h), cut into
 * segments of at most segment_steps, each stage ending on a segment border. */
#ifndef VITRINE_COMMON_CAMPAIGN_H
#define VITRINE_COMMON_CAMPAIGN_H

#include "common/phase.h"
#include "common/segment.h"
#include <stdbool.h>
#include <stdio.h>

enum ensemble_mode { MODE_ISOTHERM, MODE_TEMPERING, MODE_HYBRID, MODE_QUENCH, MODE_EOS, MODE_KIND_COUNT };
extern const char *const mode_names[MODE_KIND_COUNT]; /* "isotherm", "tempering", "hybrid", "quench", "eos" */

enum {
    CAMPAIGN_FILE_SIZE_MAX = 256 * 1024, /* bytes */
    CAMPAIGN_DEPTH_MAX = 16,
    CAMPAIGN_SCALAR_SIZE_MAX = 4096, /* bytes */
    CAMPAIGN_NAME_SIZE = 64,         /* bytes with the final zero; letters, digits, '-', '_', '.' */
    CAMPAIGN_ENSEMBLES_MAX = 256,
    CAMPAIGN_RUNGS_MAX = 1024, /* of one ensemble */
    CAMPAIGN_REPLICAS_MAX = 65536,
    CAMPAIGN_STAGES_MAX = 16,
    CAMPAIGN_VOLUMES_MAX = 10000, /* of one phase */
};

/* One stage of `prepare:`. The first is always a build. */
struct stage_spec {
    enum stage_kind kind;
    enum builder_kind builder; /* STAGE_BUILD */
    struct start_spec start;   /* STAGE_BUILD */
    bool to_rung;              /* the temperature is the replica's own first one, else `temperature` */
    double temperature;        /* STAGE_HOLD: of the hold; STAGE_RAMP: its end, which may be 0 */
    int64_t steps;             /* STAGE_HOLD */
    double rate;               /* STAGE_RAMP: epsilon/k_B per step, > 0; steps = ceil(|T_end - T_start| / rate), where a
                                * quotient that is whole to 9 digits counts as whole */
};

struct ensemble_spec {
    char name[CAMPAIGN_NAME_SIZE];
    enum ensemble_mode mode;
    struct system_spec system;
    struct dynamics_spec dynamics;
    struct identity_spec identity; /* in production of a hybrid; else 0 */
    struct eos_spec eos;           /* of mode eos, without sites: a replica for each phase, a step for each volume */
    uint32_t phase_count;
    struct phase phases[PHASES_MAX];
    double glass_temperature; /* the ensemble's own `Tf`, else the campaign's */
    uint32_t rung_count;
    double *temperatures;       /* epsilon/k_B, [rung_count]; rising, save that campaign_extend puts new ones last; 0 in
                                 * the one rung of static energies */
    double temperature_end;     /* of a quench, whose one rung is where it starts: linear in the step in between */
    uint32_t replicas_per_rung; /* 1 in a ladder */
    int64_t segment_steps;
    int64_t steps; /* of production; a multiple of segment_steps */
    uint32_t stage_count;
    struct stage_spec stages[CAMPAIGN_STAGES_MAX];
    uint32_t finish_count; /* ramps after production; with them `steps` is fixed */
    struct stage_spec finish[CAMPAIGN_STAGES_MAX];
    struct sampling_spec sampling;
};

/* A replica and where it starts. Index in campaign.replicas = replica id. */
struct replica_spec {
    struct ensemble_id ensemble;
    struct rung_id rung_first;
    uint32_t copy; /* 0 .. replicas_per_rung - 1 */
};

struct campaign {
    char name[CAMPAIGN_NAME_SIZE];
    uint64_t seed;
    double audit_fraction;        /* of its segments, that are run twice and compared */
    double glass_temperature;     /* `Tf`, epsilon/k_B: the unit of temperatures that are written in it; 0 = none */
    uint64_t disk_bytes_max;      /* 0 = no budget given */
    uint32_t snapshot_keep_every; /* keep every k-th segment's snapshot; 0 = only what DESIGN section 8 needs */
    uint32_t ensemble_count;
    struct ensemble_spec *ensembles;
    uint32_t replica_count;
    struct replica_spec *replicas;
};

/* T_f as it was found in a quench ensemble. */
struct glass_found {
    double temperature; /* epsilon/k_B, rounded to 0.001 */
    uint32_t quenches;  /* that it is the mean of */
    char definition[256];
};

enum { GLASS_NAME_SIZE = 2 * CAMPAIGN_NAME_SIZE, GLASS_WHY_SIZE = 192, GLASS_SOURCES_MAX = CAMPAIGN_ENSEMBLES_MAX + 1 };

/* Who knows the T_f of a quench ensemble that a `Tf:` names. `source` is as written: an ensemble of this campaign, or
 * CAMPAIGN/ENSEMBLE. False, and says why, where there is none. */
struct glass_source {
    bool (*find)(void *context, const char *campaign, const char *source, struct glass_found *out,
                 char why[GLASS_WHY_SIZE]);
    void *context;
};

/* What a campaign file is read against. */
struct campaign_surroundings {
    const struct campaign *before;    /* an earlier version, or NULL */
    const struct glass_source *glass; /* or NULL: nobody knows */
    bool is_glance; /* only its name is wanted yet: a T_f that is named is not looked up, nor what rests on it judged */
};

/* Reads and checks a campaign file. Every error is reported, not only the first: as lines `file:line:column: error:
 * ...` with the line quoted and a caret, to `report`. Returns STATUS_CAMPAIGN then, with the number of errors in
 * err->message. The campaign is the caller's (campaign_finish) on success. A file that is not there is
 * STATUS_NOT_FOUND and one that cannot be read STATUS_IO, in err alone; a directory, a FIFO or a device is refused as a
 * campaign. */
enum status campaign_load_file(const char *path, FILE *report, struct campaign *out_campaign,
                               struct error *err) MUST_CHECK;

/* The bytes of a campaign file as campaign_load_file reads them (mem_free), for who checks and keeps the same ones. */
enum status campaign_read_file(const char *path, FILE *report, char **out_text, size_t *out_size,
                               struct error *err) MUST_CHECK;

/* The same from memory; `path` only names it. */
enum status campaign_load_text(const char *path, const char *text, size_t size, FILE *report,
                               struct campaign *out_campaign, struct error *err) MUST_CHECK;

/* The same for a later version of `before` (NULL: the first): what campaign_extend would refuse is an error of the
 * file, with its place. The campaign's numbers are still its own: campaign_extend comes next. */
enum status campaign_load_extension(const char *path, const char *text, size_t size, const struct campaign *before,
                                    FILE *report, struct campaign *out_campaign, struct error *err) MUST_CHECK;

/* The same, whatever it is read against. A glance returns a campaign that is good for its name only. */
enum status campaign_load_within(const char *path, const char *text, size_t size,
                                 const struct campaign_surroundings *surroundings, FILE *report,
                                 struct campaign *out_campaign, struct error *err) MUST_CHECK;

void campaign_finish(struct campaign *campaign); /* NULL and zeroed are fine */

/* Continues `before` by `after`, a later version of the same file: replica ids of `before` are kept, new replicas get
 * the next ones. Only these may change: steps (longer), replicas (more), temperatures of isotherms and hybrids (more;
 * existing rungs keep their numbers, new ones follow), sampling (a cadence added or a divisor of the old one), further
 * ensembles at the end, and what is operational. All else is STATUS_CONFLICT with the key named. `after` is changed in
 * place on success. */
enum status campaign_extend(const struct campaign *before, struct campaign *after, struct error *err) MUST_CHECK;

/* What can change a segment's bits, and nothing else: never lengths, counts, cadences or names. */
struct digest ensemble_spec_digest(const struct campaign *campaign, struct ensemble_id ensemble);

/* How many steps a ramp over `span` takes at a rate > 0. A quotient that is whole to nine digits counts as whole, so
 * that 1.4 at a rate of 1e-6 is 1400000 steps although neither number is exact in binary. */
int64_t campaign_ramp_steps(double span, double rate);

/* Number of preparation segments of a replica: they are -n .. -1. */
int64_t campaign_prepare_segments(const struct campaign *campaign, struct replica_id replica);

/* Their steps: preparation begins at step -n. */
int64_t campaign_prepare_steps(const struct campaign *campaign, struct replica_id replica);

/* Number of production segments of an ensemble: 0 .. n - 1. */
int64_t campaign_production_segments(const struct campaign *campaign, struct ensemble_id ensemble);

/* One more than the last segment of a replica, and the step in which that ends: of production, or of the ramps that
 * follow it. */
int64_t campaign_segment_end(const struct campaign *campaign, struct replica_id replica);
int64_t campaign_step_end(const struct campaign *campaign, struct replica_id replica);

/* The work order of one segment. rung = where the replica is now; rung_before = where it was in the segment before (the
 * same for segments that no exchange precedes). Preparation belongs to rung_first. */
void campaign_segment_spec(const struct campaign *campaign, struct replica_id replica, struct segment_id segment,
                           struct rung_id rung, struct rung_id rung_before, struct segment_spec *out_spec);

#endif
