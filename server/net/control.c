#include "server/net/control.h"

#include "common/clock.h"
#include "common/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <zmq.h>

enum {
    LISTENERS = 2,
    FRAMES = 6, /* of a request */
    ANSWER_FRAMES = 3,
    GRACE_SIZE = 16,
    HANDSHAKE_WAIT_MS = 5000,
    ANSWER_WAIT_MS = 120000, /* a campaign that is added makes the coordinator read all of its database */
};

static const char head[] = "vitrine-control 1", knock_endpoint[] = "inproc://vitrine.control";

static const char *const verbs[CONTROL_VERB_COUNT] = {
    [CONTROL_ADD] = "add",         [CONTROL_EXTEND] = "extend", [CONTROL_PAUSE] = "pause",
    [CONTROL_RESUME] = "resume",   [CONTROL_CANCEL] = "cancel", [CONTROL_DRAIN] = "drain",
    [CONTROL_WORKERS] = "workers", [CONTROL_TRUST] = "trust",
};

const char *control_verb_name(enum control_verb verb)
{
    return verbs[verb];
}

/* -- frames ---------------------------------------------------------------------------------------------------------
 */

/* One message, without the routing id. */
struct parcel {
    int count;
    zmq_msg_t frame[FRAMES];
};

static void parcel_finish(struct parcel *parcel)
{
    for (int i = 0; i < parcel->count && i < FRAMES; i++)
        zmq_msg_close(&parcel->frame[i]);
    parcel->count = 0;
}

/* What goes beyond FRAMES is counted and not kept. */
static bool parcel_receive(void *socket, struct parcel *parcel)
{
    parcel->count = 0;
    for (bool more = true; more; parcel->count++) {
        zmq_msg_t surplus, *frame = parcel->count < FRAMES ? &parcel->frame[parcel->count] : &surplus;
        zmq_msg_init(frame);
        if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0)
            return false;
        more = zmq_msg_more(frame);
        if (frame == &surplus)
            zmq_msg_close(frame);
    }
    return true;
}

static bool frame_is(zmq_msg_t *frame, const char *text)
{
    return zmq_msg_size(frame) == strlen(text) && memcmp(zmq_msg_data(frame), text, strlen(text)) == 0;
}

/* As a string; false when it does not fit, or has a zero in it. */
static bool frame_text(zmq_msg_t *frame, char *out, size_t size)
{
    const size_t used = zmq_msg_size(frame);
    if (used >= size || memchr(zmq_msg_data(frame), 0, used))
        return false;
    memcpy(out, zmq_msg_data(frame), used);
    out[used] = '\0';
    return true;
}

static bool parse_grace(zmq_msg_t *frame, uint32_t *out)
{
    char text[GRACE_SIZE], *end;
    if (!frame_text(frame, text, sizeof text))
        return false;
    const unsigned long value = strtoul(text, &end, 10);
    *out = (uint32_t)value;
    return *end == '\0' && end != text && value <= UINT32_MAX;
}

static bool parse_verb(zmq_msg_t *frame, enum control_verb *out)
{
    for (int verb = 0; verb < CONTROL_VERB_COUNT; verb++)
        if (frame_is(frame, verbs[verb])) {
            *out = (enum control_verb)verb;
            return true;
        }
    return false;
}

static bool parse_request(struct parcel *parcel, struct control_request *out)
{
    struct control_request request = {0};
    if (parcel->count != FRAMES || !frame_is(&parcel->frame[0], head) ||
        !parse_verb(&parcel->frame[1], &request.verb) ||
        !frame_text(&parcel->frame[2], request.name, sizeof request.name) ||
        !frame_text(&parcel->frame[3], request.path, sizeof request.path) ||
        !parse_grace(&parcel->frame[4], &request.grace_ms) || zmq_msg_size(&parcel->frame[5]) > CONTROL_TEXT_MAX)
        return false;
    request.text = zmq_msg_data(&parcel->frame[5]);
    request.text_size = zmq_msg_size(&parcel->frame[5]);
    *out = request;
    return true;
}

/* -- the coordinator's side -----------------------------------------------------------------------------------------
 */

struct control {
    struct gate *gate; /* borrowed */
    struct listener listeners[LISTENERS];
    void *socket;      /* of the request received last */
    zmq_msg_t routing; /* its sender */
    bool has_routing;
    struct parcel parcel;
};

static void forget_request(struct control *control)
{
    if (control->has_routing)
        zmq_msg_close(&control->routing);
    control->has_routing = false;
    parcel_finish(&control->parcel);
}

enum status control_open(struct gate *gate, const char *path, const char *tcp, struct control **out_control,
                         struct error *err)
{
    struct control *control = mem_alloc_array(1, sizeof *control);
    if (!control)
        return mem_error(err, "the control channel");
    control->gate = gate;
    const char *endpoints[LISTENERS] = {path, tcp};
    enum status status = STATUS_OK;
    for (int i = 0; i < LISTENERS && status == STATUS_OK; i++)
        if (endpoints[i])
            status = gate_listen(gate, endpoints[i], KEY_ADMIN, &control->listeners[i], err);
    if (status != STATUS_OK) {
        control_close(&control);
        return error_context(err, "control channel");
    }
    *out_control = control;
    return STATUS_OK;
}

