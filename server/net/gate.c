#include "server/net/gate.h"

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/mem.h"
#include "common/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93 /* behind ZMQ_BUILD_DRAFT_API in zmq.h; honoured by the library */
#endif

enum {
    RECEIVE_MESSAGES_MAX = 16, /* per peer: small, so that a flood stays with its sender */
    SEND_MESSAGES_MAX = 256,   /* per peer: the grants of a worker with many slots */
    LINGER_MS = 1000,
    BACKLOG = 1024,
    HEARTBEAT_MS = 10000,
    HEARTBEAT_TIMEOUT_MS = 30000,
    HANDSHAKE_MS = 30000,    /* what is cut off starts anew: too short a time, and a storm of workers never ends */
    KNOCK_MS = 15000,        /* for the gate's own knock to be answered */
    ZAP_PARTS_MAX = 8,       /* of a request; CURVE's has 7 */
    ZAP_REQUEST_SIZE = 256,  /* of the parts that are looked at */
    CONNECTIONS_MAX = 65536, /* whatever the limit of descriptors is */
    DESCRIPTORS_RESERVE_SHARE = 8, /* one in so many stays free: connections that come between two looks, files */
};

static const char zap_endpoint[] = "inproc://zeromq.zap.01";

struct gate {
    void *context, *zap;
    const char *keys; /* borrowed; NULL = none */
    struct key_file own;
    struct allow_list list;
    struct allow_list_version version;
    struct key turned_away; /* the last key that was */
    uint32_t knocks;
    uint32_t listener_count;
    struct listener *listeners[GATE_LISTENERS_MAX];
};

enum status gate_zmq_failure(struct error *err, const char *what)
{
    int code = zmq_errno();
    enum status status = error_set(err, STATUS_IO, "%s: %s", what, zmq_strerror(code));
    if (err)
        err->os_errno = code;
    return status;
}

/* -- endpoints ------------------------------------------------------------------------------------------------------
 */

static bool is_loopback_host(const char *host, size_t size)
{
    char text[INET6_ADDRSTRLEN];
    if (size == 0 || size >= sizeof text)
        return false;
    memcpy(text, host, size);
    text[size] = '\0';
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return strcmp(text, "[::1]") == 0;
}

static bool is_ipc(const char *endpoint)
{
    return strncmp(endpoint, "ipc://", 6) == 0 && endpoint[6] != '\0' && endpoint[6] != '@'; /* '@': no permissions */
}

/* "tcp://HOST:PORT"; a port is digits or '*', and libzmq judges their value. */
static bool is_tcp(const char *endpoint, bool loopback_only)
{
    const char *host = endpoint + 6, *colon = strrchr(endpoint, ':');
    if (strncmp(endpoint, "tcp://", 6) != 0 || colon <= host || colon[1] == '\0')
        return false;
    return !loopback_only || is_loopback_host(host, (size_t)(colon - host));
}

enum status gate_check_endpoint(const char *endpoint, bool has_keys, struct error *err)
{
    if (strlen(endpoint) >= GATE_ENDPOINT_SIZE)
        return error_set(err, STATUS_INVALID, "the endpoint has more than %d bytes", GATE_ENDPOINT_SIZE - 1);
    if (is_ipc(endpoint) || is_tcp(endpoint, !has_keys))
        return STATUS_OK;
    if (has_keys)
        return error_set(err, STATUS_INVALID, "cannot listen on '%s': tcp://ADDRESS:PORT or ipc://PATH is wanted",
                         endpoint);
    return error_set(err, STATUS_INVALID,
                     "cannot listen on '%s': without keys only tcp://127.0.0.1:PORT, tcp://[::1]:PORT and"
                     " ipc://PATH are safe (see vitrine keys --help)",
                     endpoint);
}

/* libzmq spells "any port" as '*'. */
static void spell_endpoint(const char *endpoint, char out[GATE_ENDPOINT_SIZE])
{
    size_t size = strlen(endpoint);
    bool any_port = strncmp(endpoint, "tcp://", 6) == 0 && size > 2 && strcmp(endpoint + size - 2, ":0") == 0;
    snprintf(out, GATE_ENDPOINT_SIZE, "%.*s%s", (int)(any_port ? size - 1 : size), endpoint, any_port ? "*" : "");
}

/* -- one request of ZAP ---------------------------------------------------------------------------------------------
 */

