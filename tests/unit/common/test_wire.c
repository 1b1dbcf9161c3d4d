#include "common/wire.h"

#include "common/mem.h"
#include "tests/support/wire_samples.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct wire_frames encode(const struct wire_message *message)
{
    struct wire_frames frames;
    struct error err = {0};
    cr_assert_eq(wire_encode(message, &frames, &err), STATUS_OK, "%s", err.message);
    return frames;
}

static struct wire_frames encode_sample(int index)
{
    struct wire_message message = wire_sample_make(index);
    struct wire_frames frames = encode(&message);
    wire_message_finish(&message);
    return frames;
}

/* Decodes and forgets; a refusal must say why. */
static enum status decode(const struct wire_frames_view *view)
{
    struct wire_message message;
    struct error err = {0};
    enum status status = wire_decode(view, &message, &err);
    if (status == STATUS_OK)
        wire_message_finish(&message);
    else
        cr_assert(err.message[0] != '\0');
    return status;
}

static struct wire_message decode_sample(int index)
{
    struct wire_frames frames = encode_sample(index);
    struct wire_frames_view view = wire_frames_as_view(&frames);
    struct wire_message message;
    struct error err = {0};
    cr_assert_eq(wire_decode(&view, &message, &err), STATUS_OK, "%s: %s", wire_sample_name(index), err.message);
    wire_frames_finish(&frames);
    return message;
}

Test(wire, every_message_survives_the_round_trip)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_frames before = encode_sample(i);
        struct wire_message message = decode_sample(i);
        struct wire_frames after = encode(&message);
        cr_assert_eq(after.count, before.count);
        for (size_t f = 0; f < before.count; f++) {
            cr_assert_eq(after.frame[f].size, before.frame[f].size, "%s", wire_sample_name(i));
            cr_assert_arr_eq(after.frame[f].bytes, before.frame[f].bytes, before.frame[f].size);
        }
        wire_message_finish(&message);
        wire_frames_finish(&before);
        wire_frames_finish(&after);
    }
}

Test(wire, every_type_has_a_sample_and_a_name)
{
    bool seen[WIRE_TYPE_END] = {false};
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_message message = wire_sample_make(i);
        seen[message.type] = true;
        wire_message_finish(&message);
    }
    for (int type = WIRE_HELLO; type < WIRE_TYPE_END; type++) {
        cr_assert(seen[type], "%d", type);
        cr_assert_str_neq(wire_type_name(type), "unknown");
    }
    cr_assert_str_eq(wire_type_name(0), "unknown");
    cr_assert_str_eq(wire_type_name(WIRE_TYPE_END), "unknown");
}

static int find_sample(const char *name)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++)
        if (strcmp(wire_sample_name(i), name) == 0)
            return i;
    cr_assert_fail("no sample '%s'", name);
    return -1;
}

Test(wire, hello_carries_identity_and_what_is_held)
{
    struct wire_message message = decode_sample(find_sample("hello-held"));
    const struct wire_hello *hello = &message.hello;
    cr_assert_eq(hello->session, 0x0123456789abcdef);
    cr_assert_eq(hello->worker.bytes[0], 0x77);
    cr_assert_str_eq(hello->cpu, "A CPU @ 2.40GHz");
    cr_assert_str_eq(hello->host, "node-17");
    cr_assert_eq(hello->slots, 2);
    cr_assert_eq(hello->held_count, 3);
    cr_assert_eq(hello->held[2].token.value, 0x100000003);
    cr_assert_eq(hello->held[0].segment.value, -3);
    cr_assert_eq(hello->held[2].lineage.bytes[0], 0xa0);
    cr_assert(hello->held[1].is_result && !hello->held[2].is_result);
    wire_message_finish(&message);
}

