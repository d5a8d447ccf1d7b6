/* A year of fifty schedules: ticks that come late, twice at once or for days not at all, a database that fails now and
 * then, clocks that are changed.  The auditor knows neither the search nor the claim: it reads the expressions itself, goes
 * through the year minute by minute, and asks of each minute that is due what became of it. */
#include "year.h"
#include "year_cron.h"

#include "sentinel/schedule/due.h"

#define YEAR_S INT64_C(31536000)
#define BACKLOG 14 /* ticks that may pass while others' turn comes first, or the database fails */

static struct world *world;
static int64_t *ticks;
static uint32_t ticks_len;

/* --- The year ------------------------------------------------------------------------------------------------------ */

static void take_effects(struct ticker *t, size_t len) {
    struct sn_reader r = sn_reader(t->outbox, len);
    struct sn_record record;
    struct sn_span payload;
    while (sn_record_next(&r, &record, &payload)) {
        if (record.kind == SN_EFFECT_LOG) continue;
        if (record.kind == SN_EFFECT_SLICE_END) {
            t->ended = true;
            continue;
        }
        assert_true(t->asked_len < TICK_CALLS_MAX);
        t->asked[t->asked_len].record = record;
        t->asked[t->asked_len].payload = malloc(payload.len + 1);
        memcpy(t->asked[t->asked_len++].payload, payload.data, payload.len);
    }
    assert_false(r.bad);
}

static void feed(struct ticker *t, const struct sn_record *record, const void *payload, size_t len) {
    static uint8_t event[1u << 18];
    struct sn_writer w = sn_writer(event, sizeof event), out = sn_writer(t->outbox, 1u << 20);
    sn_record_put(&w, record, payload, len);
    assert_false(w.full);
    struct sn_reader r = sn_reader(event, w.len);
    sn_api_step(t->api, world->now_s * SN_SECOND_US, &r, &out);
    assert_false(out.full);
    take_effects(t, out.len);
}

/* What the database answers; false when it fails, with what it then says. */
static bool answer_sql(struct sn_reader *r, struct sn_writer *out) {
    static struct value values[32];
    bool inserted = false;
    if (sn_rng_below(&world->rng, 1000) < world->faults) {
        sn_put_text(out, "Error: Network connection lost.");
        return false;
    }
    sn_get_u64(r);
    uint16_t groups = sn_get_u16(r);
    sn_put_text(out, "[");
    for (uint16_t i = 0; i < groups; i++) {
        uint32_t statement = sn_get_u32(r), changes;
        read_values(r, values);
        sn_put_text(out, i > 0 ? ",{\"rows\":[" : "{\"rows\":[");
        if (!execute(world, statement, values, &changes, &inserted, out)) {
            out->len = 0;
            sn_put_text(out, "Error: D1_ERROR: UNIQUE constraint failed: sentinel_runs.tenant_id");
            return false;
        }
        put_format(out, "],\"changes\":%u}", changes);
    }
    sn_put_text(out, "]");
    assert_false(r->bad);
    return true;
}

static void begin_run(struct run *run) {
    run->pending = false;
    run->started_s = world->now_s;
    run->starts++;
}

static void answer_object(struct sn_reader *r, struct sn_writer *out) {
    char id[40] = "";
    struct sn_span name = sn_get_span(r);
    memcpy(id, name.data, name.len);
    sn_get_span(r);
    enum sn_message message = (enum sn_message)sn_message_open(r);
    struct run *run = find_run(world, id);
    assert_non_null(run);
    if (message == SN_MESSAGE_CREATE) {
        run->creations++;
        if (sn_get_u32(r) == SN_CREATION_START) begin_run(run);
    } else if (message == SN_MESSAGE_START) {
        assert_true(run->active);
        begin_run(run);
    } else if (message == SN_MESSAGE_CANCEL) {
        run->cancelled = true;
    } else {
        assert_int_equal(message, SN_MESSAGE_EXPIRE);
        run->ended_s = world->now_s;
    }
    sn_put_text(out, "{\"status\":\"running\",\"stage\":\"arm\"}");
}

