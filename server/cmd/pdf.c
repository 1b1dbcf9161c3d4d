#include "server/cmd/pdf.h"

#include "common/mem.h"
#include "server/analysis/pdf_normalise.h"
#include "server/cmd/json_out.h"
#include "server/cmd/verbs.h"
#include <string.h>

struct pdf_options {
    struct selection selection;
    struct output_options output;
    const char *kind;
};

static const struct option_spec pdf_specs[] = {
    OPTION("kind", "KIND", OPTION_TEXT, pdf_options, kind, "only thermal or only inherent configurations"),
    SELECTION_OPTIONS(pdf_options, selection),
    OUTPUT_OPTIONS(pdf_options, output),
    OPTION_END,
};

/* Where the rows of the store go: a table of peaks for people, of bins for CSV, objects for JSON. */
struct pdf_sink {
    const struct selected *item;
    const char *kind; /* NULL: both */
    enum status (*take)(struct pdf_sink *sink, const struct pdf_sum *row, const double *g, const double *n,
                        struct error *err);
    struct table *table;
    json_t *objects;
};

static enum status take_pdf(void *context, const struct pdf_sum *row, struct error *err)
{
    struct pdf_sink *sink = context;
    const struct system_spec *system = &sink->item->spec->system;
    struct pdf_composition composition = {system->atoms, system->atoms_small, system->volume_per_atom};
    if (sink->kind != NULL && strcmp(sink->kind, configuration_names[row->kind]) != 0)
        return STATUS_OK;
    double *g = mem_alloc_array((size_t)row->bins * (PDF_CURVES + PDF_COORDINATIONS), sizeof *g);
    if (g == NULL)
        return mem_error(err, "a pair distribution");
    double *n = g + (size_t)row->bins * PDF_CURVES;
    pdf_normalise(&composition, row->frames, row->bin, row->bins, row->counts, g);
    pdf_coordination_numbers(&composition, row->frames, row->bins, row->counts, n);
    enum status status = sink->take(sink, row, g, n, err);
    mem_free(g);
    return status;
}

static enum status visit(const struct reading *reading, const struct selected_list *list, struct pdf_sink *sink,
                         struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++) {
        sink->item = &list->items[i];
        status = store_visit_pdfs(reading->store, &sink->item->filter, take_pdf, sink, err);
    }
    return status;
}

static double bin_centre(const struct pdf_sum *row, uint32_t b)
{
    return ((double)b + 0.5) * row->bin;
}

/* --- For people --------------------------------------------------------------------------------------------------- */

static const struct column peak_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL}, {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"rung", "rung", NULL, COLUMN_INTEGER, NULL},      {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"kind", "kind", NULL, COLUMN_TEXT, NULL},         {"frames", "frames", NULL, COLUMN_INTEGER, NULL},
    {"r_11", "LL at", "sigma", COLUMN_REAL, "%.3f"},   {"g_11", "g_LL", NULL, COLUMN_REAL, "%.2f"},
    {"r_12", "LS at", "sigma", COLUMN_REAL, "%.3f"},   {"g_12", "g_LS", NULL, COLUMN_REAL, "%.2f"},
    {"r_22", "SS at", "sigma", COLUMN_REAL, "%.3f"},   {"g_22", "g_SS", NULL, COLUMN_REAL, "%.2f"},
};

static uint32_t highest_bin(const double *g, uint32_t bins)
{
    uint32_t best = 0;
    for (uint32_t b = 1; b < bins; b++)
        if (g[b] > g[best])
            best = b;
    return best;
}

static void put_state(struct table *table, const struct selected *item, const struct pdf_sum *row)
{
    table_put_text(table, item->campaign->name);
    table_put_text(table, item->spec->name);
    table_put_integer(table, row->rung.value);
    table_put_real(table, row->temperature);
    table_put_text(table, configuration_names[row->kind]);
    table_put_integer(table, (int64_t)row->frames);
}

