/* wire_encode.c - messages to frames.
 *
 * The envelope is a tree of protobuf-c structs that point at one another; they all live in one struct tree for the
 * length of the call. */
#include "common/wire.h"

#include "common/bytes.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/wire_format.h"

#include "wire.pb-c.h"
#include <inttypes.h>
#include <string.h>

enum { TREE_PIECES_MAX = 5, TREE_STRINGS_MAX = 4 };

struct tree {
    Wire__Envelope envelope;
    union {
        Wire__Hello hello;
        Wire__Welcome welcome;
        Wire__Who who;
        Wire__Want want;
        Wire__Renew renew;
        Wire__Renewed renewed;
        Wire__Result result;
        Wire__Ack ack;
        Wire__Return returned;
        Wire__Bye bye;
        Wire__Drain drain;
        Wire__Goaway goaway;
    };
    Wire__Grant grant; /* beside the union: an ACK may carry one */
    Wire__Segment segment;
    Wire__System system;
    Wire__Dynamics dynamics;
    Wire__Identity identity;
    Wire__Start start;
    Wire__Eos eos;
    Wire__Sampling sampling;
    Wire__Pdf pdf[SEGMENT_PDFS_MAX], *pdf_pointers[SEGMENT_PDFS_MAX];
    char strings[TREE_STRINGS_MAX][WIRE_TEXT_SIZE];
    int string_count;
    void *pieces[TREE_PIECES_MAX]; /* lists without a small bound; owned */
    int piece_count;
    uint64_t block_sizes[WIRE_BLOCKS_MAX];
};

static void tree_finish(struct tree *tree)
{
    for (int i = 0; i < tree->piece_count; i++)
        mem_free(tree->pieces[i]);
}

static void *tree_alloc(struct tree *tree, size_t count, size_t size)
{
    INVARIANT(tree->piece_count < TREE_PIECES_MAX);
    void *piece = mem_alloc_array(count, size);
    if (piece)
        tree->pieces[tree->piece_count++] = piece;
    return piece;
}

/* A list of `count` nodes of one type and the array of pointers to them that protobuf-c wants. */
#define TREE_LIST(tree, type, init, count, out_nodes, out_pointers)                                                    \
    do {                                                                                                               \
        (out_nodes) = tree_alloc((tree), (count), sizeof(type));                                                       \
        (out_pointers) = tree_alloc((tree), (count), sizeof(type *));                                                  \
        for (size_t list_index = 0; (out_nodes) && (out_pointers) && list_index < (count); list_index++) {             \
            (out_nodes)[list_index] = (type)init;                                                                      \
            (out_pointers)[list_index] = &(out_nodes)[list_index];                                                     \
        }                                                                                                              \
    } while (0)

static char *clean_string(struct tree *tree, const char *string, size_t size)
{
    INVARIANT(tree->string_count < TREE_STRINGS_MAX && size <= WIRE_TEXT_SIZE);
    char *clean = tree->strings[tree->string_count++];
    size_t length = strnlen(string, size - 1);
    for (size_t i = 0; i < length; i++)
        clean[i] = string[i] >= ' ' && string[i] <= '~' ? string[i] : '?';
    clean[length] = '\0';
    return clean;
}

static ProtobufCBinaryData digest_data(const struct digest *digest)
{
    return (ProtobufCBinaryData){DIGEST_SIZE, (uint8_t *)(uintptr_t)digest->bytes};
}

static ProtobufCBinaryData uuid_data(const struct wire_uuid *uuid)
{
    return (ProtobufCBinaryData){WIRE_UUID_SIZE, (uint8_t *)(uintptr_t)uuid->bytes};
}

