#include "server/cmd/summary.h"

#include "common/mem.h"
#include "server/cmd/estimates.h"
#include "server/cmd/reading.h"

static const struct column summary_columns[] = {
    {"campaign", "campaign", NULL, COLUMN_TEXT, NULL},
    {"ensemble", "ensemble", NULL, COLUMN_TEXT, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.4g"},
    {"energy_potential", "U/N", "eps", COLUMN_MEASURED, NULL},
    {"energy_inherent", "e_IS", "eps", COLUMN_MEASURED, NULL},
    {"ico_fraction", "ico", NULL, COLUMN_MEASURED, NULL},
    {"pressure", "P", "eps/sigma^3", COLUMN_MEASURED, NULL},
    {"acceptance", "accepted", NULL, COLUMN_MEASURED, NULL},
};

static const enum quantity_id summary_quantities[] = {QUANTITY_energy_potential, QUANTITY_energy_inherent,
                                                      QUANTITY_ico_fraction, QUANTITY_pressure};
enum { SUMMARY_QUANTITIES = sizeof summary_quantities / sizeof *summary_quantities };

/* The table, and whether a mean in it has no error bar. */
struct summary {
    struct table *table;
    bool has_unknown;
    bool has_quench, has_eos; /* which have no means */
};

static void put_mean(struct summary *summary, const struct timeseries_mean *mean)
{
    if (mean->count == 0) {
        table_put_unknown(summary->table);
        return;
    }
    table_put_measured(summary->table, mean->mean, estimate_error(mean));
    summary->has_unknown |= !mean->known;
}

/* acceptance: towards the next hotter rung of a ladder, or of identities in a hybrid. */
static enum status add_rung(struct sample_cache *samples, const struct selected *item, uint32_t rung,
                            const struct timeseries_mean *acceptance, struct summary *summary, struct error *err)
{
    table_put_text(summary->table, item->campaign->name);
    table_put_text(summary->table, item->spec->name);
    table_put_real(summary->table, item->spec->temperatures[rung]);
    for (int q = 0; q < SUMMARY_QUANTITIES; q++) {
        struct timeseries_mean mean;
        enum status status = estimate_rung(samples, item, (struct rung_id){rung}, summary_quantities[q], &mean, err);
        if (status != STATUS_OK)
            return status;
        put_mean(summary, &mean);
    }
    put_mean(summary, acceptance);
    return STATUS_OK;
}

/* One a rung; those of rungs where nothing is exchanged stay without samples. */
static enum status estimate_accepted(struct store *store, const struct selected *item,
                                     struct timeseries_mean *acceptance, struct error *err)
{
    enum status status = STATUS_OK;
    if (item->spec->mode == MODE_TEMPERING)
        return estimate_acceptance(store, item, acceptance, err);
    for (uint32_t r = 0; item->spec->mode == MODE_HYBRID && status == STATUS_OK && r < item->spec->rung_count; r++) {
        struct identity_acceptance identity;
        if ((status = estimate_identity(store, item, (struct rung_id){r}, &identity, err)) == STATUS_OK)
            acceptance[r] = identity.mean;
    }
    return status;
}

static enum status add_ensemble(struct store *store, struct sample_cache *samples, const struct selected *item,
                                struct summary *summary, struct error *err)
{
    if (item->spec->mode == MODE_QUENCH) {
        summary->has_quench = true;
        return STATUS_OK;
    }
    if (item->spec->mode == MODE_EOS) {
        summary->has_eos = true;
        return STATUS_OK;
    }
    struct timeseries_mean *acceptance = mem_alloc_array(item->spec->rung_count, sizeof *acceptance);
    if (acceptance == NULL)
        return mem_error(err, "a summary");
    enum status status = estimate_accepted(store, item, acceptance, err);
    for (uint32_t r = 0; status == STATUS_OK && r < item->spec->rung_count; r++)
        status = add_rung(samples, item, r, &acceptance[r], summary, err);
    mem_free(acceptance);
    return status;
}

static enum status print_selected(const struct reading *reading, const struct selected_list *list, FILE *out,
                                  struct error *err)
{
    struct terminal terminal = terminal_of(out);
    struct summary summary = {.table = table_create(summary_columns, sizeof summary_columns / sizeof *summary_columns)};
    struct sample_cache *samples = NULL;
    enum status status = summary.table != NULL ? STATUS_OK : mem_error(err, "a summary");
    if (status == STATUS_OK)
        status = sample_cache_create(reading, summary_quantities, SUMMARY_QUANTITIES, &samples, err);
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++)
        status = add_ensemble(reading->store, samples, &list->items[i], &summary, err);
    if (status == STATUS_OK && table_row_count(summary.table) > 0)
        status = table_print_text(summary.table, &terminal, out, err);
    if (status == STATUS_OK && summary.has_quench)
        fprintf(out, "quenches: `vitrine quench` shows them against temperature\n");
    if (status == STATUS_OK && summary.has_eos)
        fprintf(out, "static energies: `vitrine eos` shows them against volume\n");
    if (status == STATUS_OK && summary.has_unknown)
        fprintf(out, "?  the run is too short for an error bar: fewer than %d independent samples\n",
                TIMESERIES_EFFECTIVE_MIN);
    sample_cache_destroy(&samples);
    table_destroy(&summary.table);
    return status;
}

enum status summary_print(const char *database, FILE *out, struct error *err)
{
    struct selection everything = {0};
    struct selected_list list;
    struct reading reading;
    enum status status = reading_open(database, &reading, err);
    if (status != STATUS_OK)
        return status;
    if ((status = reading_select(&reading, &everything, &list, err)) == STATUS_OK) {
        status = print_selected(&reading, &list, out, err);
        selected_list_finish(&list);
    }
    reading_finish(&reading);
    return status;
}