static enum status take_peaks(struct pdf_sink *sink, const struct pdf_sum *row, const double *g, const double *n,
                              struct error *err)
{
    (void)n;
    (void)err;
    put_state(sink->table, sink->item, row);
    for (int c = 0; c < PDF_PAIRS; c++) {
        uint32_t b = highest_bin(&g[(size_t)c * row->bins], row->bins);
        table_put_real(sink->table, bin_centre(row, b));
        table_put_real(sink->table, g[(size_t)c * row->bins + b]);
    }
    return STATUS_OK;
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

static const struct column bin_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"rung", "rung", NULL, COLUMN_INTEGER, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, NULL},
    {"kind", "kind", NULL, COLUMN_TEXT, NULL},
    {"frames", "frames", NULL, COLUMN_INTEGER, NULL},
    {"r", "r", "sigma", COLUMN_REAL, NULL},
    {"counts_11", "11", NULL, COLUMN_INTEGER, NULL},
    {"counts_12", "12", NULL, COLUMN_INTEGER, NULL},
    {"counts_22", "22", NULL, COLUMN_INTEGER, NULL},
    {"g_11", "g_11", NULL, COLUMN_REAL, NULL},
    {"g_12", "g_12", NULL, COLUMN_REAL, NULL},
    {"g_22", "g_22", NULL, COLUMN_REAL, NULL},
    {"g", "g", NULL, COLUMN_REAL, NULL},
    {"n_11", "n_11", NULL, COLUMN_REAL, NULL},
    {"n_12", "n_12", NULL, COLUMN_REAL, NULL},
    {"n_21", "n_21", NULL, COLUMN_REAL, NULL},
    {"n_22", "n_22", NULL, COLUMN_REAL, NULL},
};

static enum status take_bins(struct pdf_sink *sink, const struct pdf_sum *row, const double *g, const double *n,
                             struct error *err)
{
    (void)err;
    for (uint32_t b = 0; b < row->bins; b++) {
        put_state(sink->table, sink->item, row);
        table_put_real(sink->table, bin_centre(row, b));
        for (size_t p = 0; p < PDF_PAIRS; p++)
            table_put_integer(sink->table, (int64_t)row->counts[p * row->bins + b]);
        for (size_t c = 0; c < PDF_CURVES; c++)
            table_put_real(sink->table, g[c * row->bins + b]);
        for (size_t c = 0; c < PDF_COORDINATIONS; c++)
            table_put_real(sink->table, n[c * row->bins + b]);
    }
    return STATUS_OK;
}

