/* The shell of the simulation: what server/coordinator.c does with sockets and SQLite, done with a fake network and a
 * disk in memory, and every action checked before it is carried out. */
#include "common/engine.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 250, COMMIT_MS_MAX = 20, TAKEN_MAX = 16, PROBE_MS = 500, HEDGE_MS = 10000, DRAIN_MS = 3000 };

static void step(struct sim *sim, struct planner_event event);
static void close_leases_of(struct sim *sim, uint64_t process, const struct lease_token *token);

static struct planner_config make_config(const struct sim *sim)
{
    struct planner_config config = {.epoch = sim->coordinator.epoch,
                                    .engine_id = ENGINE_ID,
                                    .lineage = sim->lineage,
                                    .campaigns_max = sim->campaign_count,
                                    .sessions_max = SIM_WORKERS_MAX + 3,
                                    .lease_ms = SIM_LEASE_MS,
                                    .session_ms = 3 * SIM_LEASE_MS,
                                    .hedge_ms = HEDGE_MS,
                                    .probe_ms = PROBE_MS,
                                    .stall_ms = SIM_STALL_MS,
                                    .affinity_segments = 1};
    for (uint32_t i = 0; i < sim->campaign_count; i++) {
        config.replicas_max += sim->campaigns[i].campaign.replica_count;
        for (uint32_t e = 0; e < sim->campaigns[i].campaign.ensemble_count; e++)
            config.rungs_max += sim->campaigns[i].ensembles[e].rung_count;
    }
    config.leases_max = 3 * config.replicas_max;
    config.audits_max = PLANNER_AUDITS_PER_REPLICA * config.replicas_max;
    config.untrusted_max = SIM_UNTRUSTED_MAX;
    return config;
}

/* -- reload ---------------------------------------------------------------------------------------------------------
 */

static void check_status(struct sim *sim, enum status status, const struct error *err)
{
    if (status != STATUS_OK)
        sim_fail(sim, "the store does not load: %s", err->message);
}

static void load_replica(struct sim *sim, struct planner *planner, struct segment_key key)
{
    struct sim_campaign *c = &sim->campaigns[key.campaign.value - 1];
    const struct sim_row *row = sim_row_of(sim, sim_store, key);
    const uint32_t ensemble = c->replicas[key.replica.value].ensemble.value;
    const struct loaded_segment loaded = {key, row->rung, row->end.snapshot, row->end.energy};
    struct error err;
    struct rung_id partner;
    check_status(sim, planner_load_segment(planner, &loaded, &err), &err);
    if (c->ensembles[ensemble].mode != MODE_TEMPERING ||
        !exchange_partner(key.segment, row->rung, c->ensembles[ensemble].rung_count, &partner))
        return;
    const uint32_t cold = partner.value < row->rung.value ? partner.value : row->rung.value;
    const struct sim_exchange_row *exchange = &c->store.exchanges[ensemble][key.segment.value][cold];
    if (exchange->state == ROW_DURABLE)
        check_status(sim, planner_load_exchange(planner, key.campaign, key.replica, &exchange->exchange, &err), &err);
}

static void load_audits(struct sim *sim, struct planner *planner, struct segment_key last)
{
    const int64_t first = sim->campaigns[last.campaign.value - 1].segment_first[last.replica.value];
    struct segment_key key = last;
    for (int i = 0; i <= PLANNER_AUDIT_WINDOW && key.segment.value >= first; i++, key.segment.value--)
        if (!sim_row_of(sim, sim_store, key)->is_audited) {
            const struct segment_record record = sim_record(sim, key);
            planner_load_audit(planner, &record);
        }
}

static void load_campaign(struct sim *sim, struct planner *planner, uint32_t index)
{
    struct sim_campaign *c = &sim->campaigns[index];
    struct error err;
    check_status(sim, planner_load_campaign(planner, (struct campaign_id){index + 1}, &c->campaign, &err), &err);
    planner_load_standing(planner, (struct campaign_id){index + 1}, c->standing);
    for (uint32_t r = 0; r < c->campaign.replica_count; r++) {
        struct segment_key last = {{index + 1}, {r}, {c->segment_first[r] - 1}};
        while (last.segment.value + 1 < c->segment_end[r] &&
               c->store.segments[r][last.segment.value + 1 - c->segment_first[r]].state == ROW_DURABLE)
            last.segment.value++;
        if (last.segment.value >= c->segment_first[r])
            load_replica(sim, planner, last);
        load_audits(sim, planner, last);
    }
}

static struct planner *load(struct sim *sim, void **out_memory)
{
    const struct planner_config config = make_config(sim);
    struct arena arena = {.size = planner_memory_size(&config)};
    struct error err;
    arena.memory = *out_memory = aligned_alloc(64, arena.size);
    memset(arena.memory, 0, arena.size);
    struct planner *planner = planner_init(&arena, &config);
    for (uint32_t i = 0; i < sim->untrusted_count; i++)
        planner_load_untrusted(planner, &sim->untrusted[i]);
    for (uint32_t i = 0; i < sim->campaign_count; i++)
        load_campaign(sim, planner, i);
    check_status(sim, planner_load_finish(planner, &err), &err);
    return planner;
}

