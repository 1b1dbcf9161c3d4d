#include "worker/cmd/json.h"

#include <inttypes.h>
#include <math.h>

static void begin_value(struct json *json, const char *key)
{
    if (json->follows)
        fputc(',', json->file);
    if (key)
        fprintf(json->file, "\"%s\":", key);
    json->follows = true;
}

static void begin_group(struct json *json, const char *key, char bracket)
{
    begin_value(json, key);
    fputc(bracket, json->file);
    json->follows = false;
}

static void end_group(struct json *json, char bracket)
{
    fputc(bracket, json->file);
    json->follows = true;
}

void json_object_begin(struct json *json, const char *key)
{
    begin_group(json, key, '{');
}

void json_object_end(struct json *json)
{
    end_group(json, '}');
}

void json_array_begin(struct json *json, const char *key)
{
    begin_group(json, key, '[');
}

void json_array_end(struct json *json)
{
    end_group(json, ']');
}

void json_real(struct json *json, const char *key, double value)
{
    begin_value(json, key);
    if (isfinite(value))
        fprintf(json->file, "%.17g", value);
    else
        fputs("null", json->file);
}

void json_whole(struct json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    fprintf(json->file, "%" PRId64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin_value(json, key);
    fputs(value ? "true" : "false", json->file);
}

void json_string(struct json *json, const char *key, const char *value)
{
    begin_value(json, key);
    fprintf(json->file, "\"%s\"", value);
}
