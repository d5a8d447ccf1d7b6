/* Whom a step calls, and whether the operator lets it. */
#include <string.h>

#include "hosts.h"
#include "read.h"
#include "sentinel/base/record.h"
#include "steps.h"

static const char *default_binding(enum sn_service service) {
    switch (service) {
#define SN_X(name, value, text, binding) \
    case SN_SERVICE_##name: return binding;
        SN_SERVICE_LIST(SN_X)
#undef SN_X
    default: return "";
    }
}

/* Sentinel's own bindings and settings are nobody's target, whatever the operator's list says. */
static bool is_own(const char *name) {
    static const char *const own[] = {
#define SN_X(binding, value) #binding,
        SN_BINDING_LIST(SN_X)
#undef SN_X
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], name) == 0) return true;
    return strncmp(name, "SENTINEL_", 9) == 0 || strncmp(name, "CLEARING", 8) == 0; /* which is the status page */
}

static bool is_binding_name(const char *name) {
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++) {
        bool letter = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') || name[i] == '_';
        if (!letter && !(i > 0 && name[i] >= '0' && name[i] <= '9')) return false;
    }
    return len >= 1 && len <= SN_BINDING_NAME_MAX && strncmp(name, "__", 2) != 0;
}

bool sn_is_listed(struct sn_span list, const char *name) {
    while (list.len > 0) {
        size_t len = 0;
        while (len < list.len && list.data[len] != ' ') len++;
        if (sn_span_is((struct sn_span){list.data, len}, name)) return true;
        if (len < list.len) len++;
        list.data += len;
        list.len -= len;
    }
    return false;
}

bool sn_refuse_unlisted(struct sn_trail *trail, const char *what, struct sn_span list) {
    struct sn_writer w = sn_trail_expected(trail, "plan.target");
    sn_put_text(&w, what);
    sn_put_text(&w, list.len > 0 ? ", which is " : ", which is empty");
    sn_put_bytes(&w, list.data, list.len);
    return false;
}

bool sn_put_binding(struct sn_builder *b, enum sn_service service, const struct sn_json *value, struct sn_step *step) {
    const char *name = value != NULL ? sn_json_string(value) : default_binding(service);
    size_t mark = value != NULL ? sn_trail_name(b->trail, "binding") : b->trail->len;
    if (name == NULL || !is_binding_name(name))
        return sn_trail_refuse(b->trail, "plan.value", "the name of a binding, such as TARGET_DB");
    if (is_own(name)) return sn_trail_refuse(b->trail, "plan.target", "a binding that is not Sentinel's own");
    if (b->trail->targets.data != NULL && !sn_is_listed(b->trail->targets, name))
        return sn_refuse_unlisted(b->trail, "a binding in the operator's list SENTINEL_TARGETS", b->trail->targets);
    sn_trail_back(b->trail, mark);
    return sn_build_target(b, service, name, strlen(name), &step->target);
}

/* --- Hosts ----------------------------------------------------------------------------------------------------- */

/* The length of the host, with its port, behind the scheme: lower-case letters, digits, dots and dashes; 0: it is none. */
static size_t host_len(const char *text) {
    size_t len = strcspn(text, "/?"), name = 0;
    while (name < len && ((text[name] >= 'a' && text[name] <= 'z') || (text[name] >= '0' && text[name] <= '9') ||
                          text[name] == '.' || text[name] == '-'))
        name++;
    if (name == 0 || len > SN_HOST_MAX) return 0;
    if (name == len) return len;
    if (text[name] != ':' || len - name > 6) return 0;
    uint32_t port = 0;
    for (size_t i = name + 1; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') return 0;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    return port >= 1 && port <= UINT16_MAX ? len : 0;
}

bool sn_url_host(const char *url, char host[SN_HOST_MAX + 1]) {
    const char *at = url;
    if (strncmp(url, "https://", 8) == 0)
        at = url + 8;
    else if (strncmp(url, "http://", 7) == 0)
        at = url + 7;
    size_t len = at != url ? host_len(at) : 0;
    memcpy(host, at, len);
    host[len] = 0;
    return len > 0;
}

bool sn_put_url(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    const char *url = sn_json_string(value);
    char name[SN_HOST_MAX + 1];
    if (url == NULL || !sn_url_host(url, name))
        return sn_trail_refuse(b->trail, "plan.value",
                               "a URL with a constant host in small letters, and a port up to 65535 if any, such as "
                               "https://shop.example/${k}");
    if (b->trail->hosts.data != NULL && !sn_is_listed(b->trail->hosts, name))
        return sn_refuse_unlisted(b->trail, "a host in the operator's list SENTINEL_HOSTS", b->trail->hosts);
    return sn_build_target(b, SN_SERVICE_HTTP, name, strlen(name), &step->target) &&
           sn_template_compile(b, url, SN_VALUE_TEXT) && sn_check_length(b, SN_URL_MAX, "a URL");
}
