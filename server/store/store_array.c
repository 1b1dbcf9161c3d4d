/* store_array.c - tables of rows (common/arrays.def), as they were found. */
#include "server/store/store_query.h"

#include "common/bytes.h"
#include "common/mem.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <stdio.h>

enum { COLUMN_ROWS = 6, COLUMN_CELLS };

static enum status read_cells(const struct query *query, struct array_row *row, double **out_cells, struct error *err)
{
    const int64_t rows = query_i64(query, COLUMN_ROWS);
    const size_t size = (size_t)sqlite3_column_bytes(query->statement, COLUMN_CELLS);
    const size_t columns = (size_t)array_columns(row->array);
    if (rows < 0 || rows > ARRAY_ROWS_MAX || size != (size_t)rows * columns * sizeof **out_cells)
        return error_set(err, STATUS_CORRUPT, "array %s of step %" PRId64 " in '%s' has %zu bytes for %" PRId64 " rows",
                         array_quantities[row->array].name, row->step, query->store->path, size, rows);
    double *cells = mem_alloc_array((size_t)rows * columns, sizeof *cells);
    if (!cells)
        return mem_error(err, "an array");
    struct bytes_reader reader = {.next = sqlite3_column_blob(query->statement, COLUMN_CELLS)};
    if (reader.next) {
        reader.end = reader.next + size;
        bytes_read(&reader, cells, size);
    }
    row->rows = (uint32_t)rows;
    row->cells = cells;
    *out_cells = cells;
    return STATUS_OK;
}

static enum status visit_row(const struct query *query, enum array_id array, array_visitor *visit, void *context,
                             struct error *err)
{
    struct array_row row = {.ensemble = {(uint32_t)query_i64(query, 0)},
                            .replica = {(uint32_t)query_i64(query, 1)},
                            .rung = {(uint32_t)query_i64(query, 2)},
                            .segment = {query_i64(query, 3)},
                            .step = query_i64(query, 4),
                            .temperature_set = query_f64(query, 5),
                            .array = array};
    double *cells = NULL;
    enum status status = read_cells(query, &row, &cells, err);
    if (status != STATUS_OK)
        return status;
    status = visit(context, &row, err);
    mem_free(cells);
    return status;
}

enum status store_visit_arrays(struct store *store, const struct store_filter *filter, enum array_id array,
                               array_visitor *visit, void *context, struct error *err)
{
    char tail[160];
    struct query query;
    bool row = true;
    snprintf(tail, sizeof tail, " AND t.array = '%s' ORDER BY r.replica, s.segment, t.step",
             array_quantities[array].name);
    enum status status =
        query_init_filtered(store, filter, QUERY_SELECT_STATE ", t.rows, t.cells", "sample_array", "t.step", tail,
                            &query, err);
    if (status != STATUS_OK)
        return status;
    while ((status = query_step(&query, &row, err)) == STATUS_OK && row)
        if ((status = visit_row(&query, array, visit, context, err)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}
