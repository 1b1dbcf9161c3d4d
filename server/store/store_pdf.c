/* store_pdf.c - pair counts summed over segments.
 *
 * One pass over the rows in key order, with one sum per (ensemble, rung, kind) in memory: sorting would carry every
 * blob through the sorter. */
#include "server/store/store_query.h"

#include "common/bytes.h"
#include "common/mem.h"
#include "server/store/store_sql.h"

#include <inttypes.h>
#include <stdlib.h>

struct sums {
    size_t count, capacity;
    struct pdf_sum *rows;
    uint64_t **counts; /* [count]: what rows[i].counts points to */
};

static void sums_finish(struct sums *sums)
{
    for (size_t i = 0; i < sums->count; i++)
        mem_free(sums->counts[i]);
    mem_free(sums->rows);
    mem_free(sums->counts);
    *sums = (struct sums){0};
}

static enum status grow(struct sums *sums, struct error *err)
{
    const size_t wanted = sums->capacity ? 2 * sums->capacity : 16;
    struct pdf_sum *rows = mem_resize_array(sums->rows, sums->capacity, wanted, sizeof *rows);
    if (!rows)
        return mem_error(err, "pair counts");
    sums->rows = rows;
    uint64_t **counts = mem_resize_array(sums->counts, sums->capacity, wanted, sizeof *counts);
    if (!counts)
        return mem_error(err, "pair counts");
    sums->counts = counts;
    sums->capacity = wanted;
    return STATUS_OK;
}

static enum status add_sum(struct sums *sums, const struct pdf_sum *like, struct error *err)
{
    enum status status = sums->count < sums->capacity ? STATUS_OK : grow(sums, err);
    if (status != STATUS_OK)
        return status;
    uint64_t *counts = mem_alloc_array((size_t)PDF_PAIRS * like->bins, sizeof *counts);
    if (!counts)
        return mem_error(err, "pair counts");
    sums->counts[sums->count] = counts;
    sums->rows[sums->count] = *like;
    sums->rows[sums->count++].counts = counts;
    return STATUS_OK;
}

static bool is_same_state(const struct pdf_sum *a, const struct pdf_sum *b)
{
    return a->ensemble.value == b->ensemble.value && a->rung.value == b->rung.value && a->kind == b->kind;
}

/* The sum that a row belongs to; made when it is the first. */
static enum status find_sum(struct sums *sums, const struct pdf_sum *like, size_t *out_index, struct error *err)
{
    size_t i = 0;
    while (i < sums->count && !is_same_state(&sums->rows[i], like))
        i++;
    *out_index = i;
    return i < sums->count ? STATUS_OK : add_sum(sums, like, err);
}

static enum status add_counts(struct sums *sums, size_t index, const struct query *query, int column, struct error *err)
{
    const size_t values = (size_t)PDF_PAIRS * sums->rows[index].bins;
    struct bytes_reader reader = {.next = sqlite3_column_blob(query->statement, column)};
    const size_t size = (size_t)sqlite3_column_bytes(query->statement, column);
    if (!reader.next || size != values * sizeof(uint64_t))
        return error_set(err, STATUS_CORRUPT, "pair counts in '%s' have %zu bytes, not %zu", query->store->path, size,
                         values * sizeof(uint64_t));
    reader.end = reader.next + size;
    for (size_t i = 0; i < values; i++) {
        uint64_t count;
        bytes_read(&reader, &count, sizeof count);
        sums->counts[index][i] += count;
    }
    return STATUS_OK;
}

enum { COLUMN_KIND = 3, COLUMN_FRAMES, COLUMN_BIN, COLUMN_BINS, COLUMN_COUNTS };

static enum status add_row(struct sums *sums, const struct query *query, struct error *err)
{
    size_t index;
    struct pdf_sum row = {.ensemble = {(uint32_t)query_i64(query, 0)},
                          .rung = {(uint32_t)query_i64(query, 1)},
                          .temperature = query_f64(query, 2),
                          .bin = query_f64(query, COLUMN_BIN),
                          .bins = (uint32_t)query_i64(query, COLUMN_BINS)};
    enum status status = query_kind(query, COLUMN_KIND, &row.kind, err);
    if (status == STATUS_OK)
        status = find_sum(sums, &row, &index, err);
    if (status != STATUS_OK)
        return status;
    struct pdf_sum *sum = &sums->rows[index];
    if (sum->bin != row.bin || sum->bins != row.bins)
        return error_set(err, STATUS_CONFLICT, "pair counts of rung %" PRIu32 " have bins of %g and of %g",
                         row.rung.value, sum->bin, row.bin);
    sum->segments++;
    sum->frames += (uint64_t)query_i64(query, COLUMN_FRAMES);
    return add_counts(sums, index, query, COLUMN_COUNTS, err);
}

static enum status read_sums(struct query *query, struct sums *sums, struct error *err)
{
    bool row = true;
    for (;;) {
        enum status status = query_step(query, &row, err);
        if (status != STATUS_OK || !row)
            return status;
        if ((status = add_row(sums, query, err)) != STATUS_OK)
            return status;
    }
}

static int compare_sums(const void *left, const void *right)
{
    const struct pdf_sum *a = left, *b = right;
    if (a->ensemble.value != b->ensemble.value)
        return a->ensemble.value < b->ensemble.value ? -1 : 1;
    if (a->rung.value != b->rung.value)
        return a->rung.value < b->rung.value ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

static enum status visit_sums(struct sums *sums, pdf_visitor *visit, void *context, struct error *err)
{
    enum status status = STATUS_OK;
    if (sums->count)
        qsort(sums->rows, sums->count, sizeof *sums->rows, compare_sums);
    for (size_t i = 0; status == STATUS_OK && i < sums->count; i++)
        status = visit(context, &sums->rows[i], err);
    return status;
}

enum status store_visit_pdfs(struct store *store, const struct store_filter *filter, pdf_visitor *visit, void *context,
                             struct error *err)
{
    struct store_filter production = *filter;
    if (production.segment_first < 0)
        production.segment_first = 0;
    struct sums sums = {0};
    struct query query;
    enum status status = query_init_filtered(
        store, &production, "SELECT r.ensemble, s.rung, s.temperature_last, t.kind, t.frames, t.bin, t.bins, t.counts",
        "pdf", "t.step_last", "", &query, err);
    if (status != STATUS_OK)
        return status;
    status = read_sums(&query, &sums, err);
    query_finish(&query);
    if (status == STATUS_OK)
        status = visit_sums(&sums, visit, context, err);
    sums_finish(&sums);
    return status;
}