static void forget_pending(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->campaign_count; i++) {
        struct sim_rows *rows = &sim->campaigns[i].store;
        for (uint32_t r = 0; r < SIM_REPLICAS_MAX; r++)
            for (uint32_t s = 0; s < SIM_SEGMENTS_MAX; s++)
                if (rows->segments[r][s].state == ROW_PENDING)
                    rows->segments[r][s].state = ROW_ABSENT;
        for (uint32_t e = 0; e < SIM_ENSEMBLES_MAX; e++)
            for (uint32_t s = 0; s < SIM_SEGMENTS_MAX; s++)
                for (uint32_t g = 0; g < SIM_RUNGS_MAX; g++)
                    if (rows->exchanges[e][s][g].state == ROW_PENDING)
                        rows->exchanges[e][s][g].state = ROW_ABSENT;
    }
}

/* All connections are new after a restart. */
void coordinator_start(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    c->up = true;
    c->committing = c->disk_full = c->draining = c->retracting = false;
    c->lost_count = 0;
    c->epoch++;
    c->segment_count = c->exchange_count = c->lookup_count = c->inbox_count = 0;
    c->stalled_until = c->last_step = c->awake = 0;
    memset(c->witness, 0, sizeof c->witness);
    for (uint32_t i = 0; i < sim->worker_count; i++)
        sim->workers[i].generation++;
    c->planner = load(sim, &c->memory);
    sim_schedule(sim, 0, SIM_TICK, sim->life, 0);
}

void coordinator_crash(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    if (!c->up)
        return;
    for (; c->inbox_count; c->inbox_count--, c->inbox_first++)
        sim->packets[c->inbox[c->inbox_first % SIM_INBOX_MAX]].used = false;
    c->up = false;
    free(c->memory);
    forget_pending(sim);
    sim->life++;
    sim_schedule(sim, (int64_t)(sim_draw(sim, DRAW_COORDINATOR_CRASH) * 2 * SIM_LEASE_MS * 1e6), SIM_RESTART, 0, 0);
}

/* Crash now and reload: the science state must be the same. */
static void check_reload(struct sim *sim)
{
    void *memory;
    const struct planner *live = sim->coordinator.planner, *loaded = load(sim, &memory);
    for (uint32_t i = 0; i < live->replica_count; i++) {
        const struct replica *a = &live->replicas[i], *b = &loaded->replicas[i];
        const bool waits = a->state == REPLICA_WAITING || a->state == REPLICA_EXCHANGING;
        if (a->next.value != b->next.value || a->rung.value != b->rung.value ||
            (a->has_snapshot && !digest_equal(&a->snapshot, &b->snapshot)) || waits != (b->state == REPLICA_WAITING))
            sim_fail(sim, "a reload would put replica %u at segment %lld on rung %u, not %lld on %u", (unsigned)i,
                     (long long)b->next.value, (unsigned)b->rung.value, (long long)a->next.value,
                     (unsigned)a->rung.value);
    }
    free(memory);
}

/* -- the disk -------------------------------------------------------------------------------------------------------
 */

static void check_row(struct sim *sim, struct segment_key key, const struct sim_row *row);

static void put_segment(struct sim *sim, const struct planner_action *action)
{
    struct sim_coordinator *c = &sim->coordinator;
    const struct segment_key key = action->store_segment.key;
    const struct segment_result *result = &c->result->result;
    struct sim_row *row = sim_row_of(sim, sim_store, key);
    if (row->state != ROW_ABSENT)
        sim_fail(sim, "segment %lld of replica %u is stored twice", (long long)key.segment.value,
                 (unsigned)key.replica.value);
    if (key.segment.value > sim->campaigns[key.campaign.value - 1].segment_first[key.replica.value] &&
        (row - 1)->state != ROW_DURABLE)
        sim_fail(sim, "segment %lld of replica %u is stored before the one before it", (long long)key.segment.value,
                 (unsigned)key.replica.value);
    *row = (struct sim_row){.state = ROW_PENDING,
                            .rung = action->store_segment.rung,
                            .input = result->input,
                            .end = {result->snapshot, result->output, result->energy_potential}};
    const struct wire_hello *hello = planner_get_session(c->planner, action->store_segment.session);
    row->worker = hello->worker;
    memcpy(row->host, hello->host, sizeof row->host);
    c->segments[c->segment_count++] = key;
    check_row(sim, key, row);
}

/* Where there is a liar, rows may be wrong until they are taken back; what an honest worker brings never is. */
static void check_row(struct sim *sim, struct segment_key key, const struct sim_row *row)
{
    if (sim_has_liar(sim)) {
        const struct sim_end end = sim_physics(&row->input);
        const bool is_right = digest_equal(&end.output, &row->end.output);
        sim->outcome.lies += !is_right;
        if (!is_right && !sim_is_liar(sim, sim->coordinator.sender))
            sim_fail(sim, "segment %lld of replica %u is wrong though its worker is honest",
                     (long long)key.segment.value, (unsigned)key.replica.value);
        return;
    }
    const struct sim_row *oracle = sim_row_of(sim, sim_oracle, key);
    if (oracle->state != ROW_DURABLE || !digest_equal(&oracle->input, &row->input) ||
        !digest_equal(&oracle->end.output, &row->end.output) || oracle->rung.value != row->rung.value)
        sim_fail(sim, "segment %lld of replica %u is not that of the undisturbed run", (long long)key.segment.value,
                 (unsigned)key.replica.value);
}