/* Performs one effect, any of those that wait, and feeds its outcome back. */
static void perform(struct ticker *t) {
    static uint8_t bytes[1u << 16];
    struct sn_writer out = sn_writer(bytes, sizeof bytes);
    uint32_t index = sn_rng_below(&world->rng, t->asked_len);
    struct sn_record record = t->asked[index].record;
    uint8_t *payload = t->asked[index].payload;
    t->asked[index] = t->asked[--t->asked_len];
    struct sn_reader r = sn_reader(payload, record.size);
    bool good = true;
    if (record.kind == SN_EFFECT_SQL) good = answer_sql(&r, &out);
    if (record.kind == SN_EFFECT_ZONE) answer_zone(&r, &out);
    if (record.kind == SN_EFFECT_CALL_OBJECT) answer_object(&r, &out);
    free(payload);
    assert_false(out.full);
    feed(t, &(struct sn_record){.kind = good ? SN_EVENT_DONE : SN_EVENT_FAILED, .id = record.id}, bytes, out.len);
}

/* Runs end when their time is over, or when they were cancelled. */
static void end_runs(void) {
    for (uint32_t i = world->first_open; i < world->runs_len; i++) {
        struct run *run = &world->runs[i];
        int64_t end_s = run->started_s + world->rows[run->schedule].length_s;
        if (!run->active || run->started_s == 0 || (end_s > world->now_s && !run->cancelled)) continue;
        run->active = false;
        run->ended_s = end_s < world->now_s ? end_s : world->now_s;
    }
    while (world->first_open < world->runs_len && world->runs[world->first_open].ended_s != 0) world->first_open++;
}

/* A tick that would be told of nothing is as good as none. */
static bool has_work(void) {
    for (uint32_t i = 0; i < world->rows_len; i++) {
        if (world->rows[i].active && world->rows[i].next_start_at <= (double)world->now_s) return true;
    }
    for (uint32_t i = world->first_open; i < world->runs_len; i++) {
        if (world->runs[i].pending) return true;
    }
    return false;
}

static void tick(struct ticker *tickers, uint32_t count) {
    static const uint8_t settings[5] = {0};
    end_runs();
    ticks[ticks_len++] = world->now_s;
    if (!has_work()) return;
    for (uint32_t i = 0; i < count; i++) {
        tickers[i].ended = false;
        feed(&tickers[i], &(struct sn_record){.kind = SN_EVENT_TICK}, settings, sizeof settings);
    }
    for (;;) {
        uint32_t open = 0, which[2];
        for (uint32_t i = 0; i < count; i++) {
            if (tickers[i].asked_len > 0) which[open++] = i;
        }
        if (open == 0) break;
        perform(&tickers[which[sn_rng_below(&world->rng, open)]]);
    }
    for (uint32_t i = 0; i < count; i++) assert_true(tickers[i].ended);
}

static struct ticker open_ticker(void) {
    return (struct ticker){.api = sn_api_init(aligned_alloc(16, SN_API_MEMORY)), .outbox = malloc(1u << 20)};
}

static void live_through(int64_t from_s, int64_t to_s) {
    struct ticker tickers[2] = {open_ticker(), open_ticker()};
    int64_t away_until_s = 0;
    for (int64_t minute_s = from_s; minute_s < to_s; minute_s += 60) {
        uint32_t chance = sn_rng_below(&world->rng, 100000);
        if (chance < 12) away_until_s = minute_s + 60 * (1 + sn_rng_below(&world->rng, chance < 2 ? 6000 : 60));
        if (minute_s < away_until_s) continue;
        world->now_s = minute_s + sn_rng_below(&world->rng, 50);
        tick(tickers, chance % 8 == 0 ? 2 : 1);
    }
    for (int i = 0; i < 2; i++) {
        free(tickers[i].api);
        free(tickers[i].outbox);
    }
}

/* --- What is due ------------------------------------------------------------------------------------------------- */

