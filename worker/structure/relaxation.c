#include "worker/structure/relaxation.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "worker/structure/comparison.h"

#include <math.h>

static const double inverse_e = 0.36787944117144233;
static const double inverse_e_squared = 0.1353352832366127;

static struct relaxation_span span_of(const struct relaxation_curve *curve, const double *value, double level)
{
    struct relaxation_span span = {.time = curve->count ? curve->time[curve->count - 1] : 0.0};
    span.reached = relaxation_time(curve->count, curve->time, value, level, &span.time);
    return span;
}

struct relaxation_times relaxation_times_of(const struct relaxation_curve *curve)
{
    const struct relaxation_span moved = span_of(curve, curve->scattering, inverse_e_squared),
                                 changed = span_of(curve, curve->overlap, inverse_e_squared);
    return (struct relaxation_times){
        .relaxation = span_of(curve, curve->scattering, inverse_e),
        .overlap = span_of(curve, curve->overlap, inverse_e),
        .wait = {.time = fmax(moved.time, changed.time), .reached = moved.reached && changed.reached},
    };
}

double relaxation_overlap(const struct overlap *overlap)
{
    return (overlap->collective - overlap->chance) / (1.0 - overlap->chance);
}

int64_t relaxation_next_lag(int64_t lag, int64_t window)
{
    static const int64_t mantissas[] = {10, 13, 18, 24, 32, 42, 56, 75};
    for (int64_t decade = 1; decade <= window / 10; decade *= 10)
        for (size_t n = 0; n < sizeof mantissas / sizeof mantissas[0]; n++)
            if (mantissas[n] * decade > lag)
                return mantissas[n] * decade < window ? mantissas[n] * decade : window;
    return window;
}

enum status relaxation_create(const struct snapshot *first, int64_t window, struct relaxation **out_relaxation,
                              struct error *err)
{
    struct spectrum_peak peak;
    struct relaxation *relaxation = mem_alloc_array(1, sizeof *relaxation);
    if (!relaxation)
        return mem_error(err, "a window of relaxation");
    enum status status = snapshot_copy_places(first, &relaxation->first, err);
    if (status == STATUS_OK)
        status = configuration_from_snapshot(first, &relaxation->before, err);
    if (status == STATUS_OK)
        status = spectrum_find_main_peak(&relaxation->before, &peak, err);
    if (status != STATUS_OK) {
        relaxation_destroy(&relaxation);
        return status;
    }
    relaxation->q = peak.q;
    relaxation->window = window;
    *out_relaxation = relaxation;
    return STATUS_OK;
}

void relaxation_destroy(struct relaxation **relaxation)
{
    if (!relaxation || !*relaxation)
        return;
    snapshot_finish(&(*relaxation)->first);
    configuration_finish(&(*relaxation)->before);
    mem_free(*relaxation);
    *relaxation = NULL;
}

enum status relaxation_add(struct relaxation *relaxation, const struct snapshot *snapshot, struct error *err)
{
    const struct comparison_options options = comparison_defaults();
    const int64_t lag = snapshot->step - relaxation->first.step;
    const int64_t last = relaxation->count ? (int64_t)relaxation->lag[relaxation->count - 1] : 0;
    INVARIANT(relaxation->count < RELAXATION_LAGS_MAX && last < relaxation->window);
    INVARIANT(lag == relaxation_next_lag(last, relaxation->window));
    struct displacement displacement;
    struct scattering scattering = {0};
    struct overlap overlap = {0};
    enum status status = displacement_init_snapshots(&relaxation->first, snapshot, &displacement, err);
    if (status != STATUS_OK)
        return status;
    if ((status = overlap_measure(&displacement, &relaxation->before, options.overlap_radius, &overlap, err)) ==
        STATUS_OK)
        status = scattering_measure(&displacement, &relaxation->before, relaxation->q, options.q_half_width,
                                    &scattering, err);
    displacement_finish(&displacement);
    if (status != STATUS_OK)
        return status;
    relaxation->lag[relaxation->count] = (double)lag;
    relaxation->scattering[relaxation->count] = scattering;
    relaxation->overlap[relaxation->count++] = overlap;
    return STATUS_OK;
}

struct relaxation_times relaxation_measure(const struct relaxation *relaxation)
{
    double scattering[RELAXATION_LAGS_MAX], overlap[RELAXATION_LAGS_MAX];
    for (uint32_t n = 0; n < relaxation->count; n++) {
        scattering[n] = relaxation->scattering[n].all;
        overlap[n] = relaxation_overlap(&relaxation->overlap[n]);
    }
    return relaxation_times_of(&(struct relaxation_curve){relaxation->count, relaxation->lag, scattering, overlap});
}
