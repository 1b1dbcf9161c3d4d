/* control.h - the control channel: what an administrator asks of a running coordinator, and its answer.
 *
 * It has a socket of its own: a unix socket beside the database, which only its owner can open, and, where asked for, a
 * tcp address for keys of role admin. A request is six frames, all of them short but a campaign's text:
 *
 *     "vitrine-control 1" | verb | name | path | grace, decimal ms | text
 *
 * An answer is three: the same head, the name of a status, and text: what to print, or why not. */
#ifndef VITRINE_SERVER_NET_CONTROL_H
#define VITRINE_SERVER_NET_CONTROL_H

#include "common/error.h"
#include "server/net/gate.h"

enum {
    CONTROL_NAME_SIZE = 64, /* of a campaign, or of a host */
    CONTROL_PATH_SIZE = 256,
    CONTROL_TEXT_MAX = 512 << 10, /* bytes; a campaign file has half as many */
    CONTROL_ANSWER_MAX = 8 << 20,
};

enum control_verb {
    CONTROL_ADD,    /* a campaign: path, text */
    CONTROL_EXTEND, /* one that is there: path, text */
    CONTROL_PAUSE,  /* name */
    CONTROL_RESUME,
    CONTROL_CANCEL,
    CONTROL_DRAIN,   /* grace_ms */
    CONTROL_WORKERS, /* a line a worker, fields separated by tabs: see coordinator_control.c */
    CONTROL_TRUST,   /* name: of a host */
    CONTROL_VERB_COUNT
};

struct control_request {
    enum control_verb verb;
    char name[CONTROL_NAME_SIZE];
    char path[CONTROL_PATH_SIZE]; /* of the file, for messages and the record */
    uint32_t grace_ms;
    size_t text_size;
    const char *text; /* borrowed */
};

const char *control_verb_name(enum control_verb verb);

/* -- the coordinator's side -----------------------------------------------------------------------------------------
 */

struct control;

/* tcp: NULL = the unix socket alone, at `path`. */
enum status control_open(struct gate *gate, const char *path, const char *tcp, struct control **out_control,
                         struct error *err) MUST_CHECK;
void control_close(struct control **control); /* NULL and pointers to NULL are fine */

/* Its tcp address, as it is; NULL = none. Borrowed. */
const char *control_address(const struct control *control);

/* One request; false when none waits. Who asks that may not, or does not make sense, is answered here. `by` is whose
 * key it was, or "owner" for the unix socket. Borrowed until the next. */
bool control_receive(struct control *control, struct control_request *out_request, const char **out_by);

/* To the request received last. */
void control_answer(struct control *control, enum status status, const char *text, size_t size);

/* -- the caller's side ----------------------------------------------------------------------------------------------
 */

/* The socket beside a database: "ipc://DATABASE.control"; STATUS_INVALID when its path is too long for a unix socket.
 */
enum status control_endpoint(const char *database, char out[GATE_ENDPOINT_SIZE], struct error *err) MUST_CHECK;

/* Asks, and waits. The answer's text is returned (mem_free) and ended by a zero; NULL for a failure, which err
 * explains. STATUS_UNREACHABLE when nobody is there, STATUS_CONFLICT when the key (NULL = none) is not let in. */
enum status control_call(const char *endpoint, const struct key_file *key, const struct control_request *request,
                         char **out_text, struct error *err) MUST_CHECK;

#endif
