/* json_out.h - what --json prints: one object per verb, keys in a stable order, doubles with 17 digits (they read back
 * as the same bits). Values that do not exist (an error bar of one sample) are null. */
#ifndef VITRINE_SERVER_CMD_JSON_OUT_H
#define VITRINE_SERVER_CMD_JSON_OUT_H

#include "common/digest.h"
#include "common/error.h"
#include <jansson.h>
#include <stdio.h>

json_t *json_of_number(double value); /* null for NaN and infinities; returned */
json_t *json_of_digest(const struct digest *digest);

/* Prints and releases `value` (given; NULL, from a failed allocation, is STATUS_NO_MEMORY). */
enum status json_print(json_t *value, FILE *out, struct error *err) MUST_CHECK;

/* {"error": {"status", "message", "exit_code", "path", "line", "column", "os_errno"}} */
void json_print_error(const struct error *err, FILE *out);

#endif
