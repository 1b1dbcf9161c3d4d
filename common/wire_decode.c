/* wire_decode.c - frames to messages, trusting nothing.
 *
 * Values are taken through a struct reading, which keeps the first thing that was wrong; what is taken after that is
 * harmless and thrown away. So each message is a plain list of its fields, and no check can be forgotten on the way
 * out. Memory for a list is taken only after its length was held to a bound. */
#include "common/wire.h"

#include "common/bytes.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/snapshot.h"
#include "common/wire_format.h"

#include "wire.pb-c.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

struct reading {
    enum status status; /* of the first failure */
    struct error *err;
    const struct wire_frames_view *frames;
};

static bool is_ok(const struct reading *reading)
{
    return reading->status == STATUS_OK;
}

static void refuse(struct reading *reading, enum status status, const char *what)
{
    if (is_ok(reading))
        reading->status = error_set(reading->err, status, "%s", what);
}

static void require(struct reading *reading, bool condition, const char *what)
{
    if (!condition)
        refuse(reading, STATUS_INVALID, what);
}

/* ---- single values ---- */

static double take_finite(struct reading *reading, double value, const char *what)
{
    require(reading, isfinite(value), what);
    return value;
}

/* 0 when out of range, so that the caller's enum is never one that it does not know. */
static int take_enum(struct reading *reading, uint32_t value, uint32_t first, uint32_t end, const char *what)
{
    const bool known = value >= first && value < end;
    require(reading, known, what);
    return known ? (int)value : 0;
}

static struct digest take_digest(struct reading *reading, const ProtobufCBinaryData *data, const char *what)
{
    struct digest digest = {0};
    require(reading, data->len == DIGEST_SIZE, what);
    if (data->len == DIGEST_SIZE)
        memcpy(digest.bytes, data->data, DIGEST_SIZE);
    return digest;
}

static struct wire_uuid take_uuid(struct reading *reading, const ProtobufCBinaryData *data, const char *what)
{
    struct wire_uuid uuid = {0};
    require(reading, data->len == WIRE_UUID_SIZE, what);
    if (data->len == WIRE_UUID_SIZE)
        memcpy(uuid.bytes, data->data, WIRE_UUID_SIZE);
    return uuid;
}

/* Strings end up in logs and on terminals: printable ASCII only. */
static void take_string(struct reading *reading, const char *string, char *out, size_t size, const char *what)
{
    size_t length = strlen(string);
    require(reading, length < size, what);
    for (size_t i = 0; i < length; i++)
        require(reading, string[i] >= ' ' && string[i] <= '~', what);
    if (is_ok(reading))
        memcpy(out, string, length + 1);
}

static struct lease_token take_token(struct reading *reading, uint64_t value)
{
    require(reading, value != 0, "a lease token is 0");
    return (struct lease_token){value};
}

/* Room for a list whose length was declared; NULL when refused. */
static void *take_list(struct reading *reading, size_t count, size_t max, size_t size, const char *what)
{
    if (count > max)
        refuse(reading, STATUS_LIMIT, what);
    if (!is_ok(reading))
        return NULL;
    void *list = mem_alloc_array(count, size);
    if (!list)
        refuse(reading, STATUS_NO_MEMORY, "no memory for a list in a message");
    return list;
}

/* ---- blocks ---- */

static struct wire_frame_view take_block(struct reading *reading, size_t place)
{
    if (place + 1 < reading->frames->count)
        return reading->frames->frame[place + 1];
    refuse(reading, STATUS_INVALID, "a block of a message is missing");
    return (struct wire_frame_view){0};
}

/* A copy of snapshot bytes that have the declared digest; NULL when refused. */
static uint8_t *take_snapshot(struct reading *reading, const uint8_t *bytes, size_t size, const struct digest *declared)
{
    struct digest actual;
    if (!is_ok(reading))
        return NULL;
    if ((reading->status = snapshot_check(bytes, size, &actual, reading->err)) != STATUS_OK)
        return NULL;
    if (!digest_equal(&actual, declared))
        refuse(reading, STATUS_CORRUPT, "a snapshot is not the one that the message declares");
    uint8_t *copy = is_ok(reading) ? mem_copy(bytes, size) : NULL;
    if (is_ok(reading) && !copy)
        refuse(reading, STATUS_NO_MEMORY, "no memory for a snapshot in a message");
    return copy;
}