/* A frame of that size, to be filled. */
static enum status add_frame(struct wire_frames *frames, size_t size, struct bytes_writer *out_to, struct error *err)
{
    INVARIANT(frames->count < WIRE_FRAMES_MAX);
    if (size > WIRE_BLOCK_SIZE_MAX)
        return error_set(err, STATUS_LIMIT, "%zu bytes are too many for one frame of a message (%d)", size,
                         WIRE_BLOCK_SIZE_MAX);
    uint8_t *bytes = mem_alloc_array(size, 1);
    if (!bytes)
        return mem_error(err, "a frame of a message");
    frames->frame[frames->count++] = (struct wire_frame){bytes, size};
    *out_to = (struct bytes_writer){bytes, bytes + size};
    return STATUS_OK;
}

static enum status add_bytes_frame(struct wire_frames *frames, const void *bytes, size_t size, struct error *err)
{
    struct bytes_writer to = {0};
    enum status status = add_frame(frames, size, &to, err);
    if (status == STATUS_OK)
        bytes_write(&to, bytes, size);
    return status;
}

static enum status check_count(size_t count, size_t max, const char *what, struct error *err)
{
    return count <= max ? STATUS_OK
                        : error_set(err, STATUS_LIMIT, "%zu %s in one message (at most %zu)", count, what, max);
}

/* ---- one function per message ---- */

static enum status put_held(struct tree *tree, const struct wire_hello *from, struct error *err)
{
    enum status status = check_count(from->held_count, WIRE_HELD_MAX, "leases and results held", err);
    if (status != STATUS_OK)
        return status;
    Wire__Held *nodes;
    TREE_LIST(tree, Wire__Held, WIRE__HELD__INIT, from->held_count, nodes, tree->hello.held);
    if (!nodes || !tree->hello.held)
        return mem_error(err, "a HELLO");
    for (uint32_t i = 0; i < from->held_count; i++) {
        const struct wire_held *held = &from->held[i];
        nodes[i].token = held->token.value;
        nodes[i].campaign = held->campaign.value;
        nodes[i].lineage = uuid_data(&held->lineage);
        nodes[i].replica = held->replica.value;
        nodes[i].segment = held->segment.value;
        nodes[i].input = digest_data(&held->input);
        nodes[i].is_result = held->is_result;
    }
    tree->hello.n_held = from->held_count;
    return STATUS_OK;
}

static enum status put_hello(struct tree *tree, const struct wire_hello *from, struct error *err)
{
    Wire__Hello *to = &tree->hello;
    *to = (Wire__Hello)WIRE__HELLO__INIT;
    to->protocol_first = from->protocol_first;
    to->protocol_last = from->protocol_last;
    to->worker = uuid_data(&from->worker);
    to->session = from->session;
    to->engine_id = from->engine_id;
    to->slots = from->slots;
    to->build = clean_string(tree, from->build, sizeof from->build);
    to->cpu = clean_string(tree, from->cpu, sizeof from->cpu);
    to->isa = clean_string(tree, from->isa, sizeof from->isa);
    to->host = clean_string(tree, from->host, sizeof from->host);
    to->probe = digest_data(&from->probe);
    tree->envelope.body_case = WIRE__ENVELOPE__BODY_HELLO;
    tree->envelope.hello = to;
    return put_held(tree, from, err);
}

/* A copy as plain numbers. Sets *out_tokens to NULL without memory. */
static enum status put_tokens(struct tree *tree, const struct lease_token *tokens, uint32_t count,
                              uint64_t **out_tokens, struct error *err)
{
    enum status status = check_count(count, WIRE_TOKENS_MAX, "tokens", err);
    if (status != STATUS_OK)
        return status;
    uint64_t *values = tree_alloc(tree, count, sizeof *values);
    if (!values)
        return mem_error(err, "the tokens of a message");
    for (uint32_t i = 0; i < count; i++)
        values[i] = tokens[i].value;
    *out_tokens = values;
    return STATUS_OK;
}