void control_close(struct control **control_place)
{
    if (!control_place || !*control_place)
        return;
    struct control *control = *control_place;
    *control_place = NULL;
    forget_request(control);
    for (int i = 0; i < LISTENERS; i++)
        gate_unlisten(&control->listeners[i]);
    mem_free(control);
}

const char *control_address(const struct control *control)
{
    return control && control->listeners[1].socket ? control->listeners[1].endpoint : NULL;
}

void control_answer(struct control *control, enum status status, const char *text, size_t size)
{
    const char *name = status_name(status);
    if (!control->has_routing || zmq_msg_send(&control->routing, control->socket, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
        return; /* who asked is gone */
    control->has_routing = false;
    zmq_send(control->socket, head, strlen(head), ZMQ_DONTWAIT | ZMQ_SNDMORE);
    zmq_send(control->socket, name, strlen(name), ZMQ_DONTWAIT | ZMQ_SNDMORE);
    zmq_send(control->socket, text, size, ZMQ_DONTWAIT);
}

static void refuse(struct control *control, enum status status, const char *text)
{
    control_answer(control, status, text, strlen(text));
}

/* false when nothing waits on that socket. */
static bool receive_from(struct control *control, struct listener *listener)
{
    forget_request(control);
    zmq_msg_init(&control->routing);
    if (zmq_msg_recv(&control->routing, listener->socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&control->routing);
        return false;
    }
    control->has_routing = true;
    control->socket = listener->socket;
    return zmq_msg_more(&control->routing) && parcel_receive(listener->socket, &control->parcel);
}

static bool is_admitted(struct control *control, const struct listener *listener, const char **out_by)
{
    const char *name;
    *out_by = "owner";
    if (!listener->is_keyed)
        return true;
    const char *user_id = control->parcel.count ? zmq_msg_gets(&control->parcel.frame[0], "User-Id") : NULL;
    if (!gate_admits(control->gate, KEY_ADMIN, user_id, &name))
        return false;
    *out_by = name;
    return true;
}

bool control_receive(struct control *control, struct control_request *out_request, const char **out_by)
{
    for (int i = 0; i < LISTENERS; i++) {
        struct listener *listener = &control->listeners[i];
        if (!listener->socket || !receive_from(control, listener))
            continue;
        if (!is_admitted(control, listener, out_by))
            refuse(control, STATUS_CONFLICT, "this key was revoked");
        else if (!parse_request(&control->parcel, out_request))
            refuse(control, STATUS_INVALID, "not a request that is understood here: is this another version?");
        else
            return true;
    }
    return false;
}

/* -- the caller's side ----------------------------------------------------------------------------------------------
 */

enum status control_endpoint(const char *database, char out[GATE_ENDPOINT_SIZE], struct error *err)
{
    struct sockaddr_un address;
    const size_t room = sizeof address.sun_path;
    const int size = snprintf(out, GATE_ENDPOINT_SIZE, "ipc://%s.control", database);
    if (size - 6 >= (int)room)
        return error_set(err, STATUS_INVALID, "the path '%s' is too long for its control socket: more than %zu bytes",
                         database, room - sizeof ".control");
    return STATUS_OK;
}

struct call {
    void *context, *socket, *monitor;
};

static void finish_call(struct call *call)
{
    if (call->monitor)
        zmq_close(call->monitor);
    if (call->socket)
        zmq_close(call->socket);
    if (call->context)
        zmq_ctx_term(call->context);
}

static int use_key(void *socket, const struct key_file *key)
{
    int failed = 0;
    failed |= zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key->coordinator.bytes, KEY_SIZE);
    failed |= zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key->open.bytes, KEY_SIZE);
    failed |= zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret.bytes, KEY_SIZE);
    return failed;
}

static enum status start_call(struct call *call, const char *endpoint, const struct key_file *key, struct error *err)
{
    const int linger = 0, ipv6 = 1;
    const int64_t answer_max = CONTROL_ANSWER_MAX;
    call->context = zmq_ctx_new();
    call->socket = call->context ? zmq_socket(call->context, ZMQ_DEALER) : NULL;
    call->monitor = call->socket ? zmq_socket(call->context, ZMQ_PAIR) : NULL;
    if (!call->monitor)
        return gate_zmq_failure(err, "cannot make a socket");
    int failed = zmq_setsockopt(call->socket, ZMQ_LINGER, &linger, sizeof linger);
    failed |= zmq_setsockopt(call->socket, ZMQ_IPV6, &ipv6, sizeof ipv6);
    failed |= zmq_setsockopt(call->socket, ZMQ_MAXMSGSIZE, &answer_max, sizeof answer_max);
    failed |= key && use_key(call->socket, key) != 0;
    failed |= zmq_socket_monitor(call->socket, knock_endpoint, ZMQ_EVENT_ALL);
    failed |= zmq_connect(call->monitor, knock_endpoint);
    if (failed)
        return gate_zmq_failure(err, "cannot set up a socket");
    if (zmq_connect(call->socket, endpoint) != 0) {
        gate_zmq_failure(err, "zmq_connect");
        return error_context(err, "cannot connect to '%s'", endpoint);
    }
    return STATUS_OK;
}

