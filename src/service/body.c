/* From the body of a request to a plan: what creating a run and trying a plan out have in common. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/time.h"
#include "sentinel/plan/estimate.h"

#define AHEAD_US (366 * 86400 * SN_SECOND_US)

void sn_put_uuid(char *out, const uint8_t *bytes, uint8_t version) {
    struct sn_writer w = sn_writer(out, SN_UUID_SIZE);
    for (size_t i = 0; i < 16; i++) {
        uint8_t byte = bytes[i];
        if (i == 6) byte = (uint8_t)((byte & 0x0f) | version << 4);
        if (i == 8) byte = (uint8_t)((byte & 0x3f) | 0x80);
        if (i == 4 || i == 6 || i == 8 || i == 10) sn_put_u8(&w, '-');
        sn_put_hex(&w, byte, 2);
    }
    sn_put_u8(&w, 0);
}

static const struct sn_problem no_random = {
    .kind = SN_PROBLEM_INTERNAL_RANDOM,
    .detail = "Sentinel got no random bytes to name this with. That is our fault, not yours.",
};

bool sn_make_id(struct sn_api *api, struct sn_span random, char *id) {
    if (random.len == 16)
        sn_put_uuid(id, random.data, 4);
    else
        sn_answer_problem(api, &no_random);
    return random.len == 16;
}

static void note(char *into, size_t cap, struct sn_span setting) {
    size_t len = setting.len < cap ? setting.len : cap - 1;
    if (len > 0) memcpy(into, setting.data, len);
    into[len] = '\0';
}

/* A list of words.  A part of one is another one, which nobody has listed; and a list that nothing is left of is not one that
 * was left out. */
static void note_listed(char *into, size_t cap, struct sn_span setting) {
    note(into, cap, setting);
    if (setting.len < cap) return;
    size_t len = cap - 1;
    if (setting.data[len] != ' ')
        while (len > 0 && into[len - 1] != ' ') len--;
    into[len] = '\0';
    if (len == 0) memcpy(into, " ", 2);
}

struct sn_settings sn_settings_get(struct sn_reader *r) {
    struct sn_settings settings;
    settings.platform = sn_get_span(r);
    settings.limits = sn_get_span(r);
    settings.targets = sn_get_span(r);
    settings.hosts = sn_get_span(r);
    settings.prices = sn_get_span(r);
    settings.webhook_hosts = sn_get_span(r);
    settings.webhooks = sn_get_span(r);
    settings.webhook_secret = sn_get_span(r);
    settings.clearing_binding = sn_get_span(r);
    settings.clearing_url = sn_get_span(r);
    settings.clearing_key = sn_get_span(r);
    return settings;
}

/* A part of a secret is none, and would sign as if it were. */
static void note_whole(char *into, size_t cap, struct sn_span setting) {
    note(into, cap, setting.len < cap ? setting : (struct sn_span){0});
}

void sn_settings_note(struct sn_api *api, const struct sn_settings *settings) {
    note(api->platform, sizeof api->platform, settings->platform);
    note(api->limits, sizeof api->limits, settings->limits);
    note_listed(api->targets, sizeof api->targets, settings->targets);
    note_listed(api->hosts, sizeof api->hosts, settings->hosts);
    note(api->prices, sizeof api->prices, settings->prices);
    note_listed(api->webhook_hosts, sizeof api->webhook_hosts, settings->webhook_hosts);
    note_whole(api->webhooks, sizeof api->webhooks, settings->webhooks);
    note_whole(api->webhook_secret, sizeof api->webhook_secret, settings->webhook_secret);
    note_whole(api->clearing_url, sizeof api->clearing_url, settings->clearing_url);
    note_whole(api->clearing_key, sizeof api->clearing_key, settings->clearing_key);
    api->clearing_bound = settings->clearing_binding.len > 0;
}

