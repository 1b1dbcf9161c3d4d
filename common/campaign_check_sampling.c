/* campaign_check_sampling.c - do steps, segments and cadences fit one another, and results fit a message? */
#include "common/campaign_judge.h"
#include "common/realmath.h"
#include "common/snapshot.h"
#include "common/wire.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void judge_steps(const struct judge *judge)
{
    int64_t steps = judge->ensemble->steps, segment = judge->ensemble->segment_steps;
    if (steps % segment == 0)
        return;
    bool written = node_find(judge->draft->node, "segment_steps") != NULL;
    char nearest[96];
    int64_t below = steps / segment * segment, above = below + segment;
    if (below > 0)
        snprintf(nearest, sizeof nearest, "the nearest are %" PRId64 " and %" PRId64, below, above);
    else
        snprintf(nearest, sizeof nearest, "the nearest is %" PRId64, above);
    const enum ensemble_mode mode = judge->ensemble->mode;
    const char *key = mode == MODE_QUENCH || mode == MODE_EOS ? mode_names[mode] : "steps";
    campaign_report_add(judge->report, judge_own_place(judge, key),
                        "%s %" PRId64 "%s is not a multiple of segment_steps %" PRId64 "%s: %s",
                        mode == MODE_QUENCH ? "a quench of"
                        : mode == MODE_EOS  ? "a curve of"
                                            : "steps",
                        steps,
                        mode == MODE_QUENCH ? " steps"
                        : mode == MODE_EOS  ? " volumes"
                                            : "",
                        segment, written ? "" : " (the default)", nearest);
}

/* The cadences of `sample:`, and whether each comes with the inherent structure. */
struct cadence {
    const char *key;
    int64_t every;
    bool is_frame;
};

enum { CADENCE_COUNT = 9 };

static void list_cadences(const struct sampling_spec *sampling, struct cadence out[CADENCE_COUNT])
{
    const struct cadence cadences[CADENCE_COUNT] = {
        {"thermal", sampling->thermal_every, false},
        {"inherent", sampling->inherent_every, false},
        {"structure", sampling->structure_every, false},
        {"displacement", sampling->displacement_every, false},
        {"relaxation", sampling->relaxation_every, false},
        {"pdf", sampling->pdf_every, false},
        {"pdf_inherent", sampling->pdf_inherent_every, false},
        {"frame", sampling->frame_every, true},
        {"frame_inherent", sampling->frame_inherent_every, true},
    };
    memcpy(out, cadences, sizeof cadences);
}

/* A default is judged where it was not written; it then stands at the ensemble, and the message says so. */
static struct text_place cadence_place(const struct judge *judge, const char *key, const char **out_note)
{
    bool written = node_find(judge->draft->sample, key) != NULL;
    *out_note = written ? "" : " (the default)";
    return written ? node_find(judge->draft->sample, key)->place : judge_own_place(judge, "segment_steps");
}

/* pdf follows thermal and pdf_inherent follows inherent where they are not written: one mistake, one message. */
static bool is_derived(const struct judge *judge, const struct cadence *cadence)
{
    return strncmp(cadence->key, "pdf", 3) == 0 && !node_find(judge->draft->sample, cadence->key);
}

static void check_cadence(const struct judge *judge, const struct cadence *cadence)
{
    const char *note;
    struct text_place place = cadence_place(judge, cadence->key, &note);
    int64_t segment = judge->ensemble->segment_steps;
    if (cadence->every == 0 || is_derived(judge, cadence))
        return;
    if (cadence->every % segment != 0 && segment % cadence->every != 0)
        campaign_report_add(judge->report, place,
                            "cadence %s %" PRId64 "%s neither divides segment_steps %" PRId64
                            " nor is a multiple of it",
                            cadence->key, cadence->every, note, segment);
    if (cadence->is_frame && segment / cadence->every > SEGMENT_FRAMES_MAX / 2)
        campaign_report_add(judge->report, place,
                            "cadence %s %" PRId64 "%s gives %" PRId64 " frames a segment; the limit is %d",
                            cadence->key, cadence->every, note, segment / cadence->every, SEGMENT_FRAMES_MAX / 2);
}

static int64_t samples_per_segment(const struct ensemble_spec *ensemble)
{
    const struct sampling_spec *sampling = &ensemble->sampling;
    int64_t thermal = sampling->thermal_every ? ensemble->segment_steps / sampling->thermal_every : 0;
    int64_t inherent = sampling->inherent_every ? ensemble->segment_steps / sampling->inherent_every : 0;
    int64_t structure = sampling->structure_every ? ensemble->segment_steps / sampling->structure_every : 0;
    int64_t dynamics = sampling->displacement_every ? ensemble->segment_steps / sampling->displacement_every : 0;
    int64_t relaxation = sampling->relaxation_every ? ensemble->segment_steps / sampling->relaxation_every : 0;
    return thermal + inherent + structure + dynamics + relaxation;
}

static int64_t cadence_of_group(const struct sampling_spec *sampling, enum quantity_group group)
{
    return group == QUANTITY_GROUP_structure  ? sampling->structure_every
           : group == QUANTITY_GROUP_dynamics ? sampling->displacement_every
                                              : sampling->relaxation_every;
}