/* By the rule, from what is stored. */
static void check_decision(struct sim *sim, const struct sim_campaign *campaign, const struct exchange_key *key)
{
    struct exchange expected = key->exchange;
    const struct exchange *e = &key->exchange;
    expected.energy_cold =
        sim_row_of(sim, sim_store, (struct segment_key){key->campaign, e->replica_cold, e->round})->end.energy;
    expected.energy_hot =
        sim_row_of(sim, sim_store, (struct segment_key){key->campaign, e->replica_hot, e->round})->end.energy;
    exchange_decide(&expected, campaign->campaign.seed, campaign->temperatures[e->ensemble.value][e->rung_cold.value],
                    campaign->temperatures[e->ensemble.value][e->rung_cold.value + 1]);
    if (expected.accepted != e->accepted || expected.log_weight != e->log_weight || expected.uniform != e->uniform)
        sim_fail(sim, "round %lld on rung %u is not decided by what is stored", (long long)e->round.value,
                 (unsigned)e->rung_cold.value);
}

static void put_exchange(struct sim *sim, const struct exchange_key *key)
{
    struct sim_coordinator *c = &sim->coordinator;
    const struct exchange *exchange = &key->exchange;
    struct sim_campaign *campaign = &sim->campaigns[key->campaign.value - 1];
    const uint32_t e = exchange->ensemble.value, rung = exchange->rung_cold.value;
    struct sim_exchange_row *row = &campaign->store.exchanges[e][exchange->round.value][rung];
    const struct sim_exchange_row *oracle = &campaign->oracle.exchanges[e][exchange->round.value][rung];
    if (row->state != ROW_ABSENT)
        sim_fail(sim, "round %lld is decided twice on rung %u", (long long)exchange->round.value, (unsigned)rung);
    const struct replica_id partners[2] = {exchange->replica_cold, exchange->replica_hot};
    for (int i = 0; i < 2; i++)
        if (sim_row_of(sim, sim_store, (struct segment_key){key->campaign, partners[i], exchange->round})->state !=
            ROW_DURABLE)
            sim_fail(sim, "round %lld is decided before segment %lld of replica %u is durable",
                     (long long)exchange->round.value, (long long)exchange->round.value, (unsigned)partners[i].value);
    if (sim_has_liar(sim)) {
        check_decision(sim, campaign, key);
    } else if (oracle->state != ROW_DURABLE || oracle->exchange.accepted != exchange->accepted ||
               oracle->exchange.log_weight != exchange->log_weight || oracle->exchange.uniform != exchange->uniform ||
               oracle->exchange.replica_cold.value != exchange->replica_cold.value ||
               oracle->exchange.replica_hot.value != exchange->replica_hot.value)
        sim_fail(sim, "round %lld on rung %u is not that of the undisturbed run", (long long)exchange->round.value,
                 (unsigned)rung);
    row->state = ROW_PENDING;
    row->exchange = *exchange;
    c->exchanges[c->exchange_count++] = *key;
}

/* -- what is said ---------------------------------------------------------------------------------------------------
 */

static struct sim_witness *witness_of(struct sim *sim, struct campaign_id campaign, struct replica_id replica)
{
    return &sim->coordinator.witness[campaign.value - 1][replica.value];
}

static void open_lease(struct sim *sim, struct segment_key key, struct lease_token token, uint64_t worker)
{
    struct sim_coordinator *c = &sim->coordinator;
    struct sim_witness *witness = witness_of(sim, key.campaign, key.replica);
    const bool is_alive = witness->open && witness->segment == key.segment.value &&
                          c->awake - witness->renewed < (int64_t)SIM_LEASE_MS * 1000000;
    if (is_alive && (witness->worker != worker || witness->token.value != token.value))
        sim_fail(sim, "segment %lld of replica %u is leased twice at a time", (long long)key.segment.value,
                 (unsigned)key.replica.value);
    *witness = (struct sim_witness){true, token, worker, key.segment.value, c->awake};
}

static uint64_t process_of_uuid(const struct wire_uuid *uuid)
{
    uint32_t process;
    memcpy(&process, uuid->bytes + 4, sizeof process);
    return (uint64_t)uuid->bytes[0] << 32 | process;
}

/* The process behind a peer, as the planner knows it: its connection may be gone already. */
static uint64_t process_at(const struct sim *sim, struct peer_id peer)
{
    const uint32_t session = session_find_peer(sim->coordinator.planner, peer);
    return session == INDEX_NONE ? 0 : process_of_uuid(&sim->coordinator.planner->sessions[session].hello.worker);
}

static void check_new_token(struct sim *sim, struct lease_token token)
{
    if (token.value <= sim->coordinator.token_last)
        sim_fail(sim, "token %llx after %llx", (unsigned long long)token.value,
                 (unsigned long long)sim->coordinator.token_last);
    sim->coordinator.token_last = token.value;
}

