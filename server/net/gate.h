/* gate.h - who may come in: listening sockets, and the check of every key that knocks.
 *
 * With a folder of keys, each connection is CURVE: encrypted, and known by its public key, which the gate compares with
 * the allow-list. libzmq asks for that over an inner socket (ZAP, rfc.zeromq.org/spec/27), and lets anybody in when
 * nobody answers there; so the inner socket is bound before any outer one, ZMQ_ZAP_ENFORCE_DOMAIN turns silence into
 * refusal, and gate_listen knocks itself with a key drawn for the purpose, which must be turned away by this gate.
 * Every message is held to the list again (gate_admits): a revoked key is deaf and dumb though its connection lives.
 *
 * Without keys only tcp on a loopback address and ipc are listened on. Thread rule: one thread, which calls gate_wait
 * often: handshakes are answered there. */
#ifndef VITRINE_SERVER_NET_GATE_H
#define VITRINE_SERVER_NET_GATE_H

#include "common/error.h"
#include "server/net/keys.h"

enum { GATE_ENDPOINT_SIZE = 256, GATE_LISTENERS_MAX = 4 };

struct gate;

/* keys: the folder; NULL = none. STATUS_INVALID when a key file can be read by others. */
enum status gate_open(const char *keys, struct gate **out_gate, struct error *err) MUST_CHECK;
void gate_close(struct gate **gate); /* after its listeners; NULL and pointers to NULL are fine */

/* Whether that endpoint may be listened on: STATUS_INVALID. */
enum status gate_check_endpoint(const char *endpoint, bool has_keys, struct error *err) MUST_CHECK;

struct listener {
    struct gate *gate;
    void *socket; /* a ROUTER */
    enum key_role role;
    bool is_keyed;                     /* each connection has a key on the list */
    bool is_open;                      /* bound */
    char endpoint[GATE_ENDPOINT_SIZE]; /* as it is, the port being the real one */
};

/* Binds a ROUTER for keys of `role`. Port 0 or *: any free one. An ipc socket can be used by its owner alone. */
enum status gate_listen(struct gate *gate, const char *endpoint, enum key_role role, struct listener *out_listener,
                        struct error *err) MUST_CHECK;
void gate_unlisten(struct listener *listener); /* sends what is queued, up to 1 s; zeroed is fine */

/* Whether a message came from a key that is on the list now, as `role`. *out_name: whose; NULL without keys, when all
 * messages are admitted. Borrowed until the next gate_refresh. */
bool gate_admits(struct gate *gate, enum key_role role, const char *user_id, const char **out_name);

/* Sleeps until a message can be received somewhere, a key was checked, or the time is over; a signal ends the sleep. */
enum status gate_wait(struct gate *gate, int timeout_ms, struct error *err) MUST_CHECK;

/* Reads the allow-list again if it has changed; calls back for each key that is not on it any more. A failure is said
 * once for each version of the file; until there is a good one nobody is admitted, since it may revoke any of them. */
typedef void gate_revoked(void *context, enum key_role role, const char *name);
enum status gate_refresh(struct gate *gate, gate_revoked *revoked, void *context, struct error *err) MUST_CHECK;

/* Before descriptors run out, which would make libzmq spin, the listeners close; they open again when there is room.
 * Connections that are there stay. *out_shut: nobody new comes in now. */
enum status gate_watch_descriptors(struct gate *gate, bool *out_shut, struct error *err) MUST_CHECK;

/* The last failure of libzmq, as an error. */
enum status gate_zmq_failure(struct error *err, const char *what);

#endif
