/* golden_files.h - the files of tests/golden, found wherever the test runs. */
#ifndef VITRINE_TESTS_SUPPORT_GOLDEN_FILES_H
#define VITRINE_TESTS_SUPPORT_GOLDEN_FILES_H

#include "worker/md/configuration.h"

/* Path of `name` under tests/golden/structure; static storage until the next call. */
const char *golden_path(const char *name);

/* The configuration in that file; ends the test when it cannot be read. */
struct configuration golden_configuration(const char *name);

/* `content` written to a temporary file, whose path is returned (static storage until the next call). */
const char *golden_temporary(const char *content, const char *ending);

#endif