/* Arrays of all groups in one segment. */
static void check_arrays(const struct judge *judge)
{
    const struct sampling_spec *sampling = &judge->ensemble->sampling;
    int64_t arrays = 0;
    for (int id = 0; id < ARRAY_COUNT; id++) {
        int64_t every = cadence_of_group(sampling, array_quantities[id].group);
        arrays += every ? judge->ensemble->segment_steps / every : 0;
    }
    if (arrays > SEGMENT_ARRAYS_MAX)
        campaign_report_add(judge->report, judge_own_place(judge, "sample"),
                            "structure, displacement and relaxation give %" PRId64 " arrays a segment; the limit is %d", arrays,
                            SEGMENT_ARRAYS_MAX);
}

/* Both configurations are of one segment, and a trajectory: struct sampling_spec. */
static void check_displacement(const struct judge *judge)
{
    int64_t every = judge->ensemble->sampling.displacement_every, segment = judge->ensemble->segment_steps;
    struct text_place place = campaign_place(judge->draft->sample, NULL, "displacement", judge->draft->node);
    if (every > segment)
        campaign_report_add(judge->report, place,
                            "displacement %" PRId64 " is longer than segment_steps %" PRId64
                            ": both configurations lie in one segment; for longer times store frames and use "
                            "`vitrine compare`",
                            every, segment);
    if (every > 0 && judge->ensemble->mode == MODE_HYBRID)
        campaign_report_add(judge->report, place,
                            "displacement: exchanges of identities put atoms elsewhere without a motion, so there are "
                            "no displacements in mode hybrid");
}

/* Likewise of a window's first and last configuration. */
static void check_relaxation(const struct judge *judge)
{
    int64_t every = judge->ensemble->sampling.relaxation_every, segment = judge->ensemble->segment_steps;
    struct text_place place = campaign_place(judge->draft->sample, NULL, "relaxation", judge->draft->node);
    if (every > segment)
        campaign_report_add(judge->report, place,
                            "relaxation %" PRId64 " is longer than segment_steps %" PRId64
                            ": a window lies in one segment; for longer times store frames and use `vitrine compare`",
                            every, segment);
    if (every > 0 && judge->ensemble->mode == MODE_HYBRID)
        campaign_report_add(judge->report, place,
                            "relaxation: exchanges of identities put atoms elsewhere without a motion, so there is no "
                            "F_s in mode hybrid");
}

/* All frames of a segment travel in one block of its result. */
static void check_frame_bytes(const struct judge *judge)
{
    const struct sampling_spec *sampling = &judge->ensemble->sampling;
    double segment = (double)judge->ensemble->segment_steps, frames = 0.0;
    if (sampling->frame_every)
        frames += floor(segment / (double)sampling->frame_every);
    if (sampling->frame_inherent_every)
        frames += floor(segment / (double)sampling->frame_inherent_every);
    double one = (double)snapshot_size(judge->ensemble->system.atoms, SNAPSHOT_THERMOSTAT_MAX);
    if (frames * one > WIRE_BLOCK_SIZE_MAX)
        campaign_report_add(judge->report, judge_own_place(judge, "sample"),
                            "%.0f frames a segment of %.3g MB each; %d MB a segment are possible: store fewer, or cut "
                            "segments",
                            frames, one / 1e6, WIRE_BLOCK_SIZE_MAX / 1000000);
}

static void check_pdf_bin(const struct judge *judge)
{
    const struct system_spec *system = &judge->ensemble->system;
    double bin = judge->ensemble->sampling.pdf_bin;
    double bins = 0.5 * real_cbrt(system->atoms * system->volume_per_atom) / bin;
    if (bins > PDF_BINS_MAX)
        campaign_report_add(judge->report, campaign_place(judge->draft->sample, NULL, "pdf_bin", judge->draft->node),
                            "pdf_bin %.6g gives %.0f bins up to half the box; the limit is %d", bin, bins,
                            PDF_BINS_MAX);
    double reach = judge->ensemble->sampling.pdf_reach;
    struct text_place place = campaign_place(judge->draft->sample, NULL, "pdf_reach", judge->draft->node);
    if (reach / bin > PDF_BINS_MAX)
        campaign_report_add(judge->report, place, "pdf_reach %.6g gives %.0f bins of %.6g; the limit is %d", reach,
                            reach / bin, bin, PDF_BINS_MAX);
    if (reach > 0.0 && reach < bin)
        campaign_report_add(judge->report, place, "pdf_reach %.6g is less than one bin of %.6g", reach, bin);
}

void judge_sampling(const struct judge *judge)
{
    struct cadence cadences[CADENCE_COUNT];
    list_cadences(&judge->ensemble->sampling, cadences);
    for (int i = 0; i < CADENCE_COUNT; i++)
        check_cadence(judge, &cadences[i]);
    if (samples_per_segment(judge->ensemble) > SEGMENT_SAMPLES_MAX)
        campaign_report_add(judge->report, judge_own_place(judge, "segment_steps"),
                            "%" PRId64 " samples a segment; the limit is %d: measure less often or cut segments",
                            samples_per_segment(judge->ensemble), SEGMENT_SAMPLES_MAX);
    check_arrays(judge);
    check_displacement(judge);
    check_relaxation(judge);
    check_frame_bytes(judge);
    check_pdf_bin(judge);
}
