#include "common/mem.h"
#include "common/nearest.h"
#include "server/analysis/array_means.h"
#include "server/cmd/json_out.h"
#include "server/cmd/reading.h"
#include "server/cmd/verbs.h"

#include <math.h>
#include <string.h>

struct structure_options {
    struct selection selection;
    struct output_options output;
    const char *array;
    bool all;
};

static const struct option_spec structure_specs[] = {
    OPTION("array", "NAME", OPTION_TEXT, structure_options, array,
           "the rows of this one (names: see `vitrine query DB \"SELECT * FROM array\"`)"),
    OPTION("all", NULL, OPTION_FLAG, structure_options, all, "with --array: every sample instead of means"),
    SELECTION_OPTIONS(structure_options, selection),
    OUTPUT_OPTIONS(structure_options, output),
    OPTION_END,
};

/* ---- from the store to the tables ---- */

/* What is asked of one ensemble and array: means, one for each rung, or every sample. */
struct gathering {
    const struct selected *item;
    enum array_id array;
    struct array_means *means; /* [rung_count]; NULL: samples go to `table` at once */
    struct table *table;
};

static void put_cells(struct table *table, const double *row, int columns)
{
    for (int k = 0; k < columns; k++)
        table_put_real(table, row[k]);
}

static enum status take_sample(void *context, const struct array_row *row, struct error *err)
{
    struct gathering *gathering = context;
    const int columns = array_columns(row->array);
    if (gathering->means)
        return row->rung.value < gathering->item->spec->rung_count
                   ? array_means_add(&gathering->means[row->rung.value], row->cells, row->rows, err)
                   : error_set(err, STATUS_CORRUPT, "rung %u is not one of the ensemble's", row->rung.value);
    for (uint32_t n = 0; n < row->rows; n++) {
        table_put_text(gathering->table, gathering->item->campaign->name);
        table_put_text(gathering->table, gathering->item->spec->name);
        table_put_integer(gathering->table, row->replica.value);
        table_put_integer(gathering->table, row->rung.value);
        table_put_integer(gathering->table, row->step);
        table_put_real(gathering->table, row->temperature_set);
        put_cells(gathering->table, row->cells + (size_t)n * (size_t)columns, columns);
    }
    return STATUS_OK;
}

static void means_destroy(struct array_means **means, uint32_t rungs)
{
    for (uint32_t r = 0; *means && r < rungs; r++)
        array_means_finish(&(*means)[r]);
    mem_free(*means);
    *means = NULL;
}

/* Means of one array at each rung of one ensemble; returned: means_destroy. */
static enum status gather_means(struct store *store, const struct selected *item, enum array_id array,
                                struct array_means **out_means, struct error *err)
{
    const uint32_t rungs = item->spec->rung_count;
    struct gathering gathering = {.item = item, .array = array};
    struct store_filter filter = item->filter;
    gathering.means = mem_alloc_array(rungs, sizeof *gathering.means);
    if (!gathering.means)
        return mem_error(err, "means of arrays");
    for (uint32_t r = 0; r < rungs; r++)
        gathering.means[r] = array_means_make(array_columns(array), array_quantities[array].keys);
    if (filter.segment_first < 0)
        filter.segment_first = 0; /* means are over production */
    enum status status = store_visit_arrays(store, &filter, array, take_sample, &gathering, err);
    for (uint32_t r = 0; r < rungs; r++)
        array_means_divide(&gathering.means[r]);
    if (status == STATUS_OK)
        *out_means = gathering.means;
    else
        means_destroy(&gathering.means, rungs);
    return status;
}

/* Called for each rung at which there are samples. */
typedef enum status means_visitor(void *context, const struct selected *item, enum array_id array, uint32_t rung,
                                  const struct array_means *means, struct error *err);

static enum status visit_means(const struct reading *reading, const struct selected *item, enum array_id array,
                               means_visitor *visit, void *context, struct error *err)
{
    struct array_means *means = NULL;
    enum status status = gather_means(reading->store, item, array, &means, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t r = 0; r < item->spec->rung_count && status == STATUS_OK; r++)
        if (means[r].samples > 0)
            status = visit(context, item, array, r, &means[r], err);
    means_destroy(&means, item->spec->rung_count);
    return status;
}

/* Of the arrays asked for: one, or all (array = ARRAY_COUNT). A quench has no means: it is of no state. */
static enum status visit_all_means(const struct reading *reading, const struct selected_list *list, enum array_id array,
                                   means_visitor *visit, void *context, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < list->count; i++)
        for (int id = 0; id < ARRAY_COUNT && status == STATUS_OK; id++)
            if ((array == ARRAY_COUNT || (int)array == id) && list->items[i].spec->mode != MODE_QUENCH)
                status = visit_means(reading, &list->items[i], (enum array_id)id, visit, context, err);
    return status;
}

/* ---- what there is, for people ---- */

