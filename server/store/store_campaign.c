/* store_campaign.c - campaigns in the database: every text that was in force, and the rows that follow from it.
 *
 * The texts are the truth: a campaign is read back by reading its texts in order and extending each by the next, which
 * is what keeps replica ids. The rows of campaign, ensemble, rung and replica are for SQL and for foreign keys. */
#include "server/store/store.h"

#include "common/mem.h"
#include "server/store/store_sql.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum status store_count_campaigns(struct store *store, uint32_t *out_count, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_campaign_count, &query, err);
    if (status != STATUS_OK)
        return status;
    if ((status = query_step(&query, &row, err)) == STATUS_OK)
        *out_count = (uint32_t)query_i64(&query, 0);
    query_finish(&query);
    return status;
}

/* Number 0 when there is none of that name. */
static enum status look_up(struct store *store, const char *name, struct campaign_id *out_id, struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_campaign_find, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_text(&query, name);
    if ((status = query_step(&query, &row, err)) == STATUS_OK)
        out_id->value = row ? (uint32_t)query_i64(&query, 0) : 0;
    query_finish(&query);
    return status;
}

enum status store_find_campaign(struct store *store, const char *name, struct campaign_id *out_id, struct error *err)
{
    struct campaign_id id = {0};
    enum status status = look_up(store, name, &id, err);
    if (status != STATUS_OK)
        return status;
    if (id.value == 0)
        return error_set(err, STATUS_NOT_FOUND, "no campaign '%s' in '%s'", name, store->path);
    *out_id = id;
    return STATUS_OK;
}

/* ---- T_f by the name of a quench ensemble ---- */

/* What is stored with a campaign; what is not is asked of `next`, and noted. */
struct glass_lookup {
    struct store *store;
    struct campaign_id id;           /* 0: the campaign is new */
    const struct glass_source *next; /* NULL: nothing else is known */
    uint32_t count;
    struct {
        char source[GLASS_NAME_SIZE];
        struct glass_found found;
    } news[GLASS_SOURCES_MAX];
    struct error *err;
    enum status status; /* of the store */
};

static bool get_stored(struct glass_lookup *lookup, const char *source, struct glass_found *out)
{
    struct query query;
    bool row = false;
    lookup->status = query_init(lookup->store, STATEMENT_glass_get, &query, lookup->err);
    if (lookup->status != STATUS_OK)
        return false;
    query_bind_i64(&query, lookup->id.value);
    query_bind_text(&query, source);
    if ((lookup->status = query_step(&query, &row, lookup->err)) == STATUS_OK && row)
        *out = (struct glass_found){.temperature = query_f64(&query, 0)};
    query_finish(&query);
    return lookup->status == STATUS_OK && row;
}

static bool get_noted(const struct glass_lookup *lookup, const char *source, struct glass_found *out)
{
    for (uint32_t i = 0; i < lookup->count; i++)
        if (strcmp(lookup->news[i].source, source) == 0) {
            *out = lookup->news[i].found;
            return true;
        }
    return false;
}

static bool find_glass(void *context, const char *campaign, const char *source, struct glass_found *out,
                       char why[GLASS_WHY_SIZE])
{
    struct glass_lookup *lookup = context;
    if (get_stored(lookup, source, out) || get_noted(lookup, source, out))
        return true;
    if (lookup->status != STATUS_OK || !lookup->next || lookup->count == GLASS_SOURCES_MAX) {
        snprintf(why, GLASS_WHY_SIZE, "its T_f is not in this database");
        return false;
    }
    if (!lookup->next->find(lookup->next->context, campaign, source, out, why))
        return false;
    snprintf(lookup->news[lookup->count].source, GLASS_NAME_SIZE, "%s", source);
    lookup->news[lookup->count++].found = *out;
    return true;
}

static enum status put_glass(struct glass_lookup *lookup, struct campaign_id id)
{
    struct query query;
    enum status status = query_init(lookup->store, STATEMENT_glass_put, &query, lookup->err);
    for (uint32_t i = 0; status == STATUS_OK && i < lookup->count; i++) {
        query_bind_i64(&query, id.value);
        query_bind_text(&query, lookup->news[i].source);
        query_bind_f64(&query, lookup->news[i].found.temperature);
        query_bind_i64(&query, lookup->news[i].found.quenches);
        query_bind_text(&query, lookup->news[i].found.definition);
        status = query_run(&query, lookup->err);
    }
    query_finish(&query);
    return status;
}

/* ---- texts in, campaigns out ---- */