Test(wire, grant_carries_the_whole_specification)
{
    const int index = find_sample("grant-bytes");
    struct wire_message sent = wire_sample_make(index), message = decode_sample(index);
    const struct wire_grant *grant = &message.grant;
    struct digest input = segment_input_digest(&grant->spec, 1, &grant->snapshot);
    cr_assert(digest_equal(&input, &sent.grant.input));
    cr_assert_arr_eq(&grant->spec.sampling, &sent.grant.spec.sampling, sizeof sent.grant.spec.sampling);
    cr_assert_eq(grant->spec.segment.value, sent.grant.spec.segment.value);
    cr_assert_eq(grant->lease_ms, 60000);
    cr_assert_eq(grant->snapshot_size, sent.grant.snapshot_size);
    cr_assert_arr_eq(grant->snapshot_bytes, sent.grant.snapshot_bytes, sent.grant.snapshot_size);
    wire_message_finish(&sent);
    wire_message_finish(&message);
}

/* Which a grant with exchanges of identities has not. */
Test(wire, a_grant_carries_the_cadences_of_dynamics)
{
    struct wire_message sent = wire_sample_make(find_sample("grant-bytes")), message;
    struct error err = {0};
    sent.grant.spec.identity = (struct identity_spec){0};
    sent.grant.spec.sampling.displacement_every = 4000;
    sent.grant.spec.sampling.relaxation_every = 5000;
    sent.grant.input = segment_input_digest(&sent.grant.spec, 1, &sent.grant.snapshot);
    struct wire_frames frames = encode(&sent);
    struct wire_frames_view view = wire_frames_as_view(&frames);
    cr_assert_eq(wire_decode(&view, &message, &err), STATUS_OK, "%s", err.message);
    cr_assert_arr_eq(&message.grant.spec.sampling, &sent.grant.spec.sampling, sizeof sent.grant.spec.sampling);
    wire_frames_finish(&frames);
    wire_message_finish(&sent);
    wire_message_finish(&message);
}

Test(wire, result_carries_all_findings)
{
    const int index = find_sample("result");
    struct wire_message sent = wire_sample_make(index), message = decode_sample(index);
    const struct segment_result *result = &message.result.result;
    cr_assert(digest_equal(&result->output, &sent.result.result.output));
    cr_assert_eq(result->sample_count, 3);
    cr_assert_eq(result->samples[2].values[3], 321.0);
    cr_assert_eq(result->pdfs[1].counts[7], 71);
    cr_assert_eq(result->frame_count, 2);
    cr_assert_eq(result->cpu_time_ns, 123456789);
    wire_message_finish(&sent);
    wire_message_finish(&message);
}

Test(wire, a_failed_result_says_why)
{
    struct wire_message message = decode_sample(find_sample("result-failed"));
    cr_assert_eq(message.result.status, STATUS_PHYSICS);
    cr_assert_str_eq(message.result.text, "energy of step 5321 is not finite");
    wire_message_finish(&message);
}

/* ---- bytes that are not right ---- */

Test(wire, every_cut_of_every_frame_is_refused)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_frames frames = encode_sample(i);
        for (size_t f = 0; f < frames.count; f++)
            for (size_t size = 0; size < frames.frame[f].size; size++) {
                struct wire_frames_view view = wire_frames_as_view(&frames);
                uint8_t *cut = mem_copy(frames.frame[f].bytes, size);
                view.frame[f] = (struct wire_frame_view){cut, size};
                cr_assert_neq(decode(&view), STATUS_OK, "%s: frame %zu cut to %zu", wire_sample_name(i), f, size);
                mem_free(cut);
            }
        wire_frames_finish(&frames);
    }
}

Test(wire, a_missing_or_extra_frame_is_refused)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_frames frames = encode_sample(i);
        struct wire_frames_view view = wire_frames_as_view(&frames);
        view.count--;
        cr_assert_neq(decode(&view), STATUS_OK);
        view.count += 2;
        if (view.count <= WIRE_FRAMES_MAX) {
            view.frame[view.count - 1] = (struct wire_frame_view){(const uint8_t *)"", 0};
            cr_assert_neq(decode(&view), STATUS_OK, "%s", wire_sample_name(i));
        }
        wire_frames_finish(&frames);
    }
    struct wire_frames_view many = {.count = WIRE_FRAMES_MAX + 1};
    cr_assert_eq(decode(&many), STATUS_LIMIT);
}

