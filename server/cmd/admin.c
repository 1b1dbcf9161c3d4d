#include "server/cmd/admin.h"

#include "common/mem.h"
#include <stdio.h>
#include <unistd.h>

static enum status find_endpoint(const struct admin_options *options, char out[GATE_ENDPOINT_SIZE], struct error *err)
{
    if ((options->database == NULL) == (options->connect == NULL))
        return error_set(err, STATUS_USAGE, "--db FILE or --connect URL says which coordinator is meant");
    if (options->key != NULL && options->connect == NULL)
        return error_set(err, STATUS_USAGE, "--key belongs to --connect: a database's own socket needs none");
    if (options->connect != NULL) {
        snprintf(out, GATE_ENDPOINT_SIZE, "%s", options->connect);
        return STATUS_OK;
    }
    enum status status = control_endpoint(options->database, out, err);
    if (status == STATUS_OK && access(out + sizeof "ipc://" - 1, F_OK) != 0)
        return error_set(err, STATUS_UNREACHABLE, "no coordinator runs on '%s': vitrine serve --db %s starts one",
                         options->database, options->database);
    return status;
}

enum status admin_ask(const struct admin_options *options, const struct control_request *request, char **out_text,
                      struct error *err)
{
    char endpoint[GATE_ENDPOINT_SIZE];
    struct key_file key = {0};
    enum status status = find_endpoint(options, endpoint, err);
    if (status == STATUS_OK && options->key != NULL)
        status = key_file_read(options->key, KEY_ADMIN, &key, err);
    if (status == STATUS_OK)
        status = control_call(endpoint, options->key != NULL ? &key : NULL, request, out_text, err);
    key_file_forget(&key);
    return status;
}

enum status admin_ask_and_print(const struct admin_options *options, const struct control_request *request,
                                struct error *err)
{
    char *text;
    enum status status = admin_ask(options, request, &text, err);
    if (status != STATUS_OK)
        return status;
    fputs(text, stdout);
    mem_free(text);
    return STATUS_OK;
}
