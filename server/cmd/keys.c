/* keys.c - vitrine keys: who may connect to a coordinator. */
#include "server/net/keys.h"
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/table.h"
#include "server/cmd/terminal.h"
#include "server/cmd/verbs.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct keys_options {
    const char *dir, *out;
    bool admin, json;
};

static const struct option_spec keys_specs[] = {
    OPTION("keys", "DIR", OPTION_TEXT, keys_options, dir, "the folder of keys (default: keys)"),
    OPTION("admin", NULL, OPTION_FLAG, keys_options, admin, "create: a key for the control channel, not for a worker"),
    OPTION("out", "FILE", OPTION_TEXT, keys_options, out, "create: where its file goes (default: DIR/NAME.key)"),
    OPTION("json", NULL, OPTION_FLAG, keys_options, json, "list: print one JSON array"),
    OPTION_END,
};

static const struct column key_columns[] = {
    {"name", "name", NULL, COLUMN_TEXT, NULL},
    {"role", "role", NULL, COLUMN_TEXT, NULL},
    {"state", "state", NULL, COLUMN_TEXT, NULL},
    {"changed", "since", NULL, COLUMN_TEXT, NULL},
    {"public_key", "public key", NULL, COLUMN_TEXT, NULL},
};

static int compare_names(const void *a, const void *b)
{
    const struct allowed *left = a, *right = b;
    const int order = strcmp(left->name, right->name);
    return order ? order : (left->changed.value > right->changed.value) - (left->changed.value < right->changed.value);
}

static void add_row(struct table *table, const struct allowed *entry)
{
    char when[32], hex[KEY_TEXT_SIZE];
    const time_t seconds = (time_t)(entry->changed.value / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    key_to_text(&entry->key, hex);
    table_put_text(table, entry->name);
    table_put_text(table, key_role_names[entry->role]);
    table_put_text(table, entry->is_revoked ? "revoked" : "allowed");
    table_put_text(table, when);
    table_put_text(table, hex);
}

static enum status list_keys(const struct keys_options *options, struct error *err)
{
    struct allow_list list;
    enum status status = allow_list_read(options->dir, &list, err);
    if (status != STATUS_OK)
        return status;
    struct table *table = table_create(key_columns, sizeof key_columns / sizeof *key_columns);
    if (!table) {
        allow_list_finish(&list);
        return mem_error(err, "the table of keys");
    }
    qsort(list.entries, list.count, sizeof *list.entries, compare_names);
    for (uint32_t i = 0; i < list.count; i++)
        add_row(table, &list.entries[i]);
    const struct terminal terminal = terminal_of(stdout);
    status =
        options->json ? json_print(table_to_json(table), stdout, err) : table_print_text(table, &terminal, stdout, err);
    table_destroy(&table);
    allow_list_finish(&list);
    return status;
}

static enum status create_key(const struct keys_options *options, const char *name, struct error *err)
{
    const enum key_role role = options->admin ? KEY_ADMIN : KEY_WORKER;
    enum status status = keys_create(options->dir, role, name, options->out, err);
    if (status != STATUS_OK)
        return status;
    printf("%s key of '%s': ", key_role_names[role], name);
    if (options->out)
        printf("%s", options->out);
    else
        printf("%s/%s.key", options->dir, name);
    printf("\nmove that file to its host over a safe way (scp), keep it 0600, and delete it here\n");
    return STATUS_OK;
}

static enum status revoke_key(const struct keys_options *options, const char *name, struct error *err)
{
    enum status status = keys_revoke(options->dir, name, err);
    if (status == STATUS_OK)
        printf("the key of '%s' is revoked; a running coordinator knows within a second\n", name);
    return status;
}

static enum status run_keys(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct keys_options options = {.dir = "keys"};
    struct arguments arguments;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status != STATUS_OK)
        return status;
    const char *what = arguments.words[0], *name = arguments.count > 1 ? arguments.words[1] : NULL;
    const bool is_list = strcmp(what, "list") == 0, is_create = strcmp(what, "create") == 0;
    if (!is_list && !is_create && strcmp(what, "revoke") != 0)
        return error_set(err, STATUS_USAGE, "'keys' wants create, list or revoke, not '%s'", what);
    if (is_list != (name == NULL))
        return error_set(err, STATUS_USAGE, "'keys %s' wants %s name", what, is_list ? "no" : "a");
    if (!is_create && (options.admin || options.out))
        return error_set(err, STATUS_USAGE, "--admin and --out belong to 'keys create'");
    if (is_list)
        return list_keys(&options, err);
    return is_create ? create_key(&options, name, err) : revoke_key(&options, name, err);
}

const struct verb verb_keys = {
    .name = "keys",
    .summary = "Make, list and revoke the keys that a coordinator lets in",
    .arguments = "create|list|revoke [NAME]",
    .notes =
        "One key for each host, and its name is the host's from then on, whatever the worker says. `serve --keys DIR`\n"
        "lets in nobody else. A key of role admin is for the control channel only. All hosts whose key is revoked are\n"
        "cut off within a second, those that are connected too; their results that are stored stay.",
    .examples = "vitrine keys create node7            # keys/node7.key: for vitrine-worker --key on node7\n"
                "vitrine keys create --admin alice\n"
                "vitrine keys list\n"
                "vitrine keys revoke node7",
    .options = keys_specs,
    .run = run_keys,
};