/* The input must be durable, exchange included, and the one of the undisturbed run. */
static void check_input(struct sim *sim, struct segment_key key, const struct digest *input)
{
    struct sim_campaign *c = &sim->campaigns[key.campaign.value - 1];
    const struct sim_row *row = sim_row_of(sim, sim_store, key), *oracle = sim_row_of(sim, sim_oracle, key);
    if (row->state != ROW_ABSENT)
        sim_fail(sim, "segment %lld of replica %u is granted again though it is stored", (long long)key.segment.value,
                 (unsigned)key.replica.value);
    if (!sim_has_liar(sim) && !sim_explodes(sim, key) &&
        (oracle->state != ROW_DURABLE || !digest_equal(&oracle->input, input)))
        sim_fail(sim, "segment %lld of replica %u is granted with another input than in the undisturbed run",
                 (long long)key.segment.value, (unsigned)key.replica.value);
    if (key.segment.value == c->segment_first[key.replica.value])
        return;
    if ((row - 1)->state != ROW_DURABLE)
        sim_fail(sim, "segment %lld of replica %u is granted before its input is durable", (long long)key.segment.value,
                 (unsigned)key.replica.value);
    const struct segment_id round = {key.segment.value - 1};
    const uint32_t ensemble = c->replicas[key.replica.value].ensemble.value, rung = (row - 1)->rung.value;
    struct rung_id partner;
    if (c->ensembles[ensemble].mode == MODE_TEMPERING &&
        exchange_partner(round, (row - 1)->rung, c->ensembles[ensemble].rung_count, &partner) &&
        c->store.exchanges[ensemble][round.value][partner.value < rung ? partner.value : rung].state != ROW_DURABLE)
        sim_fail(sim, "segment %lld of replica %u is granted before its exchange is durable",
                 (long long)key.segment.value, (unsigned)key.replica.value);
}

static const struct lease *find_lease(const struct sim *sim, struct lease_token token)
{
    const struct planner *planner = sim->coordinator.planner;
    for (uint32_t i = 0; i < planner->config.leases_max; i++)
        if (planner->leases[i].used && planner->leases[i].token.value == token.value)
            return &planner->leases[i];
    sim_fail(sim, "token %llx is said but unknown", (unsigned long long)token.value);
}

/* Of a stored segment, as it was; by another worker where there is one. */
static void check_audit(struct sim *sim, const struct lease *lease, struct segment_key key,
                        const struct wire_grant *grant)
{
    const struct planner *planner = sim->coordinator.planner;
    const struct segment_record record = sim_record(sim, key);
    const struct wire_hello *hello = &planner->sessions[lease->session].hello;
    sim->outcome.audits++;
    if (sim_row_of(sim, sim_store, key)->state != ROW_DURABLE || !digest_equal(&record.input, &grant->input) ||
        (record.has_snapshot && !digest_equal(&record.snapshot, &grant->snapshot)))
        sim_fail(sim, "the audit of segment %lld of replica %u is not of what is stored", (long long)key.segment.value,
                 (unsigned)key.replica.value);
    for (uint32_t i = 0; i < planner->config.sessions_max && strcmp(record.host, hello->host) == 0; i++)
        if (session_may_work(&planner->sessions[i]) && planner->sessions[i].credits > 0 &&
            planner->audits[lease->audit].vote_count == 1 && strcmp(planner->sessions[i].hello.host, record.host) != 0)
            sim_fail(sim, "segment %lld of replica %u is audited on the host that it came from",
                     (long long)key.segment.value, (unsigned)key.replica.value);
}

/* Nothing runs far beyond what may be taken back. */
static void check_window(const struct sim *sim, const struct lease *lease, struct segment_key key)
{
    const struct planner *planner = sim->coordinator.planner;
    for (uint32_t i = 0; i < planner->config.audits_max; i++)
        if (planner->audits[i].used && planner->audits[i].replica == lease->replica &&
            planner->audits[i].segment.value + PLANNER_AUDIT_WINDOW < key.segment.value)
            sim_fail(sim, "segment %lld of replica %u is granted far beyond an open audit",
                     (long long)key.segment.value, (unsigned)key.replica.value);
}

/* Only another worker can be faster. */
static void check_hedge(const struct sim *sim, const struct lease *hedge)
{
    const struct planner *planner = sim->coordinator.planner;
    if (planner->leases[planner->replicas[hedge->replica].lease].session == hedge->session)
        sim_fail(sim, "a worker is hedged with itself");
}

static void check_grant(struct sim *sim, uint64_t process, const struct wire_grant *grant)
{
    const struct segment_key key = {grant->campaign, grant->spec.replica, grant->spec.segment};
    const struct lease *lease = find_lease(sim, grant->token);
    check_new_token(sim, grant->token);
    if (sim->campaigns[key.campaign.value - 1].standing != CAMPAIGN_RUNNING)
        sim_fail(sim, "segment %lld of replica %u is granted though its campaign does not run",
                 (long long)key.segment.value, (unsigned)key.replica.value);
    if (lease->kind == LEASE_AUDIT) {
        check_audit(sim, lease, key, grant);
        return;
    }
    check_input(sim, key, &grant->input);
    check_window(sim, lease, key);
    if (lease->kind == LEASE_HEDGE)
        check_hedge(sim, lease);
    else
        open_lease(sim, key, grant->token, process);
}

/* Where the worker that hears it still keeps the result, it must be durable and the same; a liar that runs a repeated
 * grant has two results under one token. */
static void check_ack(struct sim *sim, const struct sim_worker *worker, const struct wire_ack *ack)
{
    if (!worker || (ack->verdict != WIRE_COMMITTED && ack->verdict != WIRE_DUPLICATE))
        return;
    for (int i = 0; i < SIM_HOLDINGS_MAX; i++) {
        const struct sim_holding *holding = &worker->holdings[i];
        if (holding->state != HOLDING_RESULT || holding->token.value != ack->token.value)
            continue;
        const struct sim_row *row = sim_row_of(sim, sim_store, holding->key);
        const bool is_same =
            digest_equal(&row->end.output, &holding->end.output) || sim_is_liar(sim, sim_process_of(worker));
        if (row->state != ROW_DURABLE || !is_same)
            sim_fail(sim, "segment %lld of replica %u is acknowledged but not durable",
                     (long long)holding->key.segment.value, (unsigned)holding->key.replica.value);
    }
}

