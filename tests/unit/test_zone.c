#include "cron_help.h"

#include "sentinel/schedule/tzif.h"
#include "zone_help.h"

static void names(void **state) {
    (void)state;
    static const char *const good[] = {"UTC", "Europe/Dublin", "America/Argentina/Buenos_Aires", "Etc/GMT+12",
                                       "GB-Eire"};
    static const char *const bad[] = {"",        "/etc/passwd", "../../etc/passwd", "Europe/../UTC",  "Europe//Dublin",
                                      "Europe/", ".",           "zone.tab",         "Europe\\Dublin", "Europe Dublin",
                                      "Zür/ich", "a\nb"};
    for (size_t i = 0; i < ROWS(good); i++) assert_true(sn_zone_name_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < ROWS(bad); i++) assert_false(sn_zone_name_valid(bad[i], strlen(bad[i])));
    char longest[SN_ZONE_NAME_MAX + 1];
    memset(longest, 'a', sizeof longest);
    assert_true(sn_zone_name_valid(longest, SN_ZONE_NAME_MAX));
    assert_false(sn_zone_name_valid(longest, SN_ZONE_NAME_MAX + 1));
}

static void a_full_table_ends_early(void **state) {
    (void)state;
    struct sn_zone zone;
    sn_zone_begin(&zone, 0, 1000000, 0);
    assert_true(sn_zone_add(&zone, 5, 0)); /* changes nothing */
    for (int i = 1; i <= SN_ZONE_CHANGES_MAX; i++) assert_true(sn_zone_add(&zone, i * 1000, i % 2 * 3600));
    assert_int_equal(zone.count, SN_ZONE_CHANGES_MAX);
    assert_true(sn_zone_add(&zone, 65000 - 1, 0));
    assert_false(sn_zone_add(&zone, 65000, 3600));
    assert_int_equal(zone.to_s, 65000);
    assert_int_equal(zone.count, SN_ZONE_CHANGES_MAX);
    assert_int_equal(sn_zone_offset_s(&zone, 999), 0);
    assert_int_equal(sn_zone_offset_s(&zone, 1000), 3600);
    assert_int_equal(sn_zone_offset_s(&zone, 64999), 0);
}

static size_t written(uint8_t *bytes, const struct sn_zone *zone) {
    struct sn_writer w = sn_writer(bytes, 1024);
    put_zone(&w, zone);
    assert_false(w.full);
    return w.len;
}

static enum sn_status taken(const uint8_t *bytes, size_t len, struct sn_zone *zone) {
    uint8_t *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, bytes, len);
    struct sn_reader r = sn_reader(copy, len);
    enum sn_status status = sn_zone_get(&r, zone);
    free(copy);
    return status;
}

static void an_answer_comes_through(void **state) {
    (void)state;
    struct sn_zone zone, again;
    uint8_t bytes[1024];
    sn_zone_begin(&zone, -1000, 9000, -3600);
    sn_zone_add(&zone, -5, 20);
    sn_zone_add(&zone, 5, 93600);
    size_t len = written(bytes, &zone);
    assert_int_equal(len, 24 + 2 * 12);
    assert_int_equal(taken(bytes, len, &again), SN_OK);
    assert_int_equal(again.from_s, -1000);
    assert_int_equal(again.to_s, 9000);
    assert_int_equal(again.offset_s, -3600);
    assert_int_equal(again.count, 2);
    assert_int_equal(again.changes[1].at_s, 5);
    assert_int_equal(again.changes[1].offset_s, 93600);
    for (size_t cut = 0; cut < len; cut++) assert_int_equal(taken(bytes, cut, &again), SN_E_FORMAT);
    assert_int_equal(taken(bytes, len + 1, &again), SN_E_FORMAT);
}

static void answers_that_cannot_be(void **state) {
    (void)state;
    struct sn_zone zone, bad, out;
    uint8_t bytes[2048];
    sn_zone_begin(&zone, 0, 9000, 0);
    sn_zone_add(&zone, 100, 3600);
    sn_zone_add(&zone, 200, 0);
#define REFUSED(change, status)                                             \
    do {                                                                    \
        bad = zone;                                                         \
        change;                                                             \
        assert_int_equal(taken(bytes, written(bytes, &bad), &out), status); \
    } while (0)
    REFUSED(bad.to_s = 0, SN_E_RANGE);
    REFUSED(bad.to_s = SN_ZONE_END_S + 1, SN_E_RANGE);
    REFUSED(bad.from_s = INT64_MIN, SN_E_RANGE);
    REFUSED(bad.offset_s = SN_ZONE_OFFSET_S_MAX + 1, SN_E_RANGE);
    REFUSED(bad.offset_s = INT32_MIN, SN_E_RANGE);
    REFUSED(bad.changes[0].at_s = 0, SN_E_RANGE);
    REFUSED(bad.changes[1].at_s = 100, SN_E_RANGE);
    REFUSED(bad.changes[1].at_s = 9000, SN_E_RANGE);
    REFUSED(bad.changes[1].offset_s = -SN_ZONE_OFFSET_S_MAX - 1, SN_E_RANGE);
#undef REFUSED
    size_t len = written(bytes, &zone);
    bytes[20] = SN_ZONE_CHANGES_MAX + 1;
    assert_int_equal(taken(bytes, len, &out), SN_E_LIMIT);
}