enum status pdf_write_csv(const struct reading *reading, const struct selected_list *list, FILE *out, struct error *err)
{
    struct pdf_sink sink = {.take = take_bins};
    sink.table = table_create(bin_columns, sizeof bin_columns / sizeof *bin_columns);
    if (sink.table == NULL)
        return mem_error(err, "a table of pair distributions");
    table_stream_csv(sink.table, out);
    enum status status = visit(reading, list, &sink, err);
    if (status == STATUS_OK)
        status = table_print_csv(sink.table, out, err);
    table_destroy(&sink.table);
    return status;
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static json_t *json_of_reals(const double *values, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(array, json_of_number(values[i]));
    return array;
}

static json_t *json_of_counts(const uint64_t *values, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(array, json_integer((json_int_t)values[i]));
    return array;
}

static json_t *json_of_centres(const struct pdf_sum *row)
{
    json_t *array = json_array();
    for (uint32_t b = 0; b < row->bins; b++)
        json_array_append_new(array, json_of_number(bin_centre(row, b)));
    return array;
}

static enum status take_object(struct pdf_sink *sink, const struct pdf_sum *row, const double *g, const double *n,
                               struct error *err)
{
    size_t bins = row->bins;
    json_t *object = json_pack(
        "{s:s, s:s, s:i, s:f, s:s, s:I, s:I, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "campaign",
        sink->item->campaign->name, "ensemble", sink->item->spec->name, "rung", (int)row->rung.value, "temperature",
        row->temperature, "kind", configuration_names[row->kind], "segments", (json_int_t)row->segments, "frames",
        (json_int_t)row->frames, "dr", row->bin, "r", json_of_centres(row), "counts_11",
        json_of_counts(row->counts, row->bins), "counts_12", json_of_counts(row->counts + bins, row->bins), "counts_22",
        json_of_counts(row->counts + 2 * bins, row->bins), "g_11", json_of_reals(g, row->bins), "g_12",
        json_of_reals(g + bins, row->bins), "g_22", json_of_reals(g + 2 * bins, row->bins), "g",
        json_of_reals(g + 3 * bins, row->bins), "n_11", json_of_reals(n, row->bins), "n_12",
        json_of_reals(n + bins, row->bins), "n_21", json_of_reals(n + 2 * bins, row->bins), "n_22",
        json_of_reals(n + 3 * bins, row->bins));
    return json_array_append_new(sink->objects, object) == 0 ? STATUS_OK : mem_error(err, "the JSON output");
}

static enum status print_json_pdfs(const struct reading *reading, const struct selected_list *list, const char *kind,
                                   struct error *err)
{
    struct pdf_sink sink = {.kind = kind, .take = take_object, .objects = json_array()};
    if (sink.objects == NULL)
        return mem_error(err, "the JSON output");
    enum status status = visit(reading, list, &sink, err);
    if (status == STATUS_OK)
        return json_print(json_pack("{s:o}", "pdfs", sink.objects), stdout, err);
    json_decref(sink.objects);
    return status;
}

/* --- The verb ----------------------------------------------------------------------------------------------------- */

static enum status print_table_of_pdfs(const struct reading *reading, const struct selected_list *list,
                                       const struct pdf_options *options, struct error *err)
{
    bool csv = options->output.csv;
    struct pdf_sink sink = {.kind = options->kind, .take = csv ? take_bins : take_peaks};
    sink.table = csv ? table_create(bin_columns, sizeof bin_columns / sizeof *bin_columns)
                     : table_create(peak_columns, sizeof peak_columns / sizeof *peak_columns);
    enum status status = sink.table != NULL ? STATUS_OK : mem_error(err, "a table of pair distributions");
    if (status == STATUS_OK && csv)
        table_stream_csv(sink.table, stdout);
    if (status == STATUS_OK)
        status = visit(reading, list, &sink, err);
    if (status == STATUS_OK)
        status = output_table(&options->output, "pdfs", sink.table, err);
    table_destroy(&sink.table);
    return status;
}

static bool is_kind(const char *name)
{
    for (int k = 0; k < CONFIGURATION_KIND_COUNT; k++)
        if (strcmp(configuration_names[k], name) == 0)
            return true;
    return false;
}

static enum status check_options(const void *given, struct error *err)
{
    const struct pdf_options *options = given;
    return output_check(&options->output, err);
}

static enum status show_pdfs(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct pdf_options *options = question->options;
    struct selected_list list;
    if (options->kind != NULL && !is_kind(options->kind))
        return error_set(err, STATUS_USAGE, "--kind wants thermal or inherent, not '%s'", options->kind);
    enum status status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    status = options->output.json ? print_json_pdfs(reading, &list, options->kind, err)
                                  : print_table_of_pdfs(reading, &list, options, err);
    selected_list_finish(&list);
    return status;
}

static enum status run_pdf(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct pdf_options options = {0};
    return question_run(verb, argc, argv, &options, check_options, show_pdfs, err);
}

const struct verb verb_pdf = {
    .name = "pdf",
    .summary = "Show pair distribution functions at each temperature",
    .arguments = "DB",
    .notes = "Integer counts of unordered pairs (1 = large L, 2 = small S), summed over all frames asked for, and\n"
             "  g_ab(r) = counts_ab V / (frames N_a N_b 4pi/3 (r2^3 - r1^3)), for a = b with N_a^2 / 2;\n"
             "g is that of all pairs; n_ab(r) are the atoms b within the bin's outer edge of an atom a. People get the highest peak of each; --csv one row a bin; JSON: pdfs[] of\n"
             "{campaign, ensemble, rung, temperature, kind, segments, frames, dr, r[], counts_11[], counts_12[],\n"
             "counts_22[], g_11[], g_12[], g_22[], g[], n_11[], n_12[], n_21[], n_22[]}; r is the middle of the bin.",
    .examples = "vitrine pdf glass.db\n"
                "vitrine pdf glass.db --kind inherent --temperature 0.6 --csv > g.csv",
    .options = pdf_specs,
    .run = run_pdf,
};