/* ---- one function per message ---- */

static void take_held(struct reading *reading, const Wire__Held *from, struct wire_held *out)
{
    out->token = take_token(reading, from->token);
    out->campaign.value = from->campaign;
    out->lineage = take_uuid(reading, &from->lineage, "the lineage of a held lease is not 16 bytes");
    out->replica.value = from->replica;
    out->segment.value = from->segment;
    out->input = take_digest(reading, &from->input, "the input digest of a held lease is not 32 bytes");
    out->is_result = from->is_result;
}

static void take_hello(struct reading *reading, const Wire__Hello *from, struct wire_hello *out)
{
    require(reading, from->protocol_first >= 1 && from->protocol_first <= from->protocol_last,
            "the protocol range of a HELLO is empty");
    out->protocol_first = from->protocol_first;
    out->protocol_last = from->protocol_last;
    out->worker = take_uuid(reading, &from->worker, "the uuid of a worker is not 16 bytes");
    out->session = from->session;
    out->engine_id = from->engine_id;
    require(reading, from->slots >= 1 && from->slots <= WIRE_SLOTS_MAX, "the slots of a HELLO are out of range");
    out->slots = from->slots;
    take_string(reading, from->build, out->build, sizeof out->build, "the build of a HELLO is not a short text");
    take_string(reading, from->cpu, out->cpu, sizeof out->cpu, "the cpu of a HELLO is not a short text");
    take_string(reading, from->isa, out->isa, sizeof out->isa, "the isa of a HELLO is not a short text");
    take_string(reading, from->host, out->host, sizeof out->host, "the host of a HELLO is not a short text");
    out->probe = take_digest(reading, &from->probe, "the probe digest of a HELLO is not 32 bytes");
    out->held =
        take_list(reading, from->n_held, WIRE_HELD_MAX, sizeof *out->held, "a HELLO lists too many leases and results");
    for (size_t i = 0; out->held && i < from->n_held; i++)
        take_held(reading, from->held[i], &out->held[i]);
    out->held_count = (uint32_t)from->n_held;
}

static struct lease_token *take_tokens(struct reading *reading, const uint64_t *values, size_t count)
{
    struct lease_token *tokens = take_list(reading, count, WIRE_TOKENS_MAX, sizeof *tokens, "too many tokens");
    for (size_t i = 0; tokens && i < count; i++)
        tokens[i] = take_token(reading, values[i]);
    return tokens;
}

static void take_welcome(struct reading *reading, const Wire__Welcome *from, struct wire_welcome *out)
{
    require(reading, from->renew_every_ms > 0 && from->silence_max_ms >= from->renew_every_ms,
            "the timers of a WELCOME are out of range");
    out->protocol = from->protocol;
    out->epoch = from->epoch;
    out->renew_every_ms = from->renew_every_ms;
    out->silence_max_ms = from->silence_max_ms;
    out->adopted =
        take_list(reading, from->n_adopted, WIRE_TOKENS_MAX, sizeof *out->adopted, "a WELCOME adopts too many leases");
    for (size_t i = 0; out->adopted && i < from->n_adopted; i++) {
        out->adopted[i].before = take_token(reading, from->adopted[i]->before);
        out->adopted[i].after = take_token(reading, from->adopted[i]->after);
    }
    out->adopted_count = (uint32_t)from->n_adopted;
    out->dropped = take_tokens(reading, from->dropped, from->n_dropped);
    out->dropped_count = (uint32_t)from->n_dropped;
}

static struct system_spec take_system(struct reading *reading, const Wire__System *from)
{
    return (struct system_spec){
        .atoms = from->atoms,
        .atoms_small = from->atoms_small,
        .volume_per_atom = from->volume_per_atom,
        .potential = take_enum(reading, from->potential, 0, POTENTIAL_KIND_COUNT, "unknown potential"),
        .cut = take_enum(reading, from->cut, 0, CUT_KIND_COUNT, "unknown cut"),
        .cutoff = from->cutoff,
    };
}