/* --- Files ------------------------------------------------------------------------------------------------------------ */

static void put_big(struct sn_writer *w, uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) sn_put_u8(w, (uint8_t)(value >> (8 * i)));
}

/* A header of a block with two types, offsets 3600 and 7200, and so many changes. */
static void put_header(struct sn_writer *w, uint32_t changes, uint32_t types) {
    sn_put_bytes(w, "TZif2", 5);
    sn_put_zeros(w, 15);
    const uint32_t counts[] = {0, 0, 0, changes, types, 4};
    for (int i = 0; i < 6; i++) put_big(w, counts[i], 4);
}

static size_t tzif(uint8_t *bytes, const int64_t *changes, uint32_t count, const char *footer) {
    struct sn_writer w = sn_writer(bytes, 1024);
    put_header(&w, 0, 1);
    sn_put_zeros(&w, 6 + 4); /* what old readers get */
    put_header(&w, count, 2);
    for (uint32_t i = 0; i < count; i++) put_big(&w, (uint64_t)changes[i], 8);
    for (uint32_t i = 0; i < count; i++) sn_put_u8(&w, (uint8_t)((i + 1) % 2));
    put_big(&w, 3600, 4), sn_put_zeros(&w, 2);
    put_big(&w, 7200, 4), sn_put_zeros(&w, 2);
    sn_put_bytes(&w, "XYZ", 4);
    sn_put_text(&w, "\n");
    sn_put_text(&w, footer);
    sn_put_text(&w, "\n");
    return w.len;
}

static enum sn_status read_copy(const uint8_t *bytes, size_t len, const char *from, const char *to,
                                struct sn_zone *zone) {
    uint8_t *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, bytes, len);
    enum sn_status status = sn_tzif_read(copy, len, moment_us(from) / SN_SECOND_US, moment_us(to) / SN_SECOND_US, zone);
    free(copy);
    return status;
}

static void assert_change(const struct sn_zone *zone, uint32_t i, const char *at, int32_t offset_s) {
    assert_true(i < zone->count);
    if (zone->changes[i].at_s * SN_SECOND_US != moment_us(at) || zone->changes[i].offset_s != offset_s)
        fail_msg("expected %d from %s, got %d from %s", (int)offset_s, at, (int)zone->changes[i].offset_s,
                 moment_text(zone->changes[i].at_s * SN_SECOND_US));
}

static void a_file_and_its_rule(void **state) {
    (void)state;
    int64_t changes[] = {1000000000, 1000086400, 1000172800};
    uint8_t bytes[1024];
    struct sn_zone zone;
    size_t len = tzif(bytes, changes, 3, "CET-1CEST,M3.5.0,M10.5.0/3");
    assert_int_equal(read_copy(bytes, len, "2001-01-01 00:00", "2003-01-01 00:00", &zone), SN_OK);
    assert_int_equal(zone.offset_s, 3600);
    assert_int_equal(zone.count, 6);
    assert_int_equal(zone.changes[0].at_s, 1000000000);
    assert_int_equal(zone.changes[2].offset_s, 7200);
    assert_change(&zone, 3, "2001-10-28 01:00", 3600);
    assert_change(&zone, 4, "2002-03-31 01:00", 7200);
    assert_change(&zone, 5, "2002-10-27 01:00", 3600);
    /* begun between two changes, and long after all that the file has */
    assert_int_equal(read_copy(bytes, len, "2001-09-10 12:00", "2001-09-11 00:00", &zone), SN_OK);
    assert_int_equal(zone.offset_s, 3600);
    assert_int_equal(zone.count, 0);
    assert_int_equal(read_copy(bytes, len, "2500-07-01 00:00", "2501-01-01 00:00", &zone), SN_OK);
    assert_int_equal(zone.offset_s, 7200);
    assert_change(&zone, 0, "2500-10-31 01:00", 3600);
    /* more than a table holds */
    assert_int_equal(read_copy(bytes, len, "2100-01-01 00:00", "2200-01-01 00:00", &zone), SN_OK);
    assert_int_equal(zone.count, SN_ZONE_CHANGES_MAX);
    assert_true(zone.to_s * SN_SECOND_US == moment_us("2132-03-30 01:00"));
    /* as far as years have four digits */
    assert_int_equal(read_copy(bytes, len, "9990-01-01 00:00", "9999-12-31 00:00", &zone), SN_OK);
    assert_int_equal(zone.count, 20);
    assert_int_equal(read_copy(bytes, len, "0000-01-01 00:00", "0005-12-31 00:00", &zone), SN_OK);
    assert_int_equal(zone.count, 0);
}

