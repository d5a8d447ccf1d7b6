/* Plays the shim for the API machine: sends requests and answers, takes the effects apart, and checks of every
 * response that it is what the contract says.  Events end exactly at the end of their memory. */
#ifndef SENTINEL_TESTS_API_HARNESS_H
#define SENTINEL_TESTS_API_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/arena.h"
#include "sentinel/base/limits.h"
#include "sentinel/base/message.h"
#include "sentinel/base/sql.h"
#include "sentinel/base/step.h"
#include "sentinel/json/json.h"
#include "sentinel/service/api.h"

#define TOKEN "a token of some length"
#define RUN "0f0f0f0f-1111-4222-8333-444444444444"
#define OTHER_RUN "99999999-1111-4222-8333-444444444444"
#define NOW_S 1790000000

struct effect {
    struct sn_record record;
    struct sn_span payload;
};

struct host {
    struct sn_api *api;
    int64_t now_us;
    size_t outbox_cap;    /* to make room scarce */
    const char *platform; /* SENTINEL_PLATFORM of its ticks; NULL: none */
    uint8_t outbox[262144];
    struct effect effects[64];
    uint32_t effects_len;
    char logged[512]; /* the newest line of the log */
    struct sn_arena arena;
};

struct call {
    const char *method, *target;
    const char *authorization; /* NULL: the right one */
    const char *token;         /* configured; NULL: TOKEN */
    const char *type;          /* NULL: none */
    const void *body;
    size_t body_len; /* 0: as long as the text */
    bool incomplete;
    bool websocket;
    const char *key;      /* Idempotency-Key; NULL: none */
    const char *platform; /* SENTINEL_PLATFORM; NULL: none */
    const char *limits;   /* SENTINEL_LIMITS; NULL: none */
    const char *targets;  /* SENTINEL_TARGETS; NULL: none */
    const char *hosts;    /* SENTINEL_HOSTS; NULL: none */
    const char *prices;   /* SENTINEL_PRICES; NULL: none */
    /* SENTINEL_WEBHOOK_HOSTS, SENTINEL_WEBHOOKS, SENTINEL_WEBHOOK_SECRET, CLEARING, CLEARING_API_URL, CLEARING_API_KEY;
     * NULL: none */
    const char *outside[6];
};

static inline struct host *host_open(void) {
    struct host *host = calloc(1, sizeof *host);
    size_t arena_len = 4u << 20;
    host->api = sn_api_init(aligned_alloc(16, SN_API_MEMORY));
    host->now_us = NOW_S * SN_SECOND_US;
    host->outbox_cap = sizeof host->outbox;
    sn_arena_init(&host->arena, aligned_alloc(16, arena_len), arena_len);
    return host;
}

static inline void host_close(struct host *host) {
    free(host->arena.memory);
    free(host->api);
    free(host);
}

/* Steps with events that end at the end of their memory, and takes the effects apart. */
static inline void host_step(struct host *host, const void *events, size_t len) {
    uint8_t *exact = malloc(len > 0 ? len : 1);
    if (len > 0) memcpy(exact, events, len);
    struct sn_reader r = sn_reader(exact, len);
    struct sn_writer w = sn_writer(host->outbox, host->outbox_cap);
    sn_api_step(host->api, host->now_us, &r, &w);
    free(exact);
    assert_false(w.full);
    host->effects_len = 0;
    struct sn_reader out = sn_reader(host->outbox, w.len);
    struct effect effect;
    while (sn_record_next(&out, &effect.record, &effect.payload)) {
        if (effect.record.kind == SN_EFFECT_LOG) { /* for people */
            snprintf(host->logged, sizeof host->logged, "%.*s", (int)effect.payload.len,
                     (const char *)effect.payload.data);
            continue;
        }
        assert_true(host->effects_len < 64);
        host->effects[host->effects_len++] = effect;
    }
    assert_false(out.bad);
    assert_int_equal(sn_api_deadline_us(host->api), INT64_MAX);
}

