/* A network that loses, repeats, delays and reorders; connections that end and begin anew. */
#include "sim.h"

#include <string.h>

uint64_t sim_peer_of(const struct sim_worker *worker)
{
    return (uint64_t)worker->generation << 8 | (worker->index + 1);
}

struct sim_worker *sim_worker_of(struct sim *sim, uint64_t peer)
{
    const uint32_t index = (uint32_t)(peer & 0xff) - 1;
    if (index >= sim->worker_count || sim_peer_of(&sim->workers[index]) != peer)
        return NULL;
    return &sim->workers[index];
}

uint64_t sim_process_of(const struct sim_worker *worker)
{
    return worker ? (uint64_t)(worker->index + 1) << 32 | worker->process : 0;
}

static void copy_items(struct sim *sim, void *to, void *items_place, size_t count, size_t size)
{
    void *items;
    memcpy(&items, items_place, sizeof items);
    if (count > SIM_HOLDINGS_MAX)
        sim_fail(sim, "a message with %zu items", count);
    if (count)
        memcpy(to, items, count * size);
    memcpy(items_place, &to, sizeof to);
}

/* The arrays of a message belong to its sender: the packet takes copies. */
static void copy_message(struct sim *sim, struct sim_packet *packet, const struct wire_message *message)
{
    struct wire_message *m = &packet->message;
    *m = *message;
    switch (m->type) {
    case WIRE_HELLO:
        copy_items(sim, packet->held, &m->hello.held, m->hello.held_count, sizeof *packet->held);
        break;
    case WIRE_WELCOME:
        copy_items(sim, packet->adopted, &m->welcome.adopted, m->welcome.adopted_count, sizeof *packet->adopted);
        copy_items(sim, packet->tokens, &m->welcome.dropped, m->welcome.dropped_count, sizeof *packet->tokens);
        break;
    case WIRE_RENEW:
        copy_items(sim, packet->progress, &m->renew.leases, m->renew.count, sizeof *packet->progress);
        break;
    case WIRE_RENEWED:
        copy_items(sim, packet->tokens, &m->renewed.revoked, m->renewed.revoked_count, sizeof *packet->tokens);
        break;
    default:
        break;
    }
}

static uint32_t find_packet(struct sim *sim)
{
    for (uint32_t tried = 0; tried < SIM_PACKETS_MAX; tried++) {
        uint32_t packet = sim->packet_next++ % SIM_PACKETS_MAX;
        if (!sim->packets[packet].used)
            return packet;
    }
    sim_fail(sim, "more than %d messages on their way: somebody talks without end", SIM_PACKETS_MAX);
}

static void send_once(struct sim *sim, bool to_coordinator, uint64_t peer, const struct wire_message *message)
{
    const double delay_ms = 0.1 + sim_draw(sim, DRAW_DELAY) * (sim->healed ? 5.0 : sim->faults.delay_ms);
    const uint32_t index = find_packet(sim);
    struct sim_packet *packet = &sim->packets[index];
    packet->used = true;
    packet->to_coordinator = to_coordinator;
    packet->peer = peer;
    packet->process = to_coordinator ? sim_process_of(sim_worker_of(sim, peer)) : 0;
    copy_message(sim, packet, message);
    sim_schedule(sim, (int64_t)(delay_ms * 1e6), SIM_DELIVER, index, 0);
}

/* The codec refuses it. Of a result so much can be read still that its sender is told. */
static void flip(struct sim *sim, bool to_coordinator, uint64_t peer, const struct wire_message *message)
{
    const struct wire_message answer = {
        .type = WIRE_ACK, .ack = {.token = message->result.token, .verdict = WIRE_INVALID, .text = "corrupt"}};
    if (to_coordinator && message->type == WIRE_RESULT && sim_happens(sim, DRAW_FLIP, 0.5))
        send_once(sim, false, peer, &answer);
}

void sim_send(struct sim *sim, bool to_coordinator, uint64_t peer, const struct wire_message *message)
{
    const struct sim_worker *worker = sim_worker_of(sim, peer);
    if (worker && worker->cut_until > sim->now && !sim->healed)
        return;
    if (sim_happens(sim, DRAW_FLIP, sim->faults.flip)) {
        flip(sim, to_coordinator, peer, message);
        return;
    }
    if (!sim_happens(sim, DRAW_LOSS, sim->faults.loss))
        send_once(sim, to_coordinator, peer, message);
    if (sim_happens(sim, DRAW_REPEAT, sim->faults.repeat))
        send_once(sim, to_coordinator, peer, message);
}

/* Who is stopped receives later; a connection that is gone delivers nothing. */
void sim_deliver(struct sim *sim, uint32_t index)
{
    struct sim_packet *packet = &sim->packets[index];
    struct sim_worker *worker = sim_worker_of(sim, packet->peer);
    const int64_t stalled_until = packet->to_coordinator ? sim->coordinator.stalled_until
                                  : worker               ? worker->stalled_until
                                                         : 0;
    if (stalled_until > sim->now) {
        sim_schedule(sim, stalled_until - sim->now + 1, SIM_DELIVER, index, 0);
    } else if (packet->to_coordinator && worker && worker->revoked_until > sim->now && !sim->healed) {
        packet->used = false; /* the gate does not admit it */
    } else if (packet->to_coordinator && sim->coordinator.up) {
        coordinator_receive(sim, index); /* frees it */
    } else {
        if (!packet->to_coordinator && worker)
            worker_receive(sim, worker, &packet->message);
        packet->used = false;
    }
}
