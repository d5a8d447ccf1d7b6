/* Messages to the outside: the tick sends those that are due, a few at a time.
 *
 *     due ─► UPDATE attempts + 1 ─┬─► webhook: POST ───────────────────────────────┬─ 2xx ──► DELETE
 *                 │               └─► Clearing: GET the component's state ─► POST ─┴─ else ─► UPDATE due_us, or dead
 *                 └─ nothing changed: another tick has it
 *
 * Claiming raises `attempts` and puts `due_us` behind the time that a try can take, so that two ticks never make the same
 * try.  A tick that dies between POST and DELETE leaves a message that is sent again, under the same Idempotency-Key:
 * each arrives at least once, and its receiver can tell that it came before.  What a message says follows from its facts
 * alone, so every try has the same body; but for the Clearing, which is told what is true when it is told. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/place.h"
#include "sentinel/service/deliver.h"

#define CALLS_OF_LETTER 4 /* of the platform, for one message: its claim, two requests, what became of it */

enum { FREE, CLAIM, STATE, POST, WRITTEN };

void sn_outbox_due_put(const struct sn_api *api, struct sn_args *args) {
    sn_args_group(args, SN_SQL_OUTBOX_DUE);
    sn_args_number(args, (double)api->now_us);
    sn_args_group(args, SN_SQL_OUTBOX_EXPIRE);
    sn_args_number(args, (double)(api->now_us - SN_DEAD_S * SN_SECOND_US));
}

void sn_outbox_read(struct sn_api *api, const struct sn_json *rows) {
    struct sn_outbox *outbox = &api->tick.outbox;
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        const char *id = sn_json_string(sn_json_get(row, "id"));
        double attempts = sn_json_number(sn_json_get(row, "attempts"));
        if (outbox->len == SN_LETTERS_MAX || id == NULL || strlen(id) >= sizeof outbox->due[0].id) continue;
        memcpy(outbox->due[outbox->len].id, id, strlen(id) + 1);
        outbox->due[outbox->len++].attempts = attempts >= 0 && attempts < 1e9 ? (uint32_t)attempts : 0;
    }
}

/* With id 0 there is nothing to ask, or no room to ask it: what was claimed is due again when its lease is over. */
static void wait_for(struct sn_letter *letter, uint32_t asked, uint32_t id) {
    letter->asked = id != 0 ? asked : FREE;
    letter->waiting_id = id;
    sn_tick_spend(&letter->calls_left, id);
}

static void claim(struct sn_api *api, struct sn_letter *letter, const char *id, uint32_t attempts) {
    struct sn_args args;
    *letter = (struct sn_letter){.attempt = attempts + 1, .calls_left = CALLS_OF_LETTER};
    memcpy(letter->id, id, strlen(id) + 1);
    size_t mark = sn_ask_sql_begin(api, SN_SQL_OUTBOX_CLAIM, &args);
    sn_args_text(&args, letter->id);
    sn_args_number(&args, attempts);
    sn_args_number(&args, (double)(api->now_us + SN_TRY_LEASE_US));
    sn_args_number(&args, (double)api->now_us);
    sn_args_group(&args, SN_SQL_OUTBOX_TOLD);
    sn_args_text(&args, letter->id);
    sn_args_group(&args, SN_SQL_OUTBOX_SINCE);
    sn_args_text(&args, letter->id);
    wait_for(letter, CLAIM, sn_ask_end(api, mark));
}

uint32_t sn_outbox_in_flight(const struct sn_api *api) {
    uint32_t in_flight = 0;
    for (uint32_t i = 0; i < SN_LETTERS_AT_ONCE; i++) in_flight += api->tick.outbox.letters[i].asked != FREE;
    return in_flight;
}

void sn_outbox_go_on(struct sn_api *api, uint32_t places) {
    struct sn_outbox *outbox = &api->tick.outbox;
    for (uint32_t i = 0; i < SN_LETTERS_AT_ONCE && places > 0 && outbox->next < outbox->len; i++) {
        if (outbox->letters[i].asked != FREE || !sn_tick_affords(api, CALLS_OF_LETTER)) continue;
        claim(api, &outbox->letters[i], outbox->due[outbox->next].id, outbox->due[outbox->next].attempts);
        outbox->next++;
        places--;
    }
}

/* --- What became of a try ---------------------------------------------------------------------------------- */

