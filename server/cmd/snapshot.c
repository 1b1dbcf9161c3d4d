/* snapshot.c - vitrine snapshot: a checked copy of a database, also while its coordinator runs. */
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/reading.h"
#include "server/cmd/verbs.h"
#include "server/store/store_copy.h"
#include <sys/stat.h>

struct snapshot_options {
    bool json;
};

static const struct option_spec snapshot_specs[] = {
    OPTION("json", NULL, OPTION_FLAG, snapshot_options, json, "print one JSON object"),
    OPTION_END,
};

/* The hashes are those of the copy: what it holds is what it says. */
static enum status collect_hashes(const struct reading *copy, json_t *hashes, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < copy->campaign_count; i++) {
        struct digest hash;
        status = store_science_hash(copy->store, (struct campaign_id){i + 1}, &hash, err);
        if (status == STATUS_OK && json_object_set_new(hashes, copy->campaigns[i].name, json_of_digest(&hash)) != 0)
            status = mem_error(err, "the hashes");
    }
    return status;
}

static void print_copy(const char *from, const char *to, intmax_t size, const json_t *hashes)
{
    const char *name;
    json_t *hash;
    printf("%s -> %s  %.1f MB, verified\n", from, to, (double)size * 1e-6);
    json_object_foreach((json_t *)hashes, name, hash) printf("  %s  %s\n", json_string_value(hash), name);
    printf("\nto go on from it: vitrine resume %s\n", to);
}

static enum status report_copy(const char *from, const char *to, bool json, struct error *err)
{
    struct reading copy;
    struct stat found = {0};
    enum status status = reading_open(to, &copy, err);
    if (status != STATUS_OK)
        return status;
    stat(to, &found);
    json_t *hashes = json_object();
    status = collect_hashes(&copy, hashes, err);
    if (status == STATUS_OK && json)
        status = json_print(json_pack("{s:s, s:s, s:I, s:O}", "database", from, "snapshot", to, "bytes",
                                      (json_int_t)found.st_size, "science_hash", hashes),
                            stdout, err);
    else if (status == STATUS_OK)
        print_copy(from, to, (intmax_t)found.st_size, hashes);
    json_decref(hashes);
    reading_finish(&copy);
    return status;
}

static enum status run_snapshot(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct snapshot_options options = {0};
    struct arguments arguments;
    struct store *store = NULL;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = store_open(arguments.words[0], STORE_READ, &store, err);
    if (status == STATUS_OK)
        status = store_copy(store, arguments.words[1], err);
    store_close(&store);
    return status == STATUS_OK ? report_copy(arguments.words[0], arguments.words[1], options.json, err) : status;
}

const struct verb verb_snapshot = {
    .name = "snapshot",
    .summary = "Copy a database, also while it is in use, and check the copy",
    .arguments = "DB OUT",
    .notes =
        "The copy is the state of one moment in one file. Its pages, digests and ledger are checked before it gets\n"
        "its name; a damaged database is not copied (exit code 1). To restore, put the file where the database\n"
        "was, with no '-wal' beside it, and resume. Never run the original and a copy of it at the same time.\n"
        "JSON: database, snapshot, bytes, science_hash {campaign name: hash}.",
    .examples = "vitrine snapshot glass.db /backup/glass-$(date +%F).db\n"
                "vitrine snapshot glass.db copy.db --json | jq -r '.science_hash[]'",
    .options = snapshot_specs,
    .run = run_snapshot,
};