static const struct column summary_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"array", "array", NULL, COLUMN_TEXT, NULL},
    {"columns", "columns", NULL, COLUMN_TEXT, NULL},
    {"rung", "rung", NULL, COLUMN_INTEGER, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"samples", "samples", NULL, COLUMN_INTEGER, NULL},
    {"rows", "rows", NULL, COLUMN_INTEGER, NULL},
};

static enum status put_summary(void *context, const struct selected *item, enum array_id array, uint32_t rung,
                               const struct array_means *means, struct error *err)
{
    struct table *table = context;
    (void)err;
    table_put_text(table, item->campaign->name);
    table_put_text(table, item->spec->name);
    table_put_text(table, array_quantities[array].name);
    table_put_text(table, array_quantities[array].columns);
    table_put_integer(table, rung);
    table_put_real(table, item->spec->temperatures[rung]);
    table_put_integer(table, (int64_t)means->samples);
    table_put_integer(table, means->rows);
    return STATUS_OK;
}

static enum status print_summary(const struct reading *reading, const struct selected_list *list,
                                 const struct structure_options *options, struct error *err)
{
    struct table *table = table_create(summary_columns, sizeof summary_columns / sizeof *summary_columns);
    enum status status = table ? visit_all_means(reading, list, ARRAY_COUNT, put_summary, table, err)
                               : mem_error(err, "a table of arrays");
    if (status == STATUS_OK)
        status = output_table(&options->output, "arrays", table, err);
    table_destroy(&table);
    return status;
}

/* ---- the rows of one array ---- */

enum { STATE_COLUMNS_MAX = 6 };

static const struct column mean_state[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"rung", "rung", NULL, COLUMN_INTEGER, NULL},         {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"samples", "samples", NULL, COLUMN_INTEGER, NULL},
};

static const struct column sample_state[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},  {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"replica", "replica", NULL, COLUMN_INTEGER, NULL}, {"rung", "rung", NULL, COLUMN_INTEGER, NULL},
    {"step", "step", NULL, COLUMN_INTEGER, NULL},       {"temperature_set", "T set", "eps/k_B", COLUMN_REAL, "%.4g"},
};

/* State columns, then those of the array; the words that columns point to live here. */
struct row_table {
    struct column columns[STATE_COLUMNS_MAX + ARRAY_COLUMNS_MAX];
    char names[ARRAY_COLUMNS_MAX][ARRAY_WORD_SIZE], units[ARRAY_COLUMNS_MAX][ARRAY_WORD_SIZE];
    struct table *table;
};

static enum status row_table_init(struct row_table *rows, const struct column *state, uint32_t state_count,
                                  enum array_id array, struct error *err)
{
    const int columns = array_columns(array);
    memcpy(rows->columns, state, state_count * sizeof *state);
    for (int k = 0; k < columns; k++) {
        array_word(array_quantities[array].columns, k, rows->names[k]);
        array_word(array_quantities[array].units, k, rows->units[k]);
        const bool is_number = strcmp(rows->units[k], "1") == 0;
        rows->columns[state_count + (uint32_t)k] =
            (struct column){rows->names[k], rows->names[k], is_number ? NULL : rows->units[k], COLUMN_REAL, NULL};
    }
    rows->table = table_create(rows->columns, state_count + (uint32_t)columns);
    return rows->table ? STATUS_OK : mem_error(err, "a table of rows");
}

static enum status put_means(void *context, const struct selected *item, enum array_id array, uint32_t rung,
                             const struct array_means *means, struct error *err)
{
    struct table *table = context;
    (void)array;
    (void)err;
    for (uint32_t n = 0; n < means->rows; n++) {
        table_put_text(table, item->campaign->name);
        table_put_text(table, item->spec->name);
        table_put_integer(table, rung);
        table_put_real(table, item->spec->temperatures[rung]);
        table_put_integer(table, (int64_t)means->samples);
        put_cells(table, means->cells + (size_t)n * (size_t)means->columns, means->columns);
    }
    return STATUS_OK;
}

static enum status fill_samples(const struct reading *reading, const struct selected_list *list, enum array_id array,
                                struct table *table, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < list->count && status == STATUS_OK; i++) {
        struct gathering gathering = {.item = &list->items[i], .array = array, .table = table};
        status = store_visit_arrays(reading->store, &list->items[i].filter, array, take_sample, &gathering, err);
    }
    return status;
}

static enum status print_rows(const struct reading *reading, const struct selected_list *list, enum array_id array,
                              const struct structure_options *options, struct error *err)
{
    struct row_table rows;
    enum status status =
        options->all ? row_table_init(&rows, sample_state, sizeof sample_state / sizeof *sample_state, array, err)
                     : row_table_init(&rows, mean_state, sizeof mean_state / sizeof *mean_state, array, err);
    if (status != STATUS_OK)
        return status;
    if (options->output.csv)
        table_stream_csv(rows.table, stdout);
    status = options->all ? fill_samples(reading, list, array, rows.table, err)
                          : visit_all_means(reading, list, array, put_means, rows.table, err);
    if (status == STATUS_OK)
        status = output_table(&options->output, array_quantities[array].name, rows.table, err);
    table_destroy(&rows.table);
    return status;
}