static void rules(void **state) {
    (void)state;
    static const struct {
        const char *footer, *first, *second;
        int32_t first_s, second_s;
    } rows[] = {
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08 07:00", "2026-11-01 06:00", -14400, -18000},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29 01:00", "2026-10-25 01:00", 3600, 0},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-04-04 15:00", "2026-10-03 15:30", 37800, 39600},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29 01:00", "2026-10-25 01:00", -3600, -7200},
        {"IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27 00:00", "2026-10-24 23:00", 10800, 7200},
        {"AAA0BBB,J60/0,J300/0", "2026-03-01 00:00", "2026-10-26 23:00", 3600, 0},
        {"AAA0BBB,59/0,299/0", "2026-03-01 00:00", "2026-10-26 23:00", 3600, 0},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint8_t bytes[1024];
        struct sn_zone zone;
        size_t len = tzif(bytes, NULL, 0, rows[i].footer);
        assert_int_equal(read_copy(bytes, len, "2026-01-01 00:00", "2027-01-01 00:00", &zone), SN_OK);
        assert_int_equal(zone.count, 2);
        assert_change(&zone, 0, rows[i].first, rows[i].first_s);
        assert_change(&zone, 1, rows[i].second, rows[i].second_s);
    }
    /* Leap years: J60 is always 1 March, day 59 is not. */
    uint8_t bytes[1024];
    struct sn_zone zone;
    read_copy(bytes, tzif(bytes, NULL, 0, rows[5].footer), "2028-01-01 00:00", "2029-01-01 00:00", &zone);
    assert_change(&zone, 0, "2028-03-01 00:00", 3600);
    read_copy(bytes, tzif(bytes, NULL, 0, rows[6].footer), "2028-01-01 00:00", "2029-01-01 00:00", &zone);
    assert_change(&zone, 0, "2028-02-29 00:00", 3600);
}

static void files_that_cannot_be_read(void **state) {
    (void)state;
    int64_t changes[] = {1000000000, 1000086400};
    uint8_t bytes[1024];
    struct sn_zone zone;
    size_t len = tzif(bytes, changes, 2, "CET-1");
    assert_int_equal(read_copy(bytes, len, "2001-01-01 00:00", "2003-01-01 00:00", &zone), SN_OK);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(read_copy(bytes, cut, "2001-01-01 00:00", "2003-01-01 00:00", &zone), SN_E_FORMAT);
    bytes[4] = 0;
    assert_int_equal(read_copy(bytes, len, "2001-01-01 00:00", "2003-01-01 00:00", &zone), SN_E_VERSION);
    int64_t backwards[] = {1000086400, 1000000000};
    len = tzif(bytes, backwards, 2, "CET-1");
    assert_int_equal(read_copy(bytes, len, "2001-01-01 00:00", "2003-01-01 00:00", &zone), SN_E_FORMAT);
    static const char *const footers[] = {"1",
                                          "CET",
                                          "CET-1CEST",
                                          "CET-1CEST,M3.5.0",
                                          "CET-1CEST,M13.1.0,M1.1.0",
                                          "<CET-1",
                                          "CET-999",
                                          "CET-1CEST,M3.0.0,M1.1.0",
                                          "CET-1CEST,J0,J1",
                                          "CET-1 "};
    for (size_t i = 0; i < ROWS(footers); i++) {
        len = tzif(bytes, changes, 2, footers[i]);
        if (read_copy(bytes, len, "2001-01-01 00:00", "2003-01-01 00:00", &zone) != SN_E_FORMAT)
            fail_msg("%s was taken", footers[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(a_full_table_ends_early),
        cmocka_unit_test(an_answer_comes_through),
        cmocka_unit_test(answers_that_cannot_be),
        cmocka_unit_test(a_file_and_its_rule),
        cmocka_unit_test(rules),
        cmocka_unit_test(files_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
