/* Equal seeds send equal operations, however many shards share them. */
#include "operation_help.h"
#include "sentinel/load/digest.h"
#include "sentinel/plan/builtin.h"

static _Alignas(16) uint8_t compiled[SN_PLAN_BYTES_MAX];
static struct sn_workload workload;
static struct sn_digest_room room;

#define SHOP                                                                                                               \
    "{\"keys\":{\"users\":{\"count\":900,\"distribution\":\"zipfian:0.99\"}},"                                             \
    "\"feeds\":{\"products\":{\"csv\":\"name,price\\nspade,12\\nrake,9\\n\"}},"                                            \
    "\"operations\":[{\"operation\":\"look\",\"weight\":3,\"steps\":[{\"kv\":\"get\",\"key\":\"u_${user}\"},"              \
    "{\"kv\":\"put\",\"key\":\"v_${uuid}\",\"value\":\"${text(80,0.7,400)}\",\"background\":true,\"probability\":0.5}]},"  \
    "{\"operation\":\"buy\",\"steps\":[{\"d1\":\"SELECT X\",\"bind\":[\"${feed.products.name}\",\"${choice('a','b':2)}\"," \
    "\"${time}\",\"${run}\",\"${tenant}\"],\"capture\":{\"id\":{\"column\":\"id\"}}},{\"kv\":\"put\",\"key\":\"${captured.id}\",\"value\":\"${text(80)}\",\"metadata\":{\"of\":\"${captured.id}\"}},{\"d1\":\"SELECT Y\",\"thinkMs\":{\"median\":100,\"sigma\":1}}]}]}"

static uint64_t digest_of(uint64_t seed, uint32_t shards, uint64_t upto) {
    uint64_t sum = 0;
    for (uint32_t place = 0; place < shards; place++) {
        struct sn_share share = {.place = place, .places = shards, .first_k = 1, .last_k = UINT64_MAX};
        sum += sn_digest(&workload, seed, &share, upto, &room);
    }
    return sum;
}

static void shards_add_up_to_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i <= sn_builtins_len; i++) {
        const char *text = i < sn_builtins_len ? sn_builtins[i].text : SHOP;
        compile(text, strlen(text), &workload, compiled, sizeof compiled);
        uint64_t one = digest_of(20261, 1, 3000);
        assert_true(one != 0);
        assert_true(digest_of(20261, 7, 3000) == one);
        assert_true(digest_of(20261, 20, 3000) == one);
        assert_true(digest_of(20262, 1, 3000) != one);
        assert_true(digest_of(20261, 1, 3001) != one);
    }
}

/* Where one shard takes another's place, nothing changes. */
static void a_place_may_change_hands(void **state) {
    (void)state;
    compile(SHOP, strlen(SHOP), &workload, compiled, sizeof compiled);
    struct sn_share whole = {.place = 0, .places = 1, .first_k = 1, .last_k = UINT64_MAX}, first = whole,
                    second = whole;
    first.last_k = 400;
    second.first_k = 401;
    uint64_t sum = sn_digest(&workload, 5, &first, 1000, &room) + sn_digest(&workload, 5, &second, 1000, &room);
    assert_true(sum == sn_digest(&workload, 5, &whole, 1000, &room));
}

/* Everything that is sent is in it: another text, another chance, another time to think. */
static void whatever_is_sent_shows(void **state) {
    (void)state;
    static const char *const others[] = {
        "{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":\"get\",\"key\":\"a\"},{\"d1\":\"SELECT X\",\"bind\":[1]}]}]}",
        "{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":\"get\",\"key\":\"b\"},{\"d1\":\"SELECT X\",\"bind\":[1]}]}]}",
        "{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":\"get\",\"key\":\"a\"},{\"d1\":\"SELECT X\",\"bind\":[2]}]}]}",
        "{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":\"get\",\"key\":\"a\"},{\"d1\":\"SELECT X\",\"bind\":[1],\"thinkMs\":1}]}]}",
        "{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":\"get\",\"key\":\"a\"},{\"d1\":\"SELECT X\",\"bind\":[1],\"probability\":0.9}]}]}",
        "{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"parallel\":[{\"kv\":\"get\",\"key\":\"a\"},{\"d1\":\"SELECT X\",\"bind\":[1]}]}]}]}",
    };
    uint64_t digests[LEN(others)];
    for (size_t i = 0; i < LEN(others); i++) {
        compile(others[i], strlen(others[i]), &workload, compiled, sizeof compiled);
        digests[i] = digest_of(1, 1, 100);
        for (size_t k = 0; k < i; k++) assert_true(digests[i] != digests[k]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_add_up_to_the_same),
        cmocka_unit_test(a_place_may_change_hands),
        cmocka_unit_test(whatever_is_sent_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
