#include "worker/structure/comparison.h"

#include "common/mem.h"

#include <math.h>
#include <string.h>

const double comparison_thresholds[COMPARISON_THRESHOLDS] = {0.1, 0.2, 0.3, 0.5, 0.7, 1.0};

struct comparison_options comparison_defaults(void)
{
    return (struct comparison_options){
        .strings = {.threshold = 0.3, .delta = 0.6}, .overlap_radius = 0.3, .q_half_width = 0.1, .bin = 0.02};
}

enum status reference_init(struct reference *out, const struct configuration *configuration,
                           const struct comparison_options *options, struct error *err)
{
    struct reference made = {.configuration = configuration};
    made.environment = mem_alloc_array(configuration->atoms, sizeof *made.environment);
    if (!made.environment)
        return mem_error(err, "environments of atoms");
    enum status status = environment_classify(configuration, &options->voronoi, made.environment, err);
    struct spectrum_peak peak = {0};
    if (status == STATUS_OK)
        status = spectrum_find_main_peak(configuration, &peak, err);
    if (status != STATUS_OK) {
        reference_finish(&made);
        return status;
    }
    made.q = options->q > 0.0 ? options->q : peak.q;
    made.peak = peak.value;
    *out = made;
    return STATUS_OK;
}

void reference_finish(struct reference *reference)
{
    if (!reference)
        return;
    mem_free(reference->environment);
    memset(reference, 0, sizeof *reference);
}

static enum status add_distribution(struct comparison *comparison, const struct displacement *displacement, double bin,
                                    struct error *err)
{
    const double bins = floor(comparison->displacement.largest / bin) + 1.0;
    comparison->bins = bins < COMPARISON_BINS_MAX ? (uint32_t)bins : COMPARISON_BINS_MAX;
    comparison->counts = mem_alloc_array(comparison->bins, sizeof *comparison->counts);
    if (!comparison->counts)
        return mem_error(err, "a distribution of displacements");
    displacement_histogram(displacement, bin, comparison->bins, comparison->counts);
    for (int n = 0; n < COMPARISON_THRESHOLDS; n++)
        comparison->beyond[n] = displacement_count_beyond(displacement, comparison_thresholds[n]);
    return STATUS_OK;
}

enum status comparison_init(struct comparison *out, const struct reference *reference,
                            const struct displacement *displacement, const struct comparison_options *options,
                            struct error *err)
{
    const struct configuration *before = reference->configuration;
    struct comparison made = {.unwrapped = displacement->unwrapped,
                              .displacement = displacement_summarise(displacement)};
    displacement_by_environment(displacement, reference->environment, options->strings.threshold, made.group);
    enum status status = add_distribution(&made, displacement, options->bin, err);
    if (status == STATUS_OK)
        status = displacement_strings(displacement, before, &options->strings, &made.strings, err);
    if (status == STATUS_OK)
        status = overlap_measure(displacement, before, options->overlap_radius, &made.overlap, err);
    if (status == STATUS_OK)
        status = scattering_measure(displacement, before, reference->q, options->q_half_width, &made.scattering, err);
    if (status == STATUS_OK)
        *out = made;
    else
        comparison_finish(&made);
    return status;
}

void comparison_finish(struct comparison *comparison)
{
    if (!comparison)
        return;
    mem_free(comparison->counts);
    memset(comparison, 0, sizeof *comparison);
}
