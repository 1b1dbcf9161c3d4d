#include "server/net/broker.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <string.h>
#include <zmq.h>

static struct gate *gate; /* of the test that runs; each has its own process */

static struct broker *open_broker(const char *endpoint)
{
    struct broker *broker = NULL;
    struct error err = {0};
    cr_assert(eq(int, gate_open(NULL, &gate, &err), STATUS_OK), "%s", err.message);
    enum status status = broker_open(gate, endpoint, &broker, &err);
    cr_assert(eq(int, status, STATUS_OK), "%s", err.message);
    return broker;
}

static void close_broker(struct broker **broker)
{
    broker_close(broker);
    gate_close(&gate);
}

static enum broker_received receive(struct broker *broker, struct delivery *delivery)
{
    enum broker_received received = BROKER_NOTHING;
    struct error err = {0};
    for (int tries = 0; tries < 50 && received == BROKER_NOTHING; tries++) {
        cr_assert(eq(int, gate_wait(gate, 100, &err), STATUS_OK));
        cr_assert(eq(int, broker_receive(broker, &received, delivery, &err), STATUS_OK));
    }
    return received;
}

static enum broker_sent send_text(struct broker *broker, struct peer_id peer, const char *text)
{
    struct wire_frames frames = {.count = 1, .frame = {{mem_copy(text, strlen(text)), strlen(text)}}};
    enum broker_sent sent = BROKER_SENT;
    struct error err = {0};
    cr_assert(eq(int, broker_send(broker, peer, &frames, &sent, &err), STATUS_OK));
    return sent;
}

struct dealer {
    void *context, *socket;
};

static struct dealer connect_dealer(const struct broker *broker, const char *routing_id)
{
    struct dealer dealer = {zmq_ctx_new(), NULL};
    int linger = 0;
    dealer.socket = zmq_socket(dealer.context, ZMQ_DEALER);
    zmq_setsockopt(dealer.socket, ZMQ_LINGER, &linger, sizeof linger);
    if (routing_id)
        zmq_setsockopt(dealer.socket, ZMQ_ROUTING_ID, routing_id, strlen(routing_id));
    cr_assert(eq(int, zmq_connect(dealer.socket, broker_endpoint(broker)), 0));
    return dealer;
}

static void close_dealer(struct dealer *dealer)
{
    zmq_close(dealer->socket);
    zmq_ctx_term(dealer->context);
}

static char far_endpoints[][64] = {"tcp://*:5555",
                                   "tcp://0.0.0.0:5555",
                                   "tcp://192.168.1.5:5555",
                                   "tcp://eth0:5555",
                                   "tcp://[::]:5555",
                                   "tcp://localhost:1",
                                   "tcp://127.0.0.1",
                                   "udp://127.0.0.1:1",
                                   "tcp://1270.0.0.1:1",
                                   "ipc://",
                                   "",
                                   "inproc://x"};

ParameterizedTestParameters(broker, only_endpoints_of_this_machine_are_listened_on)
{
    return cr_make_param_array(char[64], far_endpoints, sizeof far_endpoints / sizeof far_endpoints[0]);
}

ParameterizedTest(char endpoint[64], broker, only_endpoints_of_this_machine_are_listened_on)
{
    struct broker *broker = NULL;
    struct error err = {0};
    cr_assert(eq(int, gate_open(NULL, &gate, &err), STATUS_OK));
    cr_expect(eq(int, broker_open(gate, endpoint, &broker, &err), STATUS_INVALID), "%s", endpoint);
    cr_expect(strstr(err.message, "without keys") != NULL, "%s", err.message);
    close_broker(&broker);
}

Test(broker, port_0_is_any_free_one_and_the_endpoint_says_which)
{
    struct broker *broker = open_broker("tcp://127.0.0.1:0");
    cr_expect(eq(int, strncmp(broker_endpoint(broker), "tcp://127.0.0.1:", 16), 0));
    cr_expect(ne(chr, broker_endpoint(broker)[16], '0'));
    close_broker(&broker);
    cr_expect(eq(ptr, broker, NULL));
}