/* Adopted leases are of segments that may run. */
static void check_welcome(struct sim *sim, uint64_t process, const struct wire_welcome *welcome)
{
    const struct planner *planner = sim->coordinator.planner;
    for (uint32_t i = 0; i < welcome->adopted_count; i++) {
        const struct lease_token token = welcome->adopted[i].after;
        const struct lease *lease = find_lease(sim, token);
        const struct replica *replica = &planner->replicas[lease->replica];
        const struct segment_key key = planner_key_of(planner, replica);
        if (token.value > sim->coordinator.token_last)
            check_new_token(sim, token);
        if (replica->state == REPLICA_LEASED && lease->kind != LEASE_AUDIT)
            check_input(sim, key, &replica->input);
        if (lease->kind == LEASE_PRIMARY)
            open_lease(sim, key, token, process);
    }
}

static void send_action(struct sim *sim, struct planner_action *action)
{
    struct wire_message *message = &action->send.message;
    struct sim_worker *worker = sim_worker_of(sim, action->send.peer.value);
    if (message->type == WIRE_GRANT) {
        message->grant.snapshot_size = action->send.with_snapshot;
        if (sim->coordinator.draining)
            sim_fail(sim, "a drained coordinator grants");
        check_grant(sim, process_at(sim, action->send.peer), &message->grant);
    } else if (message->type == WIRE_ACK) {
        check_ack(sim, worker, &message->ack);
    } else if (message->type == WIRE_WELCOME) {
        check_welcome(sim, process_at(sim, action->send.peer), &message->welcome);
    }
    if (!worker && sim->coordinator.lost_count < SIM_INBOX_MAX)
        sim->coordinator.lost[sim->coordinator.lost_count++] = action->send.peer;
    sim_send(sim, false, action->send.peer.value, message);
}

/* Who was told to be a liar, and nobody else; its leases end. */
static void quarantine(struct sim *sim, const struct planner_untrusted *untrusted)
{
    if (!sim_is_liar(sim, process_of_uuid(&untrusted->worker)))
        sim_fail(sim, "an honest worker of %s is quarantined", untrusted->host);
    if (sim->untrusted_count == SIM_UNTRUSTED_MAX)
        sim_fail(sim, "too many are quarantined");
    sim->untrusted[sim->untrusted_count++] = *untrusted;
    sim->outcome.is_found_out = true;
    for (uint32_t i = 0; i < SIM_CAMPAIGNS_MAX; i++)
        for (uint32_t r = 0; r < SIM_REPLICAS_MAX; r++)
            if (sim_is_liar(sim, sim->coordinator.witness[i][r].worker))
                sim->coordinator.witness[i][r].open = false;
}

static void check_trust(const struct sim *sim)
{
    const struct planner *planner = sim->coordinator.planner;
    for (uint32_t i = 0; i < planner->config.sessions_max; i++)
        for (uint32_t u = 0; u < sim->untrusted_count && planner->sessions[i].used; u++)
            if (strcmp(planner->sessions[i].hello.host, sim->untrusted[u].host) == 0 && sim->untrusted[u].is_host)
                sim_fail(sim, "%s is quarantined and still served", sim->untrusted[u].host);
}

/* -- steps ----------------------------------------------------------------------------------------------------------
 */

static void perform(struct sim *sim, struct planner_action *action)
{
    struct sim_coordinator *c = &sim->coordinator;
    switch (action->type) {
    case ACTION_SEND:
        send_action(sim, action);
        break;
    case ACTION_STORE_SEGMENT:
        put_segment(sim, action);
        break;
    case ACTION_STORE_EXCHANGE:
        put_exchange(sim, &action->exchange);
        break;
    case ACTION_LOOKUP_SEGMENT:
        c->lookups[c->lookup_count++] = action->lookup;
        break;
    case ACTION_STORE_AUDIT:
        sim_row_of(sim, sim_store, action->store_audit.key)->is_audited = true;
        break;
    case ACTION_QUARANTINE:
        quarantine(sim, &action->quarantine);
        break;
    case ACTION_RETRACT:
        c->retracting = true;
        c->retracted = action->retract.key;
        break;
    case ACTION_NOTE:
        break;
    }
}

static void close_leases_of(struct sim *sim, uint64_t process, const struct lease_token *token)
{
    for (uint32_t i = 0; i < SIM_CAMPAIGNS_MAX; i++)
        for (uint32_t r = 0; r < SIM_REPLICAS_MAX; r++) {
            struct sim_witness *witness = &sim->coordinator.witness[i][r];
            if (witness->open && witness->worker == process && (!token || witness->token.value == token->value))
                witness->open = false;
        }
}

static void renew_leases_of(struct sim *sim, uint64_t process, const struct wire_renew *renew)
{
    for (uint32_t n = 0; n < renew->count; n++)
        for (uint32_t i = 0; i < SIM_CAMPAIGNS_MAX; i++)
            for (uint32_t r = 0; r < SIM_REPLICAS_MAX; r++) {
                struct sim_witness *witness = &sim->coordinator.witness[i][r];
                if (witness->open && witness->worker == process &&
                    witness->token.value == renew->leases[n].token.value &&
                    sim->coordinator.awake - witness->renewed < (int64_t)SIM_LEASE_MS * 1000000)
                    witness->renewed = sim->coordinator.awake;
            }
}

