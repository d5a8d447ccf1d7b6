/* An arena for the tests of a file.  Define ARENA_BYTES before this, and give set_up and tear_down to the group. */
#ifndef SENTINEL_TESTS_ARENA_HELP_H
#define SENTINEL_TESTS_ARENA_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/arena.h"

#define LEN(array) (sizeof(array) / sizeof *(array))

static struct sn_arena arena;

static inline int set_up(void **state) {
    (void)state;
    sn_arena_init(&arena, aligned_alloc(16, ARENA_BYTES), ARENA_BYTES);
    return 0;
}

static inline int tear_down(void **state) {
    (void)state;
    free(arena.memory);
    return 0;
}

#endif
