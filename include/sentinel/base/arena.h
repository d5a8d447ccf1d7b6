/* An arena: memory that is handed out in order and given back all at once.
 *
 * The one allocator of the core.  JSON trees and what one HTTP request needs live in one; nothing else allocates. */
#ifndef SENTINEL_BASE_ARENA_H
#define SENTINEL_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sn_arena {
    uint8_t *memory; /* the caller's, 16-aligned */
    size_t cap, used;
    size_t fail_after; /* for tests: allocations that still succeed; SIZE_MAX in life */
    bool exhausted;    /* an allocation was refused since the last reset */
};

void sn_arena_init(struct sn_arena *arena, void *memory, size_t cap);
/* 16-aligned, not zeroed.  NULL when there is no room. */
void *sn_arena_alloc(struct sn_arena *arena, size_t len);
void sn_arena_reset(struct sn_arena *arena);

#endif
