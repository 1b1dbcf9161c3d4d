#include "common/campaign_cost.h"

#include "common/quantity.h"
#include "common/realmath.h"
#include "common/snapshot.h"

#include <math.h>

/* What one thing costs. Bytes are those of SQLite rows with their share of index and page overhead; they are estimates
 * for planning, good to some ten per cent. */
static const double atoms_reference = 500.0;
static const double minimiser_exponent =
    0.5; /* of its force evaluations: 0.43 to 0.57 measured from 500 to 32,000 atoms */
static const double structure_share =
    0.5;                               /* of an inherent structure's time: what group structure, or dynamics, adds */
static const double lag_share = 0.025; /* of an inherent structure's time: F_s and the overlap at one lag */
static const double static_seconds = 0.002; /* a relaxed crystal at one volume, with a 48-atom cell more, 4 less */
static const double bytes_segment = 400.0;  /* segment row, digests, lease and host rows, exchange row */
static const double bytes_row = 24.0;       /* key and overhead of a narrow row */
static const double bytes_blob = 120.0;     /* key, digest and overhead of a row with a blob */

/* Sums over the replicas of a campaign. */
struct work {
    double atom_steps, inherent_atoms, structure_atoms, lag_atoms, static_points;
    double segments, bytes;
};

static double per_cadence(double steps, int64_t every)
{
    return every ? floor(steps / (double)every) : 0.0;
}

static double quantity_count(enum quantity_group group)
{
    double count = 0.0;
    for (int i = 0; i < QUANTITY_COUNT; i++)
        count += quantities[i].group == group;
    return count;
}

static double sample_bytes(const struct sampling_spec *sampling, double steps)
{
    double thermal = bytes_row + sizeof(double) * quantity_count(QUANTITY_GROUP_thermal);
    double inherent = bytes_row + sizeof(double) * quantity_count(QUANTITY_GROUP_inherent);
    double structure = bytes_row + sizeof(double) * quantity_count(QUANTITY_GROUP_structure);
    double dynamics = bytes_row + sizeof(double) * quantity_count(QUANTITY_GROUP_dynamics);
    double relaxation = bytes_row + sizeof(double) * quantity_count(QUANTITY_GROUP_relaxation);
    return per_cadence(steps, sampling->thermal_every) * thermal +
           per_cadence(steps, sampling->inherent_every) * inherent +
           per_cadence(steps, sampling->structure_every) * structure +
           per_cadence(steps, sampling->displacement_every) * dynamics +
           per_cadence(steps, sampling->relaxation_every) * relaxation;
}

/* Eight a decade from ten steps on, and the end. */
static double lags_of_window(int64_t window)
{
    double lags = 1.0;
    for (int64_t decade = 1; decade <= window / 100; decade *= 10)
        lags += 8.0;
    return lags + (window > 10 ? 4.0 : 0.0);
}

/* Tables of rows: most is pairs by distance (ico_pdf and ico_correlation) up to half the box; the rest is a hundred
 * signatures, as many bins of q, and little ones. */
static double array_bytes(const struct ensemble_spec *ensemble, double steps)
{
    double edge = real_cbrt(ensemble->system.atoms * ensemble->system.volume_per_atom);
    double bins = 0.5 * edge / 0.02, cells = 14.0 * bins + 7.0 * 150.0 + 2.0 * 3.0 * 110.0 + 150.0;
    double structure = 13.0 * bytes_blob + sizeof(double) * cells;
    double dynamics = 3.0 * bytes_blob + sizeof(double) * 2.0 * 60.0;
    double relaxation = bytes_blob + sizeof(double) * 7.0 * lags_of_window(ensemble->sampling.relaxation_every);
    return per_cadence(steps, ensemble->sampling.structure_every) * structure +
           per_cadence(steps, ensemble->sampling.displacement_every) * dynamics +
           per_cadence(steps, ensemble->sampling.relaxation_every) * relaxation;
}

/* Configurations that are minimised: cadences mostly fall together, so the shortest counts. */
static double minimisations(const struct sampling_spec *sampling, double steps)
{
    return fmax(
        fmax(per_cadence(steps, sampling->inherent_every), per_cadence(steps, sampling->pdf_inherent_every)),
        fmax(fmax(per_cadence(steps, sampling->frame_inherent_every), per_cadence(steps, sampling->structure_every)),
             per_cadence(steps, sampling->displacement_every)));
}

