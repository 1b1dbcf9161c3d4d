/* admin.h - how the verbs for administrators find a running coordinator and ask it. */
#ifndef VITRINE_SERVER_CMD_ADMIN_H
#define VITRINE_SERVER_CMD_ADMIN_H

#include "server/cmd/options.h"
#include "server/net/control.h"

/* A member of each such verb's options. */
struct admin_options {
    const char *database; /* on this machine: the socket beside it */
    const char *connect;  /* or from anywhere: an address, */
    const char *key;      /* with a key of role admin */
};

#define ADMIN_OPTIONS(owner, admin)                                                                                    \
    OPTION("db", "FILE", OPTION_TEXT, owner, admin.database, "the coordinator of this database, on this machine"),     \
        OPTION("connect", "URL", OPTION_TEXT, owner, admin.connect, "or the one whose control channel is there"),      \
        OPTION("key", "FILE", OPTION_TEXT, owner, admin.key, "your key of role admin, for --connect")

/* control_call. The text is returned (mem_free). */
enum status admin_ask(const struct admin_options *options, const struct control_request *request, char **out_text,
                      struct error *err) MUST_CHECK;
/* The same, and prints it. */
enum status admin_ask_and_print(const struct admin_options *options, const struct control_request *request,
                                struct error *err) MUST_CHECK;

#endif