static bool is_known_peer(const struct sim *sim, uint64_t peer)
{
    return session_find_peer(sim->coordinator.planner, (struct peer_id){peer}) != INDEX_NONE;
}

/* What an incoming message may do to leases, told to the witnesses before the planner sees it. */
static void witness_message(struct sim *sim, uint64_t peer, uint64_t process, const struct wire_message *message)
{
    if (message->type != WIRE_HELLO && !is_known_peer(sim, peer))
        return;
    if (message->type == WIRE_HELLO || message->type == WIRE_BYE)
        close_leases_of(sim, process, NULL);
    else if (message->type == WIRE_RETURN)
        close_leases_of(sim, process, &message->returned.token);
    else if (message->type == WIRE_RESULT && message->result.status != STATUS_OK)
        close_leases_of(sim, process, &message->result.token);
    else if (message->type == WIRE_RENEW)
        renew_leases_of(sim, process, &message->renew);
}

static void check_return(struct sim *sim, const struct wire_message *message, uint64_t peer)
{
    const struct planner *planner = sim->coordinator.planner;
    const uint32_t session = session_find_peer(planner, (struct peer_id){peer});
    if (message->type == WIRE_RETURN && session != INDEX_NONE &&
        lease_find(planner, session, message->returned.token) != INDEX_NONE)
        sim_fail(sim, "lease %llx was returned and is still there", (unsigned long long)message->returned.token.value);
}

/* A different second result must raise an alarm. */
static void check_found(struct sim *sim, const struct planner_event *event)
{
    const struct planner_actions *actions = &sim->coordinator.actions;
    if (!digest_equal(&event->found.stored.input, &event->found.lookup.input) ||
        digest_equal(&event->found.stored.output, &event->found.lookup.output))
        return;
    for (uint32_t i = 0; i < actions->count; i++)
        if (actions->items[i].type == ACTION_NOTE && strcmp(actions->items[i].note.kind, "conflict") == 0)
            return;
    sim_fail(sim, "two results of one segment differ and nobody is told");
}

/* A lease of a connection that is gone leads nowhere. */
static void check_lost(struct sim *sim, struct peer_id peer, uint64_t process)
{
    const struct planner *planner = sim->coordinator.planner;
    if (session_find_peer(planner, peer) != INDEX_NONE)
        sim_fail(sim, "peer %llx is lost and still spoken to", (unsigned long long)peer.value);
    for (uint32_t i = 0; i < planner->config.sessions_max; i++)
        if (planner->sessions[i].used && planner->sessions[i].leases.count &&
            process_of_uuid(&planner->sessions[i].hello.worker) == process)
            sim_fail(sim, "worker %llx is lost and keeps its leases", (unsigned long long)process);
}

static void tell_lost(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    while (c->lost_count > 0) {
        const struct peer_id peer = c->lost[--c->lost_count];
        const uint64_t process = process_at(sim, peer);
        if (process == 0)
            continue;
        close_leases_of(sim, process, NULL);
        step(sim, (struct planner_event){.type = EVENT_PEER_LOST, .peer_lost = peer});
        if (c->planner->is_void)
            return;
        check_lost(sim, peer, process);
    }
}

static void step(struct sim *sim, struct planner_event event)
{
    struct sim_coordinator *c = &sim->coordinator;
    const int64_t gap = c->last_step ? sim->now - c->last_step : 0;
    c->awake += gap < (int64_t)SIM_STALL_MS * 1000000 ? gap : (int64_t)SIM_STALL_MS * 1000000;
    c->last_step = sim->now;
    event.now = (struct mono_ns){sim->now};
    if (c->planner->is_void)
        return;
    sim->outcome.steps++;
    planner_step(c->planner, &event, &c->actions);
    planner_check(c->planner);
    if (event.type == EVENT_SEGMENT_FOUND)
        check_found(sim, &event);
    if (event.type == EVENT_MESSAGE && !c->planner->is_void)
        check_return(sim, event.message.message, event.message.peer.value);
    for (uint32_t i = 0; i < c->actions.count; i++)
        perform(sim, &c->actions.items[i]);
    check_trust(sim);
    tell_lost(sim);
}

static void start_commit(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    if (c->committing || c->segment_count + c->exchange_count == 0)
        return;
    c->committing = true;
    const double commit_ms = 1.0 + sim_draw(sim, DRAW_DISK) * COMMIT_MS_MAX;
    sim_schedule(sim, (int64_t)(commit_ms * 1e6), SIM_COMMITTED, sim->life, 0);
}

static void look_up(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    for (uint32_t i = 0; i < c->lookup_count; i++) {
        const struct segment_lookup *lookup = &c->lookups[i];
        const struct sim_row *row = sim_row_of(sim, sim_store, lookup->key);
        struct planner_event event = {.type = row->state == ROW_DURABLE ? EVENT_SEGMENT_FOUND : EVENT_SEGMENT_MISSING};
        event.found.lookup = *lookup;
        if (row->state == ROW_DURABLE)
            event.found.stored = sim_record(sim, lookup->key);
        step(sim, event);
    }
    c->lookup_count = 0;
}

