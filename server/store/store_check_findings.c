/* store_check_findings.c - reads back what a segment found, to be digested again. */
#include "server/store/store_check.h"

#include "common/bytes.h"
#include "common/mem.h"
#include "common/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A segment's findings, read back. Owned through `result`. */
struct findings {
    struct segment_result result;
    size_t sample_capacity, array_capacity, pdf_capacity, frame_capacity;
};

static enum status make_room(void **array, size_t count, size_t *capacity, size_t size, struct error *err)
{
    if (count < *capacity)
        return STATUS_OK;
    const size_t wanted = *capacity ? 2 * *capacity : 16;
    void *grown = mem_resize_array(*array, *capacity, wanted, size);
    if (!grown)
        return mem_error(err, "what a segment found");
    *array = grown;
    *capacity = wanted;
    return STATUS_OK;
}

static void bind_segment(struct query *query, const struct segment_result *result)
{
    query_bind_i64(query, result->replica.value);
    query_bind_i64(query, result->segment.value);
}

enum { SAMPLE_STEP = 3, SAMPLE_VALUES = 4 }; /* columns of a sample table */

/* A NULL within the group, not at its end, stays 0 and shows in the output. */
static int count_lacking(const struct query *row, int values)
{
    int lacking = 0;
    while (lacking < values && sqlite3_column_type(row->statement, SAMPLE_VALUES + values - 1 - lacking) == SQLITE_NULL)
        lacking++;
    return lacking;
}

static enum status add_sample(struct check *check, const struct query *row, enum quantity_group group,
                              struct findings *findings)
{
    struct segment_result *result = &findings->result;
    void *samples = result->samples;
    enum status status =
        make_room(&samples, result->sample_count, &findings->sample_capacity, sizeof *result->samples, check->err);
    result->samples = samples;
    if (status != STATUS_OK)
        return status;
    struct sample *sample = &result->samples[result->sample_count++];
    const int values = quantity_group_size(group);
    *sample =
        (struct sample){.step = query_i64(row, SAMPLE_STEP), .group = group, .lacking = count_lacking(row, values)};
    for (int i = 0; i < values; i++)
        sample->values[i] = query_f64(row, SAMPLE_VALUES + i);
    check->report->samples++;
    return STATUS_OK;
}

static enum status read_samples(struct check *check, enum quantity_group group, struct findings *findings)
{
    static const enum statement statements[QUANTITY_GROUP_COUNT] = {
        STATEMENT_sample_thermal_of,   STATEMENT_sample_inherent_of, STATEMENT_sample_static_of,
        STATEMENT_sample_structure_of, STATEMENT_sample_dynamics_of, STATEMENT_sample_relaxation_of};
    struct query query;
    bool row = true;
    enum status status = check_start(check, statements[group], &query);
    if (status != STATUS_OK)
        return status;
    bind_segment(&query, &findings->result);
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = add_sample(check, &query, group, findings)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}

/* By step, groups in their order at one step: the order of a result. */
static int compare_samples(const void *left, const void *right)
{
    const struct sample *a = left, *b = right;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return (a->group > b->group) - (a->group < b->group);
}

/* Takes the cells if they are as many as there must be; what is wrong with them is noted and shows in the output. */
static enum status take_cells(struct check *check, const struct query *row, struct sample_array *array)
{
    const void *bytes = sqlite3_column_blob(row->statement, 3);
    const size_t size = (size_t)sqlite3_column_bytes(row->statement, 3);
    const size_t cells = (size_t)array->rows * (size_t)array_columns(array->array);
    const struct digest stored = check_read_digest(row, 4), actual = digest_of_bytes(bytes ? bytes : "", size);
    array->cells = mem_alloc_array(cells, sizeof *array->cells);
    if (!array->cells)
        return mem_error(check->err, "an array");
    if (bytes && size == cells * sizeof *array->cells)
        memcpy(array->cells, bytes, size); /* little-endian: common/bytes.h */
    check->report->arrays++;
    if (!digest_equal(&stored, &actual))
        check_note(check, "array %s at step %" PRId64 " does not have its digest", query_text(row, 0), array->step);
    return STATUS_OK;
}

static enum status add_array(struct check *check, const struct query *row, struct findings *findings)
{
    struct segment_result *result = &findings->result;
    const struct array_quantity *known = array_find(query_text(row, 0));
    const int64_t rows = query_i64(row, 2);
    if (!known) {
        check_note(check, "there is no array '%s'", query_text(row, 0));
        return STATUS_OK;
    }
    void *arrays = result->arrays;
    enum status status =
        make_room(&arrays, result->array_count, &findings->array_capacity, sizeof *result->arrays, check->err);
    result->arrays = arrays;
    if (status != STATUS_OK)
        return status;
    struct sample_array *array = &result->arrays[result->array_count++];
    *array = (struct sample_array){.step = query_i64(row, 1),
                                   .array = (enum array_id)(known - array_quantities),
                                   .rows = rows >= 0 && rows <= ARRAY_ROWS_MAX ? (uint32_t)rows : 0};
    return take_cells(check, row, array);
}

/* By step, in the order of arrays.def at one step: the order of a result. */
static int compare_arrays(const void *left, const void *right)
{
    const struct sample_array *a = left, *b = right;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return (a->array > b->array) - (a->array < b->array);
}

