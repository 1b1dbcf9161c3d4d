#include "server/cmd/verb.h"

#include "common/engine.h"
#include "common/nearest.h"
#include "server/cmd/json_out.h"
#include <errno.h>
#include <locale.h>
#include <string.h>

const struct verb *verb_find(const char *name)
{
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++)
        if (strcmp((*verb)->name, name) == 0)
            return *verb;
    return NULL;
}

const struct verb *verb_find_nearest(const char *name)
{
    const char *names[VERBS_MAX];
    size_t count = 0;
    for (; verb_table[count] != NULL && count < VERBS_MAX; count++)
        names[count] = verb_table[count]->name;
    const char *near = nearest_word(name, names, count);
    return near != NULL ? verb_find(near) : NULL;
}

void verb_print_all(FILE *out)
{
    fprintf(out, "usage: vitrine VERB [OPTIONS] ...\n\n"
                 "Vitrine runs ensembles of glass simulations and keeps their results in one database.\n\nverbs:\n");
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++)
        fprintf(out, "  %-11s %s\n", (*verb)->name, (*verb)->summary);
    fprintf(out, "\noptions:\n"
                 "  --help     print this text; after a verb, the help of the verb\n"
                 "  --version  print the version and the engine id\n\n"
                 "examples:\n"
                 "  vitrine init glass.yaml        write a campaign to start from\n"
                 "  vitrine run glass.yaml         run it on this machine; again to go on where it stopped\n"
                 "  vitrine plot glass.db          make pictures of what is there\n\n"
                 "exit codes: 0 done, 1 failed, 2 usage, 3 campaign file, 4 coordinator unreachable, 5 not found, "
                 "6 conflict\n");
}

/* Indents every line of a text by two blanks. */
static void print_indented(const char *text, FILE *out)
{
    while (*text != '\0') {
        int size = (int)strcspn(text, "\n");
        fprintf(out, "  %.*s\n", size, text);
        text += size + (text[size] == '\n');
    }
}

void verb_print_help(const struct verb *verb, FILE *out)
{
    fprintf(out, "usage: vitrine %s [OPTIONS]%s%s\n\n%s\n", verb->name, *verb->arguments != '\0' ? " " : "",
            verb->arguments, verb->summary);
    if (verb->notes != NULL)
        fprintf(out, "\n%s\n", verb->notes);
    if (verb->print_choices != NULL)
        verb->print_choices(out);
    if (verb->options != NULL) {
        fprintf(out, "\noptions:\n");
        options_print_help(verb->options, out);
    }
    fprintf(out, "\nexamples:\n");
    print_indented(verb->examples, out);
}

static void print_version(void)
{
    printf("vitrine %s (engine %d)\n", VITRINE_VERSION, ENGINE_ID);
}

static bool has_option(int argc, char *const argv[], const char *option)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], option) == 0)
            return true;
    return false;
}

/* `vitrine: ...` for people, always; the fields as one JSON object on standard output for programs that asked. */
static void report(const struct verb *verb, const struct error *err, bool json)
{
    if (err->message[0] == '\0')
        return;
    if (err->line != 0)
        fprintf(stderr, "%s:%u:%u: error: %s\n", err->path, err->line, err->column, err->message);
    else
        fprintf(stderr, "vitrine: %s\n", err->message);
    if (err->status == STATUS_USAGE && verb != NULL)
        fprintf(stderr, "try 'vitrine %s --help'\n", verb->name);
    if (json)
        json_print_error(err, stdout);
}

/* A full disk or a closed pipe is a failure too: results that nobody got are not done. */
static enum status flush_output(struct error *err)
{
    if (fflush(stdout) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot write to standard output");
    if (ferror(stdout)) /* earlier: errno is no longer that failure's */
        return error_set(err, STATUS_IO, "cannot write to standard output");
    return STATUS_OK;
}

/* The exit code after text that asks for nothing more. */
static int end_output(void)
{
    struct error err = {0};
    enum status status = flush_output(&err);
    if (status != STATUS_OK)
        report(NULL, &err, false);
    return status_exit_code(status);
}

static int run_verb(const struct verb *verb, int argc, char *argv[])
{
    struct error err = {0};
    bool json = has_option(argc, argv, "--json");
    if (verb->options != NULL && (has_option(argc, argv, "--help") || has_option(argc, argv, "-h"))) {
        verb_print_help(verb, stdout);
        return end_output();
    }
    enum status status = verb->run(verb, argc, argv, &err);
    if (status == STATUS_OK)
        status = flush_output(&err);
    if (status != STATUS_OK)
        report(verb, &err, json);
    return status_exit_code(status);
}

static int refuse_verb(const char *name)
{
    const struct verb *near = verb_find_nearest(name);
    fprintf(stderr, "vitrine: unknown %s '%s'", name[0] == '-' ? "option" : "verb", name);
    if (near != NULL)
        fprintf(stderr, "; did you mean '%s'?", near->name);
    fprintf(stderr, "\ntry 'vitrine --help'\n");
    return status_exit_code(STATUS_USAGE);
}

int verb_main(int argc, char *argv[])
{
    setlocale(LC_CTYPE, ""); /* only what terminals show; numbers are always written the C way */
    if (argc < 2) {
        verb_print_all(stderr);
        return status_exit_code(STATUS_USAGE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version();
        return end_output();
    }
    bool help = strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
    if (help && argc == 2) {
        verb_print_all(stdout);
        return end_output();
    }
    const char *name = argv[help ? 2 : 1];
    const struct verb *verb = verb_find(name);
    if (verb == NULL)
        return refuse_verb(name);
    if (!help)
        return run_verb(verb, argc - 1, argv + 1);
    char *ask[] = {argv[2], (char[]){"--help"}, NULL};
    return run_verb(verb, 2, ask);
}
