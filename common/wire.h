/* wire.h - what worker (W) and coordinator (C) say to one another: messages as structs, and as frames of bytes.
 *
 *     HELLO    W->C  who I am, what I can do, which leases and results I hold
 *     WELCOME  C->W  chosen protocol, epoch, timers; leases adopted under new tokens; tokens to drop
 *     WHO      C->W  I do not know you: say HELLO
 *     WANT     W->C  how many leases I will hold at once
 *     GRANT    C->W  run this segment until the lease ends
 *     RENEW    W->C  I still hold these, and am at these steps; also the heartbeat when nothing is held
 *     RENEWED  C->W  heard; these tokens are revoked
 *     RESULT   W->C  what a segment found, or why it failed; kept by the worker until its ACK
 *     ACK      C->W  verdict on a RESULT; carries the next grant if one is ready
 *     RETURN   W->C  I give this lease back
 *     BYE      W->C  I hold nothing and leave
 *     DRAIN    C->W  take no more work, finish or return what you hold, leave
 *     GOAWAY   C->W  refused, and why
 *
 * On the wire a message is 1 + n frames. Frame 0: "VTRW", u32 protocol, a protobuf Envelope (schemas/wire.proto), and
 * the first 16 bytes of the BLAKE2b-256 of all that, so that a cut or flipped frame is refused as such. Frames 1 .. n
 * ("blocks") are the large bytes, whose sizes the envelope declares: the snapshot of a grant; snapshot, samples, pair
 * counts and stored frames of a result. Blocks are little-endian and are held to the digests of the science: a decoded
 * snapshot or frame has the digest that was declared, and a decoded result the output digest that it claims.
 *
 * The decoder trusts nothing: every number is finite, every enum in range, every count below a bound named here before
 * memory is taken for it. Independent of ZeroMQ. Thread-safe: no state. */
#ifndef VITRINE_COMMON_WIRE_H
#define VITRINE_COMMON_WIRE_H

#include "common/segment.h"
#include <stdbool.h>

enum { WIRE_PROTOCOL_FIRST = 1, WIRE_PROTOCOL_LAST = 1 }; /* what this build speaks */

enum {
    WIRE_UUID_SIZE = 16,
    WIRE_NAME_SIZE = 64,  /* host, CPU model, build */
    WIRE_ISA_SIZE = 16,   /* "avx2" */
    WIRE_TEXT_SIZE = 512, /* explanations for people */
    WIRE_SLOTS_MAX = 1024,
    WIRE_HELD_MAX = 4096,               /* leases and results in one HELLO */
    WIRE_TOKENS_MAX = 4096,             /* tokens in one RENEW, RENEWED or WELCOME */
    WIRE_ENVELOPE_SIZE_MAX = 512 << 10, /* bytes of frame 0 */
    WIRE_BLOCK_SIZE_MAX = 128 << 20,    /* bytes of any other frame; a snapshot of SNAPSHOT_ATOMS_MAX atoms fits */
    WIRE_BLOCKS_MAX = 5,
    WIRE_FRAMES_MAX = 1 + WIRE_BLOCKS_MAX,
};

/* The numbers are the field numbers of the envelope. */
enum wire_type {
    WIRE_HELLO = 1,
    WIRE_WELCOME,
    WIRE_WHO,
    WIRE_WANT,
    WIRE_GRANT,
    WIRE_RENEW,
    WIRE_RENEWED,
    WIRE_RESULT,
    WIRE_ACK,
    WIRE_RETURN,
    WIRE_BYE,
    WIRE_DRAIN,
    WIRE_GOAWAY,
    WIRE_TYPE_END
};

struct wire_uuid {
    uint8_t bytes[WIRE_UUID_SIZE];
};

/* A lease or a result that a worker brings along from before: enough for a coordinator that was restarted to adopt it
 * under a new token. */
