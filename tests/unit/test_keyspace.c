#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/bytes.h"
#include "sentinel/base/random.h"
#include "sentinel/load/keyspace.h"

#define LEN(array) (sizeof(array) / sizeof *(array))
#define DRAWS 100000

static struct sn_keyspace read_salted(const char *text, uint32_t count, uint64_t salt) {
    struct sn_keyspace keyspace;
    if (sn_keyspace_read(&keyspace, text, count, salt) != SN_OK) fail_msg("%s of %u keys was refused", text, count);
    assert_true(sn_keyspace_sound(&keyspace));
    return keyspace;
}

static struct sn_keyspace read(const char *text, uint32_t count) {
    return read_salted(text, count, 0);
}

/* --- Distributions ------------------------------------------------------------------------------------------ */

/* Chi-square of DRAWS draws: with `len` bins it is about len − 1, and above the bound once in a thousand times.  Seeds are
 * fixed, so a test that passes always does. */
static void assert_fits(const char *what, const uint32_t *counts, const double *shares, uint32_t len) {
    double sum = 0, bins = 0;
    for (uint32_t i = 0; i < len; i++) {
        double expected = shares[i] * DRAWS;
        if (expected < 5) continue;
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
        bins++;
    }
    if (sum > bins + 4 * sqrt(2 * bins)) fail_msg("%s: chi-square %.1f with %.0f bins", what, sum, bins);
}

/* Ranks 0 to 7 have a bin each, those after them share one up to the next power of 2. */
#define BINS 40

static uint32_t bin_of(uint32_t rank) {
    return rank < 8 ? rank : 37 - (uint32_t)__builtin_clz(rank);
}

static void zipf_shares(double s, uint32_t count, double shares[BINS]) {
    double sum = 0;
    memset(shares, 0, BINS * sizeof *shares);
    for (uint32_t rank = count; rank-- > 0;) { /* the small ones first */
        double weight = pow(rank + 1.0, -s);
        shares[bin_of(rank)] += weight;
        sum += weight;
    }
    for (uint32_t i = 0; i < BINS; i++) shares[i] /= sum;
}

static void zipf_is_exact(void **state) {
    (void)state;
    static const char *const exponents[] = {"0.01", "0.5", "0.99", "1", "1.5", "3"};
    static const uint32_t counts[] = {1, 2, 3, 10, 100, 4096, 1000000, 10000000};
    for (size_t e = 0; e < LEN(exponents); e++) {
        for (size_t c = 0; c < LEN(counts); c++) {
            char text[40];
            double shares[BINS];
            uint32_t drawn[BINS] = {0};
            snprintf(text, sizeof text, "zipfian:%s", exponents[e]);
            struct sn_keyspace keyspace = read(text, counts[c]);
            zipf_shares(strtod(exponents[e], NULL), counts[c], shares);
            for (uint64_t k = 1; k <= DRAWS; k++) {
                uint32_t rank = sn_keyspace_rank(&keyspace, e * 100 + c, k);
                assert_true(rank < counts[c]);
                drawn[bin_of(rank)]++;
            }
            assert_fits(text, drawn, shares, BINS);
        }
    }
}

/* Every rank of a small zipf by itself, through the keys: what is scattered keeps its share. */
static void keys_of_zipf_have_the_shares_of_their_ranks(void **state) {
    (void)state;
    enum { COUNT = 37 };
    struct sn_keyspace keyspace = read("zipfian:0.99", COUNT);
    double shares[COUNT], sum = 0;
    uint32_t drawn[COUNT] = {0};
    for (uint32_t rank = 0; rank < COUNT; rank++) sum += pow(rank + 1.0, -0.99);
    for (uint32_t rank = 0; rank < COUNT; rank++)
        shares[sn_keyspace_scatter(rank, COUNT)] = pow(rank + 1.0, -0.99) / sum;
    for (uint64_t k = 1; k <= DRAWS; k++) drawn[sn_keyspace_key(&keyspace, 5, k)]++;
    assert_fits("keys", drawn, shares, COUNT);
}