/* One row of counts per kind and segment in which a frame fell due. */
static double pdf_bytes(const struct ensemble_spec *ensemble, double steps, int64_t every)
{
    if (every == 0)
        return 0.0;
    double edge = real_cbrt(ensemble->system.atoms * ensemble->system.volume_per_atom);
    double reach = ensemble->sampling.pdf_reach > 0.0 ? ensemble->sampling.pdf_reach : 0.5 * edge;
    double bins = floor(reach / ensemble->sampling.pdf_bin);
    double rows = floor(steps / fmax((double)every, (double)ensemble->segment_steps));
    return rows * (bytes_blob + PDF_PAIRS * bins * sizeof(uint64_t));
}

static double frame_bytes(const struct ensemble_spec *ensemble, double steps)
{
    double frames = per_cadence(steps, ensemble->sampling.frame_every) +
                    per_cadence(steps, ensemble->sampling.frame_inherent_every);
    return frames * (bytes_blob + (double)snapshot_size(ensemble->system.atoms, SNAPSHOT_THERMOSTAT_MAX));
}

/* The first and the last two of each replica, and every k-th. */
static double snapshot_bytes(const struct ensemble_spec *ensemble, double segments, uint32_t keep_every)
{
    double kept = fmin(segments, 5.0 + (keep_every ? floor(segments / keep_every) : 0.0));
    return kept * (bytes_blob + (double)snapshot_size(ensemble->system.atoms, SNAPSHOT_THERMOSTAT_MAX));
}

/* Cells of crystals are small: the rows of segments, samples and snapshots are what counts. */
static void add_curve(const struct campaign *campaign, const struct ensemble_spec *ensemble, struct work *work)
{
    double points = (double)ensemble->steps, segments = 1.0 + points / (double)ensemble->segment_steps;
    double kept =
        fmin(segments, 5.0 + (campaign->snapshot_keep_every ? segments / campaign->snapshot_keep_every : 0.0));
    work->static_points += points;
    work->segments += segments;
    work->bytes += segments * bytes_segment +
                   points * (bytes_row + sizeof(double) * quantity_count(QUANTITY_GROUP_static)) +
                   kept * (bytes_blob + (double)snapshot_size(24, 0));
}

static void add_replica(const struct campaign *campaign, struct replica_id replica, struct work *work)
{
    struct ensemble_id id = campaign->replicas[replica.value].ensemble;
    const struct ensemble_spec *ensemble = &campaign->ensembles[id.value];
    if (ensemble->mode == MODE_EOS) {
        add_curve(campaign, ensemble, work);
        return;
    }
    double steps = (double)campaign_step_end(campaign, replica) + (double)campaign_prepare_steps(campaign, replica);
    double segments =
        (double)campaign_segment_end(campaign, replica) + (double)campaign_prepare_segments(campaign, replica);
    double atoms = ensemble->system.atoms;
    work->atom_steps += atoms * steps;
    work->inherent_atoms +=
        atoms * real_pow(atoms / atoms_reference, minimiser_exponent) * minimisations(&ensemble->sampling, steps);
    work->structure_atoms += atoms * (per_cadence(steps, ensemble->sampling.structure_every) +
                                      per_cadence(steps, ensemble->sampling.displacement_every));
    work->lag_atoms += atoms * per_cadence(steps, ensemble->sampling.relaxation_every) *
                       lags_of_window(ensemble->sampling.relaxation_every);
    work->segments += segments;
    work->bytes += segments * bytes_segment + sample_bytes(&ensemble->sampling, steps) +
                   pdf_bytes(ensemble, steps, ensemble->sampling.pdf_every) +
                   pdf_bytes(ensemble, steps, ensemble->sampling.pdf_inherent_every) + frame_bytes(ensemble, steps) +
                   array_bytes(ensemble, steps) + snapshot_bytes(ensemble, segments, campaign->snapshot_keep_every);
}

struct campaign_speed campaign_speed_of(double steps_per_second)
{
    return (struct campaign_speed){steps_per_second, steps_per_second / CAMPAIGN_INHERENT_STEPS};
}

struct campaign_cost campaign_cost(const struct campaign *campaign, struct campaign_speed speed, uint32_t workers)
{
    struct work work = {0};
    for (uint32_t i = 0; i < campaign->replica_count; i++)
        add_replica(campaign, (struct replica_id){i}, &work);
    double cpu_seconds = work.atom_steps / atoms_reference / speed.steps +
                         (work.inherent_atoms + structure_share * work.structure_atoms + lag_share * work.lag_atoms) /
                             atoms_reference / speed.inherent +
                         work.static_points * static_seconds;
    double busy = fmin(workers, campaign->replica_count);
    double wall_seconds = cpu_seconds / busy;
    return (struct campaign_cost){
        .cpu_seconds = cpu_seconds,
        .wall_seconds = wall_seconds,
        .segments = work.segments,
        .commits_per_second = work.segments / wall_seconds,
        .bytes_total = work.bytes,
        .bytes_per_day = work.bytes / wall_seconds * 86400.0,
    };
}
