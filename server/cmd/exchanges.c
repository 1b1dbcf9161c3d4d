#include "server/cmd/exchanges.h"

#include "common/mem.h"
#include "server/analysis/walk.h"
#include "server/cmd/estimates.h"
#include "server/cmd/json_out.h"
#include "server/cmd/verbs.h"

struct exchanges_options {
    struct selection selection;
    struct output_options output;
    bool walk;
};

static const struct option_spec exchanges_specs[] = {
    OPTION("walk", NULL, OPTION_FLAG, exchanges_options, walk, "where each replica was in each segment, one row each"),
    SELECTION_OPTIONS(exchanges_options, selection),
    OUTPUT_OPTIONS(exchanges_options, output),
    OPTION_END,
};

static bool is_ladder(const struct selected *item)
{
    return item->spec->mode == MODE_TEMPERING;
}

/* --- Pairs -------------------------------------------------------------------------------------------------------- */

static const struct column pair_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"rung_cold", "rung", NULL, COLUMN_INTEGER, NULL},
    {"temperature_cold", "T cold", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"temperature_hot", "T hot", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"attempts", "attempts", NULL, COLUMN_INTEGER, NULL},
    {"acceptance", "accepted share", NULL, COLUMN_MEASURED, NULL},
    {"effective_attempts", "effective", NULL, COLUMN_REAL, "%.1f"},
};

static void put_pair(struct table *table, const struct selected *item, uint32_t rung,
                     const struct timeseries_mean *acceptance)
{
    table_put_text(table, item->campaign->name);
    table_put_text(table, item->spec->name);
    table_put_integer(table, rung);
    table_put_real(table, item->spec->temperatures[rung]);
    table_put_real(table, item->spec->temperatures[rung + 1]);
    table_put_integer(table, (int64_t)acceptance->count);
    if (acceptance->count > 0)
        table_put_measured(table, acceptance->mean, estimate_error(acceptance));
    else
        table_put_unknown(table);
    if (acceptance->known)
        table_put_real(table, acceptance->effective);
    else
        table_put_unknown(table);
}

static enum status add_pairs(struct store *store, const struct selected *item, struct table *table, struct error *err)
{
    struct timeseries_mean *means = mem_alloc_array(item->spec->rung_count, sizeof *means);
    if (means == NULL)
        return mem_error(err, "the acceptance of a ladder");
    enum status status = estimate_acceptance(store, item, means, err);
    for (uint32_t r = 0; status == STATUS_OK && r + 1 < item->spec->rung_count; r++)
        if (selected_has_rung(item, (struct rung_id){r}))
            put_pair(table, item, r, &means[r]);
    mem_free(means);
    return status;
}

enum status exchanges_make_pairs(const struct reading *reading, const struct selected_list *list,
                                 struct table **out_table, struct error *err)
{
    struct table *table = table_create(pair_columns, sizeof pair_columns / sizeof *pair_columns);
    enum status status = table != NULL ? STATUS_OK : mem_error(err, "a table of exchanges");
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++)
        if (is_ladder(&list->items[i]))
            status = add_pairs(reading->store, &list->items[i], table, err);
    if (status != STATUS_OK) {
        table_destroy(&table);
        return status;
    }
    *out_table = table;
    return STATUS_OK;
}

/* --- Identities --------------------------------------------------------------------------------------------------- */

static const struct column identity_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"rung", "rung", NULL, COLUMN_INTEGER, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"attempts", "identities tried", NULL, COLUMN_INTEGER, NULL},
    {"accepted", "accepted", NULL, COLUMN_INTEGER, NULL},
    {"acceptance", "accepted share", NULL, COLUMN_MEASURED, NULL},
};

static void put_identity(struct table *table, const struct selected *item, uint32_t rung,
                         const struct identity_acceptance *acceptance)
{
    table_put_text(table, item->campaign->name);
    table_put_text(table, item->spec->name);
    table_put_integer(table, rung);
    table_put_real(table, item->spec->temperatures[rung]);
    table_put_integer(table, (int64_t)acceptance->attempts);
    table_put_integer(table, (int64_t)acceptance->accepted);
    if (acceptance->attempts > 0)
        table_put_measured(table, acceptance->mean.mean, estimate_error(&acceptance->mean));
    else
        table_put_unknown(table);
}

static enum status add_identities(struct store *store, const struct selected *item, struct table *table,
                                  struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t r = 0; status == STATUS_OK && r < item->spec->rung_count; r++) {
        struct identity_acceptance acceptance;
        if (!selected_has_rung(item, (struct rung_id){r}))
            continue;
        if ((status = estimate_identity(store, item, (struct rung_id){r}, &acceptance, err)) == STATUS_OK)
            put_identity(table, item, r, &acceptance);
    }
    return status;
}