static struct dynamics_spec take_dynamics(struct reading *reading, const Wire__Dynamics *from)
{
    return (struct dynamics_spec){
        .dt = from->dt,
        .thermostat = take_enum(reading, from->thermostat, 0, THERMOSTAT_KIND_COUNT, "unknown thermostat"),
        .thermostat_tau = from->thermostat_tau,
    };
}

static struct identity_spec take_identity(const Wire__Identity *from)
{
    return from ? (struct identity_spec){from->every, from->attempts} : (struct identity_spec){0};
}

static struct start_spec take_start(const Wire__Start *from)
{
    return from ? (struct start_spec){from->noise, from->grain_atoms, from->grain_volume} : (struct start_spec){0};
}

static struct sampling_spec take_sampling(const Wire__Sampling *from)
{
    return (struct sampling_spec){
        .thermal_every = from->thermal_every,
        .inherent_every = from->inherent_every,
        .pdf_every = from->pdf_every,
        .pdf_inherent_every = from->pdf_inherent_every,
        .frame_every = from->frame_every,
        .frame_inherent_every = from->frame_inherent_every,
        .structure_every = from->structure_every,
        .displacement_every = from->displacement_every,
        .relaxation_every = from->relaxation_every,
        .pdf_bin = from->pdf_bin,
        .pdf_reach = from->pdf_reach,
    };
}

static void take_eos(struct reading *reading, const Wire__Eos *from, struct eos_spec *out)
{
    if (!from)
        return;
    out->volume_step = from->volume_step;
    out->volume_first = from->volume_first;
    out->geometry = take_enum(reading, from->geometry, 0, EOS_GEOMETRY_COUNT, "unknown geometry of a crystal");
    take_string(reading, from->sites, out->sites, sizeof out->sites, "the sites of a crystal are not a short text");
}

/* Ranges and finite numbers: segment_spec_check. */
static void take_segment(struct reading *reading, const Wire__Segment *from, struct segment_spec *out)
{
    if (!from || !from->system || !from->dynamics || !from->sampling) {
        refuse(reading, STATUS_INVALID, "a GRANT is without a whole segment");
        return;
    }
    out->seed = from->seed;
    out->replica.value = from->replica;
    out->segment.value = from->segment;
    out->system = take_system(reading, from->system);
    out->dynamics = take_dynamics(reading, from->dynamics);
    out->identity = take_identity(from->identity);
    out->start = take_start(from->start);
    take_eos(reading, from->eos, &out->eos);
    out->stage = take_enum(reading, from->stage, 0, STAGE_KIND_COUNT, "unknown stage");
    out->builder = take_enum(reading, from->builder, 0, BUILDER_KIND_COUNT, "unknown builder");
    out->step_first = from->step_first;
    out->steps = from->steps;
    out->temperature_first = from->temperature_first;
    out->temperature_last = from->temperature_last;
    out->temperature_before = from->temperature_before;
    out->sampling = take_sampling(from->sampling);
    if (is_ok(reading))
        reading->status = segment_spec_check(out, reading->err);
}

static void take_grant(struct reading *reading, const Wire__Grant *from, struct wire_grant *out)
{
    out->campaign.value = from->campaign;
    out->lineage = take_uuid(reading, &from->lineage, "the lineage of a GRANT is not 16 bytes");
    out->token = take_token(reading, from->token);
    take_segment(reading, from->spec, &out->spec);
    out->input = take_digest(reading, &from->input, "the input digest of a GRANT is not 32 bytes");
    require(reading, from->lease_ms > 0, "the lease time of a GRANT is 0");
    out->lease_ms = from->lease_ms;
    const bool is_build = out->spec.stage == STAGE_BUILD;
    require(reading, is_build == (from->snapshot.len == 0), "a GRANT has a snapshot if and only if it is not a build");
    if (!is_build)
        out->snapshot = take_digest(reading, &from->snapshot, "the snapshot digest of a GRANT is not 32 bytes");
    if (reading->frames->count == 1)
        return;
    require(reading, !is_build && reading->frames->count == 2, "a GRANT has more blocks than its snapshot");
    const struct wire_frame_view block = take_block(reading, 0);
    out->snapshot_bytes = take_snapshot(reading, block.bytes, block.size, &out->snapshot);
    out->snapshot_size = block.size;
}