static enum status put_welcome(struct tree *tree, const struct wire_welcome *from, struct error *err)
{
    Wire__Welcome *to = &tree->welcome;
    *to = (Wire__Welcome)WIRE__WELCOME__INIT;
    to->protocol = from->protocol;
    to->epoch = from->epoch;
    to->renew_every_ms = from->renew_every_ms;
    to->silence_max_ms = from->silence_max_ms;
    tree->envelope.body_case = WIRE__ENVELOPE__BODY_WELCOME;
    tree->envelope.welcome = to;
    enum status status = check_count(from->adopted_count, WIRE_TOKENS_MAX, "adopted leases", err);
    if (status != STATUS_OK)
        return status;
    Wire__Adopted *nodes;
    TREE_LIST(tree, Wire__Adopted, WIRE__ADOPTED__INIT, from->adopted_count, nodes, to->adopted);
    if (!nodes || !to->adopted)
        return mem_error(err, "a WELCOME");
    for (uint32_t i = 0; i < from->adopted_count; i++) {
        nodes[i].before = from->adopted[i].before.value;
        nodes[i].after = from->adopted[i].after.value;
    }
    to->n_adopted = from->adopted_count;
    to->n_dropped = from->dropped_count;
    return put_tokens(tree, from->dropped, from->dropped_count, &to->dropped, err);
}

static void put_segment(struct tree *tree, const struct segment_spec *spec)
{
    tree->system = (Wire__System)WIRE__SYSTEM__INIT;
    tree->system.atoms = spec->system.atoms;
    tree->system.atoms_small = spec->system.atoms_small;
    tree->system.volume_per_atom = spec->system.volume_per_atom;
    tree->system.potential = spec->system.potential;
    tree->system.cut = spec->system.cut;
    tree->system.cutoff = spec->system.cutoff;
    tree->dynamics = (Wire__Dynamics)WIRE__DYNAMICS__INIT;
    tree->dynamics.dt = spec->dynamics.dt;
    tree->dynamics.thermostat = spec->dynamics.thermostat;
    tree->dynamics.thermostat_tau = spec->dynamics.thermostat_tau;
    tree->sampling = (Wire__Sampling)WIRE__SAMPLING__INIT;
    tree->sampling.thermal_every = spec->sampling.thermal_every;
    tree->sampling.inherent_every = spec->sampling.inherent_every;
    tree->sampling.pdf_every = spec->sampling.pdf_every;
    tree->sampling.pdf_inherent_every = spec->sampling.pdf_inherent_every;
    tree->sampling.frame_every = spec->sampling.frame_every;
    tree->sampling.frame_inherent_every = spec->sampling.frame_inherent_every;
    tree->sampling.structure_every = spec->sampling.structure_every;
    tree->sampling.displacement_every = spec->sampling.displacement_every;
    tree->sampling.relaxation_every = spec->sampling.relaxation_every;
    tree->sampling.pdf_bin = spec->sampling.pdf_bin;
    tree->sampling.pdf_reach = spec->sampling.pdf_reach;
    tree->identity = (Wire__Identity)WIRE__IDENTITY__INIT;
    tree->identity.every = spec->identity.every;
    tree->identity.attempts = spec->identity.attempts;
    tree->start = (Wire__Start)WIRE__START__INIT;
    tree->start.noise = spec->start.noise;
    tree->start.grain_atoms = spec->start.grain_atoms;
    tree->start.grain_volume = spec->start.grain_volume;
    tree->eos = (Wire__Eos)WIRE__EOS__INIT;
    tree->eos.volume_step = spec->eos.volume_step;
    tree->eos.volume_first = spec->eos.volume_first;
    tree->eos.geometry = spec->eos.geometry;
    tree->eos.sites = (char *)spec->eos.sites;
    tree->segment = (Wire__Segment)WIRE__SEGMENT__INIT;
    tree->segment.seed = spec->seed;
    tree->segment.replica = spec->replica.value;
    tree->segment.segment = spec->segment.value;
    tree->segment.system = &tree->system;
    tree->segment.dynamics = &tree->dynamics;
    tree->segment.stage = spec->stage;
    tree->segment.builder = spec->builder;
    tree->segment.step_first = spec->step_first;
    tree->segment.steps = spec->steps;
    tree->segment.temperature_first = spec->temperature_first;
    tree->segment.temperature_last = spec->temperature_last;
    tree->segment.temperature_before = spec->temperature_before;
    tree->segment.sampling = &tree->sampling;
    tree->segment.identity = &tree->identity;
    tree->segment.start = &tree->start;
    tree->segment.eos = spec->eos.volume_step > 0.0 ? &tree->eos : NULL;
}