/* ---- JSON of all arrays ---- */

static json_t *json_of_words(const char *words, int count)
{
    json_t *list = json_array();
    for (int k = 0; k < count; k++) {
        char word[ARRAY_WORD_SIZE];
        array_word(words, k, word);
        json_array_append_new(list, json_string(word));
    }
    return list;
}

static json_t *json_of_rows(const struct array_means *means)
{
    json_t *list = json_array();
    for (uint32_t n = 0; n < means->rows; n++) {
        json_t *row = json_array();
        for (int k = 0; k < means->columns; k++)
            json_array_append_new(row, json_of_number(means->cells[(size_t)n * (size_t)means->columns + (size_t)k]));
        json_array_append_new(list, row);
    }
    return list;
}

static enum status put_object(void *context, const struct selected *item, enum array_id array, uint32_t rung,
                              const struct array_means *means, struct error *err)
{
    const struct array_quantity *quantity = &array_quantities[array];
    json_t *object = json_pack("{s:s, s:s, s:i, s:f, s:s, s:I, s:i, s:o, s:o, s:o}", "campaign", item->campaign->name,
                               "ensemble", item->spec->name, "rung", (int)rung, "temperature",
                               item->spec->temperatures[rung], "array", quantity->name, "samples",
                               (json_int_t)means->samples, "keys", quantity->keys, "columns",
                               json_of_words(quantity->columns, means->columns), "units",
                               json_of_words(quantity->units, means->columns), "rows", json_of_rows(means));
    return json_array_append_new(context, object) == 0 ? STATUS_OK : mem_error(err, "the JSON output");
}

static enum status print_json(const struct reading *reading, const struct selected_list *list, struct error *err)
{
    json_t *objects = json_array();
    if (!objects)
        return mem_error(err, "the JSON output");
    enum status status = visit_all_means(reading, list, ARRAY_COUNT, put_object, objects, err);
    if (status == STATUS_OK)
        return json_print(json_pack("{s:o}", "arrays", objects), stdout, err);
    json_decref(objects);
    return status;
}

/* ---- the verb ---- */

static enum status parse_array(const char *name, enum array_id *out, struct error *err)
{
    const char *names[ARRAY_COUNT];
    const struct array_quantity *found = array_find(name);
    for (int id = 0; id < ARRAY_COUNT; id++)
        names[id] = array_quantities[id].name;
    if (found) {
        *out = (enum array_id)(found - array_quantities);
        return STATUS_OK;
    }
    const char *near = nearest_word(name, names, ARRAY_COUNT);
    if (near)
        return error_set(err, STATUS_USAGE, "there is no array '%s'; did you mean '%s'?", name, near);
    return error_set(err, STATUS_USAGE, "there is no array '%s'", name);
}

static enum status check_options(const void *given, struct error *err)
{
    const struct structure_options *options = given;
    enum status status = output_check(&options->output, err);
    if (status == STATUS_OK && options->all && !options->array)
        return error_set(err, STATUS_USAGE, "--all wants --array NAME");
    return status;
}

static enum status show(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct structure_options *options = question->options;
    struct selected_list list;
    enum array_id array = ARRAY_COUNT;
    enum status status = options->array ? parse_array(options->array, &array, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    if (options->array)
        status = print_rows(reading, &list, array, options, err);
    else
        status = options->output.json ? print_json(reading, &list, err) : print_summary(reading, &list, options, err);
    selected_list_finish(&list);
    return status;
}

static enum status run_structure(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct structure_options options = {0};
    return question_run(verb, argc, argv, &options, check_options, show, err);
}

const struct verb verb_structure = {
    .name = "structure",
    .summary = "Show structure beyond scalars: signatures, bonds, clusters, local energies, correlations, movers",
    .arguments = "DB",
    .notes = "Tables of rows that sample.structure, displacement and relaxation of the campaign file store; schemas/\n"
             "quantities.md says what each holds. Without --array: which there are. With it: its rows at each\n"
             "temperature, keys first, the other columns means over the samples of production (a row that a sample\n"
             "lacks counts as zeros). The scalars of the same samples: `vitrine samples`.\n"
             "JSON: arrays[] of {campaign, ensemble, rung, temperature, array, samples, keys, columns[], units[],\n"
             "rows[][]}; with --array one object a row under the array's name.",
    .examples = "vitrine structure glass.db\n"
                "vitrine structure glass.db --array signatures --temperature 0.6\n"
                "vitrine structure glass.db --array ico_correlation --csv > c.csv\n"
                "vitrine structure glass.db --array movers --all --replica 3",
    .options = structure_specs,
    .run = run_structure,
};