static uint16_t take_event(void *monitor)
{
    uint8_t frame[256];
    uint16_t event = 0;
    if (zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT) < (int)sizeof event)
        return 0;
    memcpy(&event, frame, sizeof event);
    zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT); /* the address */
    return event;
}

/* Whether somebody is there, and lets us in. */
static enum status await_handshake(const struct call *call, const char *endpoint, struct error *err)
{
    const int64_t end = clock_mono().value + (int64_t)HANDSHAKE_WAIT_MS * 1000000;
    while (clock_mono().value < end) {
        zmq_pollitem_t item = {call->monitor, 0, ZMQ_POLLIN, 0};
        zmq_poll(&item, 1, 100);
        switch (take_event(call->monitor)) {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            return STATUS_OK;
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            return error_set(err, STATUS_CONFLICT, "the coordinator at '%s' does not allow this key", endpoint);
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            return error_set(err, STATUS_CONFLICT,
                             "no handshake with '%s': a key is wanted there (--key FILE), or this"
                             " one is of another coordinator",
                             endpoint);
        case ZMQ_EVENT_CONNECT_RETRIED:
            return error_set(err, STATUS_UNREACHABLE, "no coordinator listens at '%s'", endpoint);
        default:
            break;
        }
    }
    return error_set(err, STATUS_UNREACHABLE, "no coordinator answers at '%s'", endpoint);
}

static int send_request(void *socket, const struct control_request *request)
{
    char grace[GRACE_SIZE];
    snprintf(grace, sizeof grace, "%" PRIu32, request->grace_ms);
    const char *verb = verbs[request->verb];
    int failed = zmq_send(socket, head, strlen(head), ZMQ_SNDMORE) < 0;
    failed |= zmq_send(socket, verb, strlen(verb), ZMQ_SNDMORE) < 0;
    failed |= zmq_send(socket, request->name, strlen(request->name), ZMQ_SNDMORE) < 0;
    failed |= zmq_send(socket, request->path, strlen(request->path), ZMQ_SNDMORE) < 0;
    failed |= zmq_send(socket, grace, strlen(grace), ZMQ_SNDMORE) < 0;
    failed |= zmq_send(socket, request->text ? request->text : "", request->text_size, 0) < 0;
    return failed;
}

static enum status find_status(zmq_msg_t *frame)
{
    for (int status = STATUS_OK; status <= STATUS_EVICTED; status++)
        if (frame_is(frame, status_name((enum status)status)))
            return (enum status)status;
    return STATUS_INVALID;
}

static enum status read_answer(struct parcel *parcel, char **out_text, struct error *err)
{
    if (parcel->count != ANSWER_FRAMES || !frame_is(&parcel->frame[0], head))
        return error_set(err, STATUS_INVALID, "the coordinator's answer is not understood: is it another version?");
    const size_t size = zmq_msg_size(&parcel->frame[2]);
    char *text = mem_alloc_array(size + 1, 1);
    if (!text)
        return mem_error(err, "the coordinator's answer");
    memcpy(text, zmq_msg_data(&parcel->frame[2]), size);
    const enum status status = find_status(&parcel->frame[1]);
    if (status == STATUS_OK) {
        *out_text = text;
        return STATUS_OK;
    }
    error_set(err, status, "%s", text);
    mem_free(text);
    return status;
}

static enum status await_answer(const struct call *call, const char *endpoint, char **out_text, struct error *err)
{
    struct parcel parcel = {0};
    zmq_pollitem_t item = {call->socket, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, ANSWER_WAIT_MS) <= 0 || !parcel_receive(call->socket, &parcel))
        return error_set(err, STATUS_UNREACHABLE, "the coordinator at '%s' does not answer", endpoint);
    enum status status = read_answer(&parcel, out_text, err);
    parcel_finish(&parcel);
    return status;
}

enum status control_call(const char *endpoint, const struct key_file *key, const struct control_request *request,
                         char **out_text, struct error *err)
{
    struct call call = {0};
    enum status status = start_call(&call, endpoint, key, err);
    if (status == STATUS_OK)
        status = await_handshake(&call, endpoint, err);
    if (status == STATUS_OK && send_request(call.socket, request) != 0)
        status = gate_zmq_failure(err, "cannot ask the coordinator");
    if (status == STATUS_OK)
        status = await_answer(&call, endpoint, out_text, err);
    finish_call(&call);
    return status;
}
