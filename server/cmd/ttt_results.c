#include "server/cmd/ttt_results.h"

#include "common/mem.h"

/* ---- box sizes ---- */

static bool differ_in_size_only(const struct ttt_result *a, const struct ttt_result *b)
{
    const struct system_spec *left = &a->item->spec->system, *right = &b->item->spec->system;
    return left->atoms != right->atoms && selected_is_same_model(left, right) &&
           a->item->spec->dynamics.dt == b->item->spec->dynamics.dt;
}

static const struct ttt_isotherm *isotherm_at(const struct ttt_result *result, double temperature)
{
    for (size_t i = 0; i < result->isotherm_count; i++)
        if (result->isotherms[i].temperature == temperature)
            return &result->isotherms[i];
    return NULL;
}

/* Where neither box saw an event there is nothing to compare. */
static enum status compare_pair(const struct ttt_result *results, size_t a, size_t b, struct ttt_size_pair *pairs,
                                size_t *count, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < results[a].isotherm_count; i++) {
        const struct ttt_isotherm *left = &results[a].isotherms[i];
        const struct ttt_isotherm *right = isotherm_at(&results[b], left->temperature);
        if (!right || !left->has_fit || !right->has_fit || left->events + right->events == 0)
            continue;
        const struct nucleation_boxes of_a = ttt_boxes_at_risk(&results[a], left);
        const struct nucleation_boxes of_b = ttt_boxes_at_risk(&results[b], right);
        struct ttt_size_pair *pair = &pairs[*count];
        *pair = (struct ttt_size_pair){a, b, left->temperature, {{0}, 0}};
        status = nucleation_compare(&of_a, &of_b, ttt_level, &pair->comparison, err);
        ++*count;
    }
    return status;
}

static enum status compare_sizes(const struct ttt_result *results, size_t count, struct ttt_size_pair **out_pairs,
                                 size_t *out_count, struct error *err)
{
    size_t room = 0, found = 0;
    enum status status = STATUS_OK;
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count; b++)
            room += differ_in_size_only(&results[a], &results[b]) ? results[a].isotherm_count : 0;
    struct ttt_size_pair *pairs = mem_alloc_array(room, sizeof *pairs);
    if (!pairs)
        return mem_error(err, "the comparison of box sizes");
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; status == STATUS_OK && b < count; b++)
            if (differ_in_size_only(&results[a], &results[b]))
                status = compare_pair(results, a, b, pairs, &found, err);
    if (status != STATUS_OK) {
        mem_free(pairs);
        return status;
    }
    *out_pairs = pairs;
    *out_count = found;
    return STATUS_OK;
}

/* ---- all of them ---- */

static enum status results_init(struct ttt_results *results, size_t room, struct error *err)
{
    *results = (struct ttt_results){.results = mem_alloc_array(room, sizeof *results->results),
                                    .items = mem_alloc_array(room, sizeof *results->items),
                                    .requests = mem_alloc_array(room, sizeof *results->requests)};
    return results->results && results->items && results->requests ? STATUS_OK : mem_error(err, "a diagram");
}

/* In the next free place. */
static enum status add_result(const struct reading *reading, const struct selected *item,
                              const struct ttt_request *request, double melting, struct ttt_results *results,
                              struct error *err)
{
    struct selected *own_item = &results->items[results->count];
    struct ttt_request *own_request = &results->requests[results->count];
    *own_item = *item;
    *own_request = *request;
    if (!(own_request->glass_temperature > 0.0))
        own_request->glass_temperature = item->spec->glass_temperature;
    enum status status =
        ttt_result_compute(reading, own_item, own_request, melting, &results->results[results->count], err);
    results->count += status == STATUS_OK;
    return status;
}

/* What keeps an ensemble out, and only that one: no sample yet, or runs that make no isotherms. */
static bool is_of_ensemble(enum status status)
{
    return status == STATUS_NOT_FOUND || status == STATUS_INVALID;
}

static enum status add_results(const struct reading *reading, const struct selected_list *list,
                               const struct ttt_request *request, double melting, FILE *left_out,
                               struct ttt_results *results, struct error *err)
{
    struct error why = {0};
    for (size_t i = 0; i < list->count; i++) {
        enum status status = add_result(reading, &list->items[i], request, melting, results, &why);
        if (status == STATUS_OK)
            continue;
        if (!left_out || !is_of_ensemble(status) || (status == STATUS_INVALID && list->count == 1)) {
            *err = why;
            return status;
        }
        fprintf(left_out, "left out: %s\n", why.message);
    }
    if (results->count == 0)
        return error_set(err, STATUS_NOT_FOUND, "no isotherm here has an inherent sample after step 0 yet");
    return STATUS_OK;
}

enum status ttt_results_compute(const struct reading *reading, const struct selected_list *list,
                                const struct ttt_request *request, double melting, FILE *left_out,
                                struct ttt_results *out, struct error *err)
{
    struct ttt_results results;
    enum status status = results_init(&results, list->count, err);
    if (status == STATUS_OK)
        status = add_results(reading, list, request, melting, left_out, &results, err);
    if (status == STATUS_OK)
        status = compare_sizes(results.results, results.count, &results.pairs, &results.pair_count, err);
    if (status == STATUS_OK)
        *out = results;
    else
        ttt_results_finish(&results);
    return status;
}

void ttt_results_finish(struct ttt_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        ttt_result_finish(&results->results[i]);
    mem_free(results->results);
    mem_free(results->items);
    mem_free(results->requests);
    mem_free(results->pairs);
    *results = (struct ttt_results){0};
}

bool ttt_has_compositions(const struct ttt_results *results)
{
    for (size_t i = 1; i < results->count; i++)
        if (ttt_small_fraction(&results->results[i]) != ttt_small_fraction(&results->results[0]))
            return true;
    return false;
}
