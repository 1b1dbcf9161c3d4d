#include "server/cmd/sample_cache.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "server/cmd/crew.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Quantities of one group that are read together. */
struct bundle {
    size_t count;
    enum quantity_id ids[STORE_RUN_QUANTITIES_MAX];
};

/* What was read of one ensemble. */
struct entry {
    struct entry *next; /* used less recently */
    struct ensemble_id ensemble;
    struct store_filter filter;
    struct bundle bundle;
    size_t run_count, bytes;
    struct sample_run *runs;
    unsigned uses; /* not yet released */
};

struct sample_cache {
    const struct reading *reading;
    size_t wanted_count;
    enum quantity_id wanted[QUANTITY_COUNT];
    size_t bytes, bytes_max;
    struct entry *first; /* used last */
    struct {
        size_t count, room;
        int64_t *steps; /* [room] */
        double *values; /* [room] */
    } series;           /* the last that was asked for */
};

enum status sample_cache_create(const struct reading *reading, const enum quantity_id *wanted, size_t wanted_count,
                                struct sample_cache **out_cache, struct error *err)
{
    INVARIANT(wanted_count <= QUANTITY_COUNT);
    struct sample_cache *cache = mem_alloc_array(1, sizeof *cache);
    if (!cache)
        return mem_error(err, "the samples of a database");
    cache->reading = reading;
    cache->bytes_max = SAMPLE_CACHE_BYTES;
    cache->wanted_count = wanted_count;
    memcpy(cache->wanted, wanted, wanted_count * sizeof *wanted);
    *out_cache = cache;
    return STATUS_OK;
}

void sample_cache_limit(struct sample_cache *cache, size_t bytes_max)
{
    cache->bytes_max = bytes_max;
}

static void entry_destroy(struct entry *entry)
{
    for (size_t i = 0; entry->runs && i < entry->run_count; i++)
        store_run_finish(&entry->runs[i].run);
    mem_free(entry->runs);
    mem_free(entry);
}

void sample_cache_destroy(struct sample_cache **cache)
{
    if (!cache || !*cache)
        return;
    for (struct entry *entry = (*cache)->first, *next; entry; entry = next) {
        next = entry->next;
        entry_destroy(entry);
    }
    mem_free((*cache)->series.steps);
    mem_free((*cache)->series.values);
    mem_free(*cache);
    *cache = NULL;
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

static size_t place_of(const struct bundle *bundle, enum quantity_id quantity)
{
    size_t place = 0;
    while (place < bundle->count && bundle->ids[place] != quantity)
        place++;
    return place;
}

/* The wanted ones of its group, as many as are read together, in which it stands; or the quantity alone. */
static struct bundle bundle_with(const struct sample_cache *cache, enum quantity_id quantity)
{
    struct bundle bundle = {0};
    for (size_t i = 0; i < cache->wanted_count; i++) {
        if (quantities[cache->wanted[i]].group != quantities[quantity].group)
            continue;
        if (bundle.count == STORE_RUN_QUANTITIES_MAX) {
            if (place_of(&bundle, quantity) < bundle.count)
                break;
            bundle.count = 0;
        }
        bundle.ids[bundle.count++] = cache->wanted[i];
    }
    if (place_of(&bundle, quantity) < bundle.count)
        return bundle;
    return (struct bundle){.count = 1, .ids = {quantity}};
}

struct reader {
    struct entry *entry;
    bool with_rungs;
    struct store_run runs[CREW_MAX]; /* what each hand reads into, run after run */
};

/* Of a run of a ladder what was on one rung. */
static void keep_rung(struct store_run *run, int64_t rung)
{
    size_t kept = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (run->rungs[i] != rung)
            continue;
        run->steps[kept] = run->steps[i];
        run->rungs[kept] = run->rungs[i];
        for (size_t c = 0; c < run->quantity_count; c++)
            run->columns[c][kept] = run->columns[c][i];
        kept++;
    }
    run->count = kept;
}

/* Production is what comes after step 0. */
static size_t count_before(const struct store_run *run, const struct store_filter *filter)
{
    const int64_t first = filter->segment_first == 0 && filter->step_first < 1 ? 1 : filter->step_first;
    size_t count = 0;
    while (count < run->count && run->steps[count] < first)
        count++;
    return count;
}

static enum status read_run(void *context, const struct crew_hand *hand, size_t thing, struct error *err)
{
    struct reader *reader = context;
    struct sample_run *run = &reader->entry->runs[thing];
    struct store_run *read = &reader->runs[hand->number];
    struct store_filter filter = reader->entry->filter;
    filter.replica = run->replica.value;
    filter.segment_first = filter.step_first = INT64_MIN;
    enum status status = store_read_run(hand->store, &filter, reader->entry->bundle.ids, reader->entry->bundle.count,
                                        reader->with_rungs, read, err);
    if (status == STATUS_OK)
        status = store_run_copy(read, &run->run, err);
    if (status != STATUS_OK)
        return error_context(err, "replica %u", run->replica.value);
    if (run->run.rungs && filter.rung != STORE_ANY)
        keep_rung(&run->run, filter.rung);
    run->first = count_before(&run->run, &reader->entry->filter);
    return STATUS_OK;
}

