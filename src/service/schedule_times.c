/* When a schedule's next runs are: the search, and what it asks about a zone's clocks. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"

uint64_t sn_schedule_seed(const char *id) {
    return sn_hash64(id, strlen(id));
}

void sn_times_begin(struct sn_times *times, int64_t after_s) {
    times->upcoming.len = 0;
    times->after_s = after_s;
    times->asks = 0;
    times->fixed = strcmp(times->zone, "UTC") == 0;
    times->table.to_s = times->table.from_s = 0;
}

const struct sn_zone *sn_times_zone(const struct sn_times *times) {
    return times->fixed ? NULL : &times->table;
}

uint32_t sn_ask_zone(struct sn_api *api, struct sn_times *times, int64_t from_s) {
    struct sn_record header = {.kind = SN_EFFECT_ZONE, .id = sn_next_id(api)};
    size_t mark = sn_record_begin(api->effects, &header);
    int64_t begin_s = from_s - SN_ZONE_MARGIN_S;
    int64_t end_s = api->now_us / SN_SECOND_US;
    if (end_s < from_s) end_s = from_s;
    times->asks++;
    sn_put_span(api->effects, times->zone, strlen(times->zone));
    sn_put_f64(api->effects, (double)begin_s);
    sn_put_f64(api->effects, (double)(end_s + SN_ZONE_ASK_S));
    return sn_ask_end(api, mark);
}

bool sn_times_read(struct sn_times *times, const struct sn_reply *reply) {
    struct sn_reader r = sn_reader(reply->body.data, reply->body.len);
    return reply->done && sn_zone_get(&r, &times->table) == SN_OK;
}

bool sn_times_find(struct sn_times *times) {
    if (!times->fixed && times->table.to_s == times->table.from_s) return false; /* nothing was asked yet */
    enum sn_status status = sn_upcoming_find(&times->timing, sn_times_zone(times), &times->after_s, &times->upcoming);
    return status == SN_OK || times->asks == SN_ZONE_ASKS_MAX;
}

void sn_args_times(struct sn_args *args, const struct sn_times *times) {
    char text[400];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_json_writer j = sn_json_writer(&w);
    const struct sn_upcoming *upcoming = &times->upcoming;
    sn_json_open(&j, NULL, '[');
    for (uint32_t i = 0; i < upcoming->len; i++) {
        sn_json_put_int(&j, NULL, upcoming->runs[i].at_s);
        sn_json_put_int(&j, NULL, upcoming->runs[i].offset_s);
    }
    sn_json_close(&j, ']');
    SN_ASSERT(!w.full);
    if (upcoming->len > 0) {
        int64_t minute_s = upcoming->runs[0].at_s;
        sn_args_number(args, (double)minute_s);
        sn_args_number(args, (double)(minute_s + sn_jitter_s(&times->timing, minute_s)));
    } else {
        sn_args_null(args);
        sn_args_null(args);
    }
    sn_args_span(args, SN_VALUE_TEXT, text, w.len);
}

void sn_args_run_of_schedule(struct sn_args *args, const struct sn_schedule_run *run) {
    sn_args_group(args, SN_SQL_SCHEDULE_RUN_INSERT);
    sn_args_text(args, run->run_id);
    sn_args_text(args, run->schedule_id);
    sn_args_text(args, run->tenant);
    sn_args_number(args, run->revision);
    if (run->active) sn_args_number(args, 1);
    if (!run->active) sn_args_null(args);
    sn_args_text(args, run->by);
    sn_args_number(args, run->now_s);
    if (run->minute_s != 0) sn_args_number(args, run->now_s); /* also one that has lost its start is due then */
    if (run->minute_s == 0) sn_args_null(args);
    if (run->minute_s != 0) sn_args_number(args, (double)run->minute_s);
    if (run->minute_s == 0) sn_args_null(args);
    sn_args_number(args, run->replaces);
}