/* One row a rung of the hybrids among the selected ensembles. */
static enum status fill_identities(const struct reading *reading, const struct selected_list *list, struct table *table,
                                   struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++)
        if (list->items[i].spec->mode == MODE_HYBRID)
            status = add_identities(reading->store, &list->items[i], table, err);
    return status;
}

/* --- Walks -------------------------------------------------------------------------------------------------------- */

static const struct column replica_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},          {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"replica", "replica", NULL, COLUMN_INTEGER, NULL},         {"segments", "segments", NULL, COLUMN_INTEGER, NULL},
    {"rung_last", "rung now", NULL, COLUMN_INTEGER, NULL},      {"rung_least", "coldest", NULL, COLUMN_INTEGER, NULL},
    {"rung_most", "hottest", NULL, COLUMN_INTEGER, NULL},       {"passages", "passages", NULL, COLUMN_INTEGER, NULL},
    {"round_trips", "round trips", NULL, COLUMN_INTEGER, NULL},
};

static const struct column walk_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},  {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"replica", "replica", NULL, COLUMN_INTEGER, NULL}, {"segment", "segment", NULL, COLUMN_INTEGER, NULL},
    {"rung", "rung", NULL, COLUMN_INTEGER, NULL},       {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
};

/* Rows of a walk arrive replica by replica; the sums of one are put down when the next begins. */
struct walkers {
    struct table *table;
    const struct selected *item;
    bool every_row;
    bool begun;
    struct replica_id replica;
    struct walk walk;
    int64_t segments;
    uint32_t rung_last, rung_least, rung_most;
};

static void put_walker(struct walkers *walkers)
{
    if (!walkers->begun || walkers->every_row)
        return;
    table_put_text(walkers->table, walkers->item->campaign->name);
    table_put_text(walkers->table, walkers->item->spec->name);
    table_put_integer(walkers->table, walkers->replica.value);
    table_put_integer(walkers->table, walkers->segments);
    table_put_integer(walkers->table, walkers->rung_last);
    table_put_integer(walkers->table, walkers->rung_least);
    table_put_integer(walkers->table, walkers->rung_most);
    table_put_integer(walkers->table, (int64_t)walkers->walk.passages);
    table_put_integer(walkers->table, (int64_t)walk_round_trips(&walkers->walk));
}

static void put_walk_row(struct walkers *walkers, const struct walk_row *row)
{
    table_put_text(walkers->table, walkers->item->campaign->name);
    table_put_text(walkers->table, walkers->item->spec->name);
    table_put_integer(walkers->table, row->replica.value);
    table_put_integer(walkers->table, row->segment.value);
    table_put_integer(walkers->table, row->rung.value);
    table_put_real(walkers->table, walkers->item->spec->temperatures[row->rung.value]);
}

static void begin_walker(struct walkers *walkers, const struct walk_row *row)
{
    put_walker(walkers);
    walkers->begun = true;
    walkers->replica = row->replica;
    walkers->walk = (struct walk){0};
    walkers->segments = 0;
    walkers->rung_least = walkers->rung_most = row->rung.value;
}

static enum status add_walk(void *context, const struct walk_row *row, struct error *err)
{
    struct walkers *walkers = context;
    uint32_t rung = row->rung.value;
    if (rung >= walkers->item->spec->rung_count)
        return error_set(err, STATUS_CORRUPT, "replica %u on rung %u of %u", row->replica.value, rung,
                         walkers->item->spec->rung_count);
    if (!selected_has_replica(walkers->item, row->replica))
        return STATUS_OK;
    if (!walkers->begun || walkers->replica.value != row->replica.value)
        begin_walker(walkers, row);
    walk_step(&walkers->walk, row->rung, walkers->item->spec->rung_count);
    walkers->segments++;
    walkers->rung_last = rung;
    walkers->rung_least = rung < walkers->rung_least ? rung : walkers->rung_least;
    walkers->rung_most = rung > walkers->rung_most ? rung : walkers->rung_most;
    if (walkers->every_row)
        put_walk_row(walkers, row);
    return STATUS_OK;
}

/* One row a replica, or with every_row one a segment. */
static enum status fill_walks(const struct reading *reading, const struct selected_list *list, bool every_row,
                              struct table *table, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++) {
        struct walkers walkers = {.table = table, .item = &list->items[i], .every_row = every_row};
        if (!is_ladder(walkers.item))
            continue;
        status = store_visit_walk(reading->store, walkers.item->id, walkers.item->ensemble, add_walk, &walkers, err);
        put_walker(&walkers);
    }
    return status;
}

