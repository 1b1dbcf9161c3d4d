/* prune.c - vitrine prune: snapshots that nothing needs any more are dropped, and their room given back. */
#include "server/cmd/json_out.h"
#include "server/cmd/verbs.h"
#include "server/store/store.h"
#include <inttypes.h>
#include <sys/stat.h>

enum { PRUNE_MAX = 256 };

struct prune_options {
    bool json, compact;
};

static const struct option_spec prune_specs[] = {
    OPTION("compact", NULL, OPTION_FLAG, prune_options, compact,
           "write the file anew without empty pages; needs as much free disk again"),
    OPTION("json", NULL, OPTION_FLAG, prune_options, json, "print one JSON object"),
    OPTION_END,
};

struct pruned {
    uint64_t snapshots;
    intmax_t bytes_before, bytes_after;
};

static intmax_t file_size(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? (intmax_t)found.st_size : 0;
}

static enum status prune_campaign(struct store *store, struct campaign_id id, uint64_t *snapshots, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t pruned = PRUNE_MAX; status == STATUS_OK && pruned == PRUNE_MAX;) {
        status = store_prune_snapshots(store, id, PRUNE_MAX, &pruned, err);
        if (status == STATUS_OK)
            *snapshots += pruned;
    }
    return status;
}

static enum status prune_all(struct store *store, bool compact, struct pruned *pruned, struct error *err)
{
    uint32_t count = 0;
    enum status status = store_count_campaigns(store, &count, err);
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++)
        status = prune_campaign(store, (struct campaign_id){i + 1}, &pruned->snapshots, err);
    return status == STATUS_OK && compact ? store_compact(store, err) : status;
}

static enum status print_pruned(const struct pruned *pruned, bool json, struct error *err)
{
    if (json)
        return json_print(json_pack("{s:I, s:I, s:I}", "snapshots", (json_int_t)pruned->snapshots, "bytes_before",
                                    (json_int_t)pruned->bytes_before, "bytes_after", (json_int_t)pruned->bytes_after),
                          stdout, err);
    printf("%" PRIu64 " snapshots dropped; the file has %.1f MB, before %.1f MB\n", pruned->snapshots,
           (double)pruned->bytes_after * 1e-6, (double)pruned->bytes_before * 1e-6);
    return STATUS_OK;
}

static enum status run_prune(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct prune_options options = {0};
    struct arguments arguments;
    struct store *store = NULL;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = store_open(arguments.words[0], STORE_WRITE, &store, err);
    if (status != STATUS_OK)
        return status;
    struct pruned pruned = {.bytes_before = file_size(arguments.words[0])};
    status = prune_all(store, options.compact, &pruned, err);
    store_close(&store);
    pruned.bytes_after = file_size(arguments.words[0]);
    return status == STATUS_OK ? print_pruned(&pruned, options.json, err) : status;
}

const struct verb verb_prune = {
    .name = "prune",
    .summary = "Drop the snapshots that nothing needs any more from a database at rest",
    .arguments = "DB",
    .notes = "Kept are the first of production, the last two of each replica, and every k-th (keep of the campaign\n"
             "file). A coordinator prunes by itself while it runs, so this is for what an interrupted one left, and\n"
             "for --compact: dropped rows leave empty pages that are used again but not given back. Exit code 6 while\n"
             "a coordinator runs. JSON: snapshots, bytes_before, bytes_after.",
    .examples = "vitrine prune glass.db\n"
                "vitrine prune glass.db --compact",
    .options = prune_specs,
    .run = run_prune,
};