/* A stored text was accepted once; when it is not any more, the first complaint says why. */
static enum status load_stored(struct glass_lookup *lookup, const char *path, const char *text, size_t size,
                               struct campaign *out, struct error *err)
{
    const struct glass_source glass = {find_glass, lookup};
    const struct campaign_surroundings surroundings = {.glass = &glass};
    char *report = NULL;
    size_t report_size = 0;
    FILE *stream = open_memstream(&report, &report_size);
    if (!stream)
        return mem_error(err, "the campaign file's errors");
    enum status status = campaign_load_within(path, text, size, &surroundings, stream, out, err);
    if (fclose(stream) != 0 && status == STATUS_OK) {
        campaign_finish(out);
        status = mem_error(err, "the campaign file's errors");
    }
    if (status == STATUS_CAMPAIGN)
        status = error_set(err, STATUS_CONFLICT, "the stored campaign file is refused by this program: %.*s",
                           report ? (int)strcspn(report, "\n") : 0, report ? report : "");
    free(report);
    return lookup->status == STATUS_OK ? status : lookup->status;
}

/* Replaces *campaign (the version before; zeroed for the first) by its extension. */
static enum status extend_by(struct glass_lookup *lookup, struct campaign *campaign, const char *path, const char *text,
                             size_t size, struct error *err)
{
    struct campaign next;
    enum status status = load_stored(lookup, path, text, size, &next, err);
    if (status == STATUS_OK && campaign->ensembles && (status = campaign_extend(campaign, &next, err)) != STATUS_OK)
        campaign_finish(&next);
    if (status != STATUS_OK)
        return status;
    campaign_finish(campaign);
    *campaign = next;
    return STATUS_OK;
}

static enum status check_text(const struct query *query, const char *text, size_t size, struct error *err)
{
    struct digest stored, actual = digest_of_bytes(text, size);
    enum status status = query_digest(query, 3, &stored, err);
    if (status == STATUS_OK && !digest_equal(&stored, &actual))
        return error_set(err, STATUS_CORRUPT, "version %" PRId64 " of a campaign file does not have its digest",
                         query_i64(query, 0));
    return status;
}

static enum status read_versions(struct glass_lookup *lookup, struct query *query, struct campaign *campaign,
                                 struct error *err)
{
    bool row = true;
    for (;;) {
        enum status status = query_step(query, &row, err);
        if (status != STATUS_OK || !row)
            return status;
        const char *text = query_text(query, 2);
        size_t size = (size_t)sqlite3_column_bytes(query->statement, 2);
        if ((status = check_text(query, text, size, err)) != STATUS_OK ||
            (status = extend_by(lookup, campaign, query_text(query, 1), text, size, err)) != STATUS_OK)
            return status;
    }
}

enum status store_get_campaign(struct store *store, struct campaign_id id, struct campaign *out_campaign,
                               struct error *err)
{
    struct campaign campaign = {0};
    struct query query;
    struct glass_lookup *lookup = mem_alloc_array(1, sizeof *lookup);
    if (!lookup)
        return mem_error(err, "a campaign");
    *lookup = (struct glass_lookup){.store = store, .id = id, .err = err};
    enum status status = query_init(store, STATEMENT_version_list, &query, err);
    if (status == STATUS_OK) {
        query_bind_i64(&query, id.value);
        status = read_versions(lookup, &query, &campaign, err);
        query_finish(&query);
    }
    mem_free(lookup);
    if (status == STATUS_OK && !campaign.ensembles)
        status = error_set(err, STATUS_NOT_FOUND, "no campaign %" PRIu32 " in '%s'", id.value, store->path);
    if (status != STATUS_OK)
        campaign_finish(&campaign);
    else
        *out_campaign = campaign;
    return status;
}

/* ---- rows that follow from the text ---- */

/* A campaign on its way into the database. */
struct writing {
    struct store *store;
    struct campaign_id id;
    const struct campaign *campaign;
    const struct campaign *before; /* NULL: the campaign is new */
    struct error *err;
};

static enum status put_plan(const struct writing *writing)
{
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_campaign_plan_put, &query, writing->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, writing->id.value);
    query_bind_i64(&query, (int64_t)writing->campaign->disk_bytes_max);
    query_bind_i64(&query, writing->campaign->snapshot_keep_every);
    status = query_run(&query, writing->err);
    query_finish(&query);
    return status;
}

