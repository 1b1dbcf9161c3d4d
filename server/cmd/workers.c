/* workers.c - vitrine workers: who works for a running coordinator, and who is not trusted. */
#include "common/mem.h"
#include "server/cmd/admin.h"
#include "server/cmd/json_out.h"
#include "server/cmd/table.h"
#include "server/cmd/terminal.h"
#include "server/cmd/verbs.h"
#include <stdlib.h>
#include <string.h>

struct workers_options {
    struct admin_options admin;
    bool json;
};

static const struct option_spec workers_specs[] = {
    ADMIN_OPTIONS(workers_options, admin),
    OPTION("json", NULL, OPTION_FLAG, workers_options, json, "print one JSON array"),
    OPTION_END,
};

static const struct column worker_columns[] = {
    {"worker", "worker", NULL, COLUMN_TEXT, NULL},    {"host", "host", NULL, COLUMN_TEXT, NULL},
    {"cpu", "CPU", NULL, COLUMN_TEXT, NULL},          {"isa", "ISA", NULL, COLUMN_TEXT, NULL},
    {"build", "build", NULL, COLUMN_TEXT, NULL},      {"slots", "slots", NULL, COLUMN_INTEGER, NULL},
    {"leases", "leases", NULL, COLUMN_INTEGER, NULL}, {"silent_s", "silent", "s", COLUMN_REAL, "%.1f"},
    {"state", "state", NULL, COLUMN_TEXT, NULL},
};

enum { FIELDS = sizeof worker_columns / sizeof *worker_columns };

/* Cuts a line into its fields; false when there are others than were agreed. */
static bool split_line(char *line, char *fields[FIELDS])
{
    int count = 0;
    for (char *field = line; field != NULL; count++) {
        if (count == FIELDS)
            return false;
        fields[count] = field;
        if ((field = strchr(field, '\t')) != NULL)
            *field++ = '\0';
    }
    return count == FIELDS;
}

static enum status add_line(struct table *table, char *line, struct error *err)
{
    char *fields[FIELDS];
    if (!split_line(line, fields))
        return error_set(err, STATUS_INVALID, "the coordinator's answer is not understood: is it another version?");
    for (int i = 0; i < FIELDS; i++) {
        const double number = strtod(fields[i], NULL);
        if (worker_columns[i].type == COLUMN_TEXT)
            table_put_text(table, fields[i]);
        else if (worker_columns[i].type == COLUMN_INTEGER)
            table_put_integer(table, (int64_t)number);
        else if (number < 0)
            table_put_unknown(table);
        else
            table_put_real(table, number / 1000.0);
    }
    return STATUS_OK;
}

static enum status print_workers(const struct workers_options *options, char *text, struct error *err)
{
    struct table *table = table_create(worker_columns, FIELDS);
    if (table == NULL)
        return mem_error(err, "the table of workers");
    enum status status = STATUS_OK;
    for (char *line = text, *end; status == STATUS_OK && (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        status = add_line(table, line, err);
    }
    const struct terminal terminal = terminal_of(stdout);
    if (status == STATUS_OK)
        status = options->json ? json_print(table_to_json(table), stdout, err)
                               : table_print_text(table, &terminal, stdout, err);
    table_destroy(&table);
    return status;
}

static enum status list_workers(const struct workers_options *options, struct error *err)
{
    const struct control_request request = {.verb = CONTROL_WORKERS};
    char *text;
    enum status status = admin_ask(&options->admin, &request, &text, err);
    if (status != STATUS_OK)
        return status;
    status = print_workers(options, text, err);
    mem_free(text);
    return status;
}

static enum status run_workers(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct workers_options options = {0};
    struct arguments arguments;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status != STATUS_OK)
        return status;
    if (arguments.count == 0)
        return list_workers(&options, err);
    struct control_request request = {.verb = CONTROL_TRUST};
    if (strcmp(arguments.words[0], "trust") != 0 || arguments.count != 2)
        return error_set(err, STATUS_USAGE, "'workers' wants nothing, or 'trust HOST'");
    if (strlen(arguments.words[1]) >= sizeof request.name)
        return error_set(err, STATUS_NOT_FOUND, "no host has so long a name");
    snprintf(request.name, sizeof request.name, "%s", arguments.words[1]);
    return admin_ask_and_print(&options.admin, &request, err);
}

const struct verb verb_workers = {
    .name = "workers",
    .summary = "Who works for a running coordinator; end the quarantine of a host",
    .arguments = "[trust] [HOST]",
    .notes =
        "A host whose results were proven wrong is quarantined, with all its workers; `trust HOST` ends that, once\n"
        "the machine is in order (memory, overclocking). Its workers were sent away: start them anew.",
    .examples = "vitrine workers --db farm.db\n"
                "vitrine workers trust node7 --db farm.db",
    .options = workers_specs,
    .run = run_workers,
};
