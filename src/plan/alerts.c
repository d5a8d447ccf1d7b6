/* Who is to hear of a run, and which component of the status page is in maintenance while it goes on.  Both are checked
 * here and read from the plan's text later, by the control database (migrations/024_outbox.sql). */
#include "sentinel/plan/alerts.h"

#include <string.h>

#include "hosts.h"
#include "request.h"
#include "sentinel/base/vocab.h"

#define WEBHOOKS_MAX 8
#define HOOK_URL_MAX 500
#define HOOK_NAME_MAX 32

static bool read_event(struct sn_trail *trail, const struct sn_json *value) {
    const char *names[SN_ALERTS_LEN];
    size_t index;
    for (size_t i = 0; i < SN_ALERTS_LEN; i++) names[i] = sn_alert_name((enum sn_alert)i);
    return sn_read_word(trail, value, names, SN_ALERTS_LEN, &index);
}

static bool read_events(struct sn_trail *trail, const struct sn_json *value) {
    size_t index = 0, mark = sn_trail_name(trail, "events");
    if (!sn_read_array(trail, value, 1, SN_ALERTS_LEN)) return false;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t back = sn_trail_index(trail, index++);
        if (!read_event(trail, at)) return false;
        sn_trail_back(trail, back);
    }
    sn_trail_back(trail, mark);
    return true;
}

static bool read_format(struct sn_trail *trail, const struct sn_json *value) {
    const char *names[SN_HOOK_FORMATS_LEN];
    size_t index, mark = sn_trail_name(trail, "format");
    for (size_t i = 0; i < SN_HOOK_FORMATS_LEN; i++) names[i] = sn_hook_format_name((enum sn_hook_format)i);
    if (!sn_read_word(trail, value, names, SN_HOOK_FORMATS_LEN, &index)) return false;
    sn_trail_back(trail, mark);
    return true;
}

/* What stands behind the host goes out as it is. */
static bool is_plain(const char *url) {
    for (; *url != '\0'; url++)
        if (*url <= 0x20 || *url >= 0x7f) return false;
    return true;
}

static bool read_url(struct sn_trail *trail, const struct sn_json *value) {
    const char *url;
    char host[SN_HOST_MAX + 1];
    size_t mark = sn_trail_name(trail, "url");
    if (!sn_read_text(trail, value, 1, HOOK_URL_MAX, &url)) return false;
    if (!is_plain(url) || !sn_url_host(url, host))
        return sn_trail_refuse(trail, "plan.value",
                               "a URL with its host in small letters, such as https://hooks.example/sentinel");
    if (trail->outside.hosts.data != NULL && !sn_is_listed(trail->outside.hosts, host))
        return sn_refuse_unlisted(trail, "a host in the operator's list SENTINEL_WEBHOOK_HOSTS", trail->outside.hosts);
    sn_trail_back(trail, mark);
    return true;
}

static bool read_to(struct sn_trail *trail, const struct sn_json *value) {
    const char *name;
    size_t mark = sn_trail_name(trail, "to");
    if (!sn_read_text(trail, value, 1, HOOK_NAME_MAX, &name)) return false;
    if (trail->outside.names.data != NULL && !sn_is_listed(trail->outside.names, name))
        return sn_refuse_unlisted(trail, "a name in the operator's secret SENTINEL_WEBHOOKS", trail->outside.names);
    sn_trail_back(trail, mark);
    return true;
}

static bool read_webhook(struct sn_trail *trail, const struct sn_json *value) {
    enum { URL, TO, EVENTS, FORMAT, LEN };
    static const char *const names[LEN] = {"url", "to", "events", "format"};
    const struct sn_json *members[LEN];
    if (!sn_read_members(trail, value, names, LEN, members)) return false;
    if ((members[URL] == NULL) == (members[TO] == NULL))
        return sn_trail_refuse(trail, members[URL] == NULL ? "plan.missing" : "plan.conflict",
                               "either \"url\", or \"to\" with a name that the operator gave to one");
    return (members[URL] == NULL || read_url(trail, members[URL])) &&
           (members[TO] == NULL || read_to(trail, members[TO])) &&
           (members[EVENTS] == NULL || read_events(trail, members[EVENTS])) &&
           (members[FORMAT] == NULL || read_format(trail, members[FORMAT]));
}

bool sn_alerts_check(struct sn_trail *trail, const struct sn_json *value) {
    static const char *const names[] = {"webhooks"};
    const struct sn_json *webhooks;
    if (!sn_read_members(trail, value, names, 1, &webhooks)) return false;
    if (webhooks == NULL) return sn_trail_refuse(trail, "plan.missing", "a list of webhooks");
    if (trail->outside.no_secret)
        return sn_trail_refuse(
            trail, "plan.target",
            "a Worker with the secret SENTINEL_WEBHOOK_SECRET (docs/operating.md), to sign alerts with");
    size_t index = 0, mark = sn_trail_name(trail, "webhooks");
    if (!sn_read_array(trail, webhooks, 1, WEBHOOKS_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(webhooks); at != NULL; at = sn_json_next(at)) {
        size_t back = sn_trail_index(trail, index++);
        if (!read_webhook(trail, at)) return false;
        sn_trail_back(trail, back);
    }
    sn_trail_back(trail, mark);
    return true;
}

static bool is_slug(const char *text) {
    for (; *text != '\0'; text++)
        if (!(*text >= 'a' && *text <= 'z') && !(*text >= '0' && *text <= '9') && *text != '-') return false;
    return true;
}

bool sn_maintenance_check(struct sn_trail *trail, const struct sn_json *value) {
    enum { COMPONENT, MESSAGE, LEN };
    static const char *const names[LEN] = {"component", "message"};
    const struct sn_json *members[LEN];
    const char *component, *message;
    if (!sn_read_members(trail, value, names, LEN, members)) return false;
    if (members[COMPONENT] == NULL)
        return sn_trail_refuse_at(trail, names[COMPONENT], "plan.missing", "the slug of a component of the Clearing");
    if (trail->outside.no_clearing)
        return sn_trail_refuse(trail, "plan.target",
                               "a Worker with the binding CLEARING or the variable CLEARING_API_URL, and the secret "
                               "CLEARING_API_KEY (docs/operating.md)");
    size_t mark = sn_trail_name(trail, names[COMPONENT]);
    if (!sn_read_text(trail, members[COMPONENT], 1, SN_COMPONENT_SLUG_MAX, &component)) return false;
    if (!is_slug(component)) return sn_trail_refuse(trail, "plan.value", "a slug of small letters, digits and dashes");
    sn_trail_back(trail, mark);
    if (members[MESSAGE] == NULL) return true;
    mark = sn_trail_name(trail, names[MESSAGE]);
    if (!sn_read_text(trail, members[MESSAGE], 1, SN_MAINTENANCE_MESSAGE_MAX, &message)) return false;
    sn_trail_back(trail, mark);
    return true;
}

bool sn_request_alerts(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    (void)field;
    (void)into;
    return sn_alerts_check(trail, value);
}

bool sn_request_maintenance(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                            void *into) {
    (void)field;
    (void)into;
    return sn_maintenance_check(trail, value);
}