/* A Worker that was deployed without the list has what Sentinel itself brings. */
struct sn_span sn_settings_targets(const struct sn_api *api) {
    static const char standard[] = "TARGET_DB TARGET_KV TARGET_R2 PROBES";
    const char *list = api->targets[0] != '\0' ? api->targets : standard;
    return (struct sn_span){(const uint8_t *)list, strlen(list)};
}

/* "" is the paid plan. */
bool sn_body_text(struct sn_trail *trail, const struct sn_json *value, const char *expected, size_t min, size_t max,
                  char *out) {
    const char *text = sn_json_string(value);
    if (text == NULL) return sn_trail_refuse(trail, "body.type", expected);
    size_t len = strlen(text);
    bool fits = len >= min && len <= max;
    for (size_t i = 0; fits && i < len; i++) fits = sn_control_len(text + i) == 0;
    if (!fits) return sn_trail_refuse(trail, "body.range", expected);
    memcpy(out, text, len + 1);
    return true;
}

static bool find_platform(const struct sn_api *api, enum sn_platform *platform) {
    *platform = SN_PLATFORM_PAID;
    return api->platform[0] == '\0' || sn_platform_find(api->platform, strlen(api->platform), platform);
}

bool sn_settings_bounds(const struct sn_api *api, enum sn_bounds *bounds) {
    *bounds = SN_BOUNDS_DEFAULT;
    return api->limits[0] == '\0' || sn_bounds_find(api->limits, strlen(api->limits), bounds);
}

static enum sn_status refuse_setting(struct sn_plan_error *error, const char *expected) {
    *error = (struct sn_plan_error){.code = "plan.limit", .path = "$"};
    struct sn_writer w = sn_writer(error->expected, sizeof error->expected - 1);
    sn_put_text(&w, "the Worker's variable ");
    sn_put_text(&w, expected);
    sn_put_text(&w, "; whoever deployed this Sentinel can change it");
    return SN_E_RANGE;
}

/* One that is cut off is no JSON any more. */
static bool read_prices(struct sn_api *api, struct sn_prices *prices, struct sn_plan_error *error) {
    struct sn_plan_error fault = {0};
    if (sn_prices_read(api->prices, strlen(api->prices), &api->arena, prices, &fault)) return true;
    char text[sizeof error->expected - 72]; /* what refuse_setting() adds has room beside it */
    struct sn_writer w = sn_writer(text, sizeof text - 1);
    sn_put_text(&w, "SENTINEL_PRICES to have at ");
    sn_put_text(&w, fault.path[0] != '\0' ? fault.path : "$");
    sn_put_text(&w, " ");
    size_t len = strlen(fault.expected), room = w.cap - w.len;
    sn_put_bytes(&w, fault.expected, len < room ? len : room);
    text[w.len] = '\0';
    refuse_setting(error, text);
    return false;
}

/* Who sends a plan hears at once of what could not be sent for it.  A plan that was accepted once is no worse for a setting
 * that has changed since: what a dead run left is cleaned up all the same, and messages look at the settings of their day. */
struct sn_plan_outside sn_body_outside(struct sn_api *api, char *names, size_t cap) {
    struct sn_writer list = sn_writer(names, cap);
    sn_hook_put_names(api, &list);
    return (struct sn_plan_outside){
        .hosts = {(const uint8_t *)api->webhook_hosts, strlen(api->webhook_hosts)},
        .names = {(const uint8_t *)names, list.len},
        .no_secret = api->webhook_secret[0] == '\0',
        .no_clearing = !sn_clearing_configured(api),
    };
}