static void bind_identity(struct query *query, const struct identity_spec *identity)
{
    if (identity->every == 0) {
        query_bind_null(query);
        query_bind_null(query);
        return;
    }
    query_bind_i64(query, identity->every);
    query_bind_i64(query, identity->attempts);
}

static void bind_eos(struct query *query, const struct eos_spec *eos)
{
    if (eos->volume_step == 0.0) {
        for (int i = 0; i < 3; i++)
            query_bind_null(query);
        return;
    }
    query_bind_text(query, eos_geometry_names[eos->geometry]);
    query_bind_f64(query, eos->volume_first);
    query_bind_f64(query, eos->volume_step);
}

static enum status put_ensemble(const struct writing *writing, struct ensemble_id id)
{
    const struct ensemble_spec *ensemble = &writing->campaign->ensembles[id.value];
    const struct digest spec = ensemble_spec_digest(writing->campaign, id);
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_ensemble_put, &query, writing->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, writing->id.value);
    query_bind_i64(&query, id.value);
    query_bind_text(&query, ensemble->name);
    query_bind_text(&query, mode_names[ensemble->mode]);
    query_bind_i64(&query, ensemble->system.atoms);
    query_bind_i64(&query, ensemble->system.atoms_small);
    query_bind_f64(&query, ensemble->system.volume_per_atom);
    query_bind_text(&query, potential_names[ensemble->system.potential]);
    query_bind_text(&query, cut_names[ensemble->system.cut]);
    query_bind_f64(&query, ensemble->system.cutoff);
    query_bind_f64(&query, ensemble->dynamics.dt);
    query_bind_text(&query, thermostat_names[ensemble->dynamics.thermostat]);
    query_bind_f64(&query, ensemble->dynamics.thermostat_tau);
    query_bind_i64(&query, ensemble->segment_steps);
    query_bind_digest(&query, &spec);
    bind_identity(&query, &ensemble->identity);
    bind_eos(&query, &ensemble->eos);
    status = query_run(&query, writing->err);
    query_finish(&query);
    return status;
}

static enum status put_ensemble_plan(const struct writing *writing, struct ensemble_id id)
{
    const struct ensemble_spec *ensemble = &writing->campaign->ensembles[id.value];
    const struct sampling_spec *sampling = &ensemble->sampling;
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_ensemble_plan_put, &query, writing->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, writing->id.value);
    query_bind_i64(&query, id.value);
    query_bind_i64(&query, ensemble->steps);
    query_bind_i64(&query, sampling->thermal_every);
    query_bind_i64(&query, sampling->inherent_every);
    query_bind_i64(&query, sampling->pdf_every);
    query_bind_i64(&query, sampling->pdf_inherent_every);
    query_bind_i64(&query, sampling->frame_every);
    query_bind_i64(&query, sampling->frame_inherent_every);
    query_bind_i64(&query, sampling->structure_every);
    query_bind_i64(&query, sampling->displacement_every);
    query_bind_i64(&query, sampling->relaxation_every);
    status = query_run(&query, writing->err);
    query_finish(&query);
    return status;
}

static enum status put_rungs(const struct writing *writing, struct ensemble_id id, uint32_t first)
{
    const struct ensemble_spec *ensemble = &writing->campaign->ensembles[id.value];
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_rung_put, &query, writing->err);
    for (uint32_t rung = first; status == STATUS_OK && rung < ensemble->rung_count; rung++) {
        query_bind_i64(&query, writing->id.value);
        query_bind_i64(&query, id.value);
        query_bind_i64(&query, rung);
        query_bind_f64(&query, ensemble->temperatures[rung]);
        status = query_run(&query, writing->err);
    }
    query_finish(&query);
    return status;
}

static enum status put_ensembles(const struct writing *writing)
{
    const uint32_t known = writing->before ? writing->before->ensemble_count : 0;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < writing->campaign->ensemble_count; i++) {
        const struct ensemble_id id = {i};
        if (i >= known)
            status = put_ensemble(writing, id);
        if (status == STATUS_OK)
            status = put_ensemble_plan(writing, id);
        if (status == STATUS_OK)
            status = put_rungs(writing, id, i < known ? writing->before->ensembles[i].rung_count : 0);
    }
    return status;
}

static enum status put_replicas(const struct writing *writing)
{
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_replica_put, &query, writing->err);
    uint32_t replica = writing->before ? writing->before->replica_count : 0;
    for (; status == STATUS_OK && replica < writing->campaign->replica_count; replica++) {
        const struct replica_spec *spec = &writing->campaign->replicas[replica];
        query_bind_i64(&query, writing->id.value);
        query_bind_i64(&query, replica);
        query_bind_i64(&query, spec->ensemble.value);
        query_bind_i64(&query, spec->rung_first.value);
        query_bind_i64(&query, spec->copy);
        status = query_run(&query, writing->err);
    }
    query_finish(&query);
    return status;
}

