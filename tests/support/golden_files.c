#include "tests/support/golden_files.h"

#include "worker/files/configuration_read.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *golden_path(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/tests/golden/structure/%s", VITRINE_SOURCE_ROOT, name);
    return path;
}

struct configuration golden_configuration(const char *name)
{
    struct configuration configuration;
    struct error err;
    cr_assert_eq(configuration_read(golden_path(name), 0, &configuration, &err), STATUS_OK, "%s", err.message);
    return configuration;
}

const char *golden_temporary(const char *content, const char *ending)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/vitrine-test-XXXXXX%s", ending);
    const int fd = mkstemps(path, (int)strlen(ending));
    cr_assert_geq(fd, 0);
    const size_t size = strlen(content);
    cr_assert_eq(write(fd, content, size), (ssize_t)size);
    close(fd);
    return path;
}