static void take_messages(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    for (uint32_t i = 0; i < TAKEN_MAX && c->inbox_count > 0; i++) {
        struct sim_packet *packet = &sim->packets[c->inbox[c->inbox_first++ % SIM_INBOX_MAX]];
        c->inbox_count--;
        c->sender = packet->process;
        c->result = packet->message.type == WIRE_RESULT ? &packet->message.result : NULL;
        witness_message(sim, packet->peer, packet->process, &packet->message);
        step(sim, (struct planner_event){.type = EVENT_MESSAGE, .message = {{packet->peer}, &packet->message}});
        c->result = NULL;
        packet->used = false;
    }
}

/* The planner is rebuilt, as after a crash; connections stay. */
static void rebuild(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    free(c->memory);
    c->retracting = false;
    c->lookup_count = c->lost_count = 0;
    c->epoch++;
    c->last_step = c->awake = 0;
    memset(c->witness, 0, sizeof c->witness);
    c->planner = load(sim, &c->memory);
    if (c->disk_full)
        step(sim, (struct planner_event){.type = EVENT_STORAGE, .storage = STORAGE_FULL});
    if (c->draining)
        step(sim, (struct planner_event){.type = EVENT_DRAIN, .drain_grace_ms = DRAIN_MS});
}

/* Nothing waits for the disk now. */
static void retract(struct sim *sim)
{
    sim_retract(sim, sim->coordinator.retracted);
    rebuild(sim);
}

/* -- what people do --------------------------------------------------------------------------------------------------
 */

static void set_standing(struct sim *sim, uint32_t campaign, enum campaign_standing standing)
{
    const struct planner *planner = sim->coordinator.planner;
    sim->campaigns[campaign].standing = standing;
    if (standing == CAMPAIGN_CANCELLED)
        for (uint32_t r = 0; r < SIM_REPLICAS_MAX; r++)
            sim->coordinator.witness[campaign][r].open = false;
    step(sim, (struct planner_event){.type = EVENT_STANDING, .standing = {{campaign + 1}, standing}});
    for (uint32_t i = 0; i < planner->config.leases_max && standing == CAMPAIGN_CANCELLED; i++)
        if (planner->leases[i].used && planner->replicas[planner->leases[i].replica].campaign == campaign)
            sim_fail(sim, "campaign %u is cancelled and has leases", (unsigned)campaign);
}

static void extend(struct sim *sim, struct sim_campaign *campaign)
{
    campaign->is_short = false;
    for (uint32_t e = 0; e < campaign->campaign.ensemble_count; e++)
        campaign->ensembles[e].steps = campaign->steps_whole[e];
    rebuild(sim);
}

/* The liar gets another chance. */
static void lift(struct sim *sim)
{
    struct planner_event event = {.type = EVENT_TRUSTED};
    uint32_t kept = 0;
    if (sim->untrusted_count == 0)
        return;
    memcpy(event.host, sim->untrusted[0].host, sizeof event.host);
    for (uint32_t i = 0; i < sim->untrusted_count; i++)
        if (strcmp(sim->untrusted[i].host, event.host) != 0)
            sim->untrusted[kept++] = sim->untrusted[i];
    sim->untrusted_count = kept;
    step(sim, event);
    if (sim->coordinator.planner->untrusted_count != kept)
        sim_fail(sim, "%s is trusted again and not served", event.host);
}

/* At the end all campaigns are as long as they will be, and run. What hangs goes on hanging: others do its work. */
static void settle(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->campaign_count && sim->coordinator.up; i++) {
        if (sim->campaigns[i].is_short)
            extend(sim, &sim->campaigns[i]);
        if (sim->campaigns[i].standing != CAMPAIGN_RUNNING)
            set_standing(sim, i, CAMPAIGN_RUNNING);
    }
}

/* As the shell does: between transactions, and durable before the planner hears of it. */
void coordinator_control(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    if (!c->up || c->committing || c->retracting || c->stalled_until > sim->now)
        return;
    start_commit(sim);
    if (c->committing || c->planner->is_void)
        return;
    if (sim->healed) {
        settle(sim);
        return;
    }
    const uint32_t campaign = sim_choose(sim, DRAW_CONTROL, sim->campaign_count);
    switch (sim_choose(sim, DRAW_CONTROL, 6)) {
    case 0:
        set_standing(sim, campaign, CAMPAIGN_PAUSED);
        break;
    case 1:
        set_standing(sim, campaign, CAMPAIGN_CANCELLED);
        break;
    case 2:
    case 3:
        set_standing(sim, campaign, CAMPAIGN_RUNNING);
        break;
    case 4:
        if (sim->campaigns[campaign].is_short)
            extend(sim, &sim->campaigns[campaign]);
        break;
    default:
        lift(sim);
        break;
    }
}

/* As EVENT_HOST_REVOKED finds it: the host of a worker is its index here. */
void coordinator_revoke(struct sim *sim, const struct sim_worker *worker)
{
    struct sim_coordinator *c = &sim->coordinator;
    const struct planner *planner = c->planner;
    const uint32_t session = c->up ? session_find_peer(planner, (struct peer_id){sim_peer_of(worker)}) : INDEX_NONE;
    struct planner_event event = {.type = EVENT_HOST_REVOKED};
    if (session == INDEX_NONE || c->committing || c->retracting || planner->is_void)
        return;
    memcpy(event.host, planner->sessions[session].hello.host, sizeof event.host);
    for (uint32_t i = 0; i < planner->config.sessions_max; i++)
        if (planner->sessions[i].used && strcmp(planner->sessions[i].hello.host, event.host) == 0)
            close_leases_of(sim, process_of_uuid(&planner->sessions[i].hello.worker), NULL);
    step(sim, event);
    for (uint32_t i = 0; i < planner->config.sessions_max; i++)
        if (planner->sessions[i].used && strcmp(planner->sessions[i].hello.host, event.host) == 0)
            sim_fail(sim, "the key of %s is revoked and it is still served", event.host);
}

