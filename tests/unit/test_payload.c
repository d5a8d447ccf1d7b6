#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/bytes.h"
#include "sentinel/base/step.h"
#include "sentinel/load/payload.h"

static uint8_t block[SN_PAYLOAD_BLOCK];

/* Pinned, from an independent computation: what one version wrote, the next one checks. */
static void the_block_never_changes(void **state) {
    (void)state;
    sn_payload_fill(block, 0, SN_PAYLOAD_BLOCK);
    assert_memory_equal(block, "v2cH7lDq", 8);
    assert_memory_equal(block + 8, "BzlAJyeL", 8);
    assert_memory_equal(block + SN_PAYLOAD_BLOCK - 8, "lgYEs5_T", 8);
}

static void any_part_can_be_made_alone(void **state) {
    (void)state;
    static const struct {
        uint32_t offset, len;
    } rows[] = {{0, 0}, {0, 8}, {8, 8}, {4096, 16384}, {SN_PAYLOAD_BLOCK - 8, 8}, {SN_PAYLOAD_BLOCK, 0}};
    sn_payload_fill(block, 0, SN_PAYLOAD_BLOCK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *part = malloc(rows[i].len > 0 ? rows[i].len : 1);
        sn_payload_fill(part, rows[i].offset, rows[i].len);
        if (rows[i].len > 0) assert_memory_equal(part, block + rows[i].offset, rows[i].len);
        free(part);
    }
}

/* 64 symbols that need no escape anywhere, about equally often: 16,384 of a million each, ± 6 standard deviations. */
static void the_symbols(void **state) {
    (void)state;
    sn_payload_fill(block, 0, SN_PAYLOAD_BLOCK);
    uint32_t counts[256] = {0}, symbols = 0;
    for (uint32_t i = 0; i < SN_PAYLOAD_BLOCK; i++) counts[block[i]]++;
    for (uint32_t c = 0; c < 256; c++) {
        if (counts[c] == 0) continue;
        symbols++;
        assert_true(c > ' ' && c < 127 && c != '"' && c != '\\' && c != '\'');
        assert_in_range(counts[c], 16384 - 762, 16384 + 762);
    }
    assert_int_equal(symbols, 64);
}

static void slices_lie_inside(void **state) {
    (void)state;
    static const uint32_t lens[] = {
        0, 1, 7, 8, 9, 10240, 524288, SN_PAYLOAD_BLOCK - 8, SN_PAYLOAD_BLOCK - 7, SN_PAYLOAD_BLOCK};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        uint32_t lowest = UINT32_MAX, highest = 0, room = SN_PAYLOAD_BLOCK - lens[i];
        for (uint64_t key = 0; key < 5000; key++) {
            uint32_t offset = sn_payload_offset(key, lens[i]);
            assert_int_equal(offset % 8, 0);
            assert_true(offset <= room);
            assert_int_equal(sn_payload_offset(key, lens[i]), offset); /* a function of the key */
            lowest = offset < lowest ? offset : lowest;
            highest = offset > highest ? offset : highest;
        }
        assert_true(lowest <= room / 100); /* and the slices use the whole block */
        assert_true(highest + 8 > room - room / 100);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_block_never_changes),
        cmocka_unit_test(any_part_can_be_made_alone),
        cmocka_unit_test(the_symbols),
        cmocka_unit_test(slices_lie_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