static void take_renew(struct reading *reading, const Wire__Renew *from, struct wire_renew *out)
{
    out->leases =
        take_list(reading, from->n_leases, WIRE_TOKENS_MAX, sizeof *out->leases, "a RENEW lists too many leases");
    for (size_t i = 0; out->leases && i < from->n_leases; i++)
        out->leases[i] = (struct wire_progress){take_token(reading, from->leases[i]->token), from->leases[i]->step};
    out->count = (uint32_t)from->n_leases;
}

static void take_renewed(struct reading *reading, const Wire__Renewed *from, struct wire_renewed *out)
{
    out->revoked = take_tokens(reading, from->revoked, from->n_revoked);
    out->revoked_count = (uint32_t)from->n_revoked;
}

static bool sample_is_after(const struct sample *sample, const struct sample *before)
{
    return sample->step != before->step ? sample->step > before->step : sample->group > before->group;
}

static void take_sample(struct reading *reading, struct bytes_reader *from, struct sample *out)
{
    bytes_read(from, &out->step, 8);
    const uint32_t group = bytes_read_u32(from), values = bytes_read_u32(from);
    out->group = (enum quantity_group)take_enum(reading, group, 0, QUANTITY_GROUP_COUNT, "unknown group of quantities");
    require(reading, values == (uint32_t)quantity_group_size(out->group),
            "a sample has not as many values as its group (worker and coordinator of different builds?)");
    if (!is_ok(reading))
        return;
    bytes_read(from, out->values, 8 * (size_t)values);
    for (uint32_t i = 0; i < values; i++)
        take_finite(reading, out->values[i], "a value of a sample is not finite");
}

static void take_samples(struct reading *reading, uint64_t count, struct segment_result *out)
{
    const struct wire_frame_view block = take_block(reading, WIRE_BLOCK_SAMPLES);
    require(reading, count <= block.size / WIRE_SAMPLE_HEAD_SIZE, "a RESULT declares more samples than it has");
    out->samples =
        take_list(reading, count, SEGMENT_SAMPLES_MAX, sizeof *out->samples, "a RESULT has too many samples");
    if (!is_ok(reading))
        return;
    struct bytes_reader from = {.next = block.bytes, .end = block.bytes + block.size};
    for (size_t i = 0; i < count && is_ok(reading); i++) {
        take_sample(reading, &from, &out->samples[i]);
        require(reading, i == 0 || sample_is_after(&out->samples[i], &out->samples[i - 1]),
                "the samples of a RESULT are out of order");
    }
    out->sample_count = count;
    require(reading, bytes_are_used_up(&from), "the samples of a RESULT are not as long as declared");
}

static void take_pdf(struct reading *reading, const Wire__Pdf *head, struct bytes_reader *from, struct pdf_counts *out)
{
    out->step_last = head->step_last;
    out->kind = take_enum(reading, head->kind, 0, CONFIGURATION_KIND_COUNT, "unknown kind of pair distribution");
    require(reading, head->frames > 0, "a pair distribution is of no frame");
    out->frames = head->frames;
    require(reading, isfinite(head->bin) && head->bin > 0.0, "the bin of a pair distribution is out of range");
    out->bin = head->bin;
    out->bins = head->bins;
    out->counts = take_list(reading, (size_t)PDF_PAIRS * head->bins, (size_t)PDF_PAIRS * PDF_BINS_MAX,
                            sizeof *out->counts, "a pair distribution has too many bins");
    if (out->counts)
        bytes_read(from, out->counts, (size_t)PDF_PAIRS * head->bins * sizeof *out->counts);
}