static void work(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    if (c->committing)
        return;
    take_messages(sim);
    start_commit(sim);
    if (c->committing)
        return;
    if (c->retracting)
        retract(sim);
    if (c->lookup_count)
        look_up(sim);
    if (sim_happens(sim, DRAW_CHECK, 0.02))
        check_reload(sim);
}

void coordinator_receive(struct sim *sim, uint32_t packet)
{
    struct sim_coordinator *c = &sim->coordinator;
    if (c->inbox_count == SIM_INBOX_MAX) {
        sim->packets[packet].used = false;
        return;
    }
    c->inbox[(c->inbox_first + c->inbox_count++) % SIM_INBOX_MAX] = packet;
    work(sim);
}

/* As `vitrine serve` does on SIGTERM; what is started later goes on from the disk. */
void coordinator_drain(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    if (!c->up || c->draining || c->committing)
        return;
    c->draining = true;
    c->leave_at = sim->now + (int64_t)DRAIN_MS * 1000000;
    step(sim, (struct planner_event){.type = EVENT_DRAIN, .drain_grace_ms = DRAIN_MS});
    start_commit(sim);
}

static bool has_left(const struct sim *sim)
{
    const struct sim_coordinator *c = &sim->coordinator;
    return c->draining && !c->committing && (planner_count_sessions(c->planner) == 0 || sim->now >= c->leave_at);
}

void coordinator_tick(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    if (c->stalled_until > sim->now) {
        sim_schedule(sim, c->stalled_until - sim->now, SIM_TICK, sim->life, 0);
        return;
    }
    sim_schedule(sim, (int64_t)TICK_MS * 1000000, SIM_TICK, sim->life, 0);
    if (!c->committing) {
        if (c->disk_full) {
            c->disk_full = sim_happens(sim, DRAW_DISK, 0.9);
            if (!c->disk_full)
                step(sim, (struct planner_event){.type = EVENT_STORAGE, .storage = STORAGE_GOOD});
        }
        step(sim, (struct planner_event){.type = EVENT_TICK});
    }
    work(sim);
    if (has_left(sim))
        coordinator_crash(sim);
}

static void tell_batch(struct sim *sim, bool durable)
{
    struct sim_coordinator *c = &sim->coordinator;
    struct segment_key segments[SIM_INBOX_MAX];
    struct exchange_key exchanges[2 * PLANNER_ACTIONS_MAX];
    const uint32_t segment_count = c->segment_count, exchange_count = c->exchange_count;
    memcpy(segments, c->segments, segment_count * sizeof *segments);
    memcpy(exchanges, c->exchanges, exchange_count * sizeof *exchanges);
    c->segment_count = c->exchange_count = 0;
    for (uint32_t i = 0; i < segment_count; i++)
        step(sim, (struct planner_event){.type = durable ? EVENT_SEGMENT_STORED : EVENT_SEGMENT_REFUSED,
                                         .segment = segments[i]});
    for (uint32_t i = 0; i < exchange_count; i++)
        step(sim, (struct planner_event){.type = durable ? EVENT_EXCHANGE_STORED : EVENT_EXCHANGE_REFUSED,
                                         .exchange = exchanges[i]});
}

static void make_durable(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    for (uint32_t i = 0; i < c->segment_count; i++)
        sim_row_of(sim, sim_store, c->segments[i])->state = ROW_DURABLE;
    for (uint32_t i = 0; i < c->exchange_count; i++) {
        const struct exchange *e = &c->exchanges[i].exchange;
        sim->campaigns[c->exchanges[i].campaign.value - 1]
            .store.exchanges[e->ensemble.value][e->round.value][e->rung_cold.value]
            .state = ROW_DURABLE;
    }
}

void coordinator_committed(struct sim *sim)
{
    struct sim_coordinator *c = &sim->coordinator;
    if (c->stalled_until > sim->now) {
        sim_schedule(sim, c->stalled_until - sim->now, SIM_COMMITTED, sim->life, 0);
        return;
    }
    c->committing = false;
    if (sim_happens(sim, DRAW_DISK, sim->faults.crash_before_commit)) {
        coordinator_crash(sim);
        return;
    }
    if (sim_happens(sim, DRAW_DISK, sim->faults.disk_full)) {
        c->disk_full = true;
        forget_pending(sim);
        tell_batch(sim, false);
    } else {
        make_durable(sim);
        if (sim_happens(sim, DRAW_DISK, sim->faults.crash_after_commit)) {
            coordinator_crash(sim);
            return;
        }
        tell_batch(sim, true);
    }
    work(sim);
}

bool coordinator_at_rest(const struct sim *sim)
{
    if (!sim->coordinator.up)
        return false;
    for (uint32_t i = 0; i < sim->campaign_count; i++)
        if (sim->campaigns[i].is_short || sim->campaigns[i].standing != CAMPAIGN_RUNNING ||
            !planner_get_progress(sim->coordinator.planner, (struct campaign_id){i + 1}).at_rest)
            return false;
    return true;
}