/* version, request id, domain, address, identity, mechanism, public key */
enum { ZAP_VERSION, ZAP_ID, ZAP_DOMAIN, ZAP_ADDRESS, ZAP_IDENTITY, ZAP_MECHANISM, ZAP_KEY, ZAP_PARTS };

struct zap_request {
    int count;
    size_t size[ZAP_PARTS_MAX];
    char part[ZAP_PARTS_MAX][ZAP_REQUEST_SIZE];
};

/* false when none waits. Parts that do not fit make a request that nothing matches. */
static bool zap_receive(void *zap, struct zap_request *request)
{
    *request = (struct zap_request){0};
    for (int more = 1; more;) {
        char surplus[ZAP_REQUEST_SIZE];
        const bool keep = request->count < ZAP_PARTS_MAX;
        const int size = zmq_recv(zap, keep ? request->part[request->count] : surplus, ZAP_REQUEST_SIZE, ZMQ_DONTWAIT);
        if (size < 0)
            return false;
        if (keep)
            request->size[request->count++] = (size_t)size;
        size_t more_size = sizeof more;
        zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &more_size);
    }
    return true;
}

static bool zap_is(const struct zap_request *request, int part, const char *text)
{
    return request->size[part] == strlen(text) && memcmp(request->part[part], text, request->size[part]) == 0;
}

/* The domain names the role that the socket wants. */
static const struct allowed *zap_judge(struct gate *gate, const struct zap_request *request)
{
    struct key key;
    if (request->count != ZAP_PARTS || !zap_is(request, ZAP_VERSION, "1.0") ||
        !zap_is(request, ZAP_MECHANISM, "CURVE") || request->size[ZAP_KEY] != KEY_SIZE)
        return NULL;
    memcpy(key.bytes, request->part[ZAP_KEY], KEY_SIZE);
    const struct allowed *allowed = allow_list_find(&gate->list, &key);
    if (allowed && zap_is(request, ZAP_DOMAIN, key_role_names[allowed->role]))
        return allowed;
    gate->turned_away = key;
    return NULL;
}

static void zap_reply(void *zap, const struct zap_request *request, const char *code, const char *text,
                      const char *user_id)
{
    zmq_send(zap, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(zap, request->part[ZAP_ID], request->size[ZAP_ID], ZMQ_SNDMORE);
    zmq_send(zap, code, strlen(code), ZMQ_SNDMORE);
    zmq_send(zap, text, strlen(text), ZMQ_SNDMORE);
    zmq_send(zap, user_id, strlen(user_id), ZMQ_SNDMORE);
    zmq_send(zap, "", 0, 0);
}

static void serve_zap(struct gate *gate)
{
    struct zap_request request;
    while (zap_receive(gate->zap, &request)) {
        char user_id[KEY_TEXT_SIZE] = "";
        const struct allowed *allowed = zap_judge(gate, &request);
        if (allowed)
            key_to_text(&allowed->key, user_id);
        zap_reply(gate->zap, &request, allowed ? "200" : "400", allowed ? "welcome" : "not on the list", user_id);
    }
}

/* -- life -----------------------------------------------------------------------------------------------------------
 */

static enum status open_zap(struct gate *gate, struct error *err)
{
    gate->zap = zmq_socket(gate->context, ZMQ_REP);
    if (!gate->zap || zmq_bind(gate->zap, zap_endpoint) != 0)
        return gate_zmq_failure(err, "cannot start the check of keys");
    return STATUS_OK;
}

static enum status read_keys(struct gate *gate, struct error *err)
{
    enum status status = keys_read_own(gate->keys, &gate->own, err);
    if (status == STATUS_OK) /* looked at first: what changes in between is read again */
        status = allow_list_look(gate->keys, &gate->version, err);
    return status == STATUS_OK ? allow_list_read(gate->keys, &gate->list, err) : status;
}

enum status gate_open(const char *keys, struct gate **out_gate, struct error *err)
{
    struct gate *gate = mem_alloc_array(1, sizeof *gate);
    if (!gate)
        return mem_error(err, "the gate");
    gate->keys = keys;
    gate->context = zmq_ctx_new();
    enum status status = gate->context ? STATUS_OK : gate_zmq_failure(err, "cannot create a zmq context");
    if (status == STATUS_OK && keys)
        status = read_keys(gate, err);
    if (status == STATUS_OK && keys)
        status = open_zap(gate, err);
    if (status != STATUS_OK) {
        gate_close(&gate);
        return status;
    }
    *out_gate = gate;
    return STATUS_OK;
}

void gate_close(struct gate **gate_place)
{
    if (!gate_place || !*gate_place)
        return;
    struct gate *gate = *gate_place;
    *gate_place = NULL;
    if (gate->zap)
        zmq_close(gate->zap);
    if (gate->context)
        zmq_ctx_term(gate->context);
    allow_list_finish(&gate->list);
    key_file_forget(&gate->own);
    mem_free(gate);
}

/* -- listening ------------------------------------------------------------------------------------------------------
 */

static int set_option(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value);
}

