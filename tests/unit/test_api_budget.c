#include "outside_help.h"
#include "zone_help.h"

/* What one tick asks of the platform on the free plan: never more than it may, however much there is to do and in whichever
 * order answers come; and what was begun is brought to its end. */

#define MOST 45 /* of the 50 that there are */
#define ORDERS 200
#define NUMBERED "\"id\":\"%08x-1111-4222-8333-444444444444\",\"tenant_id\":\"default\""
#define ACTIVE "{" NUMBERED ",\"status\":\"running\",\"revision\":1,\"updated_at\":1}"
#define DUE "{" NUMBERED ",\"scheduled_at\":1790049600,\"revision\":0,\"updated_at\":1}"
#define ENDED "{" NUMBERED ",\"completed_at\":1790049000,\"plan_hash\":\"00ff\"}"
#define SCHEDULE                                                                                                  \
    "{" NUMBERED ",\"cron_expression\":\"0 4 * * *\",\"dialect\":\"standard\",\"timezone\":\"Europe/Berlin\","    \
    "\"overlap\":\"queue\",\"catch_up\":\"skip\",\"jitter_seconds\":0,\"revision\":7,\"next_run_at\":1790049600," \
    "\"failed_starts\":0,\"waiting\":0,\"busy\":0}"
#define PLAN_READ                                                                                   \
    "[{\"rows\":[],\"changes\":1},{\"rows\":[],\"changes\":1},{\"rows\":[{\"name\":\"n\",\"plan\":" \
    "\"{\\\"preset\\\":\\\"smoke\\\"}\",\"replaces_run_id\":null}]}]"
#define ASKED "[{\"rows\":[{\"tenant_id\":\"default\",\"component\":\"api\",\"message\":null}]}]"
#define LETTER                                                                                                      \
    "[{\"rows\":[{\"tenant_id\":\"default\",\"run_id\":\"" RUN "\",\"event\":\"finished\",\"target\":\"clearing\"," \
    "\"url\":null,\"format\":null,\"facts\":\"{\\\"component\\\":\\\"shop\\\",\\\"before\\\":\\\"degraded\\\","     \
    "\\\"maintenance\\\":\\\"on\\\",\\\"sinceUs\\\":5}\"}]},{\"rows\":[]},{\"rows\":[]}]"
#define COMPONENTS \
    "{\"components\":[{\"slug\":\"api\",\"status\":\"operational\"},{\"slug\":\"shop\",\"status\":\"maintenance\"}]}"
#define ENDED_BADLY "[{\"rows\":[]},{\"rows\":[{\"status\":\"failed\"}]}]"
#define COMPARED "[{\"rows\":[],\"changes\":1},{\"rows\":[{\"comparison\":\"null\"}]}]"

/* A question that waits for its answer. */
struct open {
    struct sn_record record;
    uint32_t what;       /* a statement, or a message */
    double from_s, to_s; /* of a zone */
    bool posts;
};

struct work {
    struct open open[8];
    uint32_t open_len, calls;
    uint32_t asked[256]; /* how often, by statement */
};

static void put_rows(struct sn_writer *w, unsigned n, const char *row) {
    char text[512];
    sn_put_text(w, w->len > 0 ? ",{\"rows\":[" : "[{\"rows\":[");
    for (unsigned i = 0; i < n; i++) {
        if (i > 0) sn_put_text(w, ",");
        snprintf(text, sizeof text, row, i);
        sn_put_text(w, text);
    }
    sn_put_text(w, "]}");
}

static void note(struct work *work, const struct effect *effect) {
    struct sn_reader r = sn_reader(effect->payload.data, effect->payload.len);
    struct open *open = &work->open[work->open_len];
    if (effect->record.id == 0) return;
    assert_true(work->open_len < 5);
    work->open_len++;
    *open = (struct open){.record = effect->record};
    work->calls += effect->record.kind != SN_EFFECT_ZONE;
    if (effect->record.kind == SN_EFFECT_SQL) {
        sn_get_bytes(&r, 10);
        open->what = sn_get_u32(&r);
        work->asked[open->what]++;
    } else if (effect->record.kind == SN_EFFECT_FETCH) {
        sn_get_span(&r);
        sn_get_span(&r);
        open->posts = sn_span_is(sn_get_span(&r), "POST");
    } else {
        sn_get_span(&r);
        if (effect->record.kind == SN_EFFECT_CALL_OBJECT) sn_get_span(&r);
        if (effect->record.kind == SN_EFFECT_CALL_OBJECT) open->what = sn_message_open(&r);
        if (effect->record.kind == SN_EFFECT_ZONE) open->from_s = sn_get_f64(&r), open->to_s = sn_get_f64(&r);
    }
    assert_false(r.bad);
}