static enum status put_grant(struct tree *tree, const struct wire_grant *from, struct wire_frames *frames,
                             struct error *err)
{
    Wire__Grant *to = &tree->grant;
    *to = (Wire__Grant)WIRE__GRANT__INIT;
    to->campaign = from->campaign.value;
    to->lineage = uuid_data(&from->lineage);
    to->token = from->token.value;
    to->input = digest_data(&from->input);
    if (!digest_is_zero(&from->snapshot))
        to->snapshot = digest_data(&from->snapshot);
    to->lease_ms = from->lease_ms;
    put_segment(tree, &from->spec);
    to->spec = &tree->segment;
    return from->snapshot_size ? add_bytes_frame(frames, from->snapshot_bytes, from->snapshot_size, err) : STATUS_OK;
}

static enum status put_renew(struct tree *tree, const struct wire_renew *from, struct error *err)
{
    tree->renew = (Wire__Renew)WIRE__RENEW__INIT;
    tree->envelope.body_case = WIRE__ENVELOPE__BODY_RENEW;
    tree->envelope.renew = &tree->renew;
    enum status status = check_count(from->count, WIRE_TOKENS_MAX, "leases", err);
    if (status != STATUS_OK)
        return status;
    Wire__Progress *nodes;
    TREE_LIST(tree, Wire__Progress, WIRE__PROGRESS__INIT, from->count, nodes, tree->renew.leases);
    if (!nodes || !tree->renew.leases)
        return mem_error(err, "a RENEW");
    for (uint32_t i = 0; i < from->count; i++) {
        nodes[i].token = from->leases[i].token.value;
        nodes[i].step = from->leases[i].step;
    }
    tree->renew.n_leases = from->count;
    return STATUS_OK;
}

static enum status put_renewed(struct tree *tree, const struct wire_renewed *from, struct error *err)
{
    tree->renewed = (Wire__Renewed)WIRE__RENEWED__INIT;
    tree->renewed.n_revoked = from->revoked_count;
    tree->envelope.body_case = WIRE__ENVELOPE__BODY_RENEWED;
    tree->envelope.renewed = &tree->renewed;
    return put_tokens(tree, from->revoked, from->revoked_count, &tree->renewed.revoked, err);
}

static enum status add_samples_frame(struct wire_frames *frames, const struct segment_result *result, struct error *err)
{
    size_t size = 0;
    for (size_t i = 0; i < result->sample_count; i++)
        size += WIRE_SAMPLE_HEAD_SIZE + 8 * (size_t)quantity_group_size(result->samples[i].group);
    struct bytes_writer to = {0};
    enum status status = add_frame(frames, size, &to, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < result->sample_count; i++) {
        const struct sample *sample = &result->samples[i];
        const int values = quantity_group_size(sample->group);
        bytes_write(&to, &sample->step, 8);
        bytes_write_u32(&to, sample->group);
        bytes_write_u32(&to, (uint32_t)values);
        bytes_write(&to, sample->values, 8 * (size_t)values);
    }
    INVARIANT(bytes_are_full(&to));
    return STATUS_OK;
}

static size_t pdf_size(const struct pdf_counts *pdf)
{
    return (size_t)PDF_PAIRS * pdf->bins * sizeof *pdf->counts;
}

