#include "server/cmd/glass.h"

#include "server/cmd/quench_read.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double glass_digits = 1000.0; /* T_f is taken to 0.001 */

/* Of a campaign that is read anew: it may be the one that is being extended. */
static bool find_in_quenches(struct store *store, const struct selected *item, struct glass_found *out,
                             char why[GLASS_WHY_SIZE])
{
    struct error err = {0};
    struct quench_data data;
    struct tf_result found;
    size_t finished = 0;
    enum status status = quench_read(store, item, quench_bin_width, &data, &err);
    if (status == STATUS_OK) {
        status = quench_find_tf(&data, item->spec, &tf_options_default, &found, &finished, &err);
        quench_data_finish(&data);
    }
    if (status == STATUS_OK && finished == item->spec->replicas_per_rung && isfinite(found.crossing.mean.value)) {
        out->temperature = rint(found.crossing.mean.value * glass_digits) / glass_digits;
        out->quenches = (uint32_t)found.crossing.count;
        quench_define_crossing(&tf_options_default, quench_bin_width, out->definition, sizeof out->definition);
        return true;
    }
    if (finished < item->spec->replicas_per_rung)
        snprintf(
            why, GLASS_WHY_SIZE,
            "of its %u quenches %zu are at their end: run the campaign without what needs T_f first, then add that",
            item->spec->replicas_per_rung, finished);
    else
        snprintf(why, GLASS_WHY_SIZE, "no T_f is found in its quenches: %.120s", err.message);
    return false;
}

static bool find_in_campaign(struct store *store, struct campaign_id id, const struct campaign *campaign,
                             const char *ensemble, struct glass_found *out, char why[GLASS_WHY_SIZE])
{
    uint32_t e = 0;
    while (e < campaign->ensemble_count && strcmp(campaign->ensembles[e].name, ensemble) != 0)
        e++;
    if (e == campaign->ensemble_count || campaign->ensembles[e].mode != MODE_QUENCH) {
        snprintf(why, GLASS_WHY_SIZE, "campaign '%.63s' as it is in the database has no %s of that name",
                 campaign->name, e == campaign->ensemble_count ? "ensemble" : "quench ensemble");
        return false;
    }
    struct selected item = {.id = id,
                            .campaign = campaign,
                            .ensemble = {e},
                            .spec = &campaign->ensembles[e],
                            .filter = store_filter_production(id)};
    item.filter.ensemble = e;
    return find_in_quenches(store, &item, out, why);
}

/* ENSEMBLE of the campaign at hand, or CAMPAIGN/ENSEMBLE. */
static bool find_glass(void *context, const char *campaign_name, const char *source, struct glass_found *out,
                       char why[GLASS_WHY_SIZE])
{
    struct store *store = context;
    const char *slash = strchr(source, '/');
    char name[CAMPAIGN_NAME_SIZE];
    struct campaign campaign;
    struct campaign_id id;
    struct error err = {0};
    snprintf(name, sizeof name, "%.*s", slash ? (int)(slash - source) : (int)strlen(campaign_name),
             slash ? source : campaign_name);
    if (store_find_campaign(store, name, &id, &err) != STATUS_OK ||
        store_get_campaign(store, id, &campaign, &err) != STATUS_OK) {
        if (err.status == STATUS_NOT_FOUND)
            snprintf(why, GLASS_WHY_SIZE,
                     "campaign '%.63s' is not in the database yet: run it with the quenches alone first, then add what "
                     "needs T_f",
                     name);
        else
            snprintf(why, GLASS_WHY_SIZE, "%.180s", err.message);
        return false;
    }
    const bool is_found = find_in_campaign(store, id, &campaign, slash ? slash + 1 : source, out, why);
    campaign_finish(&campaign);
    return is_found;
}

struct glass_source glass_source_of(struct store *store)
{
    return (struct glass_source){find_glass, store};
}