static struct sn_facts facts_of(struct sn_api *api, const struct sn_letter *letter) {
    struct sn_json_error error;
    return sn_facts_read(sn_json_parse(&api->arena, letter->facts, letter->facts_len, &error));
}

static void put_told(struct sn_args *args, const struct sn_letter *letter, const struct sn_facts *facts) {
    sn_args_group(args, SN_SQL_CLEARING_TOLD);
    sn_args_text(args, letter->tenant);
    sn_args_text(args, facts->key);
    sn_args_text(args, facts->component);
    sn_args_text(args, sn_component_name(letter->word.state));
    sn_args_text(args, sn_component_name(letter->word.before));
    sn_args_text(args, letter->told.incident[0] != '\0' ? letter->told.incident : NULL);
    sn_args_text(args, letter->run_id);
}

/* The message goes, and with it what was to be remembered or forgotten of what it said. */
static void delivered(struct sn_api *api, struct sn_letter *letter, bool said) {
    struct sn_args args;
    struct sn_facts facts = facts_of(api, letter);
    size_t mark = sn_ask_sql_begin(api, SN_SQL_OUTBOX_DELIVERED, &args);
    sn_args_text(&args, letter->id);
    if (letter->certain && said) {
        if (letter->word.keep) put_told(&args, letter, &facts);
        if (letter->word.lift) {
            sn_args_group(&args, SN_SQL_CLEARING_LIFTED);
            sn_args_text(&args, letter->tenant);
            sn_args_text(&args, facts.key);
            sn_args_text(&args, facts.component);
        }
        sn_args_group(&args, SN_SQL_MAINTENANCE_SET);
        sn_args_text(&args, letter->run_id);
        sn_args_number(&args, facts.since_us);
        sn_args_text(&args, "off");
        sn_args_null(&args);
    }
    wait_for(letter, WRITTEN, sn_ask_end(api, mark));
}

static void failed(struct sn_api *api, struct sn_letter *letter, const struct sn_try *tried, const char *error) {
    struct sn_args args;
    int64_t wait_us;
    enum sn_fate fate = sn_deliver_next(tried, &wait_us);
    SN_ASSERT(fate != SN_FATE_DELIVERED);
    if (fate == SN_FATE_DEAD)
        sn_log(api, "outbox", letter->run_id, (struct sn_span){(const uint8_t *)error, strlen(error)});
    size_t mark = sn_ask_sql_begin(api, SN_SQL_OUTBOX_FAILED, &args);
    sn_args_text(&args, letter->id);
    sn_args_number(&args, letter->attempt);
    sn_args_text(&args, fate == SN_FATE_DEAD ? "dead" : "waiting");
    sn_args_number(&args, (double)(api->now_us + wait_us));
    sn_args_text(&args, error);
    wait_for(letter, WRITTEN, sn_ask_end(api, mark));
}

/* Nothing was sent. */
static void not_sent(struct sn_api *api, struct sn_letter *letter, const char *error) {
    failed(api, letter, &(struct sn_try){.attempt = letter->attempt, .certain = letter->certain}, error);
}

/* Of what a receiver wrote only the status is kept: nobody knows what else is in it. */
static void answered_badly(struct sn_api *api, struct sn_letter *letter, const struct sn_reply *reply,
                           struct sn_span retry_after) {
    char error[64];
    struct sn_writer w = sn_writer(error, sizeof error);
    struct sn_try tried = {.status = reply->done ? reply->number : 0,
                           .attempt = letter->attempt,
                           .retry_after_s = sn_deliver_retry_after_s(retry_after),
                           .certain = letter->certain};
    bool late = sn_text_has(sn_reply_words(reply), "Timeout") || sn_text_has(sn_reply_words(reply), "timeout");
    if (reply->done) sn_put_text(&w, "HTTP ");
    if (reply->done) sn_put_dec(&w, reply->number);
    if (!reply->done) sn_put_text(&w, late ? "no answer in time" : "no connection, or one that broke off");
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    failed(api, letter, &tried, error);
}

/* --- Webhooks ---------------------------------------------------------------------------------------------- */

static bool is_listed_host(const struct sn_api *api, const char *url) {
    const char *host = strstr(url, "://"), *list = api->webhook_hosts;
    if (host == NULL) return false;
    host += 3;
    size_t len = strcspn(host, "/?");
    while (*list != '\0') {
        size_t word = strcspn(list, " ");
        if (word == len && memcmp(list, host, len) == 0) return true;
        list += word;
        if (*list == ' ') list++;
    }
    return false;
}

