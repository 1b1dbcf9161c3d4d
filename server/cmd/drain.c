/* drain.c - vitrine drain: the coordinator ends when its workers have finished or given back what they run. */
#include "server/cmd/admin.h"
#include "server/cmd/verbs.h"

struct drain_options {
    struct admin_options admin;
    struct option_f64 grace;
};

static const struct option_spec drain_specs[] = {
    ADMIN_OPTIONS(drain_options, admin),
    OPTION("grace", "SECONDS", OPTION_F64, drain_options, grace, "for what runs to be finished (default 30)"),
    OPTION_END,
};

static enum status run_drain(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct drain_options options = {.grace = {.value = 30.0}};
    struct arguments arguments;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status != STATUS_OK)
        return status;
    if (!(options.grace.value >= 0.001 && options.grace.value <= 86400.0))
        return error_set(err, STATUS_USAGE, "--grace wants 0.001 .. 86400 seconds, not %g", options.grace.value);
    const struct control_request request = {.verb = CONTROL_DRAIN,
                                            .grace_ms = (uint32_t)(1000.0 * options.grace.value)};
    return admin_ask_and_print(&options.admin, &request, err);
}

const struct verb verb_drain = {
    .name = "drain",
    .summary = "End a running coordinator cleanly",
    .arguments = "",
    .notes = "As SIGTERM does. Workers leave too; `serve` goes on later where it stopped.",
    .examples = "vitrine drain --db farm.db\n"
                "vitrine drain --connect tcp://farm:7118 --key alice.key --grace 300",
    .options = drain_specs,
    .run = run_drain,
};
