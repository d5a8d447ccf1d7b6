/* POST /api/sentinel/baselines: runs that ended become a baseline.
 *
 *     SELECT a run, for each of them ─► audit, INSERT, the one that was active, UPDATE, SELECT ─► 201
 *
 * What the runs have measured is copied, so they may be deleted afterwards. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"

enum { RUN_READ = 1, INSERTED };

/* The first question also tells how many there are. */
static uint32_t ask_run(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_MEASURED, &args);
    sn_args_text(&args, api->baseline_draft.runs[api->baseline_draft.next]);
    sn_args_text(&args, who->tenant);
    sn_args_group(&args, SN_SQL_BASELINE_COUNT);
    sn_args_text(&args, who->tenant);
    return sn_ask_end(api, mark);
}

void sn_baseline_make(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    char id[SN_UUID_SIZE];
    if (!sn_make_id(api, http->random, id)) return;
    if (!sn_baseline_draft_read(api, http->body, false)) return;
    memcpy(api->baseline_draft.id, id, strlen(id) + 1);
    sn_baseline_begin(&api->baseline, api->baseline_draft.runs_len, api->merged);
    sn_wait(api, RUN_READ, ask_run(api, who));
}

/* --- What a run must be ------------------------------------------------------------------------------------------- */

static void refuse(struct sn_api *api, const char *expected) {
    char path[32];
    struct sn_writer w = sn_writer(path, sizeof path);
    sn_put_text(&w, "$.runs[");
    sn_put_dec(&w, api->baseline_draft.next);
    sn_put_text(&w, "]");
    sn_put_u8(&w, 0);
    sn_answer_problem(api,
                      &(struct sn_problem){
                          .kind = SN_PROBLEM_BASELINE_RUN,
                          .detail = "No baseline can be made of these runs. 'path' and 'expected' say which and why.",
                          .path = path,
                          .expected = expected,
                      });
}

static void refuse_plan(struct sn_api *api, const char *hash) {
    char expected[128];
    struct sn_writer w = sn_writer(expected, sizeof expected);
    sn_put_text(&w, "a run of the plan ");
    sn_put_text(&w, api->baseline_draft.plan_hash);
    sn_put_text(&w, ", as $.runs[0] is; this one is of ");
    sn_put_text(&w, hash);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    refuse(api, expected);
}

static const char *text_of(const struct sn_json *row, const char *column) {
    const char *text = sn_json_string(sn_json_get(row, column));
    return text != NULL ? text : "";
}

/* NULL, or what was expected of a run that ended. */
static const char *find_fault(const struct sn_json *row) {
    const char *hash = text_of(row, "plan_hash");
    if (strcmp(text_of(row, "status"), "completed") != 0) return "a run that has completed";
    if (strcmp(text_of(row, "validity"), "valid") != 0)
        return "a run that is valid: its report says what this one lacks";
    if (strlen(hash) != 16) return "a run that has a plan's hash";
    return NULL;
}

/* False, and answered, when the run cannot be taken. */
static bool take_run(struct sn_api *api, const struct sn_json *row) {
    struct sn_baseline_draft *draft = &api->baseline_draft;
    const char *fault = find_fault(row), *hash = text_of(row, "plan_hash");
    struct sn_compared run;
    if (fault != NULL) {
        refuse(api, fault);
        return false;
    }
    if (draft->next == 0) memcpy(draft->plan_hash, hash, strlen(hash) + 1);
    if (strcmp(hash, draft->plan_hash) != 0) {
        refuse_plan(api, hash);
        return false;
    }
    enum sn_status status = SN_E_MISSING;
    if (sn_compared_take(api, row, 0, &run)) {
        if (draft->next > 0 && run.planned * draft->next != api->baseline.sum.planned) {
            refuse(api, "a run that was not steered: as many operations planned as in $.runs[0]");
            return false;
        }
        status = sn_baseline_add(&api->baseline, &run, &api->room);
    }
    switch (status) {
    case SN_OK: draft->achieved_per_s += sn_json_number(sn_json_get(row, "throughput_ops_sec")); return true;
    case SN_E_STATE: refuse_plan(api, "another"); return false;
    case SN_E_LIMIT: refuse(api, "runs of at most 32768 seconds together"); return false;
    default:
        refuse(api, "a run whose intervals are in the control database: it takes a moment after its end, and runs of "
                    "older versions have none");
        return false;
    }
}

/* --- What is kept ------------------------------------------------------------------------------------------------- */

static void put_sources(const struct sn_baseline_draft *draft, struct sn_args *args) {
    char text[SN_SOURCES_MAX * 40 + 8];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '[');
    for (uint32_t i = 0; i < draft->runs_len; i++) sn_json_put_text(&j, NULL, draft->runs[i]);
    sn_json_close(&j, ']');
    SN_ASSERT(!w.full);
    sn_args_span(args, SN_VALUE_TEXT, text, w.len);
}