static size_t put_headers(struct sn_api *api, const struct sn_letter *letter, struct sn_span body, char *text,
                          size_t cap) {
    char signature[128], attempt[12];
    struct sn_writer w = sn_writer(text, cap), s = sn_writer(signature, sizeof signature),
                     a = sn_writer(attempt, sizeof attempt);
    struct sn_span secret = {(const uint8_t *)api->webhook_secret, strlen(api->webhook_secret)};
    sn_deliver_put_signature(&s, secret, api->now_us, body);
    sn_put_dec(&a, letter->attempt);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "content-type", "application/json");
    sn_json_put_text(&j, "user-agent", "Sentinel");
    sn_json_put_text(&j, "idempotency-key", letter->id);
    sn_json_put_text(&j, "sentinel-event", letter->event);
    sn_json_put_span(&j, "sentinel-attempt", attempt, a.len);
    sn_json_put_span(&j, "sentinel-signature", signature, s.len);
    sn_json_close(&j, '}');
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    return w.len;
}

SN_OWN_FRAME static void post_webhook(struct sn_api *api, struct sn_letter *letter) {
    uint8_t body[SN_FACTS_MAX + 1024];
    char headers[1024];
    struct sn_writer w = sn_writer(body, sizeof body);
    bool named = strstr(letter->url, "://") == NULL;
    const char *url = named ? sn_hook_url(api, letter->url) : letter->url;
    if (url == NULL || (!named && !is_listed_host(api, url))) {
        not_sent(api, letter, named ? "SENTINEL_WEBHOOKS has no such name" : "SENTINEL_WEBHOOK_HOSTS has no such host");
        return;
    }
    if (api->webhook_secret[0] == '\0') {
        not_sent(api, letter, "there is no SENTINEL_WEBHOOK_SECRET to sign it with");
        return;
    }
    struct sn_facts facts = facts_of(api, letter);
    if (strcmp(letter->format, sn_hook_format_name(SN_HOOK_SLACK)) == 0)
        sn_hook_put_slack(&w, letter->event, &facts);
    else
        sn_hook_put_json(&w, letter->id, letter->event, &facts);
    SN_ASSERT(!w.full);
    put_headers(api, letter, (struct sn_span){w.data, w.len}, headers, sizeof headers);
    wait_for(letter, POST,
             sn_ask_fetch(api, &(struct sn_fetch){.url = url,
                                                  .method = "POST",
                                                  .headers = headers,
                                                  .body = {w.data, w.len},
                                                  .limit_ms = SN_TRY_LIMIT_MS}));
}

/* --- The Clearing ------------------------------------------------------------------------------------------ */

static void read_told(struct sn_told *told, const struct sn_json *row) {
    const char *state = sn_json_string(sn_json_get(row, "state")), *before = sn_json_string(sn_json_get(row, "before"));
    const char *incident = sn_json_string(sn_json_get(row, "incident_id"));
    *told = (struct sn_told){.state = SN_COMPONENTS_LEN, .before = SN_COMPONENTS_LEN};
    if (state != NULL) told->state = sn_component_find(state, strlen(state));
    if (before != NULL) told->before = sn_component_find(before, strlen(before));
    told->any = told->state != SN_COMPONENTS_LEN && told->before != SN_COMPONENTS_LEN;
    if (told->any && incident != NULL && strlen(incident) < sizeof told->incident)
        memcpy(told->incident, incident, strlen(incident) + 1);
}

static void ask_state(struct sn_api *api, struct sn_letter *letter) {
    if (!sn_clearing_configured(api))
        not_sent(api, letter, "there is no CLEARING or CLEARING_API_URL, or no CLEARING_API_KEY");
    else
        wait_for(letter, STATE, sn_ask_clearing(api, "/api/status", "", SN_TRY_LIMIT_MS, (struct sn_span){0}));
}

