/* The gate itself is included, so that its inner socket can be killed. */
#include "server/net/gate.c"

#include "server/net/broker.h"
#include "tests/support/process.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char keys[256]; /* the folder, of the test that runs */

static void make_keys(void)
{
    struct error err = {0};
    snprintf(keys, sizeof keys, "%s/keys", process_test_dir());
    cr_assert(eq(int, keys_create(keys, KEY_WORKER, "node7", NULL, &err), STATUS_OK), "%s", err.message);
    cr_assert(eq(int, keys_create(keys, KEY_ADMIN, "alice", NULL, &err), STATUS_OK), "%s", err.message);
}

static struct key_file read_key(enum key_role role, const char *name)
{
    char path[512];
    struct key_file file;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s.key", keys, name);
    cr_assert(eq(int, key_file_read(path, role, &file, &err), STATUS_OK), "%s", err.message);
    return file;
}

static struct gate *open_gate(void)
{
    struct gate *gate = NULL;
    struct error err = {0};
    cr_assert(eq(int, gate_open(keys, &gate, &err), STATUS_OK), "%s", err.message);
    return gate;
}

static struct broker *open_broker(struct gate *gate)
{
    struct broker *broker = NULL;
    struct error err = {0};
    cr_assert(eq(int, broker_open(gate, "tcp://127.0.0.1:0", &broker, &err), STATUS_OK), "%s", err.message);
    return broker;
}

struct client {
    void *context, *socket;
};

/* With no key, or that key. */
static struct client connect_client(const struct broker *broker, const struct key_file *key)
{
    struct client client = {zmq_ctx_new(), NULL};
    client.socket = zmq_socket(client.context, ZMQ_DEALER);
    set_option(client.socket, ZMQ_LINGER, 0);
    set_option(client.socket, ZMQ_RECONNECT_IVL, 100);
    if (key) {
        zmq_setsockopt(client.socket, ZMQ_CURVE_SERVERKEY, key->coordinator.bytes, KEY_SIZE);
        zmq_setsockopt(client.socket, ZMQ_CURVE_PUBLICKEY, key->open.bytes, KEY_SIZE);
        zmq_setsockopt(client.socket, ZMQ_CURVE_SECRETKEY, key->secret.bytes, KEY_SIZE);
    }
    cr_assert(eq(int, zmq_connect(client.socket, broker_endpoint(broker)), 0));
    cr_assert(eq(int, zmq_send(client.socket, "hello", 5, 0), 5));
    return client;
}

static void close_client(struct client *client)
{
    zmq_close(client->socket);
    zmq_ctx_term(client->context);
}

/* What comes within that time. */
static enum broker_received receive(struct gate *gate, struct broker *broker, int tries, struct delivery *delivery)
{
    enum broker_received received = BROKER_NOTHING;
    struct error err = {0};
    for (; tries > 0 && received == BROKER_NOTHING; tries--) {
        cr_assert(eq(int, gate_wait(gate, 10, &err), STATUS_OK), "%s", err.message);
        cr_assert(eq(int, broker_receive(broker, &received, delivery, &err), STATUS_OK), "%s", err.message);
        usleep(10000);
    }
    return received;
}

enum { LONG = 1500, SHORT = 50 }; /* tries: half a minute for what comes, a second for what must not */

Test(gate, a_key_on_the_list_is_let_in_and_its_host_is_its_name)
{
    make_keys();
    struct gate *gate = open_gate();
    struct broker *broker = open_broker(gate);
    const struct key_file key = read_key(KEY_WORKER, "node7");
    struct client client = connect_client(broker, &key);
    struct delivery delivery;
    cr_assert(eq(int, receive(gate, broker, LONG, &delivery), BROKER_MESSAGE));
    cr_expect(eq(int, strcmp(delivery.host, "node7"), 0));
    close_client(&client);
    broker_close(&broker);
    gate_close(&gate);
}

static void expect_refused(const struct key_file *key)
{
    struct gate *gate = open_gate();
    struct broker *broker = open_broker(gate);
    struct client client = connect_client(broker, key);
    struct delivery delivery;
    cr_expect(eq(int, receive(gate, broker, SHORT, &delivery), BROKER_NOTHING));
    close_client(&client);
    broker_close(&broker);
    gate_close(&gate);
}

Test(gate, no_key_is_refused)
{
    make_keys();
    expect_refused(NULL);
}

Test(gate, an_unknown_key_is_refused)
{
    make_keys();
    struct key_file stranger;
    cr_assert(eq(int, key_file_draw(KEY_WORKER, "stranger", &stranger, NULL), STATUS_OK));
    stranger.coordinator = read_key(KEY_WORKER, "node7").coordinator;
    expect_refused(&stranger);
}

