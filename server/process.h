/* process.h - other programs: found, started, waited for. */
#ifndef VITRINE_SERVER_PROCESS_H
#define VITRINE_SERVER_PROCESS_H

#include "common/error.h"
#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/* Finds vitrine-worker: beside this program (its real path), in ../worker/ (the build tree), where the environment's
 * VITRINE_WORKER says, in PATH. */
enum status process_find_worker(char out_path[PATH_MAX], struct error *err) MUST_CHECK;

/* Runs argv[0] (a path, or a name in PATH) to its end with `input` on its standard input, and returns what it wrote to
 * standard output (mem_free; zero-terminated). STATUS_NOT_FOUND when there is no such program; STATUS_IO with the first
 * line it wrote to standard error when its exit code is not 0. At most PROCESS_OUTPUT_MAX bytes are taken. */
enum { PROCESS_OUTPUT_MAX = 256 * 1024 * 1024 };
enum status process_capture(const char *const argv[], const void *input, size_t input_size, char **out_text,
                            size_t *out_size, struct error *err) MUST_CHECK;

#endif
