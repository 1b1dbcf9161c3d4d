/* store_snapshot.c - bytes of snapshots: read back against their digest, and pruned. */
#include "server/store/store.h"

#include "common/mem.h"
#include "common/snapshot.h"
#include "server/store/store_sql.h"

#include <inttypes.h>

enum status query_snapshot_bytes(const struct query *query, int column, const struct digest *digest,
                                 uint8_t **out_bytes, size_t *out_size, struct error *err)
{
    const void *bytes = sqlite3_column_blob(query->statement, column);
    const size_t size = (size_t)sqlite3_column_bytes(query->statement, column);
    struct digest actual;
    if (!bytes)
        return error_set(err, STATUS_CORRUPT, "a stored configuration in '%s' has no bytes", query->store->path);
    enum status status = snapshot_check(bytes, size, &actual, err);
    if (status != STATUS_OK)
        return status;
    if (!digest_equal(digest, &actual))
        return error_set(err, STATUS_CORRUPT, "a stored configuration in '%s' is not the one of its row",
                         query->store->path);
    uint8_t *copy = mem_copy(bytes, size);
    if (!copy)
        return mem_error(err, "a stored configuration");
    *out_bytes = copy;
    *out_size = size;
    return STATUS_OK;
}

/* Equal states of two campaigns have equal digests: any row will do, and one good row is enough. */
enum status store_get_snapshot(struct store *store, const struct digest *digest, uint8_t **out_bytes, size_t *out_size,
                               struct error *err)
{
    struct query query;
    bool row = false;
    enum status status = query_init(store, STATEMENT_snapshot_get, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_digest(&query, digest);
    enum status found = STATUS_NOT_FOUND;
    while (found != STATUS_OK && (status = query_step(&query, &row, err)) == STATUS_OK && row)
        found = query_snapshot_bytes(&query, 0, digest, out_bytes, out_size, err);
    query_finish(&query);
    if (status != STATUS_OK || found != STATUS_NOT_FOUND)
        return status != STATUS_OK ? status : found;
    char text[DIGEST_TEXT_SIZE];
    digest_to_text(digest, text);
    return error_set(err, STATUS_NOT_FOUND, "the bytes of snapshot %.16s are not in '%s' (any more)", text,
                     store->path);
}

struct snapshot_key {
    int64_t replica, segment;
};

static enum status next_prunable(struct store *store, struct campaign_id campaign, struct snapshot_key *out_key,
                                 bool *out_found, struct error *err)
{
    struct query query;
    enum status status = query_init(store, STATEMENT_prunable_list, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    if ((status = query_step(&query, out_found, err)) == STATUS_OK && *out_found)
        *out_key = (struct snapshot_key){query_i64(&query, 0), query_i64(&query, 1)};
    query_finish(&query);
    return status;
}

static enum status delete_by_key(struct store *store, enum statement name, struct campaign_id campaign,
                                 struct snapshot_key key, struct error *err)
{
    struct query query;
    enum status status = query_init(store, name, &query, err);
    if (status != STATUS_OK)
        return status;
    query_bind_i64(&query, campaign.value);
    query_bind_i64(&query, key.replica);
    query_bind_i64(&query, key.segment);
    status = query_run(&query, err);
    query_finish(&query);
    return status;
}

static enum status prune_some(struct store *store, struct campaign_id campaign, uint32_t limit, uint32_t *out_pruned,
                              struct error *err)
{
    enum status status = STATUS_OK;
    *out_pruned = 0;
    while (status == STATUS_OK && *out_pruned < limit) {
        struct snapshot_key key = {0};
        bool found = false;
        if ((status = next_prunable(store, campaign, &key, &found, err)) != STATUS_OK || !found)
            return status;
        if ((status = delete_by_key(store, STATEMENT_prunable_delete, campaign, key, err)) == STATUS_OK)
            status = delete_by_key(store, STATEMENT_snapshot_delete, campaign, key, err);
        ++*out_pruned;
    }
    return status;
}

enum status store_prune_snapshots(struct store *store, struct campaign_id campaign, uint32_t limit,
                                  uint32_t *out_pruned, struct error *err)
{
    uint32_t pruned;
    enum status status = store_begin(store, err);
    if (status != STATUS_OK)
        return status;
    if ((status = prune_some(store, campaign, limit, &pruned, err)) == STATUS_OK)
        status = store_commit(store, err);
    if (status != STATUS_OK) {
        store_rollback(store);
        return status;
    }
    *out_pruned = pruned;
    return STATUS_OK;
}