SN_OWN_FRAME static void post_clearing(struct sn_api *api, struct sn_letter *letter, const struct sn_reply *reply) {
    uint8_t body[2048];
    struct sn_writer w = sn_writer(body, sizeof body);
    struct sn_span retry_after;
    const struct sn_json *status = sn_fetched_json(api, reply, &retry_after);
    struct sn_facts facts = facts_of(api, letter);
    if (!reply->done || reply->number != 200) {
        answered_badly(api, letter, reply, retry_after);
        return;
    }
    enum sn_component now = sn_clearing_state_in(status, facts.component);
    if (now == SN_COMPONENTS_LEN) {
        not_sent(api, letter, "the Clearing lists no such component");
        return;
    }
    letter->word = sn_clearing_end(&facts, now, &letter->told);
    if (letter->word.silent) {
        delivered(api, letter, true);
        return;
    }
    sn_clearing_put_end(&w, &facts, &letter->word, &letter->told);
    SN_ASSERT(!w.full);
    wait_for(letter, POST,
             sn_ask_clearing(api, "/api/sentinel", letter->id, SN_TRY_LIMIT_MS, (struct sn_span){w.data, w.len}));
}

/* The incident that the Clearing has opened, so that a later run can find it. */
static void note_incident(struct sn_letter *letter, const struct sn_json *answer) {
    const char *id = sn_json_string(sn_json_get(answer, "incidentId"));
    if (!letter->word.open || id == NULL || strlen(id) >= sizeof letter->told.incident) return;
    memcpy(letter->told.incident, id, strlen(id) + 1);
}

/* --- One answer after the other ---------------------------------------------------------------------------- */

static bool take_text(char *into, size_t cap, const struct sn_json *row, const char *column) {
    const char *text = sn_json_string(sn_json_get(row, column));
    size_t len = text != NULL ? strlen(text) : 0;
    if (len >= cap) return false;
    if (len > 0) memcpy(into, text, len);
    into[len] = '\0';
    return true;
}

/* Maintenance that a later start of the same run has taken over is not this message's to end. */
static bool is_superseded(struct sn_api *api, const struct sn_letter *letter, const struct sn_reply *reply) {
    const struct sn_json *row = sn_json_first(sn_reply_rows(api, reply, 2));
    double since_us = sn_json_number(sn_json_get(row, "since_us"));
    return letter->certain && row != NULL && since_us > facts_of(api, letter).since_us;
}

static void claimed(struct sn_api *api, struct sn_letter *letter, const struct sn_reply *reply) {
    const struct sn_json *row = sn_json_first(sn_reply_rows(api, reply, 0));
    if (!reply->done) sn_log(api, "outbox", "", reply->body);
    if (row == NULL) { /* another tick has it, or it is gone */
        wait_for(letter, FREE, 0);
        return;
    }
    char target[16] = "";
    bool fits = take_text(target, sizeof target, row, "target") &&
                take_text(letter->tenant, sizeof letter->tenant, row, "tenant_id") &&
                take_text(letter->run_id, sizeof letter->run_id, row, "run_id") &&
                take_text(letter->event, sizeof letter->event, row, "event") &&
                take_text(letter->url, sizeof letter->url, row, "url") &&
                take_text(letter->format, sizeof letter->format, row, "format") &&
                take_text(letter->facts, sizeof letter->facts, row, "facts");
    letter->facts_len = strlen(letter->facts);
    letter->certain = strcmp(target, "clearing") == 0;
    read_told(&letter->told, sn_json_first(sn_reply_rows(api, reply, 1)));
    if (!fits)
        not_sent(api, letter, "the message is longer than a message can be");
    else if (is_superseded(api, letter, reply))
        delivered(api, letter, false);
    else if (letter->certain)
        ask_state(api, letter);
    else
        post_webhook(api, letter);
}

static void posted(struct sn_api *api, struct sn_letter *letter, const struct sn_reply *reply) {
    struct sn_span retry_after;
    const struct sn_json *answer = sn_fetched_json(api, reply, &retry_after);
    if (!reply->done || reply->number < 200 || reply->number > 299) {
        answered_badly(api, letter, reply, retry_after);
        return;
    }
    note_incident(letter, answer);
    delivered(api, letter, true);
}

bool sn_outbox_take(struct sn_api *api, uint32_t id, const struct sn_reply *reply) {
    for (uint32_t i = 0; i < SN_LETTERS_AT_ONCE; i++) {
        struct sn_letter *letter = &api->tick.outbox.letters[i];
        if (letter->asked == FREE || letter->waiting_id != id) continue;
        switch (letter->asked) {
        case CLAIM: claimed(api, letter, reply); break;
        case STATE: post_clearing(api, letter, reply); break;
        case POST: posted(api, letter, reply); break;
        default:
            if (!reply->done) sn_log(api, "outbox", letter->run_id, reply->body);
            wait_for(letter, FREE, 0);
        }
        return true;
    }
    return false;
}
