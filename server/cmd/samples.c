#include "server/cmd/samples.h"

#include "common/mem.h"
#include "common/nearest.h"
#include "server/cmd/estimates.h"
#include "server/cmd/reading.h"
#include "server/cmd/verbs.h"
#include <math.h>
#include <string.h>

struct samples_options {
    struct selection selection;
    struct output_options output;
    const char *quantities;
    bool all;
};

static const struct option_spec samples_specs[] = {
    OPTION("all", NULL, OPTION_FLAG, samples_options, all, "every measurement, one row each, instead of means"),
    OPTION("quantity", "NAME,...", OPTION_TEXT, samples_options, quantities,
           "only these (names: see `vitrine query DB \"SELECT * FROM quantity\"`)"),
    SELECTION_OPTIONS(samples_options, selection),
    OUTPUT_OPTIONS(samples_options, output),
    OPTION_END,
};

/* --- Which quantities --------------------------------------------------------------------------------------------- */

struct quantity_set {
    bool has[QUANTITY_COUNT];
};

static enum status refuse_quantity(const char *name, struct error *err)
{
    const char *names[QUANTITY_COUNT];
    for (int q = 0; q < QUANTITY_COUNT; q++)
        names[q] = quantities[q].name;
    const char *near = nearest_word(name, names, QUANTITY_COUNT);
    if (near != NULL)
        return error_set(err, STATUS_USAGE, "there is no quantity '%s'; did you mean '%s'?", name, near);
    return error_set(err, STATUS_USAGE, "there is no quantity '%s'", name);
}

/* A comma-separated list; NULL is all of them. */
static enum status parse_quantities(const char *list, struct quantity_set *out, struct error *err)
{
    for (int q = 0; q < QUANTITY_COUNT; q++)
        out->has[q] = list == NULL;
    while (list != NULL && *list != '\0') {
        char name[NEAREST_WORD_SIZE];
        size_t size = strcspn(list, ",");
        snprintf(name, sizeof name, "%.*s", (int)size, list);
        const struct quantity *quantity = quantity_find(name);
        if (quantity == NULL)
            return refuse_quantity(name, err);
        out->has[quantity - quantities] = true;
        list += size + (list[size] == ',');
    }
    return STATUS_OK;
}

/* --- Means -------------------------------------------------------------------------------------------------------- */

static const struct column mean_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"quantity", "quantity", NULL, COLUMN_TEXT, NULL},
    {"unit", "unit", NULL, COLUMN_TEXT, NULL},
    {"rung", "rung", NULL, COLUMN_INTEGER, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"mean", "mean", NULL, COLUMN_MEASURED, NULL},
    {"samples", "samples", NULL, COLUMN_INTEGER, NULL},
    {"effective_samples", "effective", NULL, COLUMN_REAL, "%.1f"},
};

static enum status add_mean(struct sample_cache *samples, const struct selected *item, enum quantity_id quantity,
                            struct rung_id rung, struct table *table, struct error *err)
{
    struct timeseries_mean mean;
    enum status status = estimate_rung(samples, item, rung, quantity, &mean, err);
    if (status != STATUS_OK || mean.count == 0)
        return status;
    table_put_text(table, item->campaign->name);
    table_put_text(table, item->spec->name);
    table_put_text(table, quantities[quantity].name);
    table_put_text(table, quantities[quantity].unit);
    table_put_integer(table, rung.value);
    table_put_real(table, item->spec->temperatures[rung.value]);
    table_put_measured(table, mean.mean, estimate_error(&mean));
    table_put_integer(table, (int64_t)mean.count);
    table_put_real(table, mean.known ? mean.effective : (double)NAN);
    return STATUS_OK;
}

static enum status add_means(struct sample_cache *samples, const struct selected *item, const struct quantity_set *set,
                             struct table *table, struct error *err)
{
    enum status status = STATUS_OK;
    if (item->spec->mode == MODE_QUENCH || item->spec->mode == MODE_EOS)
        return STATUS_OK; /* a mean over a ramp or a curve is of no state */
    for (int q = 0; q < QUANTITY_COUNT; q++)
        for (uint32_t r = 0; set->has[q] && r < item->spec->rung_count && status == STATUS_OK; r++)
            if (selected_has_rung(item, (struct rung_id){r}))
                status = add_mean(samples, item, (enum quantity_id)q, (struct rung_id){r}, table, err);
    return status;
}

static enum status print_means(const struct reading *reading, const struct selected_list *list,
                               const struct quantity_set *set, const struct samples_options *options, struct error *err)
{
    enum quantity_id wanted[QUANTITY_COUNT];
    size_t count = 0;
    struct sample_cache *samples = NULL;
    struct table *table = table_create(mean_columns, sizeof mean_columns / sizeof *mean_columns);
    enum status status = table != NULL ? STATUS_OK : mem_error(err, "a table of means");
    for (int q = 0; q < QUANTITY_COUNT; q++)
        if (set->has[q])
            wanted[count++] = (enum quantity_id)q;
    if (status == STATUS_OK)
        status = sample_cache_create(reading, wanted, count, &samples, err);
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++)
        status = add_means(samples, &list->items[i], set, table, err);
    if (status == STATUS_OK)
        status = output_table(&options->output, "means", table, err);
    sample_cache_destroy(&samples);
    table_destroy(&table);
    return status;
}

/* --- Every measurement -------------------------------------------------------------------------------------------- */

enum { ROW_COLUMNS = 9 };

static const struct column row_columns[ROW_COLUMNS] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},  {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"replica", "replica", NULL, COLUMN_INTEGER, NULL}, {"rung", "rung", NULL, COLUMN_INTEGER, NULL},
    {"segment", "segment", NULL, COLUMN_INTEGER, NULL}, {"step", "step", NULL, COLUMN_INTEGER, NULL},
    {"time", "time", "tau", COLUMN_REAL, "%.3f"},       {"temperature_set", "T set", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"kind", "kind", NULL, COLUMN_TEXT, NULL},
};