/* Every minute that is due, one after the other, `most` of them.  To be freed. */
static uint32_t due_minutes(const struct row *row, int64_t from_s, int64_t to_s, uint32_t most, int64_t **out) {
    struct expression e = read_expression(row->cron);
    struct change changes[20];
    int32_t offset_s;
    uint32_t len = 0, next = 0, count = changes_of(row->zone, changes, &offset_s);
    int64_t *minutes = malloc((size_t)(to_s - from_s) / 60 * sizeof *minutes), seen_s = INT64_MIN;
    for (int64_t at_s = from_s - 7 * 86400; at_s < to_s && len < most; at_s += 60) {
        while (next < count && changes[next].at_s <= at_s) offset_s = changes[next++].offset_s;
        int64_t local_s = at_s + offset_s;
        bool due = matches(&e, local_s) && (e.steady || local_s > seen_s);
        if (!e.steady && seen_s != INT64_MIN) {
            for (int64_t skipped_s = seen_s + 60; skipped_s < local_s; skipped_s += 60)
                due = due || matches(&e, skipped_s);
        }
        if (local_s > seen_s) seen_s = local_s;
        if (due && at_s > from_s) minutes[len++] = at_s;
    }
    *out = minutes;
    return len;
}

/* --- What should have become of each ------------------------------------------------------------------------------- */

static uint32_t ticks_before(int64_t at_s) {
    uint32_t low = 0, high = ticks_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ticks[middle] < at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t ticks_in(int64_t from_s, int64_t to_s) {
    return from_s < to_s ? ticks_before(to_s) - ticks_before(from_s) : 0;
}

static bool was_active(uint32_t tenant, int64_t at_s) {
    for (uint32_t i = 0; i < world->runs_len; i++) {
        const struct run *run = &world->runs[i];
        if (run->tenant == tenant && run->active_s != 0 && run->active_s <= at_s &&
            (run->ended_s == 0 || run->ended_s >= at_s))
            return true;
    }
    return false;
}

static bool was_waiting(uint32_t schedule, int64_t at_s) {
    for (uint32_t i = 0; i < world->runs_len; i++) {
        const struct run *run = &world->runs[i];
        if (run->schedule == schedule && run->inserted_s <= at_s && (run->active_s == 0 || run->active_s >= at_s) &&
            (run->ended_s == 0 || run->ended_s >= at_s) && run->active_s != run->inserted_s)
            return true;
    }
    return false;
}

static void audit_claim(const struct row *row, uint32_t schedule, const struct claim *claim) {
    int64_t due_s = claim->minute_s, late_s = claim->at_s - due_s, jitter_s = row->jitter_s;
    bool once = strcmp(row->catch_up, "once") == 0, skips = strcmp(row->overlap, "skip") == 0;
    assert_true(late_s >= 0);
    assert_true(ticks_in(due_s + jitter_s, claim->at_s) <= BACKLOG);
    switch (claim->outcome) {
    case 's': assert_true(late_s <= SN_LATE_S + jitter_s || once); break;
    case 'm': assert_true(late_s > SN_LATE_S && !once); break;
    default:
        assert_int_equal(claim->outcome, 'k');
        assert_true(late_s <= SN_LATE_S + jitter_s || once);
        assert_true((skips && was_active(row->tenant, claim->at_s)) || was_waiting(schedule, claim->at_s));
    }
}

static uint32_t audit_runs(uint32_t schedule, int64_t minute_s) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < world->runs_len; i++) {
        const struct run *run = &world->runs[i];
        if (run->schedule != schedule || run->minute_s != minute_s) continue;
        found++;
        assert_int_equal(run->creations, 1);
        assert_true(run->starts == 1 || (run->starts == 0 && run->active_s == 0)); /* it waits still, or for too long */
        if (run->replaces >= 0) assert_true(world->runs[run->replaces].cancelled);
    }
    return found;
}

/* Gives how many minutes had a run. */
static uint32_t audit(uint32_t schedule, int64_t from_s, int64_t to_s) {
    const struct row *row = &world->rows[schedule];
    int64_t *minutes;
    uint32_t len = due_minutes(row, from_s, to_s, UINT32_MAX, &minutes), at = 0, runs = 0;
    for (uint32_t i = 0; i < len; i++) {
        while (at < world->claims_len &&
               (world->claims[at].schedule != schedule || world->claims[at].minute_s < minutes[i])) {
            const struct claim *passed = &world->claims[at++];
            /* A claim of a minute that is not due would be passed here. */
            assert_true(passed->schedule != schedule || (i > 0 && passed->minute_s == minutes[i - 1]));
        }
        if (at == world->claims_len) { /* the year was over first */
            assert_true(ticks_in(minutes[i] + row->jitter_s, to_s) <= BACKLOG);
            continue;
        }
        const struct claim *claim = &world->claims[at];
        if (claim->minute_s != minutes[i]) { /* a later one was due when somebody came: this one was passed over */
            assert_true(ticks_in(minutes[i] + row->jitter_s, claim->minute_s) <= BACKLOG);
            assert_int_equal(audit_runs(schedule, minutes[i]), 0);
            continue;
        }
        audit_claim(row, schedule, claim);
        assert_int_equal(audit_runs(schedule, minutes[i]), claim->outcome == 's');
        runs += claim->outcome == 's';
    }
    free(minutes);
    return runs;
}

