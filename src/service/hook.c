/* What webhooks are told, and where the operator's named ones are. */
#include "service.h"

#include <string.h>

#include "sentinel/base/time.h"

static void put_time(struct sn_json_writer *j, const char *name, double seconds) {
    sn_json_put_time(j, name, seconds > 0 && seconds < 1e11 ? (int64_t)seconds * SN_SECOND_US : 0);
}

static void put_schedule(struct sn_json_writer *j, const struct sn_facts *facts) {
    sn_json_open(j, "schedule", '{');
    sn_json_put_text(j, "id", facts->schedule_id);
    sn_json_put_text(j, "name", facts->name);
    sn_json_put_text(j, "status", facts->status);
    sn_json_put_text(j, "reason", facts->reason);
    sn_json_close(j, '}');
}

static void put_run(struct sn_json_writer *j, const struct sn_facts *facts) {
    sn_json_open(j, "run", '{');
    sn_json_put_text(j, "id", facts->run_id);
    sn_json_put_text(j, "name", facts->name);
    sn_json_put_text(j, "status", facts->status);
    sn_json_put_text(j, "validity", facts->validity);
    sn_json_put_text(j, "verdict", facts->verdict);
    sn_json_put_text(j, "reason", facts->reason[0] != '\0' ? facts->reason : NULL);
    sn_json_put_text(j, "endedBy", facts->ended_by[0] != '\0' ? facts->ended_by : NULL);
    if (facts->baseline[0] != '\0') sn_json_put_text(j, "baseline", facts->baseline);
    put_time(j, "startedAt", facts->started_s);
    put_time(j, "endedAt", facts->ended_s);
    sn_json_open(j, "operations", '{');
    sn_json_put_number(j, "total", facts->total);
    sn_json_put_number(j, "succeeded", facts->succeeded);
    sn_json_put_number(j, "failed", facts->failed);
    sn_json_close(j, '}');
    sn_json_put_number(j, "errorRate", sn_facts_error_rate(facts));
    sn_json_put_number(j, "avgMs", facts->avg_ms);
    sn_json_put_number(j, "p95Ms", facts->p95_ms);
    sn_json_put_number(j, "perSecond", facts->per_s);
    sn_json_close(j, '}');
}

void sn_hook_put_json(struct sn_writer *w, const char *id, const char *event, const struct sn_facts *facts) {
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "id", id);
    sn_json_put_text(&j, "event", event);
    sn_json_put_text(&j, "tenant", facts->tenant);
    if (facts->schedule_id[0] != '\0')
        put_schedule(&j, facts);
    else
        put_run(&j, facts);
    sn_json_close(&j, '}');
}

/* Slack's three control characters are written as entities (its own reference, "Formatting text"). */
static void put_escaped(struct sn_writer *w, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '&')
            sn_put_text(w, "&amp;");
        else if (*text == '<')
            sn_put_text(w, "&lt;");
        else if (*text == '>')
            sn_put_text(w, "&gt;");
        else
            sn_put_u8(w, (uint8_t)*text);
    }
}

static const char *headline(enum sn_alert alert) {
    switch (alert) {
    case SN_ALERT_THRESHOLD_FAILED: return "A threshold failed";
    case SN_ALERT_REGRESSION: return "Slower than the baseline";
    case SN_ALERT_SCHEDULE_PAUSED: return "A schedule was paused";
    case SN_ALERT_BUDGET_REACHED: return "The budget was reached";
    case SN_ALERT_KILL_SWITCH: return "Everything was stopped";
    default: return "A run has ended";
    }
}

static void put_figures(struct sn_writer *w, const struct sn_facts *facts) {
    sn_put_text(w, " ");
    sn_put_number(w, facts->total);
    sn_put_text(w, " operations, ");
    sn_put_fixed(w, 100 * sn_facts_error_rate(facts), 1);
    sn_put_text(w, " % failed, p95 ");
    sn_put_fixed(w, facts->p95_ms, 0);
    sn_put_text(w, " ms.");
}

/* "A run has ended: "Nightly" completed, its verdict is passed. 1200 operations, 0.4 % failed, p95 38 ms." */
static void put_sentence(struct sn_writer *w, enum sn_alert alert, const struct sn_facts *facts) {
    bool of_run = alert != SN_ALERT_SCHEDULE_PAUSED;
    sn_put_text(w, headline(alert));
    sn_put_text(w, ": \"");
    put_escaped(w, facts->name);
    sn_put_text(w, "\" ");
    sn_put_text(w, facts->status);
    if (strcmp(facts->verdict, "passed") == 0 || strcmp(facts->verdict, "failed") == 0) {
        sn_put_text(w, ", its verdict is ");
        sn_put_text(w, facts->verdict);
    }
    sn_put_text(w, ".");
    if (facts->baseline[0] != '\0') {
        sn_put_text(w, " The baseline is \"");
        put_escaped(w, facts->baseline);
        sn_put_text(w, "\".");
    }
    if (of_run) put_figures(w, facts);
    if (facts->reason[0] != '\0') {
        sn_put_text(w, " ");
        put_escaped(w, facts->reason);
    }
}

void sn_hook_put_slack(struct sn_writer *w, const char *event, const struct sn_facts *facts) {
    char text[4096];
    struct sn_writer t = sn_writer(text, sizeof text);
    put_sentence(&t, sn_alert_find(event, strlen(event)), facts);
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_span(&j, "text", text, t.len);
    sn_json_close(&j, '}');
}

static const struct sn_json *named(struct sn_api *api) {
    struct sn_json_error error;
    return sn_json_parse(&api->arena, api->webhooks, strlen(api->webhooks), &error);
}

void sn_hook_put_names(struct sn_api *api, struct sn_writer *w) {
    if (api->webhooks[0] == '\0') return;
    for (const struct sn_json *at = sn_json_first(named(api)); at != NULL; at = sn_json_next(at)) {
        if (sn_json_name(at) == NULL || strchr(sn_json_name(at), ' ') != NULL) continue;
        if (w->len > 0) sn_put_text(w, " ");
        sn_put_text(w, sn_json_name(at));
    }
}

const char *sn_hook_url(struct sn_api *api, const char *name) {
    return api->webhooks[0] != '\0' ? sn_json_string(sn_json_get(named(api), name)) : NULL;
}