/* The table of every measurement: who and when, then the quantities in the order of quantities.def. */
struct row_table {
    struct column columns[ROW_COLUMNS + QUANTITY_COUNT];
    struct quantity_set set;
    struct table *table;
    const struct selected *item;
    enum quantity_group group;
};

static enum status row_table_init(struct row_table *rows, const struct quantity_set *set, struct error *err)
{
    uint32_t count = ROW_COLUMNS;
    *rows = (struct row_table){.set = *set};
    memcpy(rows->columns, row_columns, sizeof row_columns);
    for (int q = 0; q < QUANTITY_COUNT; q++)
        if (set->has[q])
            rows->columns[count++] =
                (struct column){quantities[q].name, quantities[q].symbol, quantities[q].unit, COLUMN_REAL, NULL};
    rows->table = table_create(rows->columns, count);
    return rows->table != NULL ? STATUS_OK : mem_error(err, "a table of samples");
}

static enum status add_row(void *context, const struct sample_row *row, struct error *err)
{
    struct row_table *rows = context;
    struct table *table = rows->table;
    int place = 0;
    (void)err;
    table_put_text(table, rows->item->campaign->name);
    table_put_text(table, rows->item->spec->name);
    table_put_integer(table, row->replica.value);
    table_put_integer(table, row->rung.value);
    table_put_integer(table, row->segment.value);
    table_put_integer(table, row->step);
    table_put_real(table, (double)row->step * rows->item->spec->dynamics.dt);
    table_put_real(table, row->temperature_set);
    table_put_text(table, quantity_group_name(rows->group));
    for (int q = 0; q < QUANTITY_COUNT; q++) {
        double value = quantities[q].group == rows->group ? row->values[place++] : (double)NAN;
        if (rows->set.has[q])
            table_put_real(table, value);
    }
    return STATUS_OK;
}

static bool set_has_group(const struct quantity_set *set, enum quantity_group group)
{
    for (int q = 0; q < QUANTITY_COUNT; q++)
        if (set->has[q] && quantities[q].group == group)
            return true;
    return false;
}

static enum status fill_rows(const struct reading *reading, const struct selected_list *list, struct row_table *rows,
                             struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < list->count; i++)
        for (int g = 0; g < QUANTITY_GROUP_COUNT && status == STATUS_OK; g++) {
            rows->item = &list->items[i];
            rows->group = (enum quantity_group)g;
            if (set_has_group(&rows->set, rows->group))
                status = store_visit_samples(reading->store, &rows->item->filter, rows->group, add_row, rows, err);
        }
    return status;
}

static enum status print_rows(const struct reading *reading, const struct selected_list *list,
                              const struct quantity_set *set, const struct samples_options *options, struct error *err)
{
    struct row_table rows;
    enum status status = row_table_init(&rows, set, err);
    if (status == STATUS_OK && options->output.csv)
        table_stream_csv(rows.table, stdout);
    if (status == STATUS_OK)
        status = fill_rows(reading, list, &rows, err);
    if (status == STATUS_OK)
        status = output_table(&options->output, "samples", rows.table, err);
    table_destroy(&rows.table);
    return status;
}

enum status samples_write_csv(const struct reading *reading, const struct selected_list *list, FILE *out,
                              struct error *err)
{
    struct quantity_set everything;
    struct row_table rows;
    enum status status = parse_quantities(NULL, &everything, err);
    if (status == STATUS_OK)
        status = row_table_init(&rows, &everything, err);
    if (status != STATUS_OK)
        return status;
    table_stream_csv(rows.table, out);
    status = fill_rows(reading, list, &rows, err);
    if (status == STATUS_OK)
        status = table_print_csv(rows.table, out, err);
    table_destroy(&rows.table);
    return status;
}

/* --- The verb ----------------------------------------------------------------------------------------------------- */

static enum status check_options(const void *given, struct error *err)
{
    const struct samples_options *options = given;
    return output_check(&options->output, err);
}

static enum status show_samples(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct samples_options *options = question->options;
    struct quantity_set set;
    struct selected_list list;
    enum status status = parse_quantities(options->quantities, &set, err);
    if (status == STATUS_OK)
        status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    status =
        options->all ? print_rows(reading, &list, &set, options, err) : print_means(reading, &list, &set, options, err);
    selected_list_finish(&list);
    return status;
}

static enum status run_samples(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct samples_options options = {0};
    return question_run(verb, argc, argv, &options, check_options, show_samples, err);
}

const struct verb verb_samples = {
    .name = "samples",
    .summary = "Show what was measured: means with error bars at each temperature, or every row",
    .arguments = "DB",
    .notes =
        "Means are over production. Their errors know autocorrelation (effective: how many independent samples\n"
        "are worth as much); isotherms pool their replicas, and the spread between replicas counts when it is the\n"
        "larger. Nothing is cut away as equilibration: --from says where averages begin. A quench has no means, but\n"
        "`vitrine quench`.\n"
        "JSON: means[] of {campaign, ensemble, quantity, unit, rung, temperature, mean, mean_error, samples,\n"
        "effective_samples}; with --all samples[] of {campaign, ensemble, replica, rung, segment, step, time,\n"
        "temperature_set, kind, and every quantity (null where kind does not measure it)}.",
    .examples = "vitrine samples glass.db\n"
                "vitrine samples glass.db --ensemble ladder --quantity energy_inherent,ico_fraction --from 50000\n"
                "vitrine samples glass.db --all --replica 3 --csv > replica3.csv",
    .options = samples_specs,
    .run = run_samples,
};