/* So steep that a second rank would come once in 10^30 draws, and so many keys that their area is infinite. */
static void the_steepest_zipf_ends(void **state) {
    (void)state;
    static const uint32_t counts[] = {1, 2, 1000, SN_KEYS_MAX};
    for (size_t c = 0; c < LEN(counts); c++) {
        struct sn_keyspace keyspace = read("zipfian:100", counts[c]);
        for (uint64_t k = 1; k <= 1000; k++) assert_int_equal(sn_keyspace_rank(&keyspace, 1, k), 0);
    }
    struct sn_keyspace flat = read("zipfian:1e-300", SN_KEYS_MAX); /* uniform, but for what no double shows */
    uint32_t drawn[4] = {0};
    double quarters[4] = {0.25, 0.25, 0.25, 0.25};
    for (uint64_t k = 1; k <= DRAWS; k++) drawn[sn_keyspace_rank(&flat, 1, k) / (SN_KEYS_MAX / 4)]++;
    assert_fits("zipfian:1e-300", drawn, quarters, 4);
}

static const struct {
    const char *text;
    uint32_t count;
    double shares[10];
} small[] = {
    {"uniform", 1, {1}},
    {"uniform", 3, {1 / 3.0, 1 / 3.0, 1 / 3.0}},
    {"uniform", 10, {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1}},
    {"hotset:0.2:0.8", 10, {.4, .4, .025, .025, .025, .025, .025, .025, .025, .025}},
    {"hotset:0.5:0.5", 4, {.25, .25, .25, .25}},
    {"hotset:0.001:0.9", 3, {.9, .05, .05}},                /* at least one key is hot */
    {"hotset:0.99:0.1", 2, {.5, .5}},                       /* all are: the share goes to all */
    {"hotset:0.3:0", 5, {0, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0}}, /* 1.5 keys round to 2; hot in name only */
    {"hotset:0.3:1", 5, {.5, .5, 0, 0, 0}},
};

static void small_keyspaces_are_exact(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(small); i++) {
        uint32_t drawn[10] = {0};
        struct sn_keyspace keyspace = read(small[i].text, small[i].count);
        for (uint64_t k = 1; k <= DRAWS; k++) {
            uint32_t key = sn_keyspace_key(&keyspace, 7, k);
            assert_true(key < small[i].count);
            assert_int_equal(sn_keyspace_rank(&keyspace, 7, k), key);
            drawn[key]++;
        }
        assert_fits(small[i].text, drawn, small[i].shares, small[i].count);
        for (uint32_t key = 0; key < small[i].count; key++)
            if (small[i].shares[key] == 0) assert_int_equal(drawn[key], 0);
    }
}

static void sequential_goes_round(void **state) {
    (void)state;
    static const struct {
        uint32_t count;
        uint64_t k;
        uint32_t key;
    } rows[] = {
        {5, 1, 1}, {5, 4, 4}, {5, 5, 0}, {5, 12, 2}, {1, 77, 0}, {SN_KEYS_MAX, UINT64_MAX, 709551615},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct sn_keyspace keyspace = read("sequential", rows[i].count);
        assert_int_equal(sn_keyspace_key(&keyspace, i, rows[i].k), rows[i].key);
    }
}

/* Distances are zipfian; from the newest they go back, and round where the keys end. */
static void latest_goes_back_from_k(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    struct sn_keyspace latest = read("latest:0.99", COUNT), zipf = read("zipfian:0.99", COUNT);
    uint32_t wrapped = 0;
    for (uint64_t k = 1; k <= 3 * COUNT; k++) {
        uint32_t distance = sn_keyspace_rank(&latest, 3, k);
        assert_int_equal(distance, sn_keyspace_rank(&zipf, 3, k));
        assert_int_equal(sn_keyspace_key(&latest, 3, k), (k + COUNT - distance) % COUNT);
        wrapped += distance > k % COUNT;
    }
    assert_true(wrapped > 100);
}

/* --- Functions of seed, salt and k ----------------------------------------------------------------------------- */

/* Pinned, from an independent computation in another language, with its own logarithms. */
static void what_a_seed_means_never_changes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t count;
        uint64_t seed, k;
        uint32_t key;
    } rows[] = {
        {"uniform", 1000, 0, 1, 212},
        {"uniform", SN_KEYS_MAX, 42, 77, 675579293},
        {"zipfian:0.99", 1000, 42, 1, 633},
        {"zipfian:0.99", 10000000, 42, 2, 1692167},
        {"zipfian:1", 100, UINT64_MAX, UINT64_MAX, 27},
        {"hotset:0.2:0.8", 1000, 42, 3, 190},
        {"latest:1.5", 1000, 42, 4, 4},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct sn_keyspace keyspace = read(rows[i].text, rows[i].count);
        assert_int_equal(sn_keyspace_key(&keyspace, rows[i].seed, rows[i].k), rows[i].key);
    }
}

