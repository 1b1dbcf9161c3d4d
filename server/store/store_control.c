/* store_control.c - what people said: of campaigns, and of hosts that are trusted again. Operational. */
#include "server/store/store_sql.h"

#include <string.h>

static const char *const standing_kinds[] = {
    [CAMPAIGN_RUNNING] = "resumed",
    [CAMPAIGN_PAUSED] = "paused",
    [CAMPAIGN_CANCELLED] = "cancelled",
};

enum status store_put_standing(struct store *store, struct campaign_id campaign, enum campaign_standing standing,
                               const char *by, struct error *err)
{
    return store_put_event(store, campaign, standing_kinds[standing], by, err);
}

enum status store_get_standing(struct store *store, struct campaign_id campaign, enum campaign_standing *out_standing,
                               struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_standing_get, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    if ((status = query_step(&query, &row, err)) == STATUS_OK) {
        *out_standing = CAMPAIGN_RUNNING;
        for (int i = CAMPAIGN_PAUSED; row && i <= CAMPAIGN_CANCELLED; i++)
            if (strcmp(query_text(&query, 0), standing_kinds[i]) == 0)
                *out_standing = (enum campaign_standing)i;
    }
    query_finish(&query);
    return status;
}

/* Adds the rows that changed. */
static enum status trust(struct store *store, enum statement statement, const char *host, int *changed,
                         struct error *err)
{
    struct query query;
    enum status status = query_init(store, statement, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_text(&query, host);
    status = query_run(&query, err);
    query_finish(&query);
    *changed += sqlite3_changes(store->db);
    return status;
}

enum status store_lift_quarantine(struct store *store, const char *host, struct error *err)
{
    int changed = 0;
    enum status status = store_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = trust(store, STATEMENT_host_trust, host, &changed, err);
    if (status == STATUS_OK)
        status = trust(store, STATEMENT_worker_trust, host, &changed, err);
    if (status == STATUS_OK && changed == 0)
        status = error_set(err, STATUS_NOT_FOUND, "neither host '%s' nor a worker of it is quarantined", host);
    if (status == STATUS_OK)
        status = store_put_event(store, (struct campaign_id){0}, "trusted", host, err);
    if (status == STATUS_OK)
        status = store_commit(store, err);
    if (status != STATUS_OK)
        store_rollback(store);
    return status;
}