static void take_pdfs(struct reading *reading, Wire__Pdf *const *heads, size_t count, struct segment_result *out)
{
    const struct wire_frame_view block = take_block(reading, WIRE_BLOCK_PDFS);
    out->pdfs =
        take_list(reading, count, SEGMENT_PDFS_MAX, sizeof *out->pdfs, "a RESULT has too many pair distributions");
    if (!is_ok(reading))
        return;
    out->pdf_count = count;
    struct bytes_reader from = {.next = block.bytes, .end = block.bytes + block.size};
    for (size_t i = 0; i < count; i++) {
        take_pdf(reading, heads[i], &from, &out->pdfs[i]);
        require(reading, i == 0 || out->pdfs[i].kind > out->pdfs[i - 1].kind,
                "the pair distributions of a RESULT are out of order");
    }
    require(reading, bytes_are_used_up(&from), "the pair distributions of a RESULT are not as long as declared");
}

static bool frame_is_after(const struct frame *frame, const struct frame *before)
{
    return frame->step != before->step ? frame->step > before->step : frame->kind > before->kind;
}

static void take_frame(struct reading *reading, const Wire__Frame *head, struct bytes_reader *from, struct frame *out)
{
    out->step = head->step;
    out->kind = take_enum(reading, head->kind, 0, CONFIGURATION_KIND_COUNT, "unknown kind of frame");
    out->digest = take_digest(reading, &head->digest, "the digest of a frame is not 32 bytes");
    require(reading, head->size <= (size_t)(from->end - from->next), "a frame is longer than its block");
    if (!is_ok(reading))
        return;
    out->bytes = take_snapshot(reading, from->next, head->size, &out->digest);
    out->size = head->size;
    from->next += head->size;
}

static void take_frames(struct reading *reading, Wire__Frame *const *heads, size_t count, struct segment_result *out)
{
    const struct wire_frame_view block = take_block(reading, WIRE_BLOCK_FRAMES);
    out->frames = take_list(reading, count, SEGMENT_FRAMES_MAX, sizeof *out->frames, "a RESULT has too many frames");
    if (!is_ok(reading))
        return;
    out->frame_count = count;
    struct bytes_reader from = {.next = block.bytes, .end = block.bytes + block.size};
    for (size_t i = 0; i < count && is_ok(reading); i++) {
        take_frame(reading, heads[i], &from, &out->frames[i]);
        require(reading, i == 0 || frame_is_after(&out->frames[i], &out->frames[i - 1]),
                "the frames of a RESULT are out of order");
    }
    require(reading, bytes_are_used_up(&from), "the frames of a RESULT are not as long as declared");
}

static bool array_is_after(const struct sample_array *array, const struct sample_array *before)
{
    return array->step != before->step ? array->step > before->step : array->array > before->array;
}

static void take_array(struct reading *reading, const Wire__Array *head, struct bytes_reader *from,
                       struct sample_array *out)
{
    out->step = head->step;
    out->array = take_enum(reading, head->array, 0, ARRAY_COUNT, "unknown array");
    if (!is_ok(reading))
        return;
    const size_t columns = (size_t)array_columns(out->array), cells = columns * head->rows;
    require(reading, cells <= (size_t)(from->end - from->next) / sizeof *out->cells,
            "an array is longer than its block");
    out->rows = head->rows;
    out->cells = take_list(reading, cells, columns * ARRAY_ROWS_MAX, sizeof *out->cells, "an array has too many rows");
    if (!out->cells)
        return;
    bytes_read(from, out->cells, cells * sizeof *out->cells);
    for (size_t i = 0; i < cells; i++)
        take_finite(reading, out->cells[i], "a cell of an array is not finite");
}

static void take_arrays(struct reading *reading, Wire__Array *const *heads, size_t count, struct segment_result *out)
{
    const struct wire_frame_view block = take_block(reading, WIRE_BLOCK_ARRAYS);
    out->arrays = take_list(reading, count, SEGMENT_ARRAYS_MAX, sizeof *out->arrays, "a RESULT has too many arrays");
    if (!is_ok(reading))
        return;
    out->array_count = count;
    struct bytes_reader from = {.next = block.bytes, .end = block.bytes + block.size};
    for (size_t i = 0; i < count && is_ok(reading); i++) {
        take_array(reading, heads[i], &from, &out->arrays[i]);
        require(reading, i == 0 || array_is_after(&out->arrays[i], &out->arrays[i - 1]),
                "the arrays of a RESULT are out of order");
    }
    require(reading, bytes_are_used_up(&from), "the arrays of a RESULT are not as long as declared");
}