static bool is_ladder(const struct selected *item)
{
    return item->spec->mode == MODE_TEMPERING;
}

static enum status list_runs(struct entry *entry, const struct selected *item, struct error *err)
{
    entry->runs = mem_alloc_array(item->campaign->replica_count, sizeof *entry->runs);
    if (!entry->runs)
        return mem_error(err, "the samples of an ensemble");
    for (uint32_t r = 0; r < item->campaign->replica_count; r++) {
        const struct rung_id rung = item->campaign->replicas[r].rung_first;
        if (selected_has_replica(item, (struct replica_id){r}) && (is_ladder(item) || selected_has_rung(item, rung)))
            entry->runs[entry->run_count++] = (struct sample_run){.replica = {r}, .rung = rung};
    }
    return STATUS_OK;
}

static size_t bytes_of(const struct entry *entry)
{
    size_t bytes = 0;
    for (size_t i = 0; i < entry->run_count; i++) {
        const struct store_run *run = &entry->runs[i].run;
        bytes += run->count * (sizeof *run->steps + (run->rungs ? sizeof *run->rungs : 0) +
                               run->quantity_count * sizeof *run->columns[0]);
    }
    return bytes;
}

static enum status read_entry(const struct sample_cache *cache, const struct selected *item,
                              const struct bundle *bundle, struct entry **out_entry, struct error *err)
{
    struct entry *entry = mem_alloc_array(1, sizeof *entry);
    if (!entry)
        return mem_error(err, "the samples of an ensemble");
    entry->ensemble = item->ensemble;
    entry->filter = item->filter;
    entry->bundle = *bundle;
    struct reader reader = {.entry = entry, .with_rungs = is_ladder(item)};
    enum status status = list_runs(entry, item, err);
    if (status == STATUS_OK)
        status = crew_work(cache->reading, entry->run_count, read_run, &reader, err);
    for (int i = 0; i < CREW_MAX; i++)
        store_run_finish(&reader.runs[i]);
    if (status != STATUS_OK) {
        entry_destroy(entry);
        return status;
    }
    entry->bytes = bytes_of(entry);
    *out_entry = entry;
    return STATUS_OK;
}

/* --- Keeping ------------------------------------------------------------------------------------------------------ */

static bool is_of(const struct entry *entry, const struct selected *item, const struct bundle *bundle)
{
    const struct store_filter *own = &entry->filter, *filter = &item->filter;
    return own->campaign.value == filter->campaign.value && entry->ensemble.value == item->ensemble.value &&
           own->rung == filter->rung && own->replica == filter->replica &&
           own->segment_first == filter->segment_first && own->step_first == filter->step_first &&
           own->step_last == filter->step_last && entry->bundle.count == bundle->count &&
           memcmp(entry->bundle.ids, bundle->ids, bundle->count * sizeof *bundle->ids) == 0;
}

/* Drops what was not used for longest and is not in use, until the rest fits. */
static void shrink(struct sample_cache *cache)
{
    while (cache->first && cache->bytes > cache->bytes_max) {
        struct entry **last = NULL;
        for (struct entry **link = &cache->first->next; *link; link = &(*link)->next)
            if ((*link)->uses == 0)
                last = link;
        if (!last)
            return;
        struct entry *dropped = *last;
        *last = dropped->next;
        cache->bytes -= dropped->bytes;
        entry_destroy(dropped);
    }
}

/* The entry comes to the front. */
static enum status find_entry(struct sample_cache *cache, const struct selected *item, enum quantity_id quantity,
                              struct entry **out_entry, struct error *err)
{
    const struct bundle bundle = bundle_with(cache, quantity);
    INVARIANT(item->filter.temperature == 0.0);
    struct entry **link = &cache->first, *entry;
    while (*link && !is_of(*link, item, &bundle))
        link = &(*link)->next;
    if ((entry = *link)) {
        *link = entry->next;
    } else {
        enum status status = read_entry(cache, item, &bundle, &entry, err);
        if (status != STATUS_OK)
            return status;
        cache->bytes += entry->bytes;
    }
    entry->next = cache->first;
    cache->first = entry;
    shrink(cache);
    *out_entry = entry;
    return STATUS_OK;
}

/* --- Series ------------------------------------------------------------------------------------------------------- */