struct wire_held {
    struct lease_token token;
    struct campaign_id campaign;
    struct wire_uuid lineage; /* of the database that granted it */
    struct replica_id replica;
    struct segment_id segment;
    struct digest input;
    bool is_result; /* computed already; the RESULT follows after WELCOME */
};

struct wire_hello {
    uint32_t protocol_first, protocol_last; /* range that the worker speaks */
    struct wire_uuid worker;                /* random at the worker's start */
    uint64_t session;                       /* rises with each HELLO of a worker: a newer session supersedes */
    uint32_t engine_id;
    uint32_t slots; /* segments it can run at a time, 1 .. WIRE_SLOTS_MAX */
    char build[WIRE_NAME_SIZE];
    char cpu[WIRE_NAME_SIZE];
    char isa[WIRE_ISA_SIZE];
    char host[WIRE_NAME_SIZE];
    struct digest probe; /* of a fixed toy run on this machine */
    uint32_t held_count;
    struct wire_held *held;
};

struct wire_adopted {
    struct lease_token before, after;
};

/* A held token that is in neither list stays with the worker as it is. */
struct wire_welcome {
    uint32_t protocol;
    uint32_t epoch;
    uint32_t renew_every_ms; /* the worker says RENEW at least this often, with or without leases */
    uint32_t silence_max_ms; /* after this long without a word from the coordinator the worker says HELLO again */
    uint32_t adopted_count;
    struct wire_adopted *adopted;
    uint32_t dropped_count;
    struct lease_token *dropped; /* leases to cancel and results to forget */
};

/* A lease counts from its GRANT until its RESULT is acknowledged, or it is returned or revoked. The number is absolute,
 * so a repeated or lost WANT does no harm. The coordinator never grants beyond it. */
struct wire_want {
    uint32_t credits; /* leases the worker will hold at once, running, queued or unacknowledged; 0 = no more work */
};

/* owner of snapshot_bytes: the message. NULL, 0 where the worker is known to hold the snapshot, and for a build. */
struct wire_grant {
    struct campaign_id campaign;
    struct wire_uuid lineage;
    struct lease_token token;
    struct segment_spec spec;
    struct digest input;    /* segment_input_digest; the worker refuses a grant that does not have it */
    struct digest snapshot; /* of the snapshot in; zero for a build */
    uint32_t lease_ms;
    size_t snapshot_size;
    uint8_t *snapshot_bytes;
};

struct wire_progress {
    struct lease_token token;
    int64_t step; /* reached */
};

struct wire_renew {
    uint32_t count;
    struct wire_progress *leases; /* all that the worker holds, running and queued */
};

struct wire_renewed {
    uint32_t revoked_count;
    struct lease_token *revoked;
};

/* status == STATUS_OK: `result` is whole. Otherwise the segment failed (STATUS_PHYSICS, STATUS_NO_MEMORY, ...): result
 * has only replica, segment, input and times, and `text` says why. */
struct wire_result {
    struct campaign_id campaign;
    struct wire_uuid lineage;
    struct lease_token token;
    enum status status;
    char text[WIRE_TEXT_SIZE];
    struct segment_result result;
};

enum wire_verdict {
    WIRE_COMMITTED = 1, /* durable: forget it */
    WIRE_DUPLICATE,     /* was durable already, with the same digest: forget it */
    WIRE_STALE,         /* of no use any more: forget it */
    WIRE_INVALID,       /* refused: forget it; text says why */
    WIRE_RETRY_AFTER,   /* not now (disk full, too much uncommitted): keep it, send again after retry_after_ms */
    WIRE_VERDICT_END
};

struct wire_ack {
    struct lease_token token;
    enum wire_verdict verdict;
    uint32_t retry_after_ms;
    char text[WIRE_TEXT_SIZE];
    bool has_grant;
    struct wire_grant grant;
};