static const char *rows_for(uint32_t statement) {
    switch (statement) {
    case SN_SQL_SCHEDULE_RUN_INSERT: return PLAN_READ;
    case SN_SQL_MAINTENANCE_ASKED: return ASKED;
    case SN_SQL_OUTBOX_CLAIM: return LETTER;
    case SN_SQL_BASELINE_ACTIVE: return ENDED_BADLY;
    case SN_SQL_RUN_COMPARED: return COMPARED;
    case SN_SQL_RUN_PLAN:
        return "[{\"rows\":[{\"tenant_id\":\"default\",\"config_snapshot\":\"{\\\"preset\\\":\\\"smoke\\\"}\"}]}]";
    default: return CHANGED;
    }
}

/* No object creates anything, or knows a run that the row says is active: so everything takes as many calls as it can. */
static void answer(struct host *host, const struct open *open) {
    uint8_t bytes[512];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    struct sn_record record = {.kind = SN_EVENT_DONE, .id = open->record.id};
    switch (open->record.kind) {
    case SN_EFFECT_SQL: sn_put_text(&w, rows_for(open->what)); break;
    case SN_EFFECT_FETCH:
        record.arg0 = 200;
        put_text_span(&w, "");
        sn_put_text(&w, open->posts ? "{}" : COMPONENTS);
        break;
    case SN_EFFECT_ZONE: {
        struct sn_zone zone;
        sn_zone_begin(&zone, (int64_t)open->from_s, (int64_t)open->to_s, 7200);
        put_zone(&w, &zone);
        break;
    }
    default:
        if (open->what == SN_MESSAGE_CREATE) record.kind = SN_EVENT_FAILED;
        if (open->what == SN_MESSAGE_POKE || open->what == SN_MESSAGE_CANCEL) record.status = SN_E_MISSING;
    }
    assert_false(w.full);
    host_event(host, &record, bytes, w.len);
}

static void one_tick(struct host *host, struct work *work, uint32_t *order) {
    static uint8_t lists[16384];
    struct sn_writer w = sn_writer(lists, sizeof lists);
    put_rows(&w, 2, ACTIVE);
    put_rows(&w, 2, DUE);
    put_rows(&w, 0, "");
    put_rows(&w, 5, ENDED);
    put_rows(&w, 1, SCHEDULE);
    put_rows(&w, 0, "");
    put_rows(&w, 20, "{\"id\":\"%08x\",\"attempts\":0}");
    sn_put_text(&w, "]");
    sn_put_u8(&w, 0);
    assert_false(w.full);
    host_tick_with(host, outside, values, sizeof values);
    work->calls = 1;
    host_done(host, (const char *)lists);
    for (;;) {
        for (uint32_t i = 0; i < host->effects_len; i++) note(work, &host->effects[i]);
        if (work->open_len == 0) break;
        *order = *order * 1664525 + 1013904223;
        uint32_t index = (*order >> 16) % work->open_len;
        struct open open = work->open[index];
        work->open[index] = work->open[--work->open_len];
        answer(host, &open);
    }
    only_effect(host, SN_EFFECT_SLICE_END);
}

static void what_is_begun_has_its_calls(void **state) {
    (void)state;
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < ORDERS; i++) {
        struct host *host = host_open();
        struct work work = {0};
        uint32_t order = i;
        host->platform = "free";
        host->now_us = INT64_C(1790049660) * SN_SECOND_US;
        one_tick(host, &work, &order);
        if (work.calls > MOST) fail_msg("order %u: %u calls", i, work.calls);
        if (work.calls < least) least = work.calls;
        assert_int_equal(work.asked[SN_SQL_SCHEDULE_RUN_INSERT], 1);
        assert_int_equal(work.asked[SN_SQL_RUN_ABANDON], 1); /* its run, which no object has created */
        assert_true(work.asked[SN_SQL_OUTBOX_CLAIM] > 0);
        assert_int_equal(work.asked[SN_SQL_OUTBOX_CLAIM], work.asked[SN_SQL_OUTBOX_DELIVERED]);
        assert_int_equal(work.asked[SN_SQL_BASELINE_ACTIVE], work.asked[SN_SQL_RUN_COMPARED]);
        host_close(host);
    }
    assert_true(least > MOST - 4); /* nothing that would have fitted is left */
}

/* Elsewhere all of it is done. */
static void the_paid_plan_has_room_for_all(void **state) {
    (void)state;
    struct host *host = host_open();
    struct work work = {0};
    uint32_t order = 1;
    host->now_us = INT64_C(1790049660) * SN_SECOND_US;
    one_tick(host, &work, &order);
    assert_true(work.calls > 100);
    assert_int_equal(work.asked[SN_SQL_OUTBOX_DELIVERED], 20);
    assert_int_equal(work.asked[SN_SQL_RUN_COMPARED], 5);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_begun_has_its_calls),
        cmocka_unit_test(the_paid_plan_has_room_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
