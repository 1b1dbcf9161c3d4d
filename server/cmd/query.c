/* query.c - vitrine query: SQL that only reads, with a time limit. */
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/reading.h"
#include "server/cmd/verbs.h"
#include <math.h>
#include <string.h>

static const double limit_seconds_default = 30.0;

struct query_options {
    struct output_options output;
    struct option_f64 limit_seconds;
    bool json_lines;
};

static const struct option_spec query_specs[] = {
    OUTPUT_OPTIONS(query_options, output),
    OPTION("json-lines", NULL, OPTION_FLAG, query_options, json_lines,
           "print one JSON object a row, as rows come, 17 digits"),
    OPTION("limit-seconds", "S", OPTION_F64, query_options, limit_seconds,
           "give up after this time (default 30; 0: never)"),
    OPTION_END,
};

/* Columns of a query are known when it runs, so their descriptions are made then; all cells are text or numbers as the
 * database has them, kept as text for people and CSV, as values for JSON. */
struct query_result {
    const struct query_options *options;
    int column_count;
    char **names;
    struct column *columns;
    struct table *table;
    json_t *rows;
};

static enum status take_columns(void *context, int count, const char *const *names, const char *const *declared,
                                struct error *err)
{
    struct query_result *result = context;
    (void)declared;
    result->names = mem_alloc_array((size_t)count, sizeof *result->names);
    result->columns = mem_alloc_array((size_t)count, sizeof *result->columns);
    if (result->names == NULL || result->columns == NULL)
        return mem_error(err, "the columns of a query");
    for (; result->column_count < count; result->column_count++) {
        char *name = mem_copy_string(names[result->column_count]);
        if (name == NULL)
            return mem_error(err, "the columns of a query");
        result->names[result->column_count] = name;
        result->columns[result->column_count] = (struct column){name, name, NULL, COLUMN_TEXT, NULL};
    }
    result->table = table_create(result->columns, (uint32_t)count);
    if (result->table == NULL)
        return mem_error(err, "the result of a query");
    if (result->options->output.csv)
        table_stream_csv(result->table, stdout);
    return STATUS_OK;
}

/* Blobs are shown in hexadecimal. */
static char *hex_of(const struct sql_cell *cell)
{
    char *text = mem_alloc_array(2 * cell->size + 1, 1);
    for (size_t i = 0; text != NULL && i < cell->size; i++)
        snprintf(text + 2 * i, 3, "%02x", (unsigned char)cell->bytes[i]);
    return text;
}

static void put_blob(struct table *table, const struct sql_cell *cell)
{
    char *text = hex_of(cell);
    table_put_text(table, text);
    mem_free(text);
}

static void put_cell(struct table *table, const struct sql_cell *cell, bool all_digits)
{
    char number[NUMBER_TEXT_SIZE];
    switch (cell->type) {
    case SQL_NULL:
        table_put_unknown(table);
        return;
    case SQL_INTEGER:
        snprintf(number, sizeof number, "%lld", (long long)cell->integer);
        table_put_text(table, number);
        return;
    case SQL_REAL:
        snprintf(number, sizeof number, all_digits ? "%.17g" : "%.8g", cell->real);
        table_put_text(table, number);
        return;
    case SQL_TEXT:
        table_put_text(table, cell->bytes);
        return;
    case SQL_BLOB:
        put_blob(table, cell);
        return;
    }
}

static json_t *json_of_blob(const struct sql_cell *cell)
{
    char *text = hex_of(cell);
    json_t *value = text != NULL ? json_string(text) : NULL;
    mem_free(text);
    return value;
}

static json_t *json_of_cell(const struct sql_cell *cell)
{
    switch (cell->type) {
    case SQL_NULL:
        return json_null();
    case SQL_INTEGER:
        return json_integer(cell->integer);
    case SQL_REAL:
        return json_of_number(cell->real);
    case SQL_TEXT:
        return json_stringn(cell->bytes, cell->size);
    case SQL_BLOB:
        return json_of_blob(cell);
    }
    return NULL;
}

static enum status take_json_row(struct query_result *result, const struct sql_cell *cells, struct error *err)
{
    json_t *row = json_array();
    int failed = row == NULL;
    for (int i = 0; i < result->column_count; i++)
        failed |= json_array_append_new(row, json_of_cell(&cells[i]));
    if (json_array_append_new(result->rows, row) != 0 || failed)
        return mem_error(err, "the result of a query");
    return STATUS_OK;
}

