#include "server/core/arena.h"

#include "common/invariant.h"

enum { ARENA_ALIGNMENT = 64 };

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    size_t bytes, end, start = arena->used;
    INVARIANT(!__builtin_mul_overflow(count, size, &bytes));
    INVARIANT(!__builtin_add_overflow(start + ARENA_ALIGNMENT - 1, bytes, &end));
    arena->used = end - end % ARENA_ALIGNMENT;
    if (!arena->memory)
        return NULL;
    INVARIANT(arena->used <= arena->size);
    return arena->memory + start;
}