static enum status make_room(struct sample_cache *cache, size_t room, struct error *err)
{
    cache->series.count = 0;
    if (cache->series.room >= room)
        return STATUS_OK;
    mem_free(cache->series.steps);
    mem_free(cache->series.values);
    cache->series.steps = mem_alloc_array(room, sizeof *cache->series.steps);
    cache->series.values = mem_alloc_array(room, sizeof *cache->series.values);
    cache->series.room = cache->series.steps && cache->series.values ? room : 0;
    return cache->series.room == room ? STATUS_OK : mem_error(err, "a series");
}

/* The samples of one run on a rung, which are finite. Returns how many. */
static size_t append(struct sample_cache *cache, const struct sample_run *from, size_t column, int64_t rung)
{
    const struct store_run *run = &from->run;
    const double *values = run->columns[column];
    size_t count = cache->series.count;
    for (size_t i = from->first; i < run->count; i++) {
        const uint32_t at = run->rungs ? run->rungs[i] : from->rung.value;
        if ((rung != STORE_ANY && at != rung) || isnan(values[i]))
            continue;
        cache->series.steps[count] = run->steps[i];
        cache->series.values[count++] = values[i];
    }
    const size_t added = count - cache->series.count;
    cache->series.count = count;
    return added;
}

struct point {
    int64_t step;
    size_t place; /* of replicas that are there at one step, the first first */
    double value;
};

static int compare_points(const void *left, const void *right)
{
    const struct point *a = left, *b = right;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* Pieces of several replicas in order of steps. */
static enum status sort_series(struct sample_cache *cache, struct error *err)
{
    const size_t count = cache->series.count;
    struct point *points = mem_alloc_array(count, sizeof *points);
    if (!points)
        return mem_error(err, "a series");
    for (size_t i = 0; i < count; i++)
        points[i] = (struct point){cache->series.steps[i], i, cache->series.values[i]};
    qsort(points, count, sizeof *points, compare_points);
    for (size_t i = 0; i < count; i++) {
        cache->series.steps[i] = points[i].step;
        cache->series.values[i] = points[i].value;
    }
    mem_free(points);
    return STATUS_OK;
}

static bool is_asked(const struct sample_run *run, int64_t replica)
{
    return replica == STORE_ANY || run->replica.value == replica;
}

static enum status gather(struct sample_cache *cache, const struct entry *entry, size_t column,
                          struct sample_place place, struct error *err)
{
    size_t room = 0, pieces = 0;
    for (size_t i = 0; i < entry->run_count; i++)
        room += is_asked(&entry->runs[i], place.replica) ? entry->runs[i].run.count : 0;
    enum status status = make_room(cache, room, err);
    for (size_t i = 0; status == STATUS_OK && i < entry->run_count; i++)
        if (is_asked(&entry->runs[i], place.replica))
            pieces += append(cache, &entry->runs[i], column, place.rung) > 0;
    return status == STATUS_OK && pieces > 1 ? sort_series(cache, err) : status;
}

enum status sample_cache_series(struct sample_cache *cache, const struct selected *item, struct sample_place place,
                                enum quantity_id quantity, struct sample_series *out_series, struct error *err)
{
    struct entry *entry;
    INVARIANT(place.replica != STORE_ANY || place.rung != STORE_ANY);
    enum status status = find_entry(cache, item, quantity, &entry, err);
    if (status == STATUS_OK)
        status = gather(cache, entry, place_of(&entry->bundle, quantity), place, err);
    if (status == STATUS_OK)
        *out_series = (struct sample_series){cache->series.count, cache->series.steps, cache->series.values};
    return status;
}

/* --- Sets --------------------------------------------------------------------------------------------------------- */

bool sample_cache_has(const struct sample_cache *cache, const enum quantity_id *ids, size_t count)
{
    const struct bundle bundle = bundle_with(cache, ids[0]);
    for (size_t i = 1; i < count; i++)
        if (place_of(&bundle, ids[i]) == bundle.count)
            return false;
    return true;
}

enum status sample_cache_columns(struct sample_cache *cache, const struct selected *item, const enum quantity_id *ids,
                                 size_t count, struct sample_set *out_set, size_t *out_columns, struct error *err)
{
    struct entry *entry;
    enum status status = find_entry(cache, item, ids[0], &entry, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        out_columns[i] = place_of(&entry->bundle, ids[i]);
        INVARIANT(out_columns[i] < entry->bundle.count);
    }
    entry->uses++;
    *out_set = (struct sample_set){.run_count = entry->run_count, .runs = entry->runs};
    return STATUS_OK;
}

void sample_cache_release(struct sample_cache *cache, const struct sample_set *set)
{
    for (struct entry *entry = cache->first; set->runs && entry; entry = entry->next)
        if (entry->runs == set->runs)
            entry->uses--;
    shrink(cache);
}