/* p50, p95 and p99 of what was put together, in milliseconds. */
static void put_percentiles(struct sn_api *api, const struct sn_compared *sum, struct sn_args *args) {
    static const double p[3] = {50, 95, 99};
    uint32_t buckets[3];
    struct sn_blocks *blocks = &api->room.sides[0];
    sn_intervals_blocks(sum->intervals, SN_INTERVALS_ALL, blocks, api->room.pages[0], SN_COMPARED_PAGES);
    sn_blocks_percentiles(blocks, NULL, p, 3, buckets);
    for (int i = 0; i < 3; i++) sn_args_number(args, sn_hist_bucket_mid_us(buckets[i]) / 1e3);
}

static void put_spreads(const struct sn_api *api, struct sn_args *args) {
    char text[160];
    double spreads[SN_COMPARE_PERCENTILES];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_json_writer j = sn_json_writer(&w);
    if (api->baseline.runs < 3) { /* two say nothing of how runs differ */
        sn_args_null(args);
        return;
    }
    sn_baseline_spreads(&api->baseline, spreads);
    sn_json_open(&j, NULL, '{');
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) sn_json_put_fixed(&j, sn_floors_name(i), spreads[i], 6);
    sn_json_close(&j, '}');
    SN_ASSERT(!w.full);
    sn_args_span(args, SN_VALUE_TEXT, text, w.len);
}

static void put_row(struct sn_api *api, const struct sn_principal *who, struct sn_span bytes,
                    const struct sn_compared *sum, struct sn_args *args) {
    const struct sn_baseline_draft *draft = &api->baseline_draft;
    double ended = (double)sum->completed + (double)sum->failed;
    sn_args_group(args, SN_SQL_BASELINE_INSERT);
    sn_args_text(args, draft->id);
    sn_args_text(args, who->tenant);
    sn_args_text(args, draft->name);
    sn_args_text(args, draft->described ? draft->description : NULL);
    sn_args_text(args, draft->runs[0]);
    put_sources(draft, args);
    sn_args_number(args, api->baseline.seconds);
    sn_args_number(args, (double)sum->planned);
    sn_args_number(args, ended);
    sn_args_number(args, (double)sum->failed);
    sn_args_number(args, draft->achieved_per_s / draft->runs_len);
    put_percentiles(api, sum, args);
    sn_args_number(args, ended > 0 ? (double)sum->failed / ended : 0);
    put_spreads(api, args);
    sn_args_span(args, SN_VALUE_BYTES, bytes.data, bytes.len);
    sn_args_number(args, sn_now_s(api));
}

static uint32_t ask_insert(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    struct sn_compared sum;
    /* Of a single run the intervals are those in the first place, so they are put together in the second. */
    uint8_t *scratch = sn_arena_alloc(&api->arena, SN_INTERVALS_BYTES_MAX);
    struct sn_writer w = sn_writer(api->compared[1], sizeof api->compared[1]);
    SN_ASSERT(scratch != NULL);
    sn_baseline_put(&w, &api->baseline, scratch);
    SN_ASSERT(!w.full && sn_compared_get((struct sn_span){w.data, w.len}, &sum) == SN_OK);
    size_t mark = sn_ask_batch_begin(api, &args);
    sn_baseline_put_audit(api, who, "create-baseline", &args);
    put_row(api, who, (struct sn_span){w.data, w.len}, &sum, &args);
    if (api->baseline_draft.active == 1) sn_baseline_put_change(api, who, &args);
    sn_baseline_put_get(api, who, &args);
    return sn_ask_end(api, mark);
}

/* --- The answers -------------------------------------------------------------------------------------------------- */

static const struct sn_problem too_many = {
    .kind = SN_PROBLEM_BASELINE_LIMIT,
    .detail = "There are as many baselines as are kept, 100. Delete one that is no longer needed.",
};

static void run_read(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, 0), *counted = sn_reply_rows(api, reply, 1);
    if (rows == NULL || counted == NULL) {
        sn_answer_database_failed(api, reply);
        return;
    }
    if (sn_json_number(sn_json_get(sn_json_first(counted), "baselines")) >= SN_BASELINES_MAX) {
        sn_answer_problem(api, &too_many);
        return;
    }
    if (sn_json_first(rows) == NULL) {
        refuse(api, "the id of a run that there is");
        return;
    }
    if (!take_run(api, sn_json_first(rows))) return;
    if (++api->baseline_draft.next < api->baseline_draft.runs_len)
        sn_wait(api, RUN_READ, ask_run(api, who));
    else
        sn_wait(api, INSERTED, ask_insert(api, who));
}

static void inserted(struct sn_api *api, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, api->baseline_draft.active == 1 ? 4 : 2);
    char location[80];
    struct sn_writer w = sn_writer(location, sizeof location);
    sn_put_text(&w, "/api/sentinel/baselines/");
    sn_put_text(&w, api->baseline_draft.id);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    if (rows == NULL) {
        sn_answer_database_failed(api, reply);
    } else if (sn_json_first(rows) == NULL) { /* the first run was deleted meanwhile */
        api->baseline_draft.next = 0;
        refuse(api, "the id of a run that there is");
    } else {
        sn_answer_baseline(api, 201, location, sn_json_first(rows));
    }
}

void sn_baseline_make_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    switch (api->stage) {
    case RUN_READ: run_read(api, who, reply); break;
    case INSERTED: inserted(api, reply); break;
    default: SN_ASSERT(false);
    }
}