static void take_findings(struct reading *reading, const Wire__Result *from, struct segment_result *out)
{
    require(reading, reading->frames->count == 1 + WIRE_RESULT_BLOCKS, "a RESULT has not all of its blocks");
    out->snapshot = take_digest(reading, &from->snapshot, "the snapshot digest of a RESULT is not 32 bytes");
    out->output = take_digest(reading, &from->output, "the output digest of a RESULT is not 32 bytes");
    out->energy_potential = take_finite(reading, from->energy_potential, "the energy of a RESULT is not finite");
    require(reading, from->identity_attempts <= INT64_MAX && from->identity_accepted <= from->identity_attempts,
            "a RESULT has more identity exchanges accepted than tried");
    out->identity = (struct identity_counts){from->identity_attempts, from->identity_accepted};
    const struct wire_frame_view block = take_block(reading, WIRE_BLOCK_SNAPSHOT);
    out->snapshot_bytes = take_snapshot(reading, block.bytes, block.size, &out->snapshot);
    out->snapshot_size = block.size;
    take_samples(reading, from->sample_count, out);
    take_pdfs(reading, from->pdfs, from->n_pdfs, out);
    take_frames(reading, from->frames, from->n_frames, out);
    take_arrays(reading, from->arrays, from->n_arrays, out);
    if (!is_ok(reading))
        return;
    const struct digest output = segment_output_digest(out);
    if (!digest_equal(&output, &out->output))
        refuse(reading, STATUS_CORRUPT, "a RESULT does not have the output digest that it claims");
}

static void take_result(struct reading *reading, const Wire__Result *from, struct wire_result *out)
{
    out->campaign.value = from->campaign;
    out->lineage = take_uuid(reading, &from->lineage, "the lineage of a RESULT is not 16 bytes");
    out->token = take_token(reading, from->token);
    out->status = (enum status)take_enum(reading, from->status, 0, STATUS_EVICTED + 1, "unknown status of a RESULT");
    take_string(reading, from->text, out->text, sizeof out->text, "the text of a RESULT is not a short text");
    out->result.replica.value = from->replica;
    out->result.segment.value = from->segment;
    out->result.input = take_digest(reading, &from->input, "the input digest of a RESULT is not 32 bytes");
    require(reading, from->cpu_time_ns >= 0 && from->wall_time_ns >= 0, "a time of a RESULT is negative");
    out->result.cpu_time_ns = from->cpu_time_ns;
    out->result.wall_time_ns = from->wall_time_ns;
    if (out->status == STATUS_OK)
        take_findings(reading, from, &out->result);
    else
        require(reading, reading->frames->count == 1, "a failed RESULT has blocks");
}

static void take_ack(struct reading *reading, const Wire__Ack *from, struct wire_ack *out)
{
    out->token = take_token(reading, from->token);
    out->verdict = take_enum(reading, from->verdict, WIRE_COMMITTED, WIRE_VERDICT_END, "unknown verdict of an ACK");
    out->retry_after_ms = from->retry_after_ms;
    take_string(reading, from->text, out->text, sizeof out->text, "the text of an ACK is not a short text");
    out->has_grant = from->grant != NULL;
    if (out->has_grant)
        take_grant(reading, from->grant, &out->grant);
    else
        require(reading, reading->frames->count == 1, "an ACK without a grant has blocks");
}

static void take_return(struct reading *reading, const Wire__Return *from, struct wire_return *out)
{
    out->token = take_token(reading, from->token);
    out->reason =
        take_enum(reading, from->reason, WIRE_RETURN_LEAVING, WIRE_RETURN_REASON_END, "unknown reason of a RETURN");
    take_string(reading, from->text, out->text, sizeof out->text, "the text of a RETURN is not a short text");
}

static void take_goaway(struct reading *reading, const Wire__Goaway *from, struct wire_goaway *out)
{
    out->reason =
        take_enum(reading, from->reason, WIRE_GOAWAY_PROTOCOL, WIRE_GOAWAY_REASON_END, "unknown reason of a GOAWAY");
    out->protocol_first = from->protocol_first;
    out->protocol_last = from->protocol_last;
    out->retry_after_ms = from->retry_after_ms;
    take_string(reading, from->text, out->text, sizeof out->text, "the text of a GOAWAY is not a short text");
}