static int set_options(void *socket, bool ipv6)
{
    const int64_t frame_max = WIRE_BLOCK_SIZE_MAX;
    int failed = 0;
    failed |= set_option(socket, ZMQ_ROUTER_MANDATORY, 1);
    failed |= set_option(socket, ZMQ_SNDHWM, SEND_MESSAGES_MAX);
    failed |= set_option(socket, ZMQ_RCVHWM, RECEIVE_MESSAGES_MAX);
    failed |= set_option(socket, ZMQ_LINGER, LINGER_MS);
    failed |= set_option(socket, ZMQ_BACKLOG, BACKLOG);
    failed |= set_option(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    failed |= set_option(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    failed |= set_option(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    failed |= set_option(socket, ZMQ_IPV6, ipv6);
    failed |= zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max);
    return failed;
}

/* A unix socket for administrators is guarded by its permissions alone: whoever can open it can write the database. */
static bool wants_keys(const struct listener *listener, const char *endpoint)
{
    return listener->gate->keys && !(listener->role == KEY_ADMIN && is_ipc(endpoint));
}

static int require_keys(const struct listener *listener)
{
    const char *domain = key_role_names[listener->role];
    int failed = 0;
    failed |= set_option(listener->socket, ZMQ_CURVE_SERVER, 1);
    failed |= zmq_setsockopt(listener->socket, ZMQ_CURVE_SECRETKEY, listener->gate->own.secret.bytes, KEY_SIZE);
    failed |= zmq_setsockopt(listener->socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain));
    failed |= set_option(listener->socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
    return failed;
}

static enum status bind_socket(struct listener *listener, const char *endpoint, struct error *err)
{
    char spelled[GATE_ENDPOINT_SIZE];
    spell_endpoint(endpoint, spelled);
    const mode_t mask = umask(0177); /* of a unix socket */
    const int failed = zmq_bind(listener->socket, spelled);
    umask(mask);
    if (failed != 0) {
        if (zmq_errno() == EADDRINUSE)
            return error_set(err, STATUS_CONFLICT, "cannot listen on '%s': another process does", endpoint);
        gate_zmq_failure(err, "zmq_bind");
        return error_context(err, "cannot listen on '%s'", endpoint);
    }
    size_t size = sizeof listener->endpoint;
    if (zmq_getsockopt(listener->socket, ZMQ_LAST_ENDPOINT, listener->endpoint, &size) != 0)
        return gate_zmq_failure(err, "cannot ask for the endpoint");
    listener->is_open = true;
    return STATUS_OK;
}

/* -- the gate's own knock ---------------------------------------------------------------------------------------------
 */

struct knock {
    struct key_file stranger;
    void *socket, *monitor;
};

static void finish_knock(struct knock *knock)
{
    if (knock->monitor)
        zmq_close(knock->monitor);
    if (knock->socket)
        zmq_close(knock->socket);
    key_file_forget(&knock->stranger);
}

static enum status start_knock(struct knock *knock, const struct listener *listener, struct error *err)
{
    const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    struct gate *gate = listener->gate;
    char knock_endpoint[64]; /* of its own, since libzmq ends sockets in its own time */
    snprintf(knock_endpoint, sizeof knock_endpoint, "inproc://vitrine.knock.%u", (unsigned)++gate->knocks);
    enum status status = key_file_draw(listener->role, "stranger", &knock->stranger, err);
    if (status != STATUS_OK)
        return status;
    knock->socket = zmq_socket(gate->context, ZMQ_DEALER);
    knock->monitor = zmq_socket(gate->context, ZMQ_PAIR);
    int failed = !knock->socket || !knock->monitor;
    if (!failed) {
        failed |= set_option(knock->socket, ZMQ_LINGER, 0);
        failed |= set_option(knock->socket, ZMQ_IPV6, strchr(listener->endpoint, '[') != NULL);
        failed |= zmq_setsockopt(knock->socket, ZMQ_CURVE_SERVERKEY, gate->own.open.bytes, KEY_SIZE);
        failed |= zmq_setsockopt(knock->socket, ZMQ_CURVE_PUBLICKEY, knock->stranger.open.bytes, KEY_SIZE);
        failed |= zmq_setsockopt(knock->socket, ZMQ_CURVE_SECRETKEY, knock->stranger.secret.bytes, KEY_SIZE);
        failed |= zmq_socket_monitor(knock->socket, knock_endpoint, events);
        failed |= zmq_connect(knock->monitor, knock_endpoint);
        failed |= zmq_connect(knock->socket, listener->endpoint);
    }
    return failed ? gate_zmq_failure(err, "cannot knock at the own gate") : STATUS_OK;
}

/* The event's number, 0 while there is none. */
static uint16_t take_knock_event(void *monitor)
{
    uint8_t frame[256];
    uint16_t event = 0;
    if (zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT) < (int)sizeof event)
        return 0;
    memcpy(&event, frame, sizeof event);
    zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT); /* the address */
    return event;
}

