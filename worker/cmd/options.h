/* options.h - values on a command line: parsed whole, finite, within bounds, or the option is named in the error. */
#ifndef VITRINE_WORKER_CMD_OPTIONS_H
#define VITRINE_WORKER_CMD_OPTIONS_H

#include "common/error.h"
#include <stdint.h>

/* A real number in [low, high]. STATUS_USAGE. */
enum status option_real(const char *option, const char *text, double low, double high, double *out,
                        struct error *err) MUST_CHECK;

/* A whole number in [low, high]. STATUS_USAGE. */
enum status option_whole(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *out,
                         struct error *err) MUST_CHECK;

/* The index of a word in a table of names. STATUS_USAGE, and the names. */
enum status option_name(const char *option, const char *text, const char *const *names, int count, int *out,
                        struct error *err) MUST_CHECK;

#endif