Test(wire, every_flipped_bit_is_refused)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_frames frames = encode_sample(i);
        struct wire_frames_view view = wire_frames_as_view(&frames);
        for (size_t f = 0; f < frames.count; f++)
            for (size_t bit = 0; bit < 8 * frames.frame[f].size; bit++) {
                frames.frame[f].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                cr_assert_neq(decode(&view), STATUS_OK, "%s: frame %zu bit %zu", wire_sample_name(i), f, bit);
                frames.frame[f].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
        wire_frames_finish(&frames);
    }
}

/* A sender that lies puts a right seal under anything. What is accepted then must at least encode again. */
Test(wire, no_flipped_byte_under_a_right_seal_does_harm)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_frames frames = encode_sample(i);
        struct wire_frames_view view = wire_frames_as_view(&frames);
        uint8_t *bytes = frames.frame[0].bytes;
        for (size_t at = 0; at + 16 < frames.frame[0].size; at++)
            for (int flip = 1; flip < 256; flip = 2 * flip + 1) {
                bytes[at] ^= (uint8_t)flip;
                wire_sample_seal(bytes, frames.frame[0].size);
                struct wire_message message;
                if (wire_decode(&view, &message, NULL) == STATUS_OK) {
                    struct wire_frames again = encode(&message);
                    wire_frames_finish(&again);
                    wire_message_finish(&message);
                }
                bytes[at] ^= (uint8_t)flip;
            }
        wire_frames_finish(&frames);
    }
}

Test(wire, an_unknown_protocol_is_a_conflict)
{
    struct wire_frames frames = encode_sample(find_sample("hello"));
    struct wire_frames_view view = wire_frames_as_view(&frames);
    frames.frame[0].bytes[4] = WIRE_PROTOCOL_LAST + 1; /* and the seal is of no interest */
    struct wire_message message;
    struct error err = {0};
    cr_assert_eq(wire_decode(&view, &message, &err), STATUS_CONFLICT);
    cr_assert_str_eq(err.message, "protocol 2 is not spoken here (1 .. 1)");
    wire_frames_finish(&frames);
}

Test(wire, garbage_is_not_a_message)
{
    struct wire_frames_view view = {1, {{(const uint8_t *)"GET / HTTP/1.1\r\nHost: vitrine\r\n\r\n", 33}}};
    cr_assert_eq(decode(&view), STATUS_CORRUPT);
}

/* ---- messages that are not right ---- */

static enum status status_of(const struct wire_message *message)
{
    struct wire_frames frames = encode(message);
    struct wire_frames_view view = wire_frames_as_view(&frames);
    enum status status = decode(&view);
    wire_frames_finish(&frames);
    return status;
}

#define ASSERT_REFUSED(sample, expected, change)                                                                       \
    {                                                                                                                  \
        struct wire_message message = wire_sample_make(find_sample(sample));                                           \
        change;                                                                                                        \
        cr_assert_eq(status_of(&message), expected, "%s with %s", sample, #change);                                    \
        wire_message_finish(&message);                                                                                 \
    }

Test(wire, a_grant_that_breaks_a_rule_is_refused){
    ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.spec.identity.every = -100)
        ASSERT_REFUSED("grant-build", STATUS_INVALID, message.grant.spec.start.noise = (double)NAN)
            ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.spec.dynamics.dt = (double)NAN)
                ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.spec.temperature_first = (double)INFINITY)
                    ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.spec.system.atoms = 0)
                        ASSERT_REFUSED("grant", STATUS_INVALID,
                                       message.grant.spec.system.potential = POTENTIAL_KIND_COUNT)
                            ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.spec.stage = STAGE_KIND_COUNT)
                                ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.spec.steps = -1)
                                    ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.spec.steps = INT64_MAX)
                                        ASSERT_REFUSED("grant", STATUS_INVALID,
                                                       message.grant.spec.sampling.frame_every = -5)
                                            ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.token.value = 0)
                                                ASSERT_REFUSED("grant", STATUS_INVALID, message.grant.lease_ms = 0)
                                                    ASSERT_REFUSED("grant-build", STATUS_INVALID,
                                                                   message.grant.snapshot.bytes[0] = 1)
                                                        ASSERT_REFUSED("grant-bytes", STATUS_CORRUPT,
                                                                       message.grant.snapshot.bytes[0] ^= 1)}

