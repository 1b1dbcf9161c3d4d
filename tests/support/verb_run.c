#include "tests/support/verb_run.h"

#include "tests/support/golden_files.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

const char *verb_run(int (*verb)(int argc, char **argv), const char *const words[], int *out_exit)
{
    static char path[64];
    char *argv[16];
    int argc = 0;
    for (; words[argc]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc];
    argv[argc] = NULL;
    snprintf(path, sizeof path, "%s", golden_temporary("", ".out"));
    fflush(stdout);
    const int kept = dup(STDOUT_FILENO);
    cr_assert_not_null(freopen(path, "w", stdout));
    *out_exit = verb(argc, argv);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    return path;
}
