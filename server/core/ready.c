#include "server/core/ready.h"

#include "common/invariant.h"

void ready_init(struct ready *ready, struct arena *arena, uint32_t replicas_max)
{
    *ready = (struct ready){
        .capacity = replicas_max,
        .heap = arena_take(arena, replicas_max, sizeof *ready->heap),
        .place = arena_take(arena, replicas_max, sizeof *ready->place),
        .key = arena_take(arena, replicas_max, sizeof *ready->key),
    };
}

static bool comes_before(const struct ready *ready, uint32_t a, uint32_t b)
{
    return ready->key[a] < ready->key[b] || (ready->key[a] == ready->key[b] && a < b);
}

static void put(struct ready *ready, uint32_t at, uint32_t replica)
{
    ready->heap[at] = replica;
    ready->place[replica] = at + 1;
}

static void sift_up(struct ready *ready, uint32_t at, uint32_t replica)
{
    for (; at > 0 && comes_before(ready, replica, ready->heap[(at - 1) / 2]); at = (at - 1) / 2)
        put(ready, at, ready->heap[(at - 1) / 2]);
    put(ready, at, replica);
}

static void sift_down(struct ready *ready, uint32_t at, uint32_t replica)
{
    for (uint32_t child; (child = 2 * at + 1) < ready->count; at = child) {
        if (child + 1 < ready->count && comes_before(ready, ready->heap[child + 1], ready->heap[child]))
            child++;
        if (!comes_before(ready, ready->heap[child], replica))
            break;
        put(ready, at, ready->heap[child]);
    }
    put(ready, at, replica);
}

void ready_push(struct ready *ready, uint32_t replica, double key)
{
    INVARIANT(replica < ready->capacity && ready->place[replica] == 0);
    ready->key[replica] = key;
    sift_up(ready, ready->count++, replica);
}

void ready_remove(struct ready *ready, uint32_t replica)
{
    INVARIANT(ready_contains(ready, replica));
    uint32_t at = ready->place[replica] - 1;
    uint32_t last = ready->heap[--ready->count];
    ready->place[replica] = 0;
    if (last == replica)
        return;
    if (at > 0 && comes_before(ready, last, ready->heap[(at - 1) / 2]))
        sift_up(ready, at, last);
    else
        sift_down(ready, at, last);
}

bool ready_contains(const struct ready *ready, uint32_t replica)
{
    return replica < ready->capacity && ready->place[replica] != 0;
}