Test(broker, a_port_that_is_taken_is_a_conflict)
{
    struct broker *broker = open_broker("tcp://127.0.0.1:0"), *second = NULL;
    struct error err = {0};
    cr_expect(eq(int, broker_open(gate, broker_endpoint(broker), &second, &err), STATUS_CONFLICT), "%s", err.message);
    close_broker(&broker);
}

Test(broker, frames_come_with_their_peer_and_answers_go_back_to_it)
{
    struct broker *broker = open_broker("tcp://127.0.0.1:0");
    struct dealer dealer = connect_dealer(broker, NULL);
    zmq_send(dealer.socket, "one", 3, ZMQ_SNDMORE);
    zmq_send(dealer.socket, "two", 3, 0);
    struct delivery delivery;
    cr_assert(eq(int, receive(broker, &delivery), BROKER_MESSAGE));
    cr_assert(eq(sz, delivery.frames.count, 2));
    cr_expect(eq(int, memcmp(delivery.frames.frame[1].bytes, "two", 3), 0));
    cr_expect(eq(int, send_text(broker, delivery.peer, "answer"), BROKER_SENT));
    char text[16];
    cr_expect(eq(int, zmq_recv(dealer.socket, text, sizeof text, 0), 6));
    close_dealer(&dealer);
    close_broker(&broker);
}

Test(broker, an_unknown_peer_is_told_from_a_sent_message)
{
    struct broker *broker = open_broker("tcp://127.0.0.1:0");
    cr_expect(eq(int, send_text(broker, (struct peer_id){UINT64_C(1) << 32 | 77}, "hello"), BROKER_PEER_LOST));
    close_broker(&broker);
}

Test(broker, a_peer_that_chose_its_own_routing_id_is_garbage)
{
    struct broker *broker = open_broker("tcp://127.0.0.1:0");
    struct dealer dealer = connect_dealer(broker, "mine!");
    zmq_send(dealer.socket, "x", 1, 0);
    struct delivery delivery;
    cr_expect(eq(int, receive(broker, &delivery), BROKER_GARBAGE));
    close_dealer(&dealer);
    close_broker(&broker);
}

Test(broker, a_message_of_too_many_frames_is_garbage_and_the_next_one_is_whole)
{
    struct broker *broker = open_broker("tcp://127.0.0.1:0");
    struct dealer dealer = connect_dealer(broker, NULL);
    for (int i = 0; i < 40; i++)
        zmq_send(dealer.socket, "x", 1, i < 39 ? ZMQ_SNDMORE : 0);
    zmq_send(dealer.socket, "whole", 5, 0);
    struct delivery delivery;
    cr_expect(eq(int, receive(broker, &delivery), BROKER_GARBAGE));
    cr_assert(eq(int, receive(broker, &delivery), BROKER_MESSAGE));
    cr_expect(eq(sz, delivery.frames.count, 1));
    cr_expect(eq(sz, delivery.frames.frame[0].size, 5));
    close_dealer(&dealer);
    close_broker(&broker);
}

Test(broker, a_peer_that_reads_nothing_is_given_up_and_blocks_nobody)
{
    struct broker *broker = open_broker("tcp://127.0.0.1:0");
    struct dealer dealer = connect_dealer(broker, NULL);
    int one = 1;
    zmq_setsockopt(dealer.socket, ZMQ_RCVHWM, &one, sizeof one);
    zmq_send(dealer.socket, "x", 1, 0);
    struct delivery delivery;
    cr_assert(eq(int, receive(broker, &delivery), BROKER_MESSAGE));
    enum { LARGE = 1 << 20, TRIES = 4096 };
    int sent = 0;
    for (; sent < TRIES; sent++) {
        struct wire_frames large = {.count = 1, .frame = {{mem_alloc_array(LARGE, 1), LARGE}}};
        enum broker_sent how;
        struct error err;
        cr_assert(eq(int, broker_send(broker, delivery.peer, &large, &how, &err), STATUS_OK));
        if (how == BROKER_PEER_LOST)
            break;
    }
    cr_expect(lt(int, sent, TRIES));
    close_dealer(&dealer);
    close_broker(&broker);
}
