#include "sentinel/base/arena.h"

#include "sentinel/base/assert.h"

#define ALIGN 16u

void sn_arena_init(struct sn_arena *arena, void *memory, size_t cap) {
    SN_ASSERT((uintptr_t)memory % ALIGN == 0);
    *arena = (struct sn_arena){.memory = memory, .cap = cap, .fail_after = SIZE_MAX};
}

void *sn_arena_alloc(struct sn_arena *arena, size_t len) {
    size_t left = arena->cap - arena->used;
    size_t padding = (ALIGN - len % ALIGN) % ALIGN;
    if (len > left || padding > left - len || arena->fail_after == 0) {
        arena->exhausted = true;
        return NULL;
    }
    if (arena->fail_after != SIZE_MAX) arena->fail_after--;
    void *memory = arena->memory + arena->used;
    arena->used += len + padding;
    return memory;
}

void sn_arena_reset(struct sn_arena *arena) {
    arena->used = 0;
    arena->exhausted = false;
}