enum wire_return_reason {
    WIRE_RETURN_LEAVING = 1, /* asked to stop before the segment was done */
    WIRE_RETURN_NO_SNAPSHOT, /* the grant came without the snapshot and the worker does not hold it (any more) */
    WIRE_RETURN_REFUSED,     /* the grant contradicts itself, or is for another engine; text says how */
    WIRE_RETURN_FULL,        /* more leases than were wanted */
    WIRE_RETURN_REASON_END
};

struct wire_return {
    struct lease_token token;
    enum wire_return_reason reason;
    char text[WIRE_TEXT_SIZE];
};

struct wire_drain {
    uint32_t grace_ms; /* running segments that cannot be done by then are returned */
};

enum wire_goaway_reason {
    WIRE_GOAWAY_PROTOCOL = 1, /* no protocol in common */
    WIRE_GOAWAY_ENGINE,       /* no campaign here is pinned to that engine id */
    WIRE_GOAWAY_ARITHMETIC,   /* its probe digest is not that of its engine id */
    WIRE_GOAWAY_REVOKED,      /* its key, or its host, is not trusted (any more) */
    WIRE_GOAWAY_SUPERSEDED,   /* a newer session of that worker has taken over */
    WIRE_GOAWAY_FULL,         /* too many workers; try again later */
    WIRE_GOAWAY_REASON_END
};

struct wire_goaway {
    enum wire_goaway_reason reason;
    uint32_t protocol_first, protocol_last; /* what the coordinator speaks */
    uint32_t retry_after_ms;                /* 0 = never */
    char text[WIRE_TEXT_SIZE];
};

/* WHO and BYE carry nothing. */
struct wire_message {
    enum wire_type type;
    union {
        struct wire_hello hello;
        struct wire_welcome welcome;
        struct wire_want want;
        struct wire_grant grant;
        struct wire_renew renew;
        struct wire_renewed renewed;
        struct wire_result result;
        struct wire_ack ack;
        struct wire_return returned;
        struct wire_drain drain;
        struct wire_goaway goaway;
    };
};

/* "HELLO", ...; "unknown". Static storage. */
const char *wire_type_name(enum wire_type type);

/* Frees what the message owns (NULL and zeroed are fine) and zeroes it. A sender that only borrowed its arrays does not
 * call this. */
void wire_message_finish(struct wire_message *message);

/* Frames to send; owned. */
struct wire_frames {
    size_t count;
    struct wire_frame {
        uint8_t *bytes;
        size_t size;
    } frame[WIRE_FRAMES_MAX];
};
void wire_frames_finish(struct wire_frames *frames); /* NULL and zeroed are fine */

/* Frames received; borrowed. */
struct wire_frames_view {
    size_t count;
    struct wire_frame_view {
        const uint8_t *bytes;
        size_t size;
    } frame[WIRE_FRAMES_MAX];
};
struct wire_frames_view wire_frames_as_view(const struct wire_frames *frames);

/* STATUS_LIMIT when a bound above is passed (a result with too many bytes of frames, say). Strings are cut to their
 * size; what is not printable ASCII in them becomes '?'. */
enum status wire_encode(const struct wire_message *message, struct wire_frames *out_frames,
                        struct error *err) MUST_CHECK;

/* STATUS_CONFLICT for a protocol that is not spoken here (answer GOAWAY), STATUS_CORRUPT for bytes that are not what
 * their digests say, STATUS_INVALID for a rule that is broken, STATUS_LIMIT, STATUS_NO_MEMORY. out_message is
 * initialised on success only (wire_message_finish). */
enum status wire_decode(const struct wire_frames_view *frames, struct wire_message *out_message,
                        struct error *err) MUST_CHECK;

/* Which lease a RESULT speaks of, though its body was refused, so that the worker can be told (ACK with INVALID) rather
 * than send it for ever. false when even that cannot be read. */
bool wire_peek_result(const struct wire_frames_view *frames, struct lease_token *out_token);

#endif