static enum status print_walk(const struct reading *reading, const struct selected_list *list,
                              const struct output_options *output, struct error *err)
{
    struct table *table = table_create(walk_columns, sizeof walk_columns / sizeof *walk_columns);
    if (table == NULL)
        return mem_error(err, "a table of walks");
    if (output->csv)
        table_stream_csv(table, stdout);
    enum status status = fill_walks(reading, list, true, table, err);
    if (status == STATUS_OK)
        status = output_table(output, "walk", table, err);
    table_destroy(&table);
    return status;
}

/* --- The verb ----------------------------------------------------------------------------------------------------- */

struct exchange_tables {
    struct table *pairs, *replicas, *identities;
};

/* For people: what there is. */
static enum status print_text(const struct exchange_tables *tables, struct error *err)
{
    const struct table *const shown[] = {tables->pairs, tables->replicas, tables->identities};
    struct terminal terminal = terminal_of(stdout);
    enum status status = STATUS_OK;
    bool begun = false;
    for (size_t i = 0; status == STATUS_OK && i < sizeof shown / sizeof *shown; i++) {
        if (table_row_count(shown[i]) == 0)
            continue;
        if (begun)
            putchar('\n');
        begun = true;
        status = table_print_text(shown[i], &terminal, stdout, err);
    }
    if (!begun)
        printf("nothing is exchanged: there is no ladder and no hybrid\n");
    return status;
}

static enum status print_tables(const struct exchange_tables *tables, const struct output_options *output,
                                struct error *err)
{
    if (output->json)
        return json_print(json_pack("{s:o?, s:o?, s:o?}", "pairs", table_to_json(tables->pairs), "replicas",
                                    table_to_json(tables->replicas), "identities", table_to_json(tables->identities)),
                          stdout, err);
    if (output->csv)
        return table_print_csv(tables->pairs, stdout, err);
    return print_text(tables, err);
}

static enum status print_exchanges(const struct reading *reading, const struct selected_list *list,
                                   const struct output_options *output, struct error *err)
{
    struct exchange_tables tables = {
        .replicas = table_create(replica_columns, sizeof replica_columns / sizeof *replica_columns),
        .identities = table_create(identity_columns, sizeof identity_columns / sizeof *identity_columns),
    };
    enum status status = tables.replicas && tables.identities ? STATUS_OK : mem_error(err, "a table of exchanges");
    if (status == STATUS_OK)
        status = exchanges_make_pairs(reading, list, &tables.pairs, err);
    if (status == STATUS_OK)
        status = fill_walks(reading, list, false, tables.replicas, err);
    if (status == STATUS_OK)
        status = fill_identities(reading, list, tables.identities, err);
    if (status == STATUS_OK)
        status = print_tables(&tables, output, err);
    table_destroy(&tables.pairs);
    table_destroy(&tables.replicas);
    table_destroy(&tables.identities);
    return status;
}

static enum status check_options(const void *given, struct error *err)
{
    const struct exchanges_options *options = given;
    return output_check(&options->output, err);
}

static enum status show_exchanges(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct exchanges_options *options = question->options;
    struct selected_list list;
    enum status status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    status = options->walk ? print_walk(reading, &list, &options->output, err)
                           : print_exchanges(reading, &list, &options->output, err);
    selected_list_finish(&list);
    return status;
}

static enum status run_exchanges(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct exchanges_options options = {0};
    return question_run(verb, argc, argv, &options, check_options, show_exchanges, err);
}

const struct verb verb_exchanges = {
    .name = "exchanges",
    .summary = "Show how replicas exchange: acceptance of each pair, round trips, the walk",
    .arguments = "DB",
    .notes =
        "Ladders exchange replicas, hybrids the identities of atoms. A passage leads from one end of the ladder to\n"
        "the other, two are a round trip.\n"
        "JSON: pairs[] of {campaign, ensemble, rung_cold, temperature_cold, temperature_hot, attempts, acceptance,\n"
        "acceptance_error, effective_attempts}, replicas[] of {campaign, ensemble, replica, segments, rung_last,\n"
        "rung_least, rung_most, passages, round_trips}, identities[] of {campaign, ensemble, rung, temperature,\n"
        "attempts, accepted, acceptance, acceptance_error}; with --walk walk[] of {campaign, ensemble, replica,\n"
        "segment, rung, temperature}. CSV: the pairs, or the walk.",
    .examples = "vitrine exchanges glass.db\n"
                "vitrine exchanges glass.db --walk --replica 0 --csv",
    .options = exchanges_specs,
    .run = run_exchanges,
};