Test(gate, an_administrators_key_is_none_for_a_worker)
{
    make_keys();
    const struct key_file admin = read_key(KEY_ADMIN, "alice");
    expect_refused(&admin);
}

Test(gate, a_revoked_key_is_refused)
{
    make_keys();
    const struct key_file key = read_key(KEY_WORKER, "node7");
    cr_assert(eq(int, keys_revoke(keys, "node7", NULL), STATUS_OK));
    expect_refused(&key);
}

static void count_revoked(void *context, enum key_role role, const char *name)
{
    int *count = context;
    cr_expect(eq(int, role, KEY_WORKER));
    cr_expect(eq(int, strcmp(name, "node7"), 0));
    ++*count;
}

Test(gate, a_key_that_is_revoked_while_connected_is_not_heard_any_more)
{
    make_keys();
    struct gate *gate = open_gate();
    struct broker *broker = open_broker(gate);
    const struct key_file key = read_key(KEY_WORKER, "node7");
    struct client client = connect_client(broker, &key);
    struct delivery delivery;
    int revoked = 0;
    cr_assert(eq(int, receive(gate, broker, LONG, &delivery), BROKER_MESSAGE));
    cr_assert(eq(int, gate_refresh(gate, count_revoked, &revoked, NULL), STATUS_OK));
    cr_expect(eq(int, revoked, 0));
    cr_assert(eq(int, keys_revoke(keys, "node7", NULL), STATUS_OK));
    cr_assert(eq(int, gate_refresh(gate, count_revoked, &revoked, NULL), STATUS_OK));
    cr_expect(eq(int, revoked, 1));
    cr_assert(eq(int, zmq_send(client.socket, "again", 5, 0), 5));
    cr_expect(eq(int, receive(gate, broker, LONG, &delivery), BROKER_STRANGER));
    close_client(&client);
    broker_close(&broker);
    gate_close(&gate);
}

Test(gate, a_list_that_cannot_be_read_admits_nobody_until_it_can)
{
    make_keys();
    struct gate *gate = open_gate();
    struct broker *broker = open_broker(gate);
    const struct key_file key = read_key(KEY_WORKER, "node7");
    struct client client = connect_client(broker, &key);
    struct delivery delivery;
    int revoked = 0;
    char path[512], away[512];
    cr_assert(eq(int, receive(gate, broker, LONG, &delivery), BROKER_MESSAGE));
    snprintf(path, sizeof path, "%s/allowed", keys);
    snprintf(away, sizeof away, "%s/away", keys);
    cr_assert(eq(int, rename(path, away), 0));
    cr_expect(eq(int, gate_refresh(gate, count_revoked, &revoked, NULL), STATUS_IO));
    cr_expect(eq(int, gate_refresh(gate, count_revoked, &revoked, NULL), STATUS_OK), "said once");
    cr_assert(eq(int, zmq_send(client.socket, "again", 5, 0), 5));
    cr_expect(eq(int, receive(gate, broker, LONG, &delivery), BROKER_STRANGER));
    cr_assert(eq(int, rename(away, path), 0));
    cr_expect(eq(int, gate_refresh(gate, count_revoked, &revoked, NULL), STATUS_OK));
    cr_assert(eq(int, zmq_send(client.socket, "again", 5, 0), 5));
    cr_expect(eq(int, receive(gate, broker, LONG, &delivery), BROKER_MESSAGE));
    cr_expect(eq(int, revoked, 0));
    close_client(&client);
    broker_close(&broker);
    gate_close(&gate);
}

Test(gate, one_whose_check_of_keys_is_dead_does_not_start_to_listen)
{
    make_keys();
    struct gate *gate = open_gate();
    struct broker *broker = NULL;
    struct error err = {0};
    zmq_close(gate->zap);
    gate->zap = zmq_socket(gate->context, ZMQ_REP); /* bound nowhere */
    cr_expect(eq(int, broker_open(gate, "tcp://127.0.0.1:0", &broker, &err), STATUS_IO));
    cr_expect(strstr(err.message, "was not turned away") != NULL, "%s", err.message);
    gate_close(&gate);
}

Test(gate, one_whose_check_of_keys_dies_lets_nobody_in)
{
    make_keys();
    struct gate *gate = open_gate();
    struct broker *broker = open_broker(gate);
    zmq_close(gate->zap);
    gate->zap = NULL;
    const struct key_file key = read_key(KEY_WORKER, "node7");
    struct client allowed = connect_client(broker, &key);
    struct client keyless = connect_client(broker, NULL);
    struct delivery delivery;
    cr_expect(eq(int, receive(gate, broker, SHORT, &delivery), BROKER_NOTHING));
    close_client(&allowed);
    close_client(&keyless);
    broker_close(&broker);
    gate_close(&gate);
}

