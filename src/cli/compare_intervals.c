/* A report's intervals, from JSON to the bytes that runs are compared by. */
#include "compare.h"

#include <stdio.h>
#include <string.h>

#include "sentinel/report/report.h"

/* Where a message says it went wrong. */
struct place {
    const char *report;
    char path[80];
};

static bool refuse(const struct place *place, const char *expected) {
    sn_cli_say("%s, at $.intervals%s: expected %s.", place->report, place->path, expected);
    return false;
}

static bool read_number(struct place *place, const struct sn_json *value, uint32_t most, const char *expected,
                        uint32_t *number) {
    double read = sn_json_number(value);
    bool good = sn_json_type(value) == SN_JSON_NUMBER && read >= 0 && read <= most;
    *number = good ? (uint32_t)read : 0;
    return (good && *number == read) || refuse(place, expected);
}

static bool read_member(struct place *place, const struct sn_json *object, const char *name, uint32_t *number) {
    snprintf(place->path, sizeof place->path, ".%s", name);
    return read_number(place, sn_json_get(object, name), SN_INTERVALS_SECONDS_MAX, "a whole number of seconds", number);
}

/* One list: distance from the bucket before, and how often, in turn. */
static bool read_counts(struct place *place, const struct sn_json *list, struct sn_intervals_writer *into,
                        struct sn_interval one) {
    static const char expected[] = "a list of distances between buckets, from 1 on, and counts, from 1 on, in turn";
    uint32_t next = 0, number;
    const struct sn_json *value = sn_json_first(list);
    if (sn_json_type(list) != SN_JSON_ARRAY) return refuse(place, expected);
    for (; value != NULL; value = sn_json_next(value)) {
        if (!read_number(place, value, SN_HIST_BUCKETS, expected, &number)) return false;
        if (number == 0 || number > SN_HIST_BUCKETS - next) return refuse(place, expected);
        one.bucket = next + number - 1;
        next = one.bucket + 1;
        value = sn_json_next(value);
        if (!read_number(place, value, UINT32_MAX, expected, &number)) return false;
        one.count = number;
        if (!sn_intervals_put_one(into, &one)) return refuse(place, expected);
    }
    return true;
}

static bool read_block(struct place *place, const struct sn_json *block, const struct sn_intervals_head *head,
                       struct sn_intervals_writer *into) {
    struct sn_interval one = {0};
    uint32_t start, kinds = head->kinds > 0 ? head->kinds : 1;
    const struct sn_json *counts = sn_json_get(block, "counts");
    static const char expected[] = "the second at which a block begins, later than the block before";
    if (!read_number(place, sn_json_get(block, "s"), SN_INTERVALS_SECONDS_MAX, expected, &start)) return false;
    one.block = start / head->block_seconds;
    bool later = !into->any || one.block > into->block;
    if (start % head->block_seconds != 0 || !later) return refuse(place, expected);
    if (sn_json_type(counts) != SN_JSON_ARRAY || sn_json_count(counts) > kinds)
        return refuse(place, "\"counts\", a list for each of the operations");
    for (const struct sn_json *list = sn_json_first(counts); list != NULL; list = sn_json_next(list), one.kind++)
        if (!read_counts(place, list, into, one)) return false;
    return true;
}

static bool read_head(struct place *place, const struct sn_json *intervals, struct sn_intervals_head *head) {
    const struct sn_json *operations = sn_json_get(intervals, "operations");
    if (strcmp(sn_cli_json_text(intervals, "layout", ""), SN_REPORT_INTERVALS_LAYOUT) != 0) {
        snprintf(place->path, sizeof place->path, ".layout");
        return refuse(place, "\"" SN_REPORT_INTERVALS_LAYOUT "\"");
    }
    if (!read_member(place, intervals, "blockS", &head->block_seconds) ||
        !read_member(place, intervals, "endS", &head->end_second) ||
        !read_member(place, intervals, "seconds", &head->heard))
        return false;
    head->kinds = (uint32_t)sn_json_count(operations);
    snprintf(place->path, sizeof place->path, ".operations");
    if (head->kinds > SN_KINDS_MAX) return refuse(place, "at most 32 operations");
    snprintf(place->path, sizeof place->path, ".blockS");
    return head->block_seconds > 0 || refuse(place, "a whole number of seconds");
}

bool sn_cli_report_intervals(const char *name, const struct sn_json *intervals, uint8_t *memory, size_t cap,
                             struct sn_span *bytes) {
    struct place place = {.report = name};
    struct sn_intervals_head head = {0};
    struct sn_intervals_writer into;
    struct sn_writer w = sn_writer(memory, cap);
    uint32_t index = 0;
    if (!read_head(&place, intervals, &head)) return false;
    sn_intervals_put_begin(&into, &w, &head);
    const struct sn_json *block = sn_json_first(sn_json_get(intervals, "blocks"));
    for (; block != NULL; block = sn_json_next(block), index++) {
        snprintf(place.path, sizeof place.path, ".blocks[%u]", index);
        if (!read_block(&place, block, &head, &into)) return false;
    }
    sn_intervals_put_end(&into);
    *bytes = (struct sn_span){memory, w.len};
    place.path[0] = 0;
    bool good = !w.full && sn_intervals_check(*bytes, &head) == SN_OK;
    return good || refuse(&place, "at most 120 blocks up to \"endS\", with values in \"seconds\" of them");
}
