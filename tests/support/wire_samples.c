#include "tests/support/wire_samples.h"

#include "common/invariant.h"
#include "common/mem.h"
#include "common/snapshot.h"
#include "common/wire_format.h"

#include <stdio.h>
#include <string.h>

static const struct wire_uuid lineage = {{0xa0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};

static uint8_t *make_snapshot(int64_t step, size_t *out_size, struct digest *out_digest)
{
    struct snapshot snapshot;
    uint8_t *bytes;
    INVARIANT(snapshot_init(&snapshot, 3, NULL) == STATUS_OK);
    snapshot.step = step;
    for (int d = 0; d < 3; d++) {
        snapshot.box[d] = 7.0;
        for (int i = 0; i < 3; i++) {
            snapshot.position[d][i] = INT64_C(1000003) * (i + d + 1);
            snapshot.velocity[d][i] = 0.125 * (i - d);
        }
    }
    snapshot.type[1] = ATOM_SMALL;
    INVARIANT(snapshot_encode(&snapshot, &bytes, out_size, out_digest, NULL) == STATUS_OK);
    snapshot_finish(&snapshot);
    return bytes;
}

static void *make_list(size_t count, size_t size)
{
    void *list = mem_alloc_array(count, size);
    INVARIANT(list != NULL);
    return list;
}

static struct wire_message make_hello(uint32_t held)
{
    struct wire_message message = {.type = WIRE_HELLO};
    struct wire_hello *hello = &message.hello;
    hello->protocol_first = WIRE_PROTOCOL_FIRST;
    hello->protocol_last = WIRE_PROTOCOL_LAST;
    hello->worker.bytes[0] = 0x77;
    hello->session = UINT64_C(0x0123456789abcdef);
    hello->engine_id = 1;
    hello->slots = 2;
    snprintf(hello->build, sizeof hello->build, "0.1.0-g0123456");
    snprintf(hello->cpu, sizeof hello->cpu, "A CPU @ 2.40GHz");
    snprintf(hello->isa, sizeof hello->isa, "avx2");
    snprintf(hello->host, sizeof hello->host, "node-17");
    hello->probe.bytes[5] = 5;
    hello->held_count = held;
    hello->held = make_list(held, sizeof *hello->held);
    for (uint32_t i = 0; i < held; i++)
        hello->held[i] = (struct wire_held){.token = {0x100000001u + i},
                                            .campaign = {1},
                                            .lineage = lineage,
                                            .replica = {i},
                                            .segment = {-3 + (int)i},
                                            .input = {{(uint8_t)i}},
                                            .is_result = i % 2};
    return message;
}

static struct wire_message make_welcome(void)
{
    struct wire_message message = {.type = WIRE_WELCOME};
    message.welcome =
        (struct wire_welcome){.protocol = 1, .epoch = 2, .renew_every_ms = 20000, .silence_max_ms = 45000};
    message.welcome.adopted_count = 1;
    message.welcome.adopted = make_list(1, sizeof *message.welcome.adopted);
    message.welcome.adopted[0] = (struct wire_adopted){{0x100000001}, {0x200000001}};
    message.welcome.dropped_count = 2;
    message.welcome.dropped = make_list(2, sizeof *message.welcome.dropped);
    message.welcome.dropped[0].value = 0x100000002;
    message.welcome.dropped[1].value = 0x100000003;
    return message;
}

static void fill_grant(struct wire_grant *grant, enum stage_kind stage, bool with_snapshot)
{
    const bool is_build = stage == STAGE_BUILD;
    struct digest digest;
    size_t size;
    uint8_t *bytes = make_snapshot(5000, &size, &digest);
    *grant = (struct wire_grant){.campaign = {1}, .lineage = lineage, .token = {0x200000007}, .lease_ms = 60000};
    grant->spec = (struct segment_spec){
        .seed = UINT64_MAX,
        .replica = {4},
        .segment = {5},
        .system = {.atoms = 3, .atoms_small = 1, .volume_per_atom = 0.767, .cut = CUT_FORCE_SHIFTED, .cutoff = 2.5},
        .dynamics = {.dt = 0.002778, .thermostat = THERMOSTAT_BUSSI, .thermostat_tau = 0.2778},
        .identity = {is_build ? 0 : 100, is_build ? 0 : 2},
        .stage = stage,
        .builder = is_build ? BUILDER_NANOCOMPOSITE : BUILDER_RANDOM,
        .start = {is_build ? 0.01 : 0, is_build ? 400 : 0, is_build ? 0.69 : 0},
        .step_first = is_build ? -100000 : 5000,
        .steps = is_build ? 0 : 1000,
        .temperature_first = 0.6,
        .temperature_last = stage == STAGE_RAMP ? 0.5 : 0.6,
        .temperature_before = 0.62,
        .sampling = {.thermal_every = 100,
                     .inherent_every = 1000,
                     .pdf_every = 500,
                     .structure_every = 2000,
                     .pdf_bin = 0.01},
    };
    grant->snapshot = is_build ? (struct digest){0} : digest;
    grant->input = segment_input_digest(&grant->spec, 1, is_build ? NULL : &digest);
    if (with_snapshot) {
        grant->snapshot_bytes = bytes;
        grant->snapshot_size = size;
    } else {
        mem_free(bytes);
    }
}

static struct wire_message make_grant(enum stage_kind stage, bool with_snapshot)
{
    struct wire_message message = {.type = WIRE_GRANT};
    fill_grant(&message.grant, stage, with_snapshot);
    return message;
}

static void fill_findings(struct segment_result *result)
{
    result->energy_potential = -21.5;
    result->identity = (struct identity_counts){20, 3};
    result->sample_count = 3;
    result->samples = make_list(3, sizeof *result->samples);
    result->samples[0] = (struct sample){5100, QUANTITY_GROUP_thermal, {-7.3, 0.9, 0.6, 1.5}};
    result->samples[1] = (struct sample){6000, QUANTITY_GROUP_thermal, {-7.2, 0.8, 0.5, 1.4}};
    result->samples[2] = (struct sample){6000, QUANTITY_GROUP_inherent, {-7.6, 1e-9, 1, 321}};
    result->pdf_count = 2;
    result->pdfs = make_list(2, sizeof *result->pdfs);
    for (int kind = 0; kind < 2; kind++) {
        struct pdf_counts *pdf = &result->pdfs[kind];
        *pdf = (struct pdf_counts){.step_last = 6000, .kind = kind, .frames = 2, .bin = 0.5, .bins = 4};
        pdf->counts = make_list(PDF_PAIRS * 4, sizeof *pdf->counts);
        pdf->counts[7] = 70 + (uint64_t)kind;
    }
    result->array_count = 2;
    result->arrays = make_list(2, sizeof *result->arrays);
    for (int n = 0; n < 2; n++) {
        struct sample_array *array = &result->arrays[n];
        *array = (struct sample_array){.step = 6000, .array = n == 0 ? ARRAY_bonds : ARRAY_movers, .rows = 2};
        array->cells = make_list(2 * (size_t)array_columns(array->array), sizeof *array->cells);
        array->cells[1] = 0.5 + n;
    }
    result->frame_count = 2;
    result->frames = make_list(2, sizeof *result->frames);
    for (int kind = 0; kind < 2; kind++) {
        struct frame *frame = &result->frames[kind];
        *frame = (struct frame){.step = 6000, .kind = kind};
        frame->bytes = make_snapshot(6000 + kind, &frame->size, &frame->digest);
    }
    result->snapshot_bytes = make_snapshot(6000, &result->snapshot_size, &result->snapshot);
    result->output = segment_output_digest(result);
}

static struct wire_message make_result(enum status status)
{
    struct wire_message message = {.type = WIRE_RESULT};
    struct wire_result *result = &message.result;
    result->campaign.value = 1;
    result->lineage = lineage;
    result->token.value = 0x200000007;
    result->status = status;
    result->result = (struct segment_result){.replica = {4}, .segment = {5}, .input = {{9}}};
    result->result.cpu_time_ns = 123456789;
    result->result.wall_time_ns = 223456789;
    if (status == STATUS_OK)
        fill_findings(&result->result);
    else
        snprintf(result->text, sizeof result->text, "energy of step 5321 is not finite");
    return message;
}

static struct wire_message make_ack(enum wire_verdict verdict, bool has_grant)
{
    struct wire_message message = {.type = WIRE_ACK};
    message.ack = (struct wire_ack){.token = {0x200000007}, .verdict = verdict, .retry_after_ms = 500};
    snprintf(message.ack.text, sizeof message.ack.text, "the disk is full");
    message.ack.has_grant = has_grant;
    if (has_grant)
        fill_grant(&message.ack.grant, STAGE_HOLD, true);
    return message;
}

static struct wire_message make_renew(void)
{
    struct wire_message message = {.type = WIRE_RENEW, .renew = {.count = 2}};
    message.renew.leases = make_list(2, sizeof *message.renew.leases);
    message.renew.leases[0] = (struct wire_progress){{0x200000007}, -42};
    message.renew.leases[1] = (struct wire_progress){{0x200000008}, 5400};
    return message;
}

static struct wire_message make_renewed(void)
{
    struct wire_message message = {.type = WIRE_RENEWED, .renewed = {.revoked_count = 1}};
    message.renewed.revoked = make_list(1, sizeof *message.renewed.revoked);
    message.renewed.revoked[0].value = 0x200000008;
    return message;
}

static struct wire_message make_return(void)
{
    struct wire_message message = {.type = WIRE_RETURN};
    message.returned = (struct wire_return){{0x200000007}, WIRE_RETURN_NO_SNAPSHOT, "not held any more"};
    return message;
}

static struct wire_message make_goaway(void)
{
    struct wire_message message = {.type = WIRE_GOAWAY};
    message.goaway = (struct wire_goaway){WIRE_GOAWAY_PROTOCOL, 1, 1, 60000, "no protocol in common"};
    return message;
}

static const char *const names[WIRE_SAMPLE_COUNT] = {
    "hello",   "hello-held", "welcome",       "who", "want",      "grant-build", "grant", "grant-bytes", "renew",
    "renewed", "result",     "result-failed", "ack", "ack-grant", "return",      "drain", "goaway",      "bye",
};

const char *wire_sample_name(int index)
{
    return names[index];
}

struct wire_message wire_sample_make(int index)
{
    switch (index) {
    case 0:
        return make_hello(0);
    case 1:
        return make_hello(3);
    case 2:
        return make_welcome();
    case 3:
        return (struct wire_message){.type = WIRE_WHO};
    case 4:
        return (struct wire_message){.type = WIRE_WANT, .want = {4}};
    case 5:
        return make_grant(STAGE_BUILD, false);
    case 6:
        return make_grant(STAGE_RAMP, false);
    case 7:
        return make_grant(STAGE_HOLD, true);
    case 8:
        return make_renew();
    case 9:
        return make_renewed();
    case 10:
        return make_result(STATUS_OK);
    case 11:
        return make_result(STATUS_PHYSICS);
    case 12:
        return make_ack(WIRE_RETRY_AFTER, false);
    case 13:
        return make_ack(WIRE_COMMITTED, true);
    case 14:
        return make_return();
    case 15:
        return (struct wire_message){.type = WIRE_DRAIN, .drain = {30000}};
    case 16:
        return make_goaway();
    default:
        return (struct wire_message){.type = WIRE_BYE};
    }
}

void wire_sample_seal(uint8_t *bytes, size_t size)
{
    if (size < WIRE_PREFIX_SIZE + WIRE_SEAL_SIZE)
        return;
    const struct digest seal = digest_of_bytes(bytes, size - WIRE_SEAL_SIZE);
    memcpy(bytes + size - WIRE_SEAL_SIZE, seal.bytes, WIRE_SEAL_SIZE);
}
