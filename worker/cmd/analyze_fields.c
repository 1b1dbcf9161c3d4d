#include "worker/cmd/analyze_fields.h"

#include "common/segment.h"

#include <math.h>

static void print_summary(struct json *json, int type, int kind, const struct local_summary *summary)
{
    json_object_begin(json, NULL);
    json_whole(json, "type", type + 1);
    json_string(json, "environment", environment_names[kind]);
    json_whole(json, "count", summary->count);
    json_real(json, "energy_mean", summary->energy_mean);
    json_real(json, "energy_sd", summary->energy_sd);
    json_real(json, "volume_mean", summary->volume_mean);
    json_real(json, "volume_sd", summary->volume_sd);
    json_object_end(json);
}

void analyze_print_local(struct json *json, const struct analysis *analysis)
{
    json_array_begin(json, "local");
    for (int type = 0; type < 2; type++)
        for (int kind = 0; kind < ENVIRONMENT_COUNT; kind++)
            if (analysis->local[type][kind].count)
                print_summary(json, type, kind, &analysis->local[type][kind]);
    json_array_end(json);
}

/* Bins without a wave vector are left out. */
static void print_spectrum(struct json *json, const struct spectrum *spectrum)
{
    json_array_begin(json, "q");
    for (uint32_t b = 0; b < spectrum->bins; b++)
        if (spectrum->vectors[b])
            json_real(json, NULL, spectrum->q[b]);
    json_array_end(json);
    json_array_begin(json, "s");
    for (uint32_t b = 0; b < spectrum->bins; b++)
        if (spectrum->vectors[b])
            json_real(json, NULL, spectrum->value[b]);
    json_array_end(json);
    json_array_begin(json, "vectors");
    for (uint32_t b = 0; b < spectrum->bins; b++)
        if (spectrum->vectors[b])
            json_whole(json, NULL, spectrum->vectors[b]);
    json_array_end(json);
}

static uint64_t ico_pairs(const struct analysis *analysis, uint32_t a, uint32_t b, uint32_t bin)
{
    return analysis->ico_pdf_counts[(size_t)pdf_class_pair(a, b) * analysis->pdf_bins + bin];
}

static double correlation_at(const struct analysis *analysis, double fraction, uint32_t bin)
{
    uint64_t all = 0, one = 0;
    for (uint32_t a = 0; a < PDF_ICO_CLASS_COUNT; a++)
        for (uint32_t b = 0; b <= a; b++)
            all += ico_pairs(analysis, a, b, bin);
    for (uint32_t b = PDF_ICO + 1; b < PDF_ICO_CLASS_COUNT; b++)
        one += ico_pairs(analysis, PDF_ICO, b, bin);
    return correlation_of_marks(all, one, ico_pairs(analysis, PDF_ICO, PDF_ICO, bin), fraction);
}

static void print_ico_correlation(struct json *json, const struct analysis *analysis)
{
    const uint32_t ico = analysis->ico_class_count[PDF_ICO];
    const double fraction = analysis_fraction(ico, analysis->voronoi.atoms);
    const struct ornstein_zernike *fit = &analysis->ico_length;
    json_object_begin(json, "ico_correlation");
    json_real(json, "length", fit->resolved ? fit->length : NAN);
    json_real(json, "length_error", fit->resolved ? fit->length_error : NAN);
    json_real(json, "amplitude", fit->resolved ? fit->amplitude : NAN);
    json_whole(json, "fit_vectors", fit->vectors);
    json_array_begin(json, "c");
    for (uint32_t b = 0; b < analysis->pdf_bins; b++)
        json_real(json, NULL, correlation_at(analysis, fraction, b));
    json_array_end(json);
    print_spectrum(json, &analysis->ico_structure_factor);
    json_object_end(json);
}

static const char *const class_names[] = {"ico", "large", "small"};

static void print_class_pair(struct json *json, const struct analysis *analysis, uint32_t a, uint32_t b, double bin,
                             double volume)
{
    char key[32];
    snprintf(key, sizeof key, "counts_%s_%s", class_names[a], class_names[b]);
    json_array_begin(json, key);
    for (uint32_t n = 0; n < analysis->pdf_bins; n++)
        json_whole(json, NULL, (int64_t)ico_pairs(analysis, a, b, n));
    json_array_end(json);
    snprintf(key, sizeof key, "g_%s_%s", class_names[a], class_names[b]);
    json_array_begin(json, key);
    for (uint32_t n = 0; n < analysis->pdf_bins; n++)
        json_real(json, NULL,
                  pdf_normalise(ico_pairs(analysis, a, b, n), n, bin, volume, analysis->ico_class_count[a],
                                analysis->ico_class_count[b], a == b));
    json_array_end(json);
}

static void print_ico_pdf(struct json *json, const struct analysis *analysis, double bin, double volume)
{
    json_object_begin(json, "ico_pdf");
    for (uint32_t a = PDF_ICO; a < PDF_ICO_FAR; a++)
        json_whole(json, class_names[a], analysis->ico_class_count[a]);
    for (uint32_t a = PDF_ICO; a < PDF_ICO_FAR; a++)
        for (uint32_t b = a; b < PDF_ICO_FAR; b++)
            print_class_pair(json, analysis, a, b, bin, volume);
    json_object_end(json);
}

void analyze_print_correlation(struct json *json, const struct analysis *analysis, double bin, double volume)
{
    json_object_begin(json, "structure_factor");
    json_real(json, "peak_q", analysis->peak.q);
    json_real(json, "peak_s", analysis->peak.value);
    print_spectrum(json, &analysis->structure_factor);
    json_object_end(json);
    print_ico_correlation(json, analysis);
    print_ico_pdf(json, analysis, bin, volume);
}

static void print_coordination(struct json *json, const char *key, const struct analysis *analysis, uint32_t a,
                               uint32_t b)
{
    const uint64_t *counts = analysis->pdf_counts + (size_t)pdf_class_pair(a, b) * analysis->pdf_bins;
    uint64_t sum = 0;
    json_array_begin(json, key);
    for (uint32_t n = 0; n < analysis->pdf_bins; n++) {
        sum += counts[n];
        json_real(json, NULL, pdf_coordination(sum, analysis->type_count[a], a == b));
    }
    json_array_end(json);
}

void analyze_print_coordination(struct json *json, const struct analysis *analysis)
{
    print_coordination(json, "n_11", analysis, ATOM_LARGE, ATOM_LARGE);
    print_coordination(json, "n_12", analysis, ATOM_LARGE, ATOM_SMALL);
    print_coordination(json, "n_21", analysis, ATOM_SMALL, ATOM_LARGE);
    print_coordination(json, "n_22", analysis, ATOM_SMALL, ATOM_SMALL);
}