/* A random seed is drawn from the run's id, which is random: so it is the same one when the plan is compiled again. */
enum sn_status sn_body_compile(struct sn_api *api, const char *run_id, const char *tenant, const char *name,
                               const char *text, size_t len, struct sn_plan_error *error) {
    struct sn_span entropy = {(const uint8_t *)run_id, strlen(run_id)};
    struct sn_plan_owner owner = {.run_id = run_id, .tenant = tenant, .name = name, .entropy = entropy};
    owner.targets = sn_settings_targets(api);
    owner.hosts = (struct sn_span){(const uint8_t *)api->hosts, strlen(api->hosts)};
    struct sn_writer w = sn_writer(api->plan, sizeof api->plan);
    if (!find_platform(api, &owner.platform))
        return refuse_setting(error, "SENTINEL_PLATFORM to be \"paid\" or \"free\"");
    if (!sn_settings_bounds(api, &owner.bounds))
        return refuse_setting(error, "SENTINEL_LIMITS to be \"default\" or \"operator\"");
    char names[SN_LISTED_MAX];
    if (api->route != NULL) owner.outside = sn_body_outside(api, names, sizeof names);
    struct sn_prices prices;
    if (!read_prices(api, &prices, error)) return SN_E_RANGE;
    owner.prices = &prices;
    enum sn_status status = sn_plan_compile(text, len, &owner, &api->arena, &w, error);
    api->plan_len = w.len;
    return status;
}

/* False, and answered, when the plan is refused. */
static bool compile(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_plan_error error = {0};
    sn_arena_reset(&api->arena);
    const char *text = (const char *)http->body.data;
    enum sn_status status = sn_body_compile(api, api->run_id, who->tenant, NULL, text, http->body.len, &error);
    if (status == SN_OK) return true;
    sn_answer_problem(api,
                      &(struct sn_problem){
                          .kind = sn_problem_find(error.code, SN_PROBLEM_PLAN_REFUSED),
                          .detail = status == SN_E_FORMAT
                                        ? "The body is not a plan in JSON. 'path' and 'expected' say where and why."
                                        : "The plan cannot be run as it is. 'path' and 'expected' say what to change.",
                          .path = error.path[0] != '\0' ? error.path : "$",
                          .expected = error.expected[0] != '\0' ? error.expected : sn_status_text(status),
                      });
    return false;
}

const struct sn_problem sn_plan_too_large = {
    .kind = SN_PROBLEM_PLAN_SIZE,
    .detail = "The plan is larger than one run can hold. Fewer systems, a shorter test or fewer phases will fit.",
    .path = "$",
    .expected = "a plan that fits into the memory of one run",
};

const struct sn_problem sn_plan_untimely = {
    .kind = SN_PROBLEM_PLAN_RANGE,
    .detail = "The run cannot be scheduled for this time.",
    .path = "$.scheduledAt",
    .expected = "a time after now, and at most 366 days ahead",
};

/* Rows have whole seconds; a run starts at its time or after it, so a part of a second counts as one. */
static int64_t scheduled_us(const struct sn_json *root) {
    const char *text = sn_json_string(sn_json_get(root, "scheduledAt"));
    int64_t at_us = 0;
    if (text == NULL) return 0;
    SN_ASSERT(sn_iso_parse(text, strlen(text), &at_us) == SN_OK); /* the compiler has read it */
    int64_t part_us = at_us % SN_SECOND_US;
    return part_us > 0 ? at_us - part_us + SN_SECOND_US : at_us;
}

bool sn_body_read(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http,
                  struct sn_body *body) {
    if (!sn_make_id(api, http->random, api->run_id)) return false;
    if (!compile(api, who, http)) return false;
    sn_arena_reset(&api->arena);
    struct sn_json_error error;
    body->plan = sn_arena_alloc(&api->arena, sizeof *body->plan);
    body->root = sn_json_parse(&api->arena, (const char *)http->body.data, http->body.len, &error);
    if (body->plan == NULL || body->root == NULL) { /* a text that is almost too much for the compiler too */
        sn_answer_problem(api, &sn_plan_too_large);
        return false;
    }
    SN_ASSERT(sn_plan_open(body->plan, api->plan, api->plan_len) == SN_OK);
    body->start = sn_json_bool(sn_json_get(body->root, "startImmediately"));
    body->scheduled = sn_json_get(body->root, "scheduledAt") != NULL;
    api->scheduled_us = scheduled_us(body->root);
    body->untimely =
        body->scheduled && !(api->scheduled_us > api->now_us && api->scheduled_us - api->now_us <= AHEAD_US);
    return true;
}
