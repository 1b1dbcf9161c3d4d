/* completion.c - vitrine completion: shell completion and the manual page, from the table of verbs. */
#include "server/cmd/verbs.h"
#include <string.h>

static const struct option_spec completion_specs[] = {OPTION_END};

static void print_options_of(const struct verb *verb)
{
    printf("        %s) words='--help", verb->name);
    for (const struct option_spec *spec = verb->options; spec != NULL && spec->name != NULL; spec++)
        printf(" --%s", spec->name);
    printf("' ;;\n");
}

/* The first word is a verb, dashes begin its options, all else is a file. */
static void print_bash(void)
{
    printf("# Completion of vitrine for bash: source this file, or install it as\n"
           "# /usr/share/bash-completion/completions/vitrine\n"
           "_vitrine()\n{\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} words=''\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        words='--help --version");
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++)
        printf(" %s", (*verb)->name);
    printf("'\n"
           "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
           "        return\n"
           "    fi\n"
           "    case ${COMP_WORDS[1]} in\n");
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++)
        print_options_of(*verb);
    printf("    esac\n"
           "    case $word in\n"
           "        -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
           "        *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
           "    esac\n"
           "}\n"
           "complete -o filenames -F _vitrine vitrine\n");
}

/* In roff a dash is a hyphen unless escaped, and a dot or quote at a line's beginning is a request. */
static void print_roff(const char *text)
{
    bool line_begins = true;
    for (; *text != '\0'; text++) {
        if (line_begins && (*text == '.' || *text == '\''))
            printf("\\&");
        if (*text == '-' || *text == '\\')
            putchar('\\');
        putchar(*text == '\\' ? 'e' : *text);
        line_begins = *text == '\n';
    }
}

static void print_man_options(const struct option_spec *spec)
{
    for (; spec != NULL && spec->name != NULL; spec++) {
        printf(".TP\n.B \\-\\-");
        print_roff(spec->name);
        printf("%s%s\n", spec->value != NULL ? " " : "", spec->value != NULL ? spec->value : "");
        print_roff(spec->help);
        putchar('\n');
    }
}

static void print_man_verb(const struct verb *verb)
{
    printf(".SS vitrine %s [OPTIONS] %s\n", verb->name, verb->arguments);
    print_roff(verb->summary);
    printf(".\n");
    if (verb->notes != NULL) {
        print_roff(verb->notes);
        putchar('\n');
    }
    if (verb->print_choices != NULL) {
        printf(".PP\n.nf\n");
        verb->print_choices(stdout);
        printf(".fi\n");
    }
    print_man_options(verb->options);
    printf(".PP\n.nf\n");
    print_roff(verb->examples);
    printf("\n.fi\n");
}

static void print_man(void)
{
    printf(".TH VITRINE 1 \"\" \"vitrine %s\"\n.SH NAME\nvitrine \\- run ensembles of glass simulations\n"
           ".SH SYNOPSIS\n.B vitrine\nVERB [OPTIONS] ...\n.SH VERBS\n",
           VITRINE_VERSION);
    for (const struct verb *const *verb = verb_table; *verb != NULL; verb++)
        print_man_verb(*verb);
    printf(".SH EXIT STATUS\n0 done, 1 failed, 2 usage, 3 campaign file, 4 coordinator unreachable, 5 not found, "
           "6 conflict.\n"
           ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colours, when set\n.TP\n.B VITRINE_WORKER\npath of the worker "
           "program, where it is not beside vitrine\n");
}

static enum status run_completion(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct arguments arguments;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, NULL, &arguments, err);
    if (status != STATUS_OK)
        return status;
    if (strcmp(arguments.words[0], "bash") == 0)
        print_bash();
    else if (strcmp(arguments.words[0], "man") == 0)
        print_man();
    else
        return error_set(err, STATUS_USAGE, "no completion for '%s'; there is bash, and man for the manual page",
                         arguments.words[0]);
    return STATUS_OK;
}

const struct verb verb_completion = {
    .name = "completion",
    .summary = "Print shell completion or the manual page",
    .arguments = "KIND",
    .notes = "KIND is bash or man.",
    .examples = "vitrine completion bash > ~/.local/share/bash-completion/completions/vitrine\n"
                "vitrine completion man | man -l -",
    .options = completion_specs,
    .run = run_completion,
};
