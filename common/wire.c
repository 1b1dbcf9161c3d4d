#include "common/wire.h"

#include "common/mem.h"

const char *wire_type_name(enum wire_type type)
{
    static const char *const names[WIRE_TYPE_END] = {
        [WIRE_HELLO] = "HELLO",   [WIRE_WELCOME] = "WELCOME", [WIRE_WHO] = "WHO",         [WIRE_WANT] = "WANT",
        [WIRE_GRANT] = "GRANT",   [WIRE_RENEW] = "RENEW",     [WIRE_RENEWED] = "RENEWED", [WIRE_RESULT] = "RESULT",
        [WIRE_ACK] = "ACK",       [WIRE_RETURN] = "RETURN",   [WIRE_BYE] = "BYE",         [WIRE_DRAIN] = "DRAIN",
        [WIRE_GOAWAY] = "GOAWAY",
    };
    return type >= WIRE_HELLO && type < WIRE_TYPE_END ? names[type] : "unknown";
}

static void free_members(struct wire_message *message)
{
    switch (message->type) {
    case WIRE_HELLO:
        mem_free(message->hello.held);
        break;
    case WIRE_WELCOME:
        mem_free(message->welcome.adopted);
        mem_free(message->welcome.dropped);
        break;
    case WIRE_GRANT:
        mem_free(message->grant.snapshot_bytes);
        break;
    case WIRE_RENEW:
        mem_free(message->renew.leases);
        break;
    case WIRE_RENEWED:
        mem_free(message->renewed.revoked);
        break;
    case WIRE_RESULT:
        segment_result_finish(&message->result.result);
        break;
    case WIRE_ACK:
        mem_free(message->ack.grant.snapshot_bytes);
        break;
    default:
        break;
    }
}

void wire_message_finish(struct wire_message *message)
{
    if (!message)
        return;
    free_members(message);
    *message = (struct wire_message){0};
}

void wire_frames_finish(struct wire_frames *frames)
{
    if (!frames)
        return;
    for (size_t i = 0; i < frames->count; i++)
        mem_free(frames->frame[i].bytes);
    *frames = (struct wire_frames){0};
}

struct wire_frames_view wire_frames_as_view(const struct wire_frames *frames)
{
    struct wire_frames_view view = {.count = frames->count};
    for (size_t i = 0; i < frames->count; i++)
        view.frame[i] = (struct wire_frame_view){frames->frame[i].bytes, frames->frame[i].size};
    return view;
}