/* The crystals of new replicas that walk curves. */
static enum status put_phases(const struct writing *writing)
{
    const struct campaign *campaign = writing->campaign;
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_phase_put, &query, writing->err);
    uint32_t replica = writing->before ? writing->before->replica_count : 0;
    for (; status == STATUS_OK && replica < campaign->replica_count; replica++) {
        const struct replica_spec *spec = &campaign->replicas[replica];
        const struct ensemble_spec *ensemble = &campaign->ensembles[spec->ensemble.value];
        if (ensemble->mode != MODE_EOS)
            continue;
        const struct phase *phase = &ensemble->phases[spec->copy];
        query_bind_i64(&query, writing->id.value);
        query_bind_i64(&query, replica);
        query_bind_text(&query, phase->name);
        query_bind_text(&query, builder_names[phase->crystal]);
        query_bind_text(&query, phase->sites);
        query_bind_i64(&query, phase_cell_atoms(phase));
        query_bind_i64(&query, phase_cell_atoms_small(phase));
        status = query_run(&query, writing->err);
    }
    query_finish(&query);
    return status;
}

static enum status put_replica_plans(const struct writing *writing)
{
    const struct campaign *campaign = writing->campaign;
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_replica_plan_put, &query, writing->err);
    for (uint32_t replica = 0; status == STATUS_OK && replica < campaign->replica_count; replica++) {
        query_bind_i64(&query, writing->id.value);
        query_bind_i64(&query, replica);
        query_bind_i64(&query, campaign_prepare_segments(campaign, (struct replica_id){replica}));
        query_bind_i64(&query, campaign_segment_end(campaign, (struct replica_id){replica}));
        status = query_run(&query, writing->err);
    }
    query_finish(&query);
    return status;
}

static enum status put_campaign(const struct writing *writing)
{
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_campaign_put, &query, writing->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, writing->id.value);
    query_bind_text(&query, writing->campaign->name);
    query_bind_i64(&query, (int64_t)writing->campaign->seed);
    status = query_run(&query, writing->err);
    query_finish(&query);
    return status;
}

static enum status put_rows(const struct writing *writing)
{
    enum status status = writing->before ? STATUS_OK : put_campaign(writing);
    if (status == STATUS_OK)
        status = put_plan(writing);
    if (status == STATUS_OK)
        status = put_ensembles(writing);
    if (status == STATUS_OK)
        status = put_replicas(writing);
    if (status == STATUS_OK)
        status = put_phases(writing);
    return status == STATUS_OK ? put_replica_plans(writing) : status;
}

/* ---- texts ---- */

/* A campaign file's bytes. */
struct campaign_text {
    const char *path;
    const char *text;
    size_t size;
};

static enum status put_version(const struct writing *writing, const struct campaign_text *text, int64_t version)
{
    const struct digest digest = digest_of_bytes(text->text, text->size);
    struct query query;
    enum status status = query_init(writing->store, STATEMENT_version_put, &query, writing->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, writing->id.value);
    query_bind_i64(&query, version);
    query_bind_text(&query, text->path);
    query_bind_text_size(&query, text->text, text->size);
    query_bind_digest(&query, &digest);
    query_bind_i64(&query, clock_wall().value);
    status = query_run(&query, writing->err);
    query_finish(&query);
    return status;
}

/* The number of the last version, 0 if there is none, and whether it is this text. */
static enum status get_last_version(const struct writing *writing, const struct campaign_text *text,
                                    int64_t *out_version, bool *out_is_same)
{
    const struct digest digest = digest_of_bytes(text->text, text->size);
    struct digest stored = {0};
    struct query query;
    bool row = false;
    enum status status = query_init(writing->store, STATEMENT_version_last, &query, writing->err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, writing->id.value);
    status = query_step(&query, &row, writing->err);
    if (status == STATUS_OK && row)
        status = query_digest(&query, 1, &stored, writing->err);
    if (status == STATUS_OK) {
        *out_version = row ? query_i64(&query, 0) : 0;
        *out_is_same = row && digest_equal(&digest, &stored);
    }
    query_finish(&query);
    return status;
}

