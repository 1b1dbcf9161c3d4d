#include "server/cmd/table.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { TABLE_COLUMNS_MAX = 256 };

struct cell {
    bool known;
    union {
        char *text;
        int64_t integer;
        struct {
            double mean, error;
        } real;
    } as;
};

struct table {
    const struct column *columns;
    uint32_t column_count;
    uint64_t cell_count, cell_room;
    struct cell *cells; /* row by row */
    FILE *stream;       /* CSV goes there as rows are completed; NULL: rows are kept */
    int os_errno;       /* of the first row that the stream did not take */
    bool failed;        /* an allocation failed: what is here is not all */
};

struct table *table_create(const struct column *columns, uint32_t column_count)
{
    INVARIANT(column_count > 0 && column_count <= TABLE_COLUMNS_MAX);
    struct table *table = mem_alloc_array(1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->columns = columns;
    table->column_count = column_count;
    return table;
}

static enum column_type cell_type(const struct table *table, uint64_t cell)
{
    return table->columns[cell % table->column_count].type;
}

static void drop_cells(struct table *table)
{
    for (uint64_t i = 0; i < table->cell_count; i++)
        if (table->cells[i].known && cell_type(table, i) == COLUMN_TEXT)
            mem_free(table->cells[i].as.text);
    table->cell_count = 0;
}

void table_destroy(struct table **table)
{
    if (table == NULL || *table == NULL)
        return;
    drop_cells(*table);
    mem_free((*table)->cells);
    mem_free(*table);
    *table = NULL;
}

uint64_t table_row_count(const struct table *table)
{
    return table->cell_count / table->column_count;
}

/* --- Numbers ------------------------------------------------------------------------------------------------------ */

/* Decimals that show two digits of the error. */
static int error_decimals(double error)
{
    if (!(error > 0.0))
        return 6;
    int decimals = 1 - (int)floor(log10(error));
    return decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
}

void number_format_measured(double mean, double error, bool utf8, char out[NUMBER_TEXT_SIZE])
{
    const char *sign = utf8 ? "±" : "+-";
    if (!isfinite(error)) {
        snprintf(out, NUMBER_TEXT_SIZE, "%.4g %s ?", mean, sign);
        return;
    }
    int decimals = error_decimals(error);
    snprintf(out, NUMBER_TEXT_SIZE, "%.*f %s %.*f", decimals, mean, sign, decimals, error);
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

/* RFC 4180: quoted where a comma, quote or line break stands in it. */
static void print_csv_text(const char *text, FILE *out)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', out);
}

static void print_csv_real(double value, FILE *out)
{
    if (isfinite(value))
        fprintf(out, "%.17g", value);
}

static void print_csv_cell(const struct cell *cell, enum column_type type, FILE *out)
{
    if (!cell->known) {
        fputs(type == COLUMN_MEASURED ? "," : "", out);
        return;
    }
    switch (type) {
    case COLUMN_TEXT:
        print_csv_text(cell->as.text, out);
        break;
    case COLUMN_INTEGER:
    case COLUMN_YESNO:
        fprintf(out, "%" PRId64, cell->as.integer);
        break;
    case COLUMN_REAL:
        print_csv_real(cell->as.real.mean, out);
        break;
    case COLUMN_MEASURED:
        print_csv_real(cell->as.real.mean, out);
        fputc(',', out);
        print_csv_real(cell->as.real.error, out);
        break;
    }
}

static void print_csv_header(const struct table *table, FILE *out)
{
    for (uint32_t c = 0; c < table->column_count; c++) {
        const struct column *column = &table->columns[c];
        fprintf(out, "%s%s", c > 0 ? "," : "", column->key);
        if (column->type == COLUMN_MEASURED)
            fprintf(out, ",%s_error", column->key);
    }
    fputc('\n', out);
}

static void print_csv_row(const struct table *table, uint64_t row, FILE *out)
{
    for (uint32_t c = 0; c < table->column_count; c++) {
        if (c > 0)
            fputc(',', out);
        print_csv_cell(&table->cells[row * table->column_count + c], table->columns[c].type, out);
    }
    fputc('\n', out);
}

void table_stream_csv(struct table *table, FILE *out)
{
    table->stream = out;
    print_csv_header(table, out);
}

/* Rows end with the first that fails, so errno is that failure's: nothing has been called since. */
static enum status check_output(const struct table *table, FILE *out, struct error *err)
{
    if (table->failed)
        return mem_error(err, "a table");
    if (table->os_errno)
        return error_set_errno(err, STATUS_IO, table->os_errno, "cannot write a table");
    if (ferror(out) || fflush(out) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot write a table");
    return STATUS_OK;
}

enum status table_print_csv(const struct table *table, FILE *out, struct error *err)
{
    if (table->stream == NULL) {
        print_csv_header(table, out);
        for (uint64_t row = 0; row < table_row_count(table) && !ferror(out); row++)
            print_csv_row(table, row, out);
    }
    return check_output(table, out, err);
}

/* --- Filling ------------------------------------------------------------------------------------------------------ */

static bool make_room(struct table *table)
{
    if (table->cell_count < table->cell_room)
        return true;
    uint64_t room = table->cell_room == 0 ? 16 * (uint64_t)table->column_count : 2 * table->cell_room;
    struct cell *cells = mem_resize_array(table->cells, table->cell_room, room, sizeof *cells);
    if (cells == NULL)
        return false;
    table->cells = cells;
    table->cell_room = room;
    return true;
}

static void put_cell(struct table *table, struct cell cell)
{
    if (!make_room(table)) {
        table->failed = true;
        return;
    }
    table->cells[table->cell_count++] = cell;
    if (table->stream != NULL && table->cell_count == table->column_count) {
        print_csv_row(table, 0, table->stream);
        if (table->os_errno == 0 && ferror(table->stream))
            table->os_errno = errno;
        drop_cells(table);
    }
}

static void check_type(const struct table *table, enum column_type type)
{
    INVARIANT(table->failed || cell_type(table, table->cell_count) == type);
}

void table_put_unknown(struct table *table)
{
    put_cell(table, (struct cell){.known = false});
}

void table_put_text(struct table *table, const char *text)
{
    check_type(table, COLUMN_TEXT);
    char *copy = text != NULL ? mem_copy_string(text) : NULL;
    if (text != NULL && copy == NULL)
        table->failed = true;
    put_cell(table, (struct cell){.known = copy != NULL, .as.text = copy});
}

void table_put_integer(struct table *table, int64_t value)
{
    check_type(table, COLUMN_INTEGER);
    put_cell(table, (struct cell){.known = true, .as.integer = value});
}

void table_put_yesno(struct table *table, bool value)
{
    check_type(table, COLUMN_YESNO);
    put_cell(table, (struct cell){.known = true, .as.integer = value});
}

void table_put_real(struct table *table, double value)
{
    check_type(table, COLUMN_REAL);
    put_cell(table, (struct cell){.known = isfinite(value), .as.real = {value, (double)NAN}});
}

void table_put_measured(struct table *table, double mean, double error)
{
    check_type(table, COLUMN_MEASURED);
    put_cell(table, (struct cell){.known = isfinite(mean), .as.real = {mean, error}});
}

/* --- Text --------------------------------------------------------------------------------------------------------- */

enum { TEXT_CELL_SIZE = 256 };

/* The cell as people read it; text is borrowed from the cell, numbers are written into `room`. */
static const char *cell_text(const struct column *column, const struct cell *cell, bool utf8, char room[TEXT_CELL_SIZE])
{
    if (!cell->known)
        return "-";
    switch (column->type) {
    case COLUMN_TEXT:
        return cell->as.text;
    case COLUMN_YESNO:
        return cell->as.integer != 0 ? "yes" : "no";
    case COLUMN_INTEGER:
        snprintf(room, TEXT_CELL_SIZE, "%" PRId64, cell->as.integer);
        return room;
    case COLUMN_REAL:
        snprintf(room, TEXT_CELL_SIZE, column->format != NULL ? column->format : "%.6g", cell->as.real.mean);
        return room;
    case COLUMN_MEASURED:
        number_format_measured(cell->as.real.mean, cell->as.real.error, utf8, room);
        return room;
    }
    INVARIANT(!"column type");
    return "";
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

static const char *unit_text(const struct column *column)
{
    return column->unit != NULL ? column->unit : "";
}

static void measure_columns(const struct table *table, bool utf8, int widths[TABLE_COLUMNS_MAX])
{
    char room[TEXT_CELL_SIZE];
    for (uint32_t c = 0; c < table->column_count; c++)
        widths[c] =
            max_int(terminal_text_width(table->columns[c].title), terminal_text_width(unit_text(&table->columns[c])));
    for (uint64_t i = 0; i < table_row_count(table) * table->column_count; i++) {
        uint32_t c = (uint32_t)(i % table->column_count);
        widths[c] =
            max_int(widths[c], terminal_text_width(cell_text(&table->columns[c], &table->cells[i], utf8, room)));
    }
}

/* Words stand left, numbers right. Blanks are owed until something follows them, so nothing trails. */
static void print_padded(const char *text, int width, bool right, int *owed, FILE *out)
{
    int blanks = width - terminal_text_width(text);
    *owed += right ? blanks : 0;
    if (*text != '\0') {
        fprintf(out, "%*s%s", *owed, "", text);
        *owed = 0;
    }
    *owed += (right ? 0 : blanks) + 2;
}

static void print_header(const struct table *table, const int *widths, bool units, FILE *out)
{
    int owed = 0;
    for (uint32_t c = 0; c < table->column_count; c++) {
        const struct column *column = &table->columns[c];
        print_padded(units ? unit_text(column) : column->title, widths[c], column->type != COLUMN_TEXT, &owed, out);
    }
}

static bool has_units(const struct table *table)
{
    for (uint32_t c = 0; c < table->column_count; c++)
        if (*unit_text(&table->columns[c]) != '\0')
            return true;
    return false;
}

static void print_text_row(const struct table *table, uint64_t row, const int *widths, bool utf8, FILE *out)
{
    char room[TEXT_CELL_SIZE];
    int owed = 0;
    for (uint32_t c = 0; c < table->column_count; c++) {
        const struct column *column = &table->columns[c];
        const char *text = cell_text(column, &table->cells[row * table->column_count + c], utf8, room);
        print_padded(text, widths[c], column->type != COLUMN_TEXT, &owed, out);
    }
    fputc('\n', out);
}

enum status table_print_text(const struct table *table, const struct terminal *terminal, FILE *out, struct error *err)
{
    int widths[TABLE_COLUMNS_MAX];
    measure_columns(table, terminal->utf8, widths);
    fputs(terminal_bold(terminal), out);
    print_header(table, widths, false, out);
    fprintf(out, "%s\n", terminal_plain(terminal));
    if (has_units(table)) {
        print_header(table, widths, true, out);
        fputc('\n', out);
    }
    for (uint64_t row = 0; row < table_row_count(table) && !ferror(out); row++)
        print_text_row(table, row, widths, terminal->utf8, out);
    return check_output(table, out, err);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static int put_json_cell(json_t *object, const struct column *column, const struct cell *cell)
{
    if (!cell->known && column->type != COLUMN_MEASURED)
        return json_object_set_new(object, column->key, json_null());
    switch (column->type) {
    case COLUMN_TEXT:
        return json_object_set_new(object, column->key, json_string(cell->as.text));
    case COLUMN_INTEGER:
        return json_object_set_new(object, column->key, json_integer(cell->as.integer));
    case COLUMN_YESNO:
        return json_object_set_new(object, column->key, json_boolean(cell->as.integer != 0));
    case COLUMN_REAL:
        return json_object_set_new(object, column->key, json_of_number(cell->as.real.mean));
    case COLUMN_MEASURED:
        break;
    }
    char error_key[NUMBER_TEXT_SIZE];
    snprintf(error_key, sizeof error_key, "%s_error", column->key);
    return json_object_set_new(object, column->key, cell->known ? json_of_number(cell->as.real.mean) : json_null()) |
           json_object_set_new(object, error_key, cell->known ? json_of_number(cell->as.real.error) : json_null());
}

static json_t *row_to_json(const struct table *table, uint64_t row)
{
    json_t *object = json_object();
    for (uint32_t c = 0; object != NULL && c < table->column_count; c++)
        if (put_json_cell(object, &table->columns[c], &table->cells[row * table->column_count + c]) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

json_t *table_to_json(const struct table *table)
{
    json_t *rows = table->failed ? NULL : json_array();
    for (uint64_t row = 0; rows != NULL && row < table_row_count(table); row++)
        if (json_array_append_new(rows, row_to_json(table, row)) != 0) {
            json_decref(rows);
            return NULL;
        }
    return rows;
}