static uint16_t await_knock(struct gate *gate, const struct knock *knock)
{
    const int64_t end = clock_mono().value + (int64_t)KNOCK_MS * 1000000;
    uint16_t event = 0;
    while (event == 0 && clock_mono().value < end) {
        zmq_pollitem_t items[] = {{gate->zap, 0, ZMQ_POLLIN, 0}, {knock->monitor, 0, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 2, 50) < 0 && zmq_errno() != EINTR)
            return 0;
        serve_zap(gate);
        event = take_knock_event(knock->monitor);
    }
    return event;
}

/* Anything but "turned away, by me" means that keys are not checked. */
static enum status knock_at(const struct listener *listener, struct error *err)
{
    struct gate *gate = listener->gate;
    struct knock knock = {0};
    enum status status = start_knock(&knock, listener, err);
    if (status == STATUS_OK) {
        const uint16_t event = await_knock(gate, &knock);
        const bool is_refused = event != 0 && event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        if (!is_refused || !key_equal(&gate->turned_away, &knock.stranger.open))
            status =
                error_set(err, STATUS_IO, "cannot listen on '%s': a key that nobody knows was %s there",
                          listener->endpoint, event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? "let in" : "not turned away");
    }
    finish_knock(&knock);
    return status;
}

static enum status open_listener(struct listener *listener, const char *endpoint, struct error *err)
{
    listener->socket = zmq_socket(listener->gate->context, ZMQ_ROUTER);
    if (!listener->socket)
        return gate_zmq_failure(err, "cannot create a ROUTER socket");
    listener->is_keyed = wants_keys(listener, endpoint);
    if (set_options(listener->socket, strchr(endpoint, '[') != NULL) != 0 ||
        (listener->is_keyed && require_keys(listener) != 0))
        return gate_zmq_failure(err, "cannot set the options of the ROUTER socket");
    enum status status = bind_socket(listener, endpoint, err);
    return status == STATUS_OK && listener->is_keyed ? knock_at(listener, err) : status;
}

enum status gate_listen(struct gate *gate, const char *endpoint, enum key_role role, struct listener *out_listener,
                        struct error *err)
{
    struct listener listener = {.gate = gate, .role = role};
    enum status status = gate_check_endpoint(endpoint, gate->keys != NULL, err);
    if (status == STATUS_OK && gate->listener_count == GATE_LISTENERS_MAX)
        status = error_set(err, STATUS_LIMIT, "more than %d endpoints to listen on", GATE_LISTENERS_MAX);
    if (status != STATUS_OK)
        return status;
    if ((status = open_listener(&listener, endpoint, err)) != STATUS_OK) {
        if (listener.socket)
            zmq_close(listener.socket);
        return status;
    }
    *out_listener = listener;
    gate->listeners[gate->listener_count++] = out_listener;
    return STATUS_OK;
}