/* Two keyspaces of one operation, or one under two seeds, meet as often as chance has it: once in a hundred. */
static void salts_and_seeds_tell_keyspaces_apart(void **state) {
    (void)state;
    struct sn_keyspace one = read_salted("uniform", 100, 1), two = read_salted("uniform", 100, 2);
    uint32_t by_salt = 0, by_seed = 0, by_k = 0;
    for (uint64_t k = 1; k <= DRAWS; k++) {
        uint32_t key = sn_keyspace_key(&one, 9, k);
        assert_int_equal(sn_keyspace_key(&one, 9, k), key);
        by_salt += key == sn_keyspace_key(&two, 9, k);
        by_seed += key == sn_keyspace_key(&one, 10, k);
        by_k += key == sn_keyspace_key(&one, 9, k + 1);
    }
    assert_in_range(by_salt, DRAWS / 100 - 130, DRAWS / 100 + 130); /* four standard deviations */
    assert_in_range(by_seed, DRAWS / 100 - 130, DRAWS / 100 + 130);
    assert_in_range(by_k, DRAWS / 100 - 130, DRAWS / 100 + 130);
}

/* --- Scattering -------------------------------------------------------------------------------------------------- */

static void assert_one_to_one(uint32_t count) {
    uint8_t *seen = calloc(count, 1);
    assert_non_null(seen);
    for (uint32_t rank = 0; rank < count; rank++) {
        uint32_t key = sn_keyspace_scatter(rank, count);
        if (key >= count || seen[key]) fail_msg("rank %u of %u goes to %u", rank, count, key);
        seen[key] = 1;
    }
    free(seen);
}

static void scattering_is_one_to_one(void **state) {
    (void)state;
    for (uint32_t count = 1; count <= 1500; count++) assert_one_to_one(count);
    for (uint32_t bits = 11; bits <= 21; bits++)
        for (uint32_t off = 0; off < 3; off++) assert_one_to_one((UINT32_C(1) << bits) - 1 + off);
    assert_one_to_one(10000000);
}

/* The ten most popular keys lie in ten different hundredths, or nearly so: they share no page, no range, no shard. */
static void popular_keys_lie_far_apart(void **state) {
    (void)state;
    static const uint32_t counts[] = {1000, 1024, 65537, 1000000, 10000000, SN_KEYS_MAX};
    for (size_t c = 0; c < LEN(counts); c++) {
        bool taken[100] = {false};
        uint32_t places = 0;
        for (uint32_t rank = 0; rank < 10; rank++) {
            bool *place = &taken[(uint64_t)sn_keyspace_scatter(rank, counts[c]) * 100 / counts[c]];
            places += !*place;
            *place = true;
        }
        assert_true(places >= 8);
    }
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

static const char *const refused[] = {
    "",
    "Uniform",
    "uniform ",
    "uniform:1",
    "uniformly",
    "sequential:",
    "zipf:1",
    "zipfian",
    "zipfian:",
    "zipfian:0",
    "zipfian:-1",
    "zipfian:1e-400", /* 0, as a double */
    "zipfian:100.01",
    "zipfian:inf",
    "zipfian:nan",
    "zipfian:0.99:1",
    "zipfian:0.99 ",
    "zipfian: 1",
    "hotset:0.2",
    "hotset:0.2:",
    "hotset:0:0.5",
    "hotset:1:0.5",
    "hotset:0.2:1.01",
    "hotset:0.2:-0.1",
    "hotset:0.2:0.8:1",
    "latest",
    "latest:0",
    "latest:x",
};

static void refuses_other_texts(void **state) {
    (void)state;
    struct sn_keyspace keyspace;
    for (size_t i = 0; i < LEN(refused); i++)
        if (sn_keyspace_read(&keyspace, refused[i], 100, 0) != SN_E_FORMAT) fail_msg("accepted: \"%s\"", refused[i]);
    assert_int_equal(sn_keyspace_read(&keyspace, "uniform", 0, 0), SN_E_RANGE);
    assert_int_equal(sn_keyspace_read(&keyspace, "uniform", SN_KEYS_MAX + 1, 0), SN_E_RANGE);
    assert_int_equal(sn_keyspace_read(&keyspace, "nonsense", SN_KEYS_MAX + 1, 0), SN_E_RANGE);
}

/* One bit of a stored keyspace is another, and where that is none that can be read it is not sound. */
static void one_bit_of_what_follows_is_unsound(void **state) {
    (void)state;
    static const char *const texts[] = {"uniform", "sequential", "zipfian:0.99", "hotset:0.2:0.8", "latest:1"};
    size_t derived = offsetof(struct sn_keyspace, low) * 8;
    for (size_t i = 0; i < LEN(texts); i++) {
        for (size_t bit = 0; bit < sizeof(struct sn_keyspace) * 8; bit++) {
            struct sn_keyspace keyspace = read(texts[i], 1000);
            uint8_t *bytes = (uint8_t *)&keyspace;
            bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1 << bit % 8);
            bool sound = sn_keyspace_sound(&keyspace);
            if (bit >= derived && sound) fail_msg("%s with bit %zu changed is sound", texts[i], bit);
            for (uint64_t k = 1; sound && k <= 10; k++)
                assert_true(sn_keyspace_key(&keyspace, 1, k) < keyspace.count); /* sound: it can be drawn from */
        }
    }
}

