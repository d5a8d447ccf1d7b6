#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/arena.h"

static void memory_comes_in_order_and_aligned(void **state) {
    (void)state;
    uint8_t *memory = aligned_alloc(16, 64);
    struct sn_arena arena;
    sn_arena_init(&arena, memory, 64);
    assert_ptr_equal(sn_arena_alloc(&arena, 1), memory);
    assert_ptr_equal(sn_arena_alloc(&arena, 16), memory + 16);
    assert_ptr_equal(sn_arena_alloc(&arena, 17), memory + 32);
    assert_int_equal(arena.used, 64);
    assert_false(arena.exhausted);
    memset(memory, 0xff, 64);
    free(memory);
}

static void too_much_is_refused(void **state) {
    (void)state;
    static const size_t lens[] = {49, 64, SIZE_MAX - 15, SIZE_MAX - 14, SIZE_MAX}; /* the last ones wrap when padded */
    uint8_t *memory = aligned_alloc(16, 64);
    struct sn_arena arena;
    sn_arena_init(&arena, memory, 64);
    assert_non_null(sn_arena_alloc(&arena, 16));
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        arena.exhausted = false;
        assert_null(sn_arena_alloc(&arena, lens[i]));
        assert_true(arena.exhausted);
        assert_int_equal(arena.used, 16);
    }
    assert_non_null(sn_arena_alloc(&arena, 48)); /* what fits is still given */
    assert_true(arena.exhausted);                /* and the refusal is remembered */

    sn_arena_init(&arena, memory, 60);       /* room that is no multiple of 16 */
    assert_null(sn_arena_alloc(&arena, 49)); /* would be padded beyond it */
    assert_non_null(sn_arena_alloc(&arena, 48));
    assert_null(sn_arena_alloc(&arena, 1));
    free(memory);
}

static void a_reset_gives_everything_back(void **state) {
    (void)state;
    uint8_t *memory = aligned_alloc(16, 64);
    struct sn_arena arena;
    sn_arena_init(&arena, memory, 64);
    void *first = sn_arena_alloc(&arena, 64);
    assert_null(sn_arena_alloc(&arena, 1));
    sn_arena_reset(&arena);
    assert_false(arena.exhausted);
    assert_ptr_equal(sn_arena_alloc(&arena, 64), first);
    free(memory);
}

static void allocations_fail_on_demand(void **state) {
    (void)state;
    uint8_t *memory = aligned_alloc(16, 256);
    struct sn_arena arena;
    for (size_t succeed = 0; succeed < 4; succeed++) {
        sn_arena_init(&arena, memory, 256);
        arena.fail_after = succeed;
        for (size_t i = 0; i < 6; i++) {
            if (i < succeed)
                assert_non_null(sn_arena_alloc(&arena, 8));
            else
                assert_null(sn_arena_alloc(&arena, 8));
        }
        assert_true(arena.exhausted);
        assert_int_equal(arena.used, succeed * 16);
    }
    free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_comes_in_order_and_aligned),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(a_reset_gives_everything_back),
        cmocka_unit_test(allocations_fail_on_demand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