static bool may_have_blocks(enum wire_type type)
{
    return type == WIRE_GRANT || type == WIRE_RESULT || type == WIRE_ACK;
}

static void take_message(struct reading *reading, const Wire__Envelope *envelope, struct wire_message *out)
{
    /* Field numbers of the oneof are the numbers of the types. */
    out->type = (enum wire_type)envelope->body_case;
    require(reading, may_have_blocks(out->type) || reading->frames->count == 1, "a message has blocks it cannot have");
    switch (envelope->body_case) {
    case WIRE__ENVELOPE__BODY_HELLO:
        take_hello(reading, envelope->hello, &out->hello);
        break;
    case WIRE__ENVELOPE__BODY_WELCOME:
        take_welcome(reading, envelope->welcome, &out->welcome);
        break;
    case WIRE__ENVELOPE__BODY_WANT:
        require(reading, envelope->want->credits <= WIRE_TOKENS_MAX, "a WANT asks for too many leases");
        out->want.credits = envelope->want->credits;
        break;
    case WIRE__ENVELOPE__BODY_GRANT:
        take_grant(reading, envelope->grant, &out->grant);
        break;
    case WIRE__ENVELOPE__BODY_RENEW:
        take_renew(reading, envelope->renew, &out->renew);
        break;
    case WIRE__ENVELOPE__BODY_RENEWED:
        take_renewed(reading, envelope->renewed, &out->renewed);
        break;
    case WIRE__ENVELOPE__BODY_RESULT:
        take_result(reading, envelope->result, &out->result);
        break;
    case WIRE__ENVELOPE__BODY_ACK:
        take_ack(reading, envelope->ack, &out->ack);
        break;
    case WIRE__ENVELOPE__BODY_RETURN:
        take_return(reading, envelope->return_, &out->returned);
        break;
    case WIRE__ENVELOPE__BODY_DRAIN:
        out->drain.grace_ms = envelope->drain->grace_ms;
        break;
    case WIRE__ENVELOPE__BODY_GOAWAY:
        take_goaway(reading, envelope->goaway, &out->goaway);
        break;
    case WIRE__ENVELOPE__BODY_WHO:
    case WIRE__ENVELOPE__BODY_BYE:
        break;
    default:
        out->type = 0;
        refuse(reading, STATUS_INVALID, "an envelope holds no message that is known here");
    }
}

/* ---- frame 0 ---- */

/* protobuf-c does not say whether bytes do not parse or memory ran out, so the allocator does. */
static void *unpack_alloc(void *context, size_t size)
{
    bool *out_of_memory = context;
    void *memory = mem_alloc_array(size, 1);
    *out_of_memory = *out_of_memory || !memory;
    return memory;
}

static void unpack_free(void *context, void *memory)
{
    (void)context;
    mem_free(memory);
}

static enum status unpack(const uint8_t *bytes, size_t size, Wire__Envelope **out_envelope, struct error *err)
{
    bool out_of_memory = false;
    ProtobufCAllocator allocator = {unpack_alloc, unpack_free, &out_of_memory};
    Wire__Envelope *envelope = wire__envelope__unpack(&allocator, size, bytes);
    if (out_of_memory)
        return mem_error(err, "an envelope");
    if (!envelope)
        return error_set(err, STATUS_INVALID, "an envelope of %zu bytes does not parse", size);
    *out_envelope = envelope;
    return STATUS_OK;
}

static void free_envelope(Wire__Envelope *envelope)
{
    ProtobufCAllocator allocator = {unpack_alloc, unpack_free, NULL};
    wire__envelope__free_unpacked(envelope, &allocator);
}