static const struct {
    const char *text;
    size_t at;
    uint32_t value;
} unsound[] = {
    {"uniform", offsetof(struct sn_keyspace, count), 0},
    {"uniform", offsetof(struct sn_keyspace, count), SN_KEYS_MAX + 1},
    {"uniform", offsetof(struct sn_keyspace, distribution), 0},
    {"uniform", offsetof(struct sn_keyspace, distribution), 6},
    {"uniform", offsetof(struct sn_keyspace, distribution), SN_DISTRIBUTION_ZIPFIAN}, /* of exponent 0 */
    {"uniform", offsetof(struct sn_keyspace, distribution), SN_DISTRIBUTION_HOTSET},  /* without hot keys */
    {"uniform", offsetof(struct sn_keyspace, hot), 1},
    {"uniform", offsetof(struct sn_keyspace, reserved), 1},
    {"uniform", offsetof(struct sn_keyspace, exponent) + 4, 0x3ff00000}, /* 1.0 */
    {"uniform", offsetof(struct sn_keyspace, share) + 4, 0x3fe00000},
    {"hotset:0.2:0.8", offsetof(struct sn_keyspace, hot), 101},
    {"hotset:0.2:0.8", offsetof(struct sn_keyspace, share) + 4, 0x7ff80000}, /* not a number */
    {"hotset:0.2:0.8", offsetof(struct sn_keyspace, share) + 4, 0x40000000}, /* 2 */
    {"zipfian:0.99", offsetof(struct sn_keyspace, exponent) + 4, 0x7ff80000},
    {"zipfian:0.99", offsetof(struct sn_keyspace, exponent) + 4, 0xbff00000},
    {"zipfian:0.99", offsetof(struct sn_keyspace, exponent) + 4, 0x7ff00000},
    {"zipfian:0.99", offsetof(struct sn_keyspace, count), 101}, /* what follows is that of 100 */
};

static void refuses_what_is_unsound(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(unsound); i++) {
        struct sn_keyspace keyspace = read(unsound[i].text, 100);
        memcpy((uint8_t *)&keyspace + unsound[i].at, &unsound[i].value, 4);
        if (sn_keyspace_sound(&keyspace)) fail_msg("row %zu, %s, is sound", i, unsound[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zipf_is_exact),
        cmocka_unit_test(keys_of_zipf_have_the_shares_of_their_ranks),
        cmocka_unit_test(the_steepest_zipf_ends),
        cmocka_unit_test(small_keyspaces_are_exact),
        cmocka_unit_test(sequential_goes_round),
        cmocka_unit_test(latest_goes_back_from_k),
        cmocka_unit_test(what_a_seed_means_never_changes),
        cmocka_unit_test(salts_and_seeds_tell_keyspaces_apart),
        cmocka_unit_test(scattering_is_one_to_one),
        cmocka_unit_test(popular_keys_lie_far_apart),
        cmocka_unit_test(refuses_other_texts),
        cmocka_unit_test(one_bit_of_what_follows_is_unsound),
        cmocka_unit_test(refuses_what_is_unsound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
