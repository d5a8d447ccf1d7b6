/* Maintenance, on: before a run starts whose plan names a component of the Clearing.
 *
 *     SELECT what the plan asks for ─► GET the component's state ─► INSERT it ─► POST maintenance ─► UPDATE ─► the run starts
 *                  └─ nothing                    └─ not known: INSERT that ─────────────────────────────────────────┘
 *
 * What the component was is written down before the Clearing hears of anything, so that it is restored whatever becomes of
 * this request or of the run: the end of the run writes the message that does it (migrations/024_outbox.sql), and the tick
 * sends that (outbox.c).  A component whose state could not be learnt, or not be written down, stays as it is: what cannot
 * be restored is not changed.  Each step is bounded, and the run starts whatever became of it. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"

#define STATUS_LIMIT_MS 3000
#define ON_LIMIT_MS 5000
#define STATUS_PATH "/api/status"
#define REPORT_PATH "/api/sentinel"
#define MESSAGE "Scheduled infrastructure validation in progress"

enum { OVER, ASKED, STATUS, NOTED, ON, MARKED };

bool sn_clearing_configured(const struct sn_api *api) {
    return (api->clearing_bound || api->clearing_url[0] != '\0') && api->clearing_key[0] != '\0';
}

uint32_t sn_ask_clearing(struct sn_api *api, const char *path, const char *key, uint32_t limit_ms,
                         struct sn_span body) {
    char url[SN_HOOK_URL_MAX + 32], headers[SN_SECRET_MAX * 2 + 256], bearer[SN_SECRET_MAX + 8];
    struct sn_writer u = sn_writer(url, sizeof url), h = sn_writer(headers, sizeof headers);
    struct sn_writer b = sn_writer(bearer, sizeof bearer);
    size_t base = strlen(api->clearing_url);
    while (base > 0 && api->clearing_url[base - 1] == '/') base--;
    sn_put_bytes(&u, base > 0 ? api->clearing_url : "https://clearing", base > 0 ? base : 16);
    sn_put_text(&u, path);
    sn_put_u8(&u, 0);
    struct sn_json_writer j = sn_json_writer(&h);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "accept", "application/json");
    sn_json_put_text(&j, "cache-control", "no-cache"); /* a page may come from a cache, and be of another time */
    sn_json_put_text(&j, "user-agent", "Sentinel");
    if (body.len > 0) {
        sn_put_text(&b, "Bearer ");
        sn_put_text(&b, api->clearing_key);
        sn_json_put_span(&j, "authorization", bearer, b.len);
        sn_json_put_text(&j, "content-type", "application/json");
        sn_json_put_text(&j, "idempotency-key", key);
    }
    sn_json_close(&j, '}');
    sn_put_u8(&h, 0);
    if (u.full || h.full) return 0; /* a key of control characters, each of which JSON takes six bytes for */
    return sn_ask_fetch(api, &(struct sn_fetch){.service = api->clearing_bound ? "CLEARING" : NULL,
                                                .url = url,
                                                .method = body.len > 0 ? "POST" : "GET",
                                                .headers = headers,
                                                .body = body,
                                                .limit_ms = limit_ms});
}

const struct sn_json *sn_fetched_json(struct sn_api *api, const struct sn_reply *reply, struct sn_span *retry_after) {
    struct sn_reader r = sn_reader(reply->body.data, reply->body.len);
    struct sn_json_error error;
    *retry_after = (struct sn_span){0};
    if (!reply->done) return NULL;
    *retry_after = sn_get_span(&r);
    size_t left = sn_reader_left(&r);
    return r.bad || left == 0 ? NULL : sn_json_parse(&api->arena, (const char *)r.data + r.pos, left, &error);
}

static void copy(char *into, size_t cap, const char *text) {
    size_t len = text != NULL ? strlen(text) : 0;
    SN_ASSERT(len < cap);
    if (len > 0) memcpy(into, text, len);
    into[len] = '\0';
}