/* {"name": value, ...}: of columns with one name the last counts, as in all JSON. */
static enum status print_json_line(const struct query_result *result, const struct sql_cell *cells, struct error *err)
{
    json_t *row = json_object();
    int failed = row == NULL;
    for (int i = 0; i < result->column_count; i++)
        failed |= json_object_set_new(row, result->names[i], json_of_cell(&cells[i]));
    failed = failed || json_dumpf(row, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17)) != 0;
    json_decref(row);
    if (failed)
        return mem_error(err, "a row of a query");
    putchar('\n');
    return STATUS_OK;
}

static enum status take_row(void *context, int count, const struct sql_cell *cells, struct error *err)
{
    struct query_result *result = context;
    if (result->options->json_lines)
        return print_json_line(result, cells, err);
    if (result->options->output.json)
        return take_json_row(result, cells, err);
    for (int i = 0; i < count; i++)
        put_cell(result->table, &cells[i], result->options->output.csv);
    return STATUS_OK;
}

/* {"columns": [names], "rows": [[values]]}: names of a query may repeat, keys of an object may not. */
static enum status print_json_result(struct query_result *result, struct error *err)
{
    json_t *names = json_array();
    for (int i = 0; names != NULL && i < result->column_count; i++)
        json_array_append_new(names, json_string(result->names[i]));
    json_t *rows = result->rows; /* given to the object */
    result->rows = NULL;
    return json_print(json_pack("{s:o, s:o}", "columns", names, "rows", rows), stdout, err);
}

static enum status print_result(struct query_result *result, struct error *err)
{
    struct terminal terminal = terminal_of(stdout);
    if (result->options->json_lines)
        return STATUS_OK;
    if (result->options->output.json)
        return print_json_result(result, err);
    if (result->table == NULL)
        return STATUS_OK;
    if (result->options->output.csv)
        return table_print_csv(result->table, stdout, err);
    return table_print_text(result->table, &terminal, stdout, err);
}

static void query_result_finish(struct query_result *result)
{
    table_destroy(&result->table);
    json_decref(result->rows);
    for (int i = 0; i < result->column_count; i++)
        mem_free(result->names[i]);
    mem_free(result->names);
    mem_free(result->columns);
}

static enum status ask(struct store *store, const char *sql, const struct query_options *options, struct error *err)
{
    double limit = options->limit_seconds.given ? options->limit_seconds.value : limit_seconds_default;
    struct query_result result = {.options = options, .rows = json_array()};
    struct sql_handler handler = {take_columns, take_row, &result};
    if (limit < 0.0 || limit > 4e6)
        return error_set(err, STATUS_USAGE, "--limit-seconds wants 0 .. 4000000, not %g", limit);
    enum status status = store_run_sql(store, sql, (uint32_t)ceil(1000.0 * limit), &handler, err);
    if (status == STATUS_OK)
        status = print_result(&result, err);
    query_result_finish(&result);
    return status;
}

static enum status run_query(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct query_options options = {0};
    struct arguments arguments;
    struct store *store;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = output_check(&options.output, err);
    if (status == STATUS_OK && options.json_lines && (options.output.csv || options.output.json))
        status = error_set(err, STATUS_USAGE, "--csv, --json and --json-lines: choose one");
    if (status == STATUS_OK)
        status = store_open(arguments.words[0], STORE_READ, &store, err);
    if (status != STATUS_OK)
        return status;
    status = ask(store, arguments.words[1], &options, err);
    store_close(&store);
    return status;
}

const struct verb verb_query = {
    .name = "query",
    .summary = "Ask the database in SQL; nothing can be changed",
    .arguments = "DB SQL",
    .notes = "Views for people: v_samples, v_by_rung, v_by_replica, v_exchange, v_identity, v_pdf, v_segments, v_ttt_runs,\n"
             "v_eos; schemas/views.md says what is in them, with examples for pandas. Table quantity says what the\n"
             "columns of samples mean, with units. Means that SQL forms have no error bar; `vitrine samples` has.\n"
             "JSON: columns[], rows[][].",
    .examples = "vitrine query glass.db \"SELECT * FROM v_by_rung\"\n"
                "vitrine query glass.db \"SELECT name, unit, definition FROM quantity\"\n"
                "vitrine query glass.db \"SELECT step, energy_inherent FROM v_samples WHERE replica = 3\" --csv",
    .options = query_specs,
    .run = run_query,
};