static enum status write_new(struct writing *writing, const struct campaign_text *text)
{
    uint32_t count;
    enum status status = store_count_campaigns(writing->store, &count, writing->err);
    if (status != STATUS_OK)
        return status;
    writing->id.value = count + 1;
    if ((status = put_rows(writing)) != STATUS_OK)
        return status;
    return put_version(writing, text, 1);
}

static enum status write_extension(struct writing *writing, const struct campaign *before, struct campaign *after,
                                   const struct campaign_text *text)
{
    int64_t version;
    bool is_same;
    enum status status = campaign_extend(before, after, writing->err);
    if (status != STATUS_OK)
        return status;
    if ((status = get_last_version(writing, text, &version, &is_same)) != STATUS_OK || is_same)
        return status;
    writing->before = before;
    if ((status = put_rows(writing)) != STATUS_OK)
        return status;
    return put_version(writing, text, version + 1);
}

/* The campaign for good, after a glance told its name: new (`before` NULL) or a later version, whose refusals have
 * their place in the file. */
static enum status read_text(struct glass_lookup *lookup, const struct campaign *before,
                             const struct campaign_text *text, FILE *report, struct campaign *out_campaign,
                             struct error *err)
{
    const struct glass_source glass = {find_glass, lookup};
    const struct campaign_surroundings surroundings = {.before = before, .glass = &glass};
    enum status status =
        campaign_load_within(text->path, text->text, text->size, &surroundings, report, out_campaign, err);
    if (lookup->status == STATUS_OK || status != STATUS_OK)
        return lookup->status == STATUS_OK ? status : lookup->status;
    campaign_finish(out_campaign);
    return lookup->status;
}

static enum status write_text(struct writing *writing, struct glass_lookup *lookup, const struct campaign *before,
                              const struct campaign_text *text, FILE *report, struct campaign *out_campaign)
{
    struct campaign campaign;
    enum status status = read_text(lookup, before, text, report, &campaign, writing->err);
    if (status != STATUS_OK)
        return status;
    writing->campaign = &campaign;
    status = before ? write_extension(writing, before, &campaign, text) : write_new(writing, text);
    if (status == STATUS_OK)
        status = put_glass(lookup, writing->id);
    if (status == STATUS_OK)
        *out_campaign = campaign;
    else
        campaign_finish(&campaign);
    return status;
}

/* Inside a transaction: new, or the extension of what is there under that name. */
static enum status write_campaign(struct writing *writing, const char *name, const struct glass_source *glass,
                                  const struct campaign_text *text, FILE *report, struct campaign *out_campaign)
{
    struct campaign before = {0};
    enum status status = look_up(writing->store, name, &writing->id, writing->err);
    if (status != STATUS_OK)
        return status;
    struct glass_lookup *lookup = mem_alloc_array(1, sizeof *lookup);
    if (!lookup)
        return mem_error(writing->err, "a campaign");
    *lookup = (struct glass_lookup){.store = writing->store, .id = writing->id, .next = glass, .err = writing->err};
    const bool is_new = writing->id.value == 0;
    if (!is_new)
        status = store_get_campaign(writing->store, writing->id, &before, writing->err);
    if (status == STATUS_OK)
        status = write_text(writing, lookup, is_new ? NULL : &before, text, report, out_campaign);
    campaign_finish(&before);
    mem_free(lookup);
    return status;
}

enum status store_put_campaign(struct store *store, const char *path, const char *text, size_t size,
                               const struct glass_source *glass, FILE *report, struct campaign_id *out_id,
                               struct campaign *out_campaign, struct error *err)
{
    const struct campaign_surroundings glance = {.is_glance = true};
    struct campaign campaign;
    char name[CAMPAIGN_NAME_SIZE];
    struct writing writing = {.store = store, .err = err};
    enum status status = campaign_load_within(path, text, size, &glance, report, &campaign, err);
    if (status != STATUS_OK)
        return status;
    memcpy(name, campaign.name, sizeof name);
    campaign_finish(&campaign);
    if ((status = store_begin(store, err)) != STATUS_OK)
        return status;
    if ((status = write_campaign(&writing, name, glass, &(struct campaign_text){path, text, size}, report,
                                 &campaign)) != STATUS_OK)
        goto rollback;
    if ((status = store_commit(store, err)) != STATUS_OK) {
        campaign_finish(&campaign);
        goto rollback;
    }
    *out_id = writing.id;
    if (out_campaign)
        *out_campaign = campaign;
    else
        campaign_finish(&campaign);
    return STATUS_OK;
rollback:
    store_rollback(store);
    return status;
}