static enum status add_pdfs_frame(struct tree *tree, struct wire_frames *frames, const struct segment_result *result,
                                  struct error *err)
{
    size_t size = 0;
    for (size_t i = 0; i < result->pdf_count; i++)
        size += pdf_size(&result->pdfs[i]);
    struct bytes_writer to = {0};
    enum status status = add_frame(frames, size, &to, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < result->pdf_count; i++) {
        const struct pdf_counts *pdf = &result->pdfs[i];
        bytes_write(&to, pdf->counts, pdf_size(pdf));
        tree->pdf[i] = (Wire__Pdf)WIRE__PDF__INIT;
        tree->pdf[i].step_last = pdf->step_last;
        tree->pdf[i].kind = pdf->kind;
        tree->pdf[i].frames = pdf->frames;
        tree->pdf[i].bin = pdf->bin;
        tree->pdf[i].bins = pdf->bins;
        tree->pdf_pointers[i] = &tree->pdf[i];
    }
    tree->result.n_pdfs = result->pdf_count;
    tree->result.pdfs = tree->pdf_pointers;
    return STATUS_OK;
}

static enum status put_frame_heads(struct tree *tree, const struct segment_result *result, struct error *err)
{
    Wire__Frame *nodes;
    TREE_LIST(tree, Wire__Frame, WIRE__FRAME__INIT, result->frame_count, nodes, tree->result.frames);
    if (!nodes || !tree->result.frames)
        return mem_error(err, "the frames of a RESULT");
    for (size_t i = 0; i < result->frame_count; i++) {
        nodes[i].step = result->frames[i].step;
        nodes[i].kind = result->frames[i].kind;
        nodes[i].digest = digest_data(&result->frames[i].digest);
        nodes[i].size = result->frames[i].size;
    }
    tree->result.n_frames = result->frame_count;
    return STATUS_OK;
}

static enum status add_frames_frame(struct wire_frames *frames, const struct segment_result *result, struct error *err)
{
    size_t size = 0;
    for (size_t i = 0; i < result->frame_count; i++)
        size += result->frames[i].size;
    struct bytes_writer to = {0};
    enum status status = add_frame(frames, size, &to, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < result->frame_count; i++)
        bytes_write(&to, result->frames[i].bytes, result->frames[i].size);
    return STATUS_OK;
}

static size_t array_size(const struct sample_array *array)
{
    return (size_t)array->rows * (size_t)array_columns(array->array) * sizeof *array->cells;
}

static enum status put_array_heads(struct tree *tree, const struct segment_result *result, struct error *err)
{
    Wire__Array *nodes;
    TREE_LIST(tree, Wire__Array, WIRE__ARRAY__INIT, result->array_count, nodes, tree->result.arrays);
    if (!nodes || !tree->result.arrays)
        return mem_error(err, "the arrays of a RESULT");
    for (size_t i = 0; i < result->array_count; i++) {
        nodes[i].step = result->arrays[i].step;
        nodes[i].array = result->arrays[i].array;
        nodes[i].rows = result->arrays[i].rows;
    }
    tree->result.n_arrays = result->array_count;
    return STATUS_OK;
}

static enum status add_arrays_frame(struct wire_frames *frames, const struct segment_result *result, struct error *err)
{
    size_t size = 0;
    for (size_t i = 0; i < result->array_count; i++)
        size += array_size(&result->arrays[i]);
    struct bytes_writer to = {0};
    enum status status = add_frame(frames, size, &to, err);
    for (size_t i = 0; status == STATUS_OK && i < result->array_count; i++)
        bytes_write(&to, result->arrays[i].cells, array_size(&result->arrays[i]));
    return status;
}

static enum status put_findings(struct tree *tree, const struct segment_result *result, struct wire_frames *frames,
                                struct error *err)
{
    enum status status = check_count(result->sample_count, SEGMENT_SAMPLES_MAX, "samples", err);
    if (status == STATUS_OK)
        status = check_count(result->pdf_count, SEGMENT_PDFS_MAX, "pair distribution functions", err);
    if (status == STATUS_OK)
        status = check_count(result->frame_count, SEGMENT_FRAMES_MAX, "frames", err);
    if (status == STATUS_OK)
        status = check_count(result->array_count, SEGMENT_ARRAYS_MAX, "arrays", err);
    if (status == STATUS_OK)
        status = add_bytes_frame(frames, result->snapshot_bytes, result->snapshot_size, err);
    if (status == STATUS_OK)
        status = add_samples_frame(frames, result, err);
    if (status == STATUS_OK)
        status = add_pdfs_frame(tree, frames, result, err);
    if (status == STATUS_OK)
        status = put_frame_heads(tree, result, err);
    if (status == STATUS_OK)
        status = add_frames_frame(frames, result, err);
    if (status == STATUS_OK)
        status = put_array_heads(tree, result, err);
    if (status == STATUS_OK)
        status = add_arrays_frame(frames, result, err);
    return status;
}