/* clang-format off */
Test(wire, arrays_that_break_a_rule_are_refused)
{
    ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.arrays[0].cells[2] = (double)NAN)
    ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.arrays[0].step = 7000)
    ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.arrays[1].array = ARRAY_bonds)
    ASSERT_REFUSED("result", STATUS_CORRUPT, message.result.result.arrays[1].cells[1] += 1)
    ASSERT_REFUSED("result", STATUS_CORRUPT, message.result.result.arrays[1].array = ARRAY_string_sizes)
}
/* clang-format on */

Test(wire, a_result_that_breaks_a_rule_is_refused){
    ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.identity.accepted = 21)
        ASSERT_REFUSED("result", STATUS_CORRUPT, message.result.result.identity.accepted++)
            ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.energy_potential = (double)NAN)
                ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.samples[1].values[0] = -(double)INFINITY)
                    ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.samples[0].step = 7000)
                        ASSERT_REFUSED("result", STATUS_INVALID,
                                       message.result.result.pdfs[0].kind = CONFIGURATION_INHERENT)
                            ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.frames[0].step = 7000)
                                ASSERT_REFUSED("result", STATUS_INVALID, message.result.result.cpu_time_ns = -1)
                                    ASSERT_REFUSED("result", STATUS_CORRUPT, message.result.result.output.bytes[3] ^= 1)
                                        ASSERT_REFUSED("result", STATUS_CORRUPT,
                                                       message.result.result.samples[1].values[0] += 1)
                                            ASSERT_REFUSED("result", STATUS_CORRUPT,
                                                           message.result.result.pdfs[0].counts[0]++)
                                                ASSERT_REFUSED("result", STATUS_CORRUPT,
                                                               message.result.result.frames[0].digest.bytes[0] ^= 1)
                                                    ASSERT_REFUSED("result", STATUS_CORRUPT,
                                                                   message.result.result.snapshot.bytes[0] ^= 1)
                                                        ASSERT_REFUSED("result-failed", STATUS_INVALID,
                                                                       message.result.status = STATUS_EVICTED + 1)}

Test(wire, other_messages_that_break_a_rule_are_refused){
    ASSERT_REFUSED("hello", STATUS_INVALID, message.hello.slots = 0)
        ASSERT_REFUSED("hello", STATUS_INVALID, message.hello.slots = WIRE_SLOTS_MAX + 1)
            ASSERT_REFUSED("hello", STATUS_INVALID, message.hello.protocol_first = 3)
                ASSERT_REFUSED("hello-held", STATUS_INVALID, message.hello.held[1].token.value = 0)
                    ASSERT_REFUSED("welcome", STATUS_INVALID, message.welcome.renew_every_ms = 0)
                        ASSERT_REFUSED("want", STATUS_INVALID, message.want.credits = WIRE_TOKENS_MAX + 1)
                            ASSERT_REFUSED("ack", STATUS_INVALID, message.ack.verdict = WIRE_VERDICT_END)
                                ASSERT_REFUSED("return", STATUS_INVALID, message.returned.reason = 0)
                                    ASSERT_REFUSED("goaway", STATUS_INVALID, message.goaway.reason = 99)}

Test(wire, strings_are_made_printable_before_they_travel)
{
    struct wire_message message = wire_sample_make(find_sample("return"));
    snprintf(message.returned.text, sizeof message.returned.text, "line\nbreak \x1b[31m\xc3\xa9");
    struct wire_frames frames = encode(&message);
    struct wire_frames_view view = wire_frames_as_view(&frames);
    struct wire_message arrived;
    cr_assert_eq(wire_decode(&view, &arrived, NULL), STATUS_OK);
    cr_assert_str_eq(arrived.returned.text, "line?break ?[31m??");
    wire_frames_finish(&frames);
}

Test(wire, lists_beyond_their_bound_are_not_sent)
{
    struct lease_token *tokens = mem_alloc_array(WIRE_TOKENS_MAX + 1, sizeof *tokens);
    struct wire_message message = {.type = WIRE_RENEWED, .renewed = {WIRE_TOKENS_MAX + 1, tokens}};
    struct wire_frames frames;
    cr_assert_eq(wire_encode(&message, &frames, NULL), STATUS_LIMIT);
    mem_free(tokens);
}

