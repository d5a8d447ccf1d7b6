#include "plan_help.h"

/* Who is told of a run, and the status page: checked with the plan, of no weight for the load. */

#define HOOKS(more) SMOKE("\"alerts\":{\"webhooks\":[" more "]}")
#define HOOK(more) HOOKS("{\"url\":\"https://hooks.example/a\"," more "}")
#define UPKEEP(more) SMOKE("\"maintenance\":{" more "}")
#define LISTED(list) \
    { (const uint8_t *)list, sizeof list - 1 }

static void refuses(const char *json, const char *code, const char *path, const char *expected) {
    assert_int_not_equal(compile(json), SN_OK);
    if (strcmp(error.code, code) != 0 || strcmp(error.path, path) != 0 || strstr(error.expected, expected) == NULL)
        fail_msg("%s\n  gave %s at %s: expected %s", json, error.code, error.path, error.expected);
}

static const struct plan_case {
    const char *json, *code, *path, *expected; /* code NULL: it is accepted */
} cases[] = {
    {HOOKS("{\"url\":\"https://hooks.example/a?b=c\"}"), NULL, NULL, NULL},
    {HOOKS("{\"url\":\"http://other.example:8443\"},{\"to\":\"team\"}"), NULL, NULL, NULL},
    {HOOK("\"format\":\"slack\",\"events\":[\"finished\",\"regression\",\"budget-reached\",\"kill-switch\"]"), NULL,
     NULL, NULL},
    {HOOKS("{\"url\":\"https://evil.example/\"}"), "plan.target", "$.alerts.webhooks[0].url",
     "SENTINEL_WEBHOOK_HOSTS, which is hooks.example other.example:8443"},
    {HOOKS("{\"url\":\"https://hooks.example:65535/\"}"), "plan.target", "$.alerts.webhooks[0].url", "a host"},
    {HOOKS("{\"url\":\"https://hooks.example@evil.example/\"}"), "plan.value", "$.alerts.webhooks[0].url", "a URL"},
    {HOOKS("{\"url\":\"https://Hooks.example/\"}"), "plan.value", "$.alerts.webhooks[0].url", "small letters"},
    {HOOKS("{\"url\":\"ftp://hooks.example/\"}"), "plan.value", "$.alerts.webhooks[0].url", "a URL"},
    {HOOKS("{\"url\":\"https://hooks.example/a b\"}"), "plan.value", "$.alerts.webhooks[0].url", "a URL"},
    {HOOKS("{\"url\":\"https://hooks.example/ä\"}"), "plan.value", "$.alerts.webhooks[0].url", "a URL"},
    {HOOKS("{\"url\":7}"), "plan.type", "$.alerts.webhooks[0].url", "a text"},
    {HOOKS("{\"to\":\"tea\"}"), "plan.target", "$.alerts.webhooks[0].to", "SENTINEL_WEBHOOKS, which is ops team"},
    {HOOKS("{}"), "plan.missing", "$.alerts.webhooks[0]", "either \"url\", or \"to\""},
    {HOOK("\"to\":\"ops\""), "plan.conflict", "$.alerts.webhooks[0]", "either"},
    {HOOK("\"events\":[]"), "plan.range", "$.alerts.webhooks[0].events", "from 1 to 6 elements"},
    {HOOK("\"events\":[\"finished\",\"begun\"]"), "plan.value", "$.alerts.webhooks[0].events[1]",
     "one of finished, threshold-failed, regression, schedule-paused, budget-reached, kill-switch"},
    {HOOK("\"format\":\"xml\""), "plan.value", "$.alerts.webhooks[0].format", "one of json, slack"},
    {HOOK("\"secret\":\"x\""), "plan.unknown-field", "$.alerts.webhooks[0].secret", "url, to, events, format"},
    {HOOKS(""), "plan.range", "$.alerts.webhooks", "from 1 to 8 elements"},
    {SMOKE("\"alerts\":{}"), "plan.missing", "$.alerts", "a list of webhooks"},
    {SMOKE("\"alerts\":[]"), "plan.type", "$.alerts", "an object"},
    {UPKEEP("\"component\":\"blog-engine\""), NULL, NULL, NULL},
    {UPKEEP("\"component\":\"a\",\"message\":\"Wir testen.\""), NULL, NULL, NULL},
    {UPKEEP("\"message\":\"x\""), "plan.missing", "$.maintenance.component", "the slug"},
    {UPKEEP("\"component\":\"Blog Engine\""), "plan.value", "$.maintenance.component", "a slug"},
    {UPKEEP("\"component\":\"\""), "plan.range", "$.maintenance.component", "from 1 to 64 bytes"},
    {UPKEEP("\"component\":\"a\",\"message\":\"\""), "plan.range", "$.maintenance.message", "from 1 to 200 bytes"},
    {UPKEEP("\"component\":\"a\",\"until\":1"), "plan.unknown-field", "$.maintenance.until", "component, message"},
    {SMOKE("\"maintenance\":true"), "plan.type", "$.maintenance", "an object"},
};

static void alerts_and_maintenance(void **state) {
    static const struct sn_plan_outside outside = {.hosts = LISTED("hooks.example other.example:8443"),
                                                   .names = LISTED("ops team")};
    (void)state;
    owner.outside = outside;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct plan_case *one = &cases[i];
        if (one->code == NULL)
            compiles(one->json);
        else
            refuses(one->json, one->code, one->path, one->expected);
    }
    owner.outside = (struct sn_plan_outside){0};
}

static void what_the_worker_lacks(void **state) {
    (void)state;
    owner.outside = (struct sn_plan_outside){.no_secret = true, .no_clearing = true};
    refuses(HOOKS("{\"url\":\"https://hooks.example/\"}"), "plan.target", "$.alerts", "SENTINEL_WEBHOOK_SECRET");
    refuses(UPKEEP("\"component\":\"a\""), "plan.target", "$.maintenance", "CLEARING_API_KEY");
    owner.outside = (struct sn_plan_outside){0};
}

/* Who is told is nothing that the load depends on. */
static void the_load_is_the_same(void **state) {
    (void)state;
    compiles(SMOKE("\"concurrency\":5"));
    uint64_t hash = plan.hash;
    compiles(
        SMOKE("\"concurrency\":5,\"maintenance\":{\"component\":\"a\"},\"alerts\":{\"webhooks\":[{\"to\":\"x\"}]}"));
    assert_true(plan.hash == hash);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts_and_maintenance),
        cmocka_unit_test(what_the_worker_lacks),
        cmocka_unit_test(the_load_is_the_same),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
