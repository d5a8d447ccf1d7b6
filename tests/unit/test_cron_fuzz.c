/* A short walk of tests/fuzz/cron.c that is the same each time: expressions put together of pieces, some spoilt. */
#include "cron_help.h"

#include "sentinel/base/random.h"

#include "../fuzz/cron.c"

static const char *const pieces[] = {"*",      "0",    "1",    "5",   "12",  "23",  "29",   "30",  "31", "59",
                                     "60",     "7",    "-",    "/",   ",",   "L",   "W",    "LW",  "L-", "#",
                                     "?",      "JAN",  "feb",  "Mon", "SUN", "fri", "*/",   " ",   "  ", "@",
                                     "hourly", "0 0 ", " * *", "\t",  "x",   "1-5", "22-2", "*/15"};

/* Random pieces alone would hardly ever make five fields, so most begin with some that are right. */
static size_t draw(struct sn_rng *rng, char text[SN_CRON_TEXT_MAX + 32]) {
    size_t len = 0;
    uint32_t fields = sn_rng_below(rng, 6), count = sn_rng_below(rng, 12);
    for (uint32_t i = 0; i < fields; i++) {
        static const char *const good[] = {"*", "5", "1-3", "*/2", "2,3", "7-2/2"};
        len += (size_t)sprintf(text + len, "%s%s", good[sn_rng_below(rng, 6)], i < 4 ? " " : "");
    }
    for (uint32_t i = 0; i < count && len < SN_CRON_TEXT_MAX; i++)
        len += (size_t)sprintf(text + len, "%s", pieces[sn_rng_below(rng, ROWS(pieces))]);
    if (len > 0 && sn_rng_below(rng, 8) == 0) text[sn_rng_below(rng, (uint32_t)len)] = (char)sn_rng_below(rng, 256);
    return len;
}

static void any_bytes(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_MODEL, 2);
    for (int i = 0; i < 100000; i++) {
        char text[SN_CRON_TEXT_MAX + 32];
        size_t len = draw(&rng, text);
        uint8_t *copy = malloc(len > 0 ? len : 1); /* which ends where the text does */
        memcpy(copy, text, len);
        LLVMFuzzerTestOneInput(copy, len);
        free(copy);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