void gate_unlisten(struct listener *listener)
{
    if (!listener->gate)
        return;
    struct gate *gate = listener->gate;
    for (uint32_t i = 0; i < gate->listener_count; i++)
        if (gate->listeners[i] == listener)
            gate->listeners[i--] = gate->listeners[--gate->listener_count];
    zmq_close(listener->socket);
    *listener = (struct listener){0};
}

/* -- while it runs --------------------------------------------------------------------------------------------------
 */

bool gate_admits(struct gate *gate, enum key_role role, const char *user_id, const char **out_name)
{
    struct key key;
    *out_name = NULL;
    if (!gate->keys)
        return true;
    const struct allowed *allowed = user_id && key_from_text(user_id, &key) ? allow_list_find(&gate->list, &key) : NULL;
    if (!allowed || allowed->role != role)
        return false;
    *out_name = allowed->name;
    return true;
}

enum status gate_wait(struct gate *gate, int timeout_ms, struct error *err)
{
    zmq_pollitem_t items[GATE_LISTENERS_MAX + 1];
    int count = 0;
    for (uint32_t i = 0; i < gate->listener_count; i++)
        items[count++] = (zmq_pollitem_t){.socket = gate->listeners[i]->socket, .events = ZMQ_POLLIN};
    if (gate->zap)
        items[count++] = (zmq_pollitem_t){.socket = gate->zap, .events = ZMQ_POLLIN};
    if (zmq_poll(items, count, timeout_ms) < 0 && zmq_errno() != EINTR)
        return gate_zmq_failure(err, "cannot wait for messages");
    if (gate->zap)
        serve_zap(gate);
    return STATUS_OK;
}

static bool is_same_version(const struct allow_list_version *a, const struct allow_list_version *b)
{
    return a->device == b->device && a->inode == b->inode && a->modified_ns == b->modified_ns && a->size == b->size;
}

static void tell_revoked(const struct allow_list *before, const struct allow_list *after, gate_revoked *revoked,
                         void *context)
{
    for (uint32_t i = 0; i < before->count; i++)
        if (!before->entries[i].is_revoked && !allow_list_find(after, &before->entries[i].key))
            revoked(context, before->entries[i].role, before->entries[i].name);
}

enum status gate_refresh(struct gate *gate, gate_revoked *revoked, void *context, struct error *err)
{
    struct allow_list_version version = {0};
    struct allow_list list = {0};
    if (!gate->keys)
        return STATUS_OK;
    enum status status = allow_list_look(gate->keys, &version, err);
    if (is_same_version(&version, &gate->version))
        return STATUS_OK; /* a missing list is complained of once */
    gate->version = version;
    if (status == STATUS_OK)
        status = allow_list_read(gate->keys, &list, err);
    if (status == STATUS_OK)
        tell_revoked(&gate->list, &list, revoked, context);
    allow_list_finish(&gate->list);
    gate->list = list;
    return status;
}

/* -- descriptors ----------------------------------------------------------------------------------------------------
 */

static enum status close_doors(struct gate *gate, struct error *err)
{
    for (uint32_t i = 0; i < gate->listener_count; i++) {
        struct listener *listener = gate->listeners[i];
        if (listener->is_open && zmq_unbind(listener->socket, listener->endpoint) != 0)
            return gate_zmq_failure(err, "cannot stop listening");
        listener->is_open = false;
    }
    return STATUS_OK;
}

static enum status open_doors(struct gate *gate, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < gate->listener_count && status == STATUS_OK; i++)
        if (!gate->listeners[i]->is_open)
            status = bind_socket(gate->listeners[i], gate->listeners[i]->endpoint, err);
    return status;
}

static bool is_shut(const struct gate *gate)
{
    for (uint32_t i = 0; i < gate->listener_count; i++)
        if (!gate->listeners[i]->is_open)
            return true;
    return false;
}

enum status gate_watch_descriptors(struct gate *gate, bool *out_shut, struct error *err)
{
    uint64_t limit = descriptors_limit();
    limit = limit < CONNECTIONS_MAX ? limit : CONNECTIONS_MAX;
    const uint64_t reserve = limit / DESCRIPTORS_RESERVE_SHARE, used = descriptors_count();
    enum status status = STATUS_OK;
    if (used > limit - reserve)
        status = close_doors(gate, err);
    else if (is_shut(gate) && used < limit - 2 * reserve)
        status = open_doors(gate, err);
    *out_shut = is_shut(gate);
    return status;
}
