/* campaign.c - vitrine campaign: add, extend, pause, resume and cancel campaigns while their coordinator runs. */
#include "server/cmd/admin.h"
#include "server/cmd/conduct.h"
#include "server/cmd/verbs.h"
#include <string.h>

struct campaign_options {
    struct admin_options admin;
};

static const struct option_spec campaign_specs[] = {ADMIN_OPTIONS(campaign_options, admin), OPTION_END};

static const struct {
    const char *word;
    enum control_verb verb;
    bool wants_file;
} actions[] = {
    {"add", CONTROL_ADD, true},        {"extend", CONTROL_EXTEND, true},  {"pause", CONTROL_PAUSE, false},
    {"resume", CONTROL_RESUME, false}, {"cancel", CONTROL_CANCEL, false},
};

enum { ACTION_COUNT = sizeof actions / sizeof *actions };

/* Mistakes that need no database are found here, before anybody is asked. */
static enum status send_file(const struct admin_options *admin, struct control_request *request, const char *path,
                             struct error *err)
{
    struct campaign_file file;
    enum status status = conduct_read_campaign(path, &file, err);
    if (status != STATUS_OK)
        return status;
    snprintf(request->name, sizeof request->name, "%s", file.name);
    snprintf(request->path, sizeof request->path, "%s", path);
    request->text = file.text;
    request->text_size = file.size;
    status = admin_ask_and_print(admin, request, err);
    campaign_file_finish(&file);
    return status;
}

static enum status run_campaign_verb(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct campaign_options options = {0};
    struct arguments arguments;
    struct control_request request = {0};
    int action = 0;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status != STATUS_OK)
        return status;
    while (action < ACTION_COUNT && strcmp(actions[action].word, arguments.words[0]) != 0)
        action++;
    if (action == ACTION_COUNT)
        return error_set(err, STATUS_USAGE, "'campaign' wants add, extend, pause, resume or cancel, not '%s'",
                         arguments.words[0]);
    request.verb = actions[action].verb;
    if (actions[action].wants_file)
        return send_file(&options.admin, &request, arguments.words[1], err);
    if (strlen(arguments.words[1]) >= sizeof request.name)
        return error_set(err, STATUS_NOT_FOUND, "no campaign has so long a name");
    snprintf(request.name, sizeof request.name, "%s", arguments.words[1]);
    return admin_ask_and_print(&options.admin, &request, err);
}

const struct verb verb_campaign = {
    .name = "campaign",
    .summary = "Add, extend, pause, resume or cancel a campaign while its coordinator runs",
    .arguments = "add|extend|pause|resume|cancel FILE_OR_NAME",
    .notes =
        "add and extend want a campaign file, the others a campaign's name. What is paused finishes what runs and\n"
        "grants nothing more; what is cancelled keeps its rows, and can be resumed all the same. None of these\n"
        "changes a result: only whether and when it comes.",
    .examples = "vitrine campaign add --db farm.db glass.yaml\n"
                "vitrine campaign pause --db farm.db glass\n"
                "vitrine campaign extend --connect tcp://farm:7118 --key alice.key glass.yaml",
    .options = campaign_specs,
    .run = run_campaign_verb,
};