Test(gate, one_that_lets_everybody_in_does_not_start_to_listen)
{
    make_keys();
    struct gate *gate = open_gate();
    struct listener listener = {.gate = gate, .role = KEY_WORKER};
    struct error err = {0};
    listener.socket = zmq_socket(gate->context, ZMQ_ROUTER);
    set_option(listener.socket, ZMQ_CURVE_SERVER, 1); /* and no domain: the trap */
    zmq_setsockopt(listener.socket, ZMQ_CURVE_SECRETKEY, gate->own.secret.bytes, KEY_SIZE);
    zmq_close(gate->zap);
    gate->zap = zmq_socket(gate->context, ZMQ_REP);
    cr_assert(eq(int, bind_socket(&listener, "tcp://127.0.0.1:0", &err), STATUS_OK));
    cr_expect(eq(int, knock_at(&listener, &err), STATUS_IO));
    cr_expect(strstr(err.message, "was let in") != NULL, "%s", err.message);
    zmq_close(listener.socket);
    gate_close(&gate);
}

Test(gate, a_secret_that_others_may_read_is_not_used)
{
    make_keys();
    char path[512];
    struct gate *gate = NULL;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/coordinator.key", keys);
    cr_assert(eq(int, chmod(path, 0644), 0));
    cr_expect(eq(int, gate_open(keys, &gate, &err), STATUS_INVALID));
    cr_expect(strstr(err.message, "0644") != NULL, "%s", err.message);
}

Test(gate, a_list_that_others_may_write_is_not_used)
{
    make_keys();
    char path[512];
    struct gate *gate = NULL;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/allowed", keys);
    cr_assert(eq(int, chmod(path, 0666), 0));
    cr_expect(eq(int, gate_open(keys, &gate, &err), STATUS_INVALID));
    cr_expect(strstr(err.message, "others may write it") != NULL, "%s", err.message);
}

Test(gate, keys_open_endpoints_beyond_this_machine)
{
    struct error err = {0};
    cr_expect(eq(int, gate_check_endpoint("tcp://*:7117", false, &err), STATUS_INVALID));
    cr_expect(eq(int, gate_check_endpoint("tcp://*:7117", true, &err), STATUS_OK));
    cr_expect(eq(int, gate_check_endpoint("udp://*:7117", true, &err), STATUS_INVALID));
    cr_expect(eq(int, gate_check_endpoint("ipc://@abstract", true, &err), STATUS_INVALID));
}

Test(gate, a_unix_socket_is_its_owners_alone)
{
    struct gate *gate = NULL;
    struct listener listener;
    struct stat status;
    char endpoint[512];
    umask(0);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/socket", process_test_dir());
    cr_assert(eq(int, gate_open(NULL, &gate, NULL), STATUS_OK));
    cr_assert(eq(int, gate_listen(gate, endpoint, KEY_ADMIN, &listener, NULL), STATUS_OK));
    cr_assert(eq(int, stat(endpoint + 6, &status), 0));
    cr_expect(eq(int, (int)(status.st_mode & 0777), 0600));
    gate_unlisten(&listener);
    gate_close(&gate);
}

Test(gate, the_doors_close_before_descriptors_run_out_and_open_again)
{
    struct gate *gate = NULL;
    struct listener listener;
    const struct rlimit few = {64, 64};
    bool is_shut = true;
    cr_assert(eq(int, gate_open(NULL, &gate, NULL), STATUS_OK));
    cr_assert(eq(int, gate_listen(gate, "tcp://127.0.0.1:0", KEY_WORKER, &listener, NULL), STATUS_OK));
    cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &few), 0));
    cr_assert(eq(int, gate_watch_descriptors(gate, &is_shut, NULL), STATUS_OK));
    cr_expect(not(is_shut));
    int fds[64], count = 0;
    while (count < 64 && (fds[count] = dup(STDERR_FILENO)) >= 0 && descriptors_count() < 58)
        count++;
    char was[GATE_ENDPOINT_SIZE];
    memcpy(was, listener.endpoint, sizeof was);
    cr_assert(eq(int, gate_watch_descriptors(gate, &is_shut, NULL), STATUS_OK));
    cr_expect(is_shut);
    while (count > 0)
        close(fds[--count]);
    for (int tries = 0; is_shut && tries < 1000; tries++, usleep(20000)) /* the old listener closes in its own time */
        (void)!gate_watch_descriptors(gate, &is_shut, NULL);
    cr_expect(not(is_shut));
    cr_expect(eq(str, listener.endpoint, was), "on the same port");
    gate_unlisten(&listener);
    gate_close(&gate);
}