static enum status put_result(struct tree *tree, const struct wire_result *from, struct wire_frames *frames,
                              struct error *err)
{
    const struct segment_result *result = &from->result;
    Wire__Result *to = &tree->result;
    *to = (Wire__Result)WIRE__RESULT__INIT;
    to->campaign = from->campaign.value;
    to->lineage = uuid_data(&from->lineage);
    to->token = from->token.value;
    to->status = from->status;
    to->text = clean_string(tree, from->text, sizeof from->text);
    to->replica = result->replica.value;
    to->segment = result->segment.value;
    to->input = digest_data(&result->input);
    to->cpu_time_ns = result->cpu_time_ns;
    to->wall_time_ns = result->wall_time_ns;
    tree->envelope.body_case = WIRE__ENVELOPE__BODY_RESULT;
    tree->envelope.result = to;
    if (from->status != STATUS_OK)
        return STATUS_OK;
    to->snapshot = digest_data(&result->snapshot);
    to->output = digest_data(&result->output);
    to->energy_potential = result->energy_potential;
    to->sample_count = result->sample_count;
    to->identity_attempts = result->identity.attempts;
    to->identity_accepted = result->identity.accepted;
    return put_findings(tree, result, frames, err);
}

static enum status put_ack(struct tree *tree, const struct wire_ack *from, struct wire_frames *frames,
                           struct error *err)
{
    Wire__Ack *to = &tree->ack;
    *to = (Wire__Ack)WIRE__ACK__INIT;
    to->token = from->token.value;
    to->verdict = from->verdict;
    to->retry_after_ms = from->retry_after_ms;
    to->text = clean_string(tree, from->text, sizeof from->text);
    tree->envelope.body_case = WIRE__ENVELOPE__BODY_ACK;
    tree->envelope.ack = to;
    if (!from->has_grant)
        return STATUS_OK;
    to->grant = &tree->grant;
    return put_grant(tree, &from->grant, frames, err);
}

static void put_return(struct tree *tree, const struct wire_return *from)
{
    Wire__Return *to = &tree->returned;
    *to = (Wire__Return)WIRE__RETURN__INIT;
    to->token = from->token.value;
    to->reason = from->reason;
    to->text = clean_string(tree, from->text, sizeof from->text);
    tree->envelope.body_case = WIRE__ENVELOPE__BODY_RETURN;
    tree->envelope.return_ = to;
}

static void put_goaway(struct tree *tree, const struct wire_goaway *from)
{
    Wire__Goaway *to = &tree->goaway;
    *to = (Wire__Goaway)WIRE__GOAWAY__INIT;
    to->reason = from->reason;
    to->protocol_first = from->protocol_first;
    to->protocol_last = from->protocol_last;
    to->retry_after_ms = from->retry_after_ms;
    to->text = clean_string(tree, from->text, sizeof from->text);
    tree->envelope.body_case = WIRE__ENVELOPE__BODY_GOAWAY;
    tree->envelope.goaway = to;
}