static enum status read_arrays(struct check *check, struct findings *findings)
{
    struct segment_result *result = &findings->result;
    struct query query;
    bool row = true;
    enum status status = check_start(check, STATEMENT_array_of, &query);
    if (status != STATUS_OK)
        return status;
    bind_segment(&query, result);
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = add_array(check, &query, findings)) != STATUS_OK)
            break;
    query_finish(&query);
    if (result->array_count)
        qsort(result->arrays, result->array_count, sizeof *result->arrays, compare_arrays);
    return status;
}

/* Takes the counts if they are as long as they must be; what is wrong with them is noted and shows in the output. */
static enum status take_counts(struct check *check, const struct query *row, struct pdf_counts *pdf)
{
    const void *bytes = sqlite3_column_blob(row->statement, 5);
    const size_t size = (size_t)sqlite3_column_bytes(row->statement, 5);
    const size_t values = (size_t)PDF_PAIRS * pdf->bins;
    const struct digest stored = check_read_digest(row, 6), actual = digest_of_bytes(bytes ? bytes : "", size);
    pdf->counts = mem_alloc_array(values, sizeof *pdf->counts);
    if (!pdf->counts)
        return mem_error(check->err, "pair counts");
    if (bytes && size == values * sizeof *pdf->counts)
        memcpy(pdf->counts, bytes, size); /* little-endian: common/bytes.h */
    check->report->pdfs++;
    if (!digest_equal(&stored, &actual))
        check_note(check, "the %s pair counts up to step %" PRId64 " do not have their digest", query_text(row, 0),
                   pdf->step_last);
    return STATUS_OK;
}

static enum status add_pdf(struct check *check, const struct query *row, struct findings *findings)
{
    struct segment_result *result = &findings->result;
    void *pdfs = result->pdfs;
    enum status status = make_room(&pdfs, result->pdf_count, &findings->pdf_capacity, sizeof *result->pdfs, check->err);
    result->pdfs = pdfs;
    if (status != STATUS_OK)
        return status;
    const int64_t bins = query_i64(row, 4);
    struct pdf_counts *pdf = &result->pdfs[result->pdf_count];
    *pdf = (struct pdf_counts){.step_last = query_i64(row, 1),
                               .frames = (uint32_t)query_i64(row, 2),
                               .bin = query_f64(row, 3),
                               .bins = bins > 0 && bins <= PDF_BINS_MAX ? (uint32_t)bins : 0};
    if ((status = query_kind(row, 0, &pdf->kind, check->err)) != STATUS_OK)
        return status;
    result->pdf_count++;
    return take_counts(check, row, pdf);
}

static enum status read_pdfs(struct check *check, struct findings *findings)
{
    struct query query;
    bool row = true;
    enum status status = check_start(check, STATEMENT_pdf_of, &query);
    if (status != STATUS_OK)
        return status;
    bind_segment(&query, &findings->result);
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = add_pdf(check, &query, findings)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}

static enum status add_frame(struct check *check, const struct query *row, struct findings *findings)
{
    struct segment_result *result = &findings->result;
    void *frames = result->frames;
    enum status status =
        make_room(&frames, result->frame_count, &findings->frame_capacity, sizeof *result->frames, check->err);
    result->frames = frames;
    if (status != STATUS_OK)
        return status;
    struct frame *frame = &result->frames[result->frame_count];
    *frame = (struct frame){.step = query_i64(row, 1), .digest = check_read_digest(row, 2)};
    if ((status = query_kind(row, 0, &frame->kind, check->err)) != STATUS_OK)
        return status;
    result->frame_count++;
    check->report->frames++;
    char what[64];
    snprintf(what, sizeof what, "replica %" PRIu32 ", %s frame at step", result->replica.value, query_text(row, 0));
    check_bytes(check, row, 3, &frame->digest, what, frame->step);
    return STATUS_OK;
}

static enum status read_frames(struct check *check, struct findings *findings)
{
    struct query query;
    bool row = true;
    enum status status = check_start(check, STATEMENT_frame_of, &query);
    if (status != STATUS_OK)
        return status;
    bind_segment(&query, &findings->result);
    while ((status = query_step(&query, &row, check->err)) == STATUS_OK && row)
        if ((status = add_frame(check, &query, findings)) != STATUS_OK)
            break;
    query_finish(&query);
    return status;
}

static enum status read_findings(struct check *check, struct findings *findings)
{
    enum status status = STATUS_OK;
    for (int group = 0; status == STATUS_OK && group < QUANTITY_GROUP_COUNT; group++)
        status = read_samples(check, (enum quantity_group)group, findings);
    if (findings->result.sample_count)
        qsort(findings->result.samples, findings->result.sample_count, sizeof *findings->result.samples,
              compare_samples);
    if (status == STATUS_OK)
        status = read_arrays(check, findings);
    if (status == STATUS_OK)
        status = read_pdfs(check, findings);
    return status == STATUS_OK ? read_frames(check, findings) : status;
}

enum status check_read_findings(struct check *check, struct segment_result *result)
{
    struct findings findings = {.result = *result};
    enum status status = read_findings(check, &findings);
    *result = findings.result;
    return status;
}
