/* The report's intervals as JSON: the histogram of each block of seconds and kind of operation. */
#include "figures.h"

static uint32_t kinds_listed(const struct sn_intervals *intervals) {
    return intervals->kinds > 0 ? intervals->kinds : 1;
}

static void put_names(struct sn_json_writer *j, const struct sn_report *report) {
    if (report->intervals->kinds == 0) {
        sn_json_put_null(j, "operations");
        return;
    }
    sn_json_open(j, "operations", '[');
    for (uint32_t kind = 0; kind < report->intervals->kinds; kind++) {
        struct sn_span name = sn_report_pooled(report, report->workload->kinds[kind].name);
        sn_json_put_span(j, NULL, name.data, name.len);
    }
    sn_json_close(j, ']');
}

/* Counters of one kind in one block, from the one that was read last on; a kind that has none is an empty list. */
static bool put_counts(struct sn_json_writer *j, const struct sn_intervals *intervals, uint32_t block, uint32_t kind,
                       uint32_t *at, struct sn_interval *one) {
    bool more = true;
    uint32_t next = 0;
    sn_json_open(j, NULL, '[');
    while (more && one->block == block && one->kind == kind) {
        sn_json_put_uint(j, NULL, one->bucket - next + 1);
        sn_json_put_uint(j, NULL, one->count);
        next = one->bucket + 1;
        more = sn_intervals_next(intervals, at, one);
    }
    sn_json_close(j, ']');
    return more;
}

static void put_blocks(struct sn_json_writer *j, const struct sn_intervals *intervals) {
    struct sn_interval one;
    uint32_t at = 0;
    bool more = sn_intervals_next(intervals, &at, &one);
    sn_json_open(j, "blocks", '[');
    while (more) {
        uint32_t block = one.block;
        sn_json_open(j, NULL, '{');
        sn_json_put_uint(j, "s", block * intervals->block_seconds);
        sn_json_open(j, "counts", '[');
        for (uint32_t kind = 0; kind < kinds_listed(intervals); kind++)
            if (more) more = put_counts(j, intervals, block, kind, &at, &one);
        sn_json_close(j, ']');
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

void sn_report_json_intervals(struct sn_json_writer *j, const struct sn_report *report) {
    const struct sn_intervals *intervals = report->intervals;
    if (intervals->slots_len == 0) {
        sn_json_put_null(j, "intervals");
        return;
    }
    sn_json_open(j, "intervals", '{');
    sn_json_put_text(j, "layout", SN_REPORT_INTERVALS_LAYOUT);
    sn_json_put_uint(j, "blockS", intervals->block_seconds);
    sn_json_put_uint(j, "endS", intervals->end_second);
    sn_json_put_uint(j, "seconds", intervals->heard);
    put_names(j, report);
    put_blocks(j, intervals);
    sn_json_close(j, '}');
}