static enum status check_sizes(const struct wire_frames_view *frames, struct error *err)
{
    if (frames->count == 0 || frames->count > WIRE_FRAMES_MAX)
        return error_set(err, STATUS_LIMIT, "a message of %zu frames (1 .. %d)", frames->count, WIRE_FRAMES_MAX);
    if (frames->frame[0].size > WIRE_ENVELOPE_SIZE_MAX)
        return error_set(err, STATUS_LIMIT, "an envelope of %zu bytes (at most %d)", frames->frame[0].size,
                         WIRE_ENVELOPE_SIZE_MAX);
    for (size_t i = 1; i < frames->count; i++)
        if (frames->frame[i].size > WIRE_BLOCK_SIZE_MAX)
            return error_set(err, STATUS_LIMIT, "a block of %zu bytes (at most %d)", frames->frame[i].size,
                             WIRE_BLOCK_SIZE_MAX);
    return STATUS_OK;
}

/* Magic and protocol come before the seal: a later protocol may seal in another way. */
static enum status check_prefix(const struct wire_frame_view *frame, struct error *err)
{
    if (frame->size < WIRE_PREFIX_SIZE + WIRE_SEAL_SIZE || memcmp(frame->bytes, wire_magic, sizeof wire_magic) != 0)
        return error_set(err, STATUS_CORRUPT, "not a message of vitrine: it does not begin with VTRW");
    struct bytes_reader from = {.next = frame->bytes + sizeof wire_magic, .end = frame->bytes + frame->size};
    const uint32_t protocol = bytes_read_u32(&from);
    if (protocol < WIRE_PROTOCOL_FIRST || protocol > WIRE_PROTOCOL_LAST)
        return error_set(err, STATUS_CONFLICT, "protocol %" PRIu32 " is not spoken here (%d .. %d)", protocol,
                         WIRE_PROTOCOL_FIRST, WIRE_PROTOCOL_LAST);
    const struct digest seal = digest_of_bytes(frame->bytes, frame->size - WIRE_SEAL_SIZE);
    if (memcmp(seal.bytes, frame->bytes + frame->size - WIRE_SEAL_SIZE, WIRE_SEAL_SIZE) != 0)
        return error_set(err, STATUS_CORRUPT, "an envelope was changed or cut on its way");
    return STATUS_OK;
}

/* out_envelope is returned: free_envelope. */
static enum status open_envelope(const struct wire_frames_view *frames, Wire__Envelope **out_envelope,
                                 struct error *err)
{
    enum status status = check_sizes(frames, err);
    if (status == STATUS_OK)
        status = check_prefix(&frames->frame[0], err);
    if (status != STATUS_OK)
        return status;
    return unpack(frames->frame[0].bytes + WIRE_PREFIX_SIZE, frames->frame[0].size - WIRE_PREFIX_SIZE - WIRE_SEAL_SIZE,
                  out_envelope, err);
}

static void check_blocks(struct reading *reading, const Wire__Envelope *envelope)
{
    const struct wire_frames_view *frames = reading->frames;
    require(reading, envelope->n_block_sizes == frames->count - 1, "a message has not the blocks that it declares");
    for (size_t i = 0; i < envelope->n_block_sizes && is_ok(reading); i++)
        require(reading, envelope->block_sizes[i] == frames->frame[i + 1].size,
                "a block of a message has not the size that was declared");
}

enum status wire_decode(const struct wire_frames_view *frames, struct wire_message *out_message, struct error *err)
{
    Wire__Envelope *envelope;
    enum status status = open_envelope(frames, &envelope, err);
    if (status != STATUS_OK)
        return status;
    struct wire_message message = {0};
    struct reading reading = {.err = err, .frames = frames};
    check_blocks(&reading, envelope);
    if (is_ok(&reading))
        take_message(&reading, envelope, &message);
    free_envelope(envelope);
    if (is_ok(&reading))
        *out_message = message;
    else
        wire_message_finish(&message);
    return reading.status;
}

bool wire_peek_result(const struct wire_frames_view *frames, struct lease_token *out_token)
{
    Wire__Envelope *envelope;
    if (open_envelope(frames, &envelope, NULL) != STATUS_OK)
        return false;
    const bool is_result = envelope->body_case == WIRE__ENVELOPE__BODY_RESULT && envelope->result->token != 0;
    if (is_result)
        *out_token = (struct lease_token){envelope->result->token};
    free_envelope(envelope);
    return is_result;
}