Test(wire, the_fullest_hello_fits_its_envelope)
{
    struct wire_message message = wire_sample_make(find_sample("hello"));
    mem_free(message.hello.held);
    message.hello.held_count = WIRE_HELD_MAX;
    message.hello.held = mem_alloc_array(WIRE_HELD_MAX, sizeof *message.hello.held);
    for (int i = 0; i < WIRE_HELD_MAX; i++)
        message.hello.held[i] = (struct wire_held){
            .token = {1}, .campaign = {UINT32_MAX}, .replica = {UINT32_MAX}, .segment = {INT64_MIN}, .is_result = true};
    cr_assert_eq(status_of(&message), STATUS_OK);
    wire_message_finish(&message);
}

Test(wire, the_lease_of_a_refused_result_can_be_read)
{
    struct wire_message message = wire_sample_make(find_sample("result"));
    message.result.result.energy_potential = (double)NAN;
    struct wire_frames frames = encode(&message);
    struct wire_frames_view view = wire_frames_as_view(&frames);
    struct lease_token token;
    cr_assert_neq(decode(&view), STATUS_OK);
    cr_assert(wire_peek_result(&view, &token));
    cr_assert_eq(token.value, message.result.token.value);
    wire_frames_finish(&frames);
    wire_message_finish(&message);
    frames = encode_sample(find_sample("want"));
    view = wire_frames_as_view(&frames);
    cr_assert_not(wire_peek_result(&view, &token));
    wire_frames_finish(&frames);
}

/* ---- memory ---- */

Test(wire, every_failed_allocation_of_the_decoder_is_survived)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_frames frames = encode_sample(i);
        struct wire_frames_view view = wire_frames_as_view(&frames);
        enum status status = STATUS_NO_MEMORY;
        for (uint64_t n = 1; status != STATUS_OK; n++) {
            mem_fail_nth(n);
            status = decode(&view);
            mem_fail_nth(0);
            cr_assert(status == STATUS_OK || status == STATUS_NO_MEMORY, "%s: allocation %d gives %s",
                      wire_sample_name(i), (int)n, status_name(status));
        }
        wire_frames_finish(&frames);
    }
}

Test(wire, every_failed_allocation_of_the_encoder_is_survived)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_message message = wire_sample_make(i);
        struct wire_frames frames;
        enum status status = STATUS_NO_MEMORY;
        for (uint64_t n = 1; status != STATUS_OK; n++) {
            mem_fail_nth(n);
            status = wire_encode(&message, &frames, NULL);
            mem_fail_nth(0);
            cr_assert(status == STATUS_OK || status == STATUS_NO_MEMORY);
        }
        wire_frames_finish(&frames);
        wire_message_finish(&message);
    }
}

Test(wire, finish_takes_null_and_zeroed)
{
    struct wire_message message = {0};
    struct wire_frames frames = {0};
    wire_message_finish(NULL);
    wire_message_finish(&message);
    wire_frames_finish(NULL);
    wire_frames_finish(&frames);
}

/* Numbers that travel must not move when an enum grows in the middle. */
Test(wire, numbers_of_the_enums_on_the_wire_are_pinned)
{
    cr_assert_eq(STATUS_NO_MEMORY, 1);
    cr_assert_eq(STATUS_PHYSICS, 11);
    cr_assert_eq(STATUS_EVICTED, 13);
    cr_assert_eq(POTENTIAL_KOB_ANDERSEN, 1);
    cr_assert_eq(CUT_FORCE_SHIFTED, 2);
    cr_assert_eq(THERMOSTAT_LANGEVIN, 3);
    cr_assert_eq(STAGE_RAMP, 2);
    cr_assert_eq(BUILDER_NANOCOMPOSITE, 9);
    cr_assert_eq(CONFIGURATION_INHERENT, 1);
    cr_assert_eq(QUANTITY_GROUP_inherent, 1);
    cr_assert_eq(WIRE_RETRY_AFTER, 5);
    cr_assert_eq(WIRE_RETURN_FULL, 4);
    cr_assert_eq(WIRE_GOAWAY_FULL, 6);
    cr_assert_eq(WIRE_GOAWAY, 13);
}