static uint32_t ask_note(struct sn_api *api, const struct sn_upkeep *upkeep, const char *state) {
    struct sn_args args;
    bool known = upkeep->before != SN_COMPONENTS_LEN;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_MAINTENANCE_PUT, &args);
    sn_args_text(&args, upkeep->run_id);
    sn_args_text(&args, upkeep->tenant);
    sn_args_text(&args, upkeep->component);
    sn_args_text(&args, known ? sn_component_name(upkeep->before) : NULL);
    sn_args_text(&args, state);
    sn_args_number(&args, (double)upkeep->since_us);
    sn_args_text(&args, upkeep->error[0] != '\0' ? upkeep->error : NULL);
    return sn_ask_end(api, mark);
}

static uint32_t ask_mark(struct sn_api *api, const struct sn_upkeep *upkeep) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_MAINTENANCE_SET, &args);
    sn_args_text(&args, upkeep->run_id);
    sn_args_number(&args, (double)upkeep->since_us);
    sn_args_text(&args, upkeep->error[0] != '\0' ? "failed" : "on");
    sn_args_text(&args, upkeep->error[0] != '\0' ? upkeep->error : NULL);
    return sn_ask_end(api, mark);
}

/* "HTTP 500"; what somebody else wrote is not kept, since nobody knows what is in it. */
static void note_failure(struct sn_upkeep *upkeep, const char *what, const struct sn_reply *reply) {
    struct sn_writer w = sn_writer(upkeep->error, sizeof upkeep->error);
    sn_put_text(&w, what);
    if (reply->done) sn_put_text(&w, ": HTTP ");
    if (reply->done) sn_put_dec(&w, reply->number);
    if (!reply->done) sn_put_text(&w, ": no answer");
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
}

static uint32_t ask_on(struct sn_api *api, const struct sn_upkeep *upkeep) {
    uint8_t body[2048];
    struct sn_writer w = sn_writer(body, sizeof body);
    struct sn_facts facts = {
        .run_id = upkeep->run_id, .tenant = upkeep->tenant, .component = upkeep->component, .before = upkeep->before};
    sn_clearing_put_on(&w, &facts, upkeep->message[0] != '\0' ? upkeep->message : MESSAGE);
    /* Each start of a run is a message of its own. */
    char key[80];
    struct sn_writer k = sn_writer(key, sizeof key);
    sn_put_text(&k, upkeep->run_id);
    sn_put_text(&k, ".");
    sn_put_int(&k, upkeep->since_us);
    sn_put_u8(&k, 0);
    SN_ASSERT(!w.full && !k.full);
    return sn_ask_clearing(api, REPORT_PATH, key, ON_LIMIT_MS, (struct sn_span){w.data, w.len});
}

static uint32_t begin_stage(struct sn_upkeep *upkeep, uint32_t stage, uint32_t id) {
    upkeep->stage = id != 0 ? stage : OVER;
    return id;
}

uint32_t sn_upkeep_begin(struct sn_api *api, struct sn_upkeep *upkeep, const char *run_id) {
    struct sn_args args;
    *upkeep = (struct sn_upkeep){.before = SN_COMPONENTS_LEN, .since_us = api->now_us};
    if (!sn_clearing_configured(api)) return 0;
    copy(upkeep->run_id, sizeof upkeep->run_id, run_id);
    size_t mark = sn_ask_sql_begin(api, SN_SQL_MAINTENANCE_ASKED, &args);
    sn_args_text(&args, run_id);
    return begin_stage(upkeep, ASKED, sn_ask_end(api, mark));
}

/* The compiler has seen to the lengths of what a plan says. */
static uint32_t asked(struct sn_api *api, struct sn_upkeep *upkeep, const struct sn_reply *reply) {
    const struct sn_json *row = sn_json_first(sn_reply_rows(api, reply, 0));
    const char *component = sn_json_string(sn_json_get(row, "component"));
    const char *tenant = sn_json_string(sn_json_get(row, "tenant_id"));
    const char *message = sn_json_string(sn_json_get(row, "message"));
    if (!reply->done) sn_log(api, "maintenance", upkeep->run_id, reply->body);
    if (component == NULL || tenant == NULL || strlen(component) >= sizeof upkeep->component ||
        strlen(tenant) >= sizeof upkeep->tenant)
        return begin_stage(upkeep, OVER, 0);
    copy(upkeep->component, sizeof upkeep->component, component);
    copy(upkeep->tenant, sizeof upkeep->tenant, tenant);
    if (message != NULL && strlen(message) < sizeof upkeep->message)
        copy(upkeep->message, sizeof upkeep->message, message);
    return begin_stage(upkeep, STATUS, sn_ask_clearing(api, STATUS_PATH, "", STATUS_LIMIT_MS, (struct sn_span){0}));
}

