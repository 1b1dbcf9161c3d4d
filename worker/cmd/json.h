/* json.h - JSON written as it is made: a million atoms need no tree in memory. Doubles have 17 digits, so that they are
 * read back to the last bit; what is not finite becomes null. Keys and strings are ours and need no escapes. */
#ifndef VITRINE_WORKER_CMD_JSON_H
#define VITRINE_WORKER_CMD_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *file;
    bool follows; /* something stands before in this object or array */
};

/* `key` is NULL inside an array and for the outermost value. */
void json_object_begin(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array_begin(struct json *json, const char *key);
void json_array_end(struct json *json);
void json_real(struct json *json, const char *key, double value);
void json_whole(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_string(struct json *json, const char *key, const char *value);

#endif
