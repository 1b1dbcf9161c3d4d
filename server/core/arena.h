/* arena.h - memory handed out once and never given back: all that the planner has, given to it at its start. */
#ifndef VITRINE_SERVER_CORE_ARENA_H
#define VITRINE_SERVER_CORE_ARENA_H

#include <stddef.h>
#include <stdint.h>

/* With memory == NULL it only measures: arena_take returns NULL and counts what it would need. */
struct arena {
    uint8_t *memory; /* zeroed, aligned to 64 bytes; borrowed */
    size_t size, used;
};

/* Room for `count` items of `size` bytes, aligned to 64. Too little memory is a bug of the caller, who measured. */
void *arena_take(struct arena *arena, size_t count, size_t size);

#endif