/* In maintenance already: that is somebody else's, and stays when the run is over. */
static uint32_t status_read(struct sn_api *api, struct sn_upkeep *upkeep, const struct sn_reply *reply) {
    struct sn_span unused;
    const struct sn_json *status = sn_fetched_json(api, reply, &unused);
    if (reply->done && reply->number == 200) upkeep->before = sn_clearing_state_in(status, upkeep->component);
    bool known = upkeep->before != SN_COMPONENTS_LEN;
    if (!known && reply->done && reply->number == 200)
        copy(upkeep->error, sizeof upkeep->error, "the Clearing lists no such component");
    else if (!known)
        note_failure(upkeep, "the component's state was not read", reply);
    const char *state = upkeep->before == SN_COMPONENT_MAINTENANCE ? "on" : known ? "wanted" : "failed";
    return begin_stage(upkeep, NOTED, ask_note(api, upkeep, state));
}

static uint32_t noted(struct sn_api *api, struct sn_upkeep *upkeep, const struct sn_reply *reply) {
    if (!reply->done) sn_log(api, "maintenance", upkeep->run_id, reply->body);
    bool goes_on = reply->done && upkeep->before != SN_COMPONENTS_LEN && upkeep->before != SN_COMPONENT_MAINTENANCE;
    return begin_stage(upkeep, ON, goes_on ? ask_on(api, upkeep) : 0);
}

uint32_t sn_upkeep_next(struct sn_api *api, struct sn_upkeep *upkeep, const struct sn_reply *reply) {
    switch (upkeep->stage) {
    case ASKED: return asked(api, upkeep, reply);
    case STATUS: return status_read(api, upkeep, reply);
    case NOTED: return noted(api, upkeep, reply);
    case ON:
        if (!reply->done || reply->number < 200 || reply->number > 299)
            note_failure(upkeep, "the Clearing did not take it", reply);
        return begin_stage(upkeep, MARKED, ask_mark(api, upkeep));
    default:
        if (!reply->done) sn_log(api, "maintenance", upkeep->run_id, reply->body);
        return begin_stage(upkeep, OVER, 0);
    }
}

/* --- What became of it ------------------------------------------------------------------------------------- */

void sn_maintenance_note(struct sn_api *api, const struct sn_json *row) {
    const char *text = sn_json_string(sn_json_get(row, "maintenance"));
    bool fits = text != NULL && strlen(text) < sizeof api->maintenance;
    copy(api->maintenance, sizeof api->maintenance, fits ? text : "");
}

void sn_maintenance_put(const struct sn_api *api, struct sn_json_writer *j) {
    if (api->maintenance[0] != '\0') sn_json_put_json(j, "maintenance", api->maintenance, strlen(api->maintenance));
}

static const char *text_in(const struct sn_json *json, const char *name) {
    const char *text = sn_json_string(sn_json_get(json, name));
    return text != NULL ? text : "";
}

void sn_maintenance_put_line(struct sn_api *api, struct sn_writer *w) {
    struct sn_json_error error;
    const struct sn_json *json = sn_json_parse(&api->arena, api->maintenance, strlen(api->maintenance), &error);
    const char *state = text_in(json, "state");
    sn_put_text(w, "Maintenance \"");
    sn_put_text(w, text_in(json, "component"));
    if (text_in(json, "error")[0] != '\0') {
        sn_put_text(w, "\" was not put in maintenance: ");
        sn_put_text(w, text_in(json, "error"));
    } else {
        sn_put_text(w,
                    strcmp(state, "off") == 0 ? "\" was in maintenance" : "\" is in maintenance until the next tick");
        sn_put_text(w, "; before that it was ");
        sn_put_text(w, text_in(json, "before"));
    }
    sn_put_text(w, ".\n");
}
