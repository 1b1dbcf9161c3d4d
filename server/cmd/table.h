/* table.h - rows of typed cells that are printed as aligned text, CSV or JSON from one description of the columns.
 *
 * A verb names its columns once, with units; then it fills cells in row order. Memory failures stick and come back from
 * the print functions, so filling is one line a cell.
 *
 * Text shows means as `-7.0312 ± 0.0021`, two digits of the error. CSV and JSON give every number with 17 digits, and a
 * mean as two fields: key and key_error. What is not known is `-` in text, empty in CSV, null in JSON. */
#ifndef VITRINE_SERVER_CMD_TABLE_H
#define VITRINE_SERVER_CMD_TABLE_H

#include "common/error.h"
#include "server/cmd/terminal.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum column_type { COLUMN_TEXT, COLUMN_INTEGER, COLUMN_REAL, COLUMN_MEASURED, COLUMN_YESNO };

struct column {
    const char *key;   /* in CSV and JSON */
    const char *title; /* in text */
    const char *unit;  /* second line of the header in text; NULL or "" for pure numbers and words */
    enum column_type type;
    const char *format; /* printf format of a real in text; NULL: "%.6g" */
};

struct table;

/* `columns` is borrowed for the table's life. NULL without memory. */
struct table *table_create(const struct column *columns, uint32_t column_count);
void table_destroy(struct table **table); /* NULL and pointers to NULL are fine */

/* Fill the next cell; its column must be of the type. Text is copied; NULL is an unknown. */
void table_put_text(struct table *table, const char *text);
void table_put_integer(struct table *table, int64_t value);
void table_put_real(struct table *table, double value); /* NaN is an unknown */
void table_put_measured(struct table *table, double mean, double error);
void table_put_yesno(struct table *table, bool value);
void table_put_unknown(struct table *table); /* any type */

uint64_t table_row_count(const struct table *table);

/* Rows that are complete are written to `out` as CSV at once and forgotten, so that a table may be longer than memory.
 * Prints the header now. */
void table_stream_csv(struct table *table, FILE *out);

enum status table_print_text(const struct table *table, const struct terminal *terminal, FILE *out,
                             struct error *err) MUST_CHECK;
enum status table_print_csv(const struct table *table, FILE *out, struct error *err) MUST_CHECK;
/* An array of objects, returned; NULL without memory. */
json_t *table_to_json(const struct table *table);

/* Room for any formatted number. */
enum { NUMBER_TEXT_SIZE = 64 };

/* "-7.0312 ± 0.0021" ("+-" where the terminal has no UTF-8); "-7.03 ± ?" when the error is not known. */
void number_format_measured(double mean, double error, bool utf8, char out[NUMBER_TEXT_SIZE]);

#endif
