/* Any bytes as an expression, in both dialects: what is taken runs, in order, there and back, and has words.
 *
 *     make fuzz              ten million inputs
 *     make fuzz FUZZ_RUNS=-1 until it is stopped */
#include <stdint.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/limits.h"
#include "sentinel/schedule/cron.h"

/* Both ways from a moment that the input chooses too, through a zone with summer time. */
static void follow(const struct sn_cron *cron, const struct sn_zone *zone, int64_t from_us) {
    int64_t at_us, next_us, back_us;
    if (sn_cron_next(cron, zone, from_us, &at_us) != SN_OK) return;
    SN_ASSERT(at_us > from_us);
    if (sn_cron_next(cron, zone, at_us, &next_us) != SN_OK) return;
    SN_ASSERT(next_us > at_us);
    SN_ASSERT(sn_cron_previous(cron, zone, next_us, &back_us) == SN_OK && back_us == at_us);
    SN_ASSERT(sn_cron_next(cron, zone, back_us, &back_us) == SN_OK && back_us == next_us);
}

static void follow_both(const struct sn_cron *cron, uint32_t random) {
    static struct sn_zone zone;
    if (zone.count == 0) {
        sn_zone_begin(&zone, 1767225600, 1767225600 + 20 * INT64_C(31557600), 3600); /* from 2026 on */
        for (int i = 0; i < 40; i++) sn_zone_add(&zone, 1774746000 + i * INT64_C(15778800), i % 2 == 0 ? 7200 : 3600);
    }
    int64_t from_us = (1767225600 + SN_ZONE_MARGIN_S + random / 16) * SN_SECOND_US;
    follow(cron, NULL, from_us);
    follow(cron, &zone, from_us);
}

static void check_error(const struct sn_cron_error *error, size_t len) {
    SN_ASSERT(error->status == SN_E_FORMAT || error->status == SN_E_RANGE);
    SN_ASSERT(error->position >= 1 && error->position <= len + 1);
    SN_ASSERT(error->field != NULL && memchr(error->expected, 0, sizeof error->expected) != NULL);
    SN_ASSERT(error->expected[0] != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    char words[SN_CRON_WORDS_MAX];
    for (int dialect = 0; dialect < 2; dialect++) {
        struct sn_cron cron;
        struct sn_cron_error error;
        if (sn_cron_read(&cron, (enum sn_cron_dialect)dialect, (const char *)data, len, &error) != SN_OK) {
            check_error(&error, len);
            continue;
        }
        struct sn_writer w = sn_writer(words, sizeof words);
        sn_cron_put_words(&w, &cron);
        SN_ASSERT(!w.full && w.len > 0);
        follow_both(&cron, sn_crc32(data, len));
    }
    return 0;
}
