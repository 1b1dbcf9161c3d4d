/* init.c - vitrine init: a campaign file to start from, with every key and what it means. */
#include "common/campaign_docs.h"
#include "server/cmd/verbs.h"
#include <errno.h>
#include <string.h>

struct init_options {
    bool force;
};

static const struct option_spec init_specs[] = {
    OPTION("force", NULL, OPTION_FLAG, init_options, force, "write over a file that exists"),
    OPTION_END,
};

static enum status write_example(const char *path, bool force, struct error *err)
{
    FILE *out = fopen(path, force ? "w" : "wx");
    if (out == NULL && errno == EEXIST)
        return error_set(err, STATUS_CONFLICT, "'%s' exists already; --force writes over it", path);
    if (out == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    campaign_write_example(out);
    int failed = ferror(out);
    if (fclose(out) != 0 || failed)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    return STATUS_OK;
}

static enum status run_init(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct init_options options = {0};
    struct arguments arguments;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status != STATUS_OK)
        return status;
    const char *path = arguments.count > 0 ? arguments.words[0] : "campaign.yaml";
    if (strcmp(path, "-") == 0) {
        campaign_write_example(stdout);
        return STATUS_OK;
    }
    if ((status = write_example(path, options.force, err)) != STATUS_OK)
        return status;
    printf("wrote %s\nnext: vitrine validate %s\n", path, path);
    return STATUS_OK;
}

const struct verb verb_init = {
    .name = "init",
    .summary = "Write a commented campaign file to start from",
    .arguments = "[FILE]",
    .notes = "FILE is campaign.yaml when it is not given; - is standard output.",
    .examples = "vitrine init glass.yaml\n"
                "vitrine init - | less",
    .options = init_specs,
    .run = run_init,
};