/* --- The schedules ------------------------------------------------------------------------------------------------- */

static void plant_schedules(int64_t from_s) {
    static const char *const crons[] = {"0 4 * * *",          "0 0 * * 0",    "30 2 * * *",   "0 3 1 * *",
                                        "15 1 * * 1-5",       "0 */8 * * 1",  "30 1 * * 6,0", "0 0 29 2 *",
                                        "*/30 5 1 * *",       "0 0 13 * 5",   "45 23 * * 7",  "0 12 1,15 * *",
                                        "*/10 2 * 3,10,11 0", "59 23 31 * *", "0 9 * * 1"};
    static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                        "Asia/Kolkata"};
    static const char *const overlaps[] = {"skip", "queue", "replace"};
    for (uint32_t i = 0; i < SCHEDULES; i++) {
        struct row *row = &world->rows[i];
        int64_t *minutes;
        *row = (struct row){.overlap = overlaps[i % 3],
                            .catch_up = i % 4 == 0 ? "once" : "skip",
                            .active = true,
                            .jitter_s = i % 7 == 3 ? 240 : 0,
                            .tenant = i % 3,
                            .length_s = 60 * (1 + i * 7 % 45)};
        snprintf(row->id, sizeof row->id, "%08x-0000-4000-8000-%012x", i * 2654435761u, i);
        strcpy(row->cron, crons[i % 15]);
        strcpy(row->zone, zones[i % 5 + (i / 15) % 2 - (i % 5 == 4 && (i / 15) % 2 ? 5 : 0)]);
        struct sn_timing timing = {.seed = sn_hash64(row->id, strlen(row->id)), .jitter_s = row->jitter_s};
        bool any = due_minutes(row, from_s, from_s + 3 * YEAR_S, 1, &minutes) > 0;
        row->next_run_at = any ? (double)minutes[0] : 1e12;
        row->next_start_at = any ? row->next_run_at + sn_jitter_s(&timing, minutes[0]) : 1e12;
        free(minutes);
    }
    world->rows_len = SCHEDULES;
}

static void every_minute_that_is_due_has_what_its_rules_say(void **state) {
    (void)state;
    const char *given = getenv("SEED");
    uint64_t seed = given != NULL && given[0] != '\0' ? strtoull(given, NULL, 10) : 2026;
    struct sn_civil first = {.year = 2026, .month = 1, .day = 1};
    int64_t from_s = sn_civil_to_us(&first) / SN_SECOND_US;
    uint32_t runs = 0, outcomes[128] = {0};
    world = calloc(1, sizeof *world);
    ticks = malloc((YEAR_S / 60 + 1) * sizeof *ticks);
    ticks_len = 0;
    world->rng = sn_rng(seed, SN_PURPOSE_MODEL, 1);
    world->faults = 10;
    print_message("seed %llu\n", (unsigned long long)seed);
    plant_schedules(from_s);
    live_through(from_s, from_s + YEAR_S);
    for (uint32_t i = 0; i < SCHEDULES; i++) runs += audit(i, from_s, from_s + YEAR_S);
    for (uint32_t i = 0; i < world->claims_len; i++) outcomes[(int)world->claims[i].outcome]++;
    print_message("%u ticks, %u runs, %u skipped, %u missed\n", ticks_len, runs, outcomes['k'], outcomes['m']);
    assert_int_equal(runs, world->runs_len);                               /* no run that was not asked for */
    assert_true(runs > 2000 && outcomes['k'] > 100 && outcomes['m'] > 20); /* the year had something of everything */
    free(ticks);
    free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_minute_that_is_due_has_what_its_rules_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