/* Fills the tree and appends the blocks to `frames`. */
static enum status put_message(struct tree *tree, const struct wire_message *message, struct wire_frames *frames,
                               struct error *err)
{
    Wire__Envelope *envelope = &tree->envelope;
    switch (message->type) {
    case WIRE_HELLO:
        return put_hello(tree, &message->hello, err);
    case WIRE_WELCOME:
        return put_welcome(tree, &message->welcome, err);
    case WIRE_WHO:
        tree->who = (Wire__Who)WIRE__WHO__INIT;
        envelope->body_case = WIRE__ENVELOPE__BODY_WHO;
        envelope->who = &tree->who;
        return STATUS_OK;
    case WIRE_WANT:
        tree->want = (Wire__Want)WIRE__WANT__INIT;
        tree->want.credits = message->want.credits;
        envelope->body_case = WIRE__ENVELOPE__BODY_WANT;
        envelope->want = &tree->want;
        return STATUS_OK;
    case WIRE_GRANT:
        envelope->body_case = WIRE__ENVELOPE__BODY_GRANT;
        envelope->grant = &tree->grant;
        return put_grant(tree, &message->grant, frames, err);
    case WIRE_RENEW:
        return put_renew(tree, &message->renew, err);
    case WIRE_RENEWED:
        return put_renewed(tree, &message->renewed, err);
    case WIRE_RESULT:
        return put_result(tree, &message->result, frames, err);
    case WIRE_ACK:
        return put_ack(tree, &message->ack, frames, err);
    case WIRE_RETURN:
        put_return(tree, &message->returned);
        return STATUS_OK;
    case WIRE_BYE:
        tree->bye = (Wire__Bye)WIRE__BYE__INIT;
        envelope->body_case = WIRE__ENVELOPE__BODY_BYE;
        envelope->bye = &tree->bye;
        return STATUS_OK;
    case WIRE_DRAIN:
        tree->drain = (Wire__Drain)WIRE__DRAIN__INIT;
        tree->drain.grace_ms = message->drain.grace_ms;
        envelope->body_case = WIRE__ENVELOPE__BODY_DRAIN;
        envelope->drain = &tree->drain;
        return STATUS_OK;
    case WIRE_GOAWAY:
        put_goaway(tree, &message->goaway);
        return STATUS_OK;
    case WIRE_TYPE_END:
        break;
    }
    INVARIANT(!"a message of unknown type");
    return STATUS_INVALID;
}

/* Frame 0, once the blocks stand in frames 1 .. n. */
static enum status pack_envelope(struct tree *tree, struct wire_frames *frames, struct error *err)
{
    for (size_t i = 1; i < frames->count; i++)
        tree->block_sizes[i - 1] = frames->frame[i].size;
    tree->envelope.n_block_sizes = frames->count - 1;
    tree->envelope.block_sizes = tree->block_sizes;
    const size_t size = WIRE_PREFIX_SIZE + wire__envelope__get_packed_size(&tree->envelope) + WIRE_SEAL_SIZE;
    if (size > WIRE_ENVELOPE_SIZE_MAX)
        return error_set(err, STATUS_LIMIT, "%zu bytes are too many for an envelope (%d)", size,
                         WIRE_ENVELOPE_SIZE_MAX);
    uint8_t *bytes = mem_alloc_array(size, 1);
    if (!bytes)
        return mem_error(err, "an envelope");
    struct bytes_writer to = {bytes, bytes + size};
    bytes_write(&to, wire_magic, sizeof wire_magic);
    bytes_write_u32(&to, WIRE_PROTOCOL_LAST);
    to.next += wire__envelope__pack(&tree->envelope, to.next);
    const struct digest seal = digest_of_bytes(bytes, size - WIRE_SEAL_SIZE);
    bytes_write(&to, seal.bytes, WIRE_SEAL_SIZE);
    INVARIANT(bytes_are_full(&to));
    frames->frame[0] = (struct wire_frame){bytes, size};
    return STATUS_OK;
}

enum status wire_encode(const struct wire_message *message, struct wire_frames *out_frames, struct error *err)
{
    struct tree tree = {.envelope = WIRE__ENVELOPE__INIT};
    struct wire_frames frames = {.count = 1}; /* frame 0 comes last: it declares the others */
    enum status status = put_message(&tree, message, &frames, err);
    if (status == STATUS_OK)
        status = pack_envelope(&tree, &frames, err);
    tree_finish(&tree);
    if (status == STATUS_OK)
        *out_frames = frames;
    else
        wire_frames_finish(&frames);
    return status;
}