static inline void host_event(struct host *host, const struct sn_record *record, const void *payload, size_t len) {
    size_t cap = len + 64;
    uint8_t *bytes = malloc(cap);
    struct sn_writer w = sn_writer(bytes, cap);
    sn_record_put(&w, record, payload, len);
    host_step(host, bytes, w.len);
    free(bytes);
}

static inline void put_text_span(struct sn_writer *w, const char *text) {
    sn_put_span(w, text, strlen(text));
}

static inline void host_call(struct host *host, const struct call *call) {
    static const uint8_t random[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const char *body = call->body != NULL ? call->body : "";
    size_t body_len = call->body_len != 0 ? call->body_len : strlen(body);
    size_t cap = body_len + strlen(call->target) + 4096;
    uint8_t *bytes = malloc(cap);
    struct sn_writer w = sn_writer(bytes, cap);
    put_text_span(&w, call->method);
    put_text_span(&w, call->target);
    put_text_span(&w, call->authorization != NULL ? call->authorization : "Bearer " TOKEN);
    put_text_span(&w, call->token != NULL ? call->token : TOKEN);
    put_text_span(&w, call->type != NULL ? call->type : "");
    sn_put_span(&w, body, body_len);
    sn_put_span(&w, random, sizeof random);
    put_text_span(&w, call->key != NULL ? call->key : "");
    put_text_span(&w, call->platform != NULL ? call->platform : "");
    put_text_span(&w, call->limits != NULL ? call->limits : "");
    put_text_span(&w, call->targets != NULL ? call->targets : "");
    put_text_span(&w, call->hosts != NULL ? call->hosts : "");
    put_text_span(&w, call->prices != NULL ? call->prices : "");
    for (size_t i = 0; i < 6; i++) put_text_span(&w, call->outside[i] != NULL ? call->outside[i] : "");
    assert_false(w.full);
    struct sn_record record = {.kind = SN_EVENT_REQUEST};
    if (call->incomplete) record.arg0 += SN_REQUEST_INCOMPLETE;
    if (call->key != NULL) record.arg0 += SN_REQUEST_KEYED;
    if (call->websocket) record.arg0 += SN_REQUEST_WEBSOCKET;
    host_event(host, &record, bytes, w.len);
    free(bytes);
}

static inline void host_get(struct host *host, const char *target) {
    host_call(host, &(struct call){.method = "GET", .target = target});
}

static inline void host_post(struct host *host, const char *target, const char *body) {
    host_call(host, &(struct call){.method = "POST", .target = target, .body = body});
}

static inline void host_answer_id(struct host *host, uint32_t id, uint16_t kind, enum sn_status status,
                                  const char *text) {
    host_event(host, &(struct sn_record){.kind = kind, .status = (int16_t)status, .id = id}, text, strlen(text));
}

/* Answers the question that was asked last. */
static inline void host_answer(struct host *host, uint16_t kind, enum sn_status status, const char *text) {
    assert_true(host->effects_len >= 1);
    uint32_t id = host->effects[host->effects_len - 1].record.id;
    assert_int_not_equal(id, 0);
    host_answer_id(host, id, kind, status, text);
}

static inline void host_done(struct host *host, const char *text) {
    host_answer(host, SN_EVENT_DONE, SN_OK, text);
}

static inline void host_failed(struct host *host, const char *text) {
    host_answer(host, SN_EVENT_FAILED, SN_OK, text);
}

static inline void host_refused(struct host *host, enum sn_status status, const char *text) {
    host_answer(host, SN_EVENT_DONE, status, text);
}

/* --- What was asked ---------------------------------------------------------------------------------------- */

static inline const struct effect *only_effect(struct host *host, enum sn_effect kind) {
    assert_int_equal(host->effects_len, 1);
    assert_int_equal(host->effects[0].record.kind, kind);
    return &host->effects[0];
}

/* Values that a statement takes: the highest number behind a question mark. */
static inline unsigned long places_of(enum sn_sql statement) {
    const char *text = "";
    unsigned long most = 0;
    switch (statement) {
#define SN_X(name, value, sql) \
    case value: text = sql; break;
        SN_SQL_LIST(SN_X)
#undef SN_X
    }
    for (const char *at = strchr(text, '?'); at != NULL; at = strchr(at + 1, '?')) {
        unsigned long number = strtoul(at + 1, NULL, 10);
        if (number > most) most = number;
    }
    return most;
}

static inline void put_value(struct sn_reader *r, struct sn_writer *w) {
    uint32_t type = sn_get_u32(r), bytes = sn_get_u32(r);
    if (type == SN_VALUE_NUMBER) {
        sn_put_number(w, sn_get_f64(r));
        return;
    }
    const uint8_t *text = sn_get_bytes(r, bytes);
    sn_get_bytes(r, (4 - bytes % 4) % 4);
    if (type == SN_VALUE_NULL) sn_put_text(w, "null");
    if (type == SN_VALUE_TEXT) sn_put_bytes(w, text, bytes);
}

/* The one effect is a batch of these statements; with `values` the values of all are written out: "text|17|null ; …". */
static inline void expect_batch(struct host *host, const enum sn_sql *statements, uint16_t len, char *values,
                                size_t cap) {
    static char unwanted[200000];
    const struct effect *effect = only_effect(host, SN_EFFECT_SQL);
    struct sn_reader r = sn_reader(effect->payload.data, effect->payload.len);
    struct sn_writer w = sn_writer(values != NULL ? values : unwanted, values != NULL ? cap : sizeof unwanted);
    assert_int_equal(effect->record.target, SN_BINDING_DB);
    assert_int_equal(sn_get_u64(&r), 0);
    assert_int_equal(sn_get_u16(&r), len);
    for (uint16_t i = 0; i < len; i++) {
        assert_int_equal(sn_get_u32(&r), statements[i]);
        if (i > 0) sn_put_text(&w, " ; ");
        uint16_t count = sn_get_u16(&r);
        assert_int_equal(count, places_of(statements[i]));
        for (uint16_t k = 0; k < count; k++) {
            if (k > 0) sn_put_text(&w, "|");
            put_value(&r, &w);
        }
    }
    assert_false(r.bad);
    assert_int_equal(sn_reader_left(&r), 0);
    sn_put_u8(&w, 0);
    assert_false(w.full);
}

/* The last six settings, as in struct call; NULL: none of them. */
static inline void host_tick_with(struct host *host, const char *const *outside, char *values, size_t cap) {
    static const enum sn_sql batch[] = {SN_SQL_RUNS_TO_POKE,    SN_SQL_RUNS_DUE,      SN_SQL_KEYS_EXPIRE,
                                        SN_SQL_RUNS_TO_COMPARE, SN_SQL_SCHEDULES_DUE, SN_SQL_RUNS_REPLACED,
                                        SN_SQL_OUTBOX_DUE,      SN_SQL_OUTBOX_EXPIRE, SN_SQL_RUNS_TO_STOP};
    uint8_t settings[2048];
    struct sn_writer w = sn_writer(settings, sizeof settings);
    put_text_span(&w, host->platform != NULL ? host->platform : "");
    sn_put_zeros(&w, 4); /* four empty spans: nothing else is set */
    for (size_t i = 0; i < 6; i++) put_text_span(&w, outside != NULL && outside[i] != NULL ? outside[i] : "");
    host_event(host, &(struct sn_record){.kind = SN_EVENT_TICK}, settings, w.len);
    expect_batch(host, batch, sizeof batch / sizeof *batch, values, cap);
}

static inline void host_tick(struct host *host, char *values, size_t cap) {
    host_tick_with(host, NULL, values, cap);
}

static inline void expect_sql(struct host *host, enum sn_sql statement, char *values, size_t cap) {
    expect_batch(host, &statement, 1, values, cap);
}

/* A row is closed, and the key under which its run was asked for forgotten. */
static inline void expect_abandoned(struct host *host, char *values, size_t cap) {
    expect_batch(host, (const enum sn_sql[]){SN_SQL_RUN_ABANDON, SN_SQL_KEY_FORGET}, 2, values, cap);
}

/* The one effect is this message to the object of `run_id`; the reader stands at what it carries. */
static inline struct sn_reader expect_message(struct host *host, const char *run_id, enum sn_message message) {
    const struct effect *effect = only_effect(host, SN_EFFECT_CALL_OBJECT);
    struct sn_reader r = sn_reader(effect->payload.data, effect->payload.len);
    assert_int_equal(effect->record.target, SN_BINDING_RUNS);
    struct sn_span name = sn_get_span(&r);
    assert_int_equal(name.len, strlen(run_id));
    assert_memory_equal(name.data, run_id, name.len);
    assert_int_equal(sn_get_span(&r).len, 0);
    assert_int_equal(sn_message_open(&r), message);
    return r;
}

/* --- What was answered ------------------------------------------------------------------------------------- */

struct response {
    const struct sn_json *headers, *json; /* json: NULL for a text */
    struct sn_span body;
};

/* The one effect is a response with this status.  JSON is read; a problem has everything that a problem has. */
static inline struct response expect_response(struct host *host, uint32_t status) {
    const struct effect *effect = only_effect(host, SN_EFFECT_RESPOND);
    struct sn_reader r = sn_reader(effect->payload.data, effect->payload.len);
    struct sn_span headers = sn_get_span(&r);
    struct response response = {.body = {effect->payload.data + r.pos, sn_reader_left(&r)}};
    struct sn_json_error error;
    sn_arena_reset(&host->arena);
    assert_false(r.bad);
    assert_int_equal(effect->record.arg0, status);
    response.headers = sn_json_parse(&host->arena, (const char *)headers.data, headers.len, &error);
    assert_int_equal(sn_json_type(response.headers), SN_JSON_OBJECT);
    const char *type = sn_json_string(sn_json_get(response.headers, "content-type"));
    assert_string_equal(sn_json_string(sn_json_get(response.headers, "cache-control")), "no-store");
    assert_int_equal(type == NULL, status == 204);
    assert_int_equal(status == 204, response.body.len == 0);
    if (type == NULL) return response;
    if (strstr(type, "json") != NULL) {
        response.json = sn_json_parse(&host->arena, (const char *)response.body.data, response.body.len, &error);
        assert_non_null(response.json);
    }
    assert_int_equal(status >= 400, strcmp(type, "application/problem+json") == 0);
    if (status >= 400) {
        static const char *const always[] = {"type", "title", "code", "detail"};
        for (size_t i = 0; i < 4; i++) assert_non_null(sn_json_string(sn_json_get(response.json, always[i])));
        assert_true(sn_json_number(sn_json_get(response.json, "status")) == status);
    }
    return response;
}

static inline const char *member(const struct sn_json *object, const char *name) {
    const char *text = sn_json_string(sn_json_get(object, name));
    return text != NULL ? text : "";
}

static inline struct response expect_problem(struct host *host, uint32_t status, const char *code, const char *path) {
    struct response response = expect_response(host, status);
    assert_string_equal(member(response.json, "code"), code);
    assert_string_equal(member(response.json, "path"), path);
    return response;
}

/* The rows of n runs of the tick's lists, with ids that end in 00, 01, …; `more` is what each has beside: JSON members, in
 * which %u is its number.  To be freed. */
static inline char *rows_of_runs(unsigned n, const char *more) {
    size_t cap = n * 300u + 1, len = 0;
    char *text = calloc(1, cap);
    assert_non_null(text);
    for (unsigned i = 0; i < n; i++) {
        char number[12];
        len += (size_t)snprintf(text + len, cap - len, "%s{\"id\":\"0f0f0f0f-1111-4222-8333-4444444444%02x\",",
                                i > 0 ? "," : "", i);
        snprintf(number, sizeof number, "%u", i);
        for (const char *at = more; *at != '\0'; at++) {
            bool mark = at[0] == '%' && at[1] == 'u';
            len += (size_t)snprintf(text + len, cap - len, "%.*s", mark ? (int)sizeof number : 1, mark ? number : at);
            at += mark;
        }
        len += (size_t)snprintf(text + len, cap - len, "}");
        assert_true(len < cap);
    }
    return text;
}

#endif
