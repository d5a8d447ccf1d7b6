#include "api_harness.h"

#include "sentinel/base/problem.h"
#include "sentinel/plan/catalog.h"
#include "sentinel/service/routes.h"

/* GET /api/sentinel/openapi.json: whatever the API answers is in it, and nothing else. */

static const struct sn_json *described(struct host *host) {
    host_get(host, "/api/sentinel/openapi.json");
    return expect_response(host, 200).json;
}

static const struct sn_json *at(const struct sn_json *from, const char *path) {
    char name[64];
    while (*path != '\0') {
        size_t len = strcspn(path, " ");
        memcpy(name, path, len);
        name[len] = '\0';
        from = sn_json_get(from, name);
        if (from == NULL) fail_msg("%s is not there", name);
        path += len + (path[len] == ' ');
    }
    return from;
}

static bool lists(const struct sn_json *list, const char *text, size_t len, const char *member_name) {
    for (const struct sn_json *one = sn_json_first(list); one != NULL; one = sn_json_next(one)) {
        const char *known = member_name != NULL ? member(one, member_name) : sn_json_string(one);
        if (known != NULL && strlen(known) == len && memcmp(known, text, len) == 0) return true;
    }
    return false;
}

/* "/api/sentinel/:id/report" → "/api/sentinel/{id}/report" */
static const char *path_of(const struct sn_route *route) {
    static char path[128];
    const char *colon = strchr(route->pattern, ':');
    if (colon == NULL) return route->pattern;
    int len = (int)strcspn(colon, "/");
    snprintf(path, sizeof path, "%.*s{%.*s}%s", (int)(colon - route->pattern), route->pattern, len - 1, colon + 1,
             colon + len);
    return path;
}

static const struct sn_json *operation(const struct sn_json *paths, const struct sn_route *route) {
    char method[8] = "";
    for (size_t i = 0; route->method[i] != '\0'; i++) method[i] = (char)(route->method[i] | 0x20);
    const struct sn_json *path = sn_json_get(paths, path_of(route));
    if (sn_json_get(path, method) == NULL) fail_msg("%s %s is not described", route->method, route->pattern);
    return sn_json_get(path, method);
}

static void every_route_is_described_and_nothing_else(void **state) {
    (void)state;
    struct host *host = host_open();
    const struct sn_json *root = described(host), *paths = at(root, "paths");
    assert_string_equal(member(root, "openapi"), "3.1.0");
    size_t operations = 0;
    for (const struct sn_json *path = sn_json_first(paths); path != NULL; path = sn_json_next(path)) {
        operations += sn_json_count(path);
    }
    assert_int_equal(operations, sn_routes_len);
    for (size_t i = 0; i < sn_routes_len; i++) {
        const struct sn_route *route = &sn_routes[i];
        const struct sn_json *described_as = operation(paths, route), *parameters = at(described_as, "parameters");
        assert_string_equal(member(described_as, "summary"), route->summary);
        assert_string_equal(member(described_as, "x-role"), sn_access_name(route->access));
        assert_int_equal(sn_json_get(described_as, "security") != NULL, route->access == SN_ACCESS_NONE);
        assert_int_equal(sn_json_get(described_as, "requestBody") != NULL, route->takes != SN_TAKES_NOTHING);
        assert_true(route->takes == SN_TAKES_NOTHING || route->method[0] == 'P'); /* POST, PATCH */
        assert_int_equal(lists(parameters, "schedule", 8, "name"), strstr(route->pattern, ":schedule") != NULL);
        assert_int_equal(lists(parameters, "id", 2, "name"), strstr(route->pattern, ":id") != NULL);
        assert_int_equal(lists(parameters, "baseline", 8, "name"), strstr(route->pattern, ":baseline") != NULL);
        assert_int_equal(lists(parameters, "name", 4, "name"), strstr(route->pattern, ":name") != NULL);
        for (const char *name = route->query; *name != '\0'; name += strspn(name, " ")) {
            size_t len = strcspn(name, " ");
            assert_true(lists(parameters, name, len, "name"));
            name += len;
        }
        at(described_as, "responses default");
        assert_int_equal(sn_json_count(at(described_as, "responses")), 2);
    }
    host_close(host);
}

static void every_problem_is_listed(void **state) {
    (void)state;
    struct host *host = host_open();
    const struct sn_json *codes = at(described(host), "components schemas Problem properties code enum");
    assert_int_equal(sn_json_count(codes), SN_PROBLEMS_LEN);
    for (uint32_t i = 0; i < SN_PROBLEMS_LEN; i++) {
        const char *code = sn_problem_code((enum sn_problem_kind)i);
        assert_true(lists(codes, code, strlen(code), NULL));
    }
    host_close(host);
}

/* Every "$ref" leads somewhere. */
static void follow(const struct sn_json *root, const struct sn_json *value, size_t *followed) {
    for (const struct sn_json *one = sn_json_first(value); one != NULL; one = sn_json_next(one)) {
        const char *ref =
            sn_json_name(one) != NULL && strcmp(sn_json_name(one), "$ref") == 0 ? sn_json_string(one) : NULL;
        if (ref != NULL) {
            char path[128];
            assert_memory_equal(ref, "#/", 2);
            snprintf(path, sizeof path, "%s", ref + 2);
            for (char *slash = path; (slash = strchr(slash, '/')) != NULL;) *slash = ' ';
            at(root, path);
            *followed += 1;
        }
        follow(root, one, followed);
    }
}

static void references_lead_somewhere(void **state) {
    (void)state;
    struct host *host = host_open();
    size_t followed = 0;
    const struct sn_json *root = described(host);
    follow(root, root, &followed);
    assert_true(followed > sn_routes_len);
    host_close(host);
}

/* A field that is described and none that is not are accepted: the description is the compiler's own table. */
static void plans_have_the_fields_that_are_described(void **state) {
    (void)state;
    struct host *host = host_open();
    const struct sn_json *properties = at(described(host), "components schemas Plan properties");
    assert_true(sn_json_get(properties, "preset") != NULL && sn_json_get(properties, "scheduledAt") != NULL);
    struct host *other = host_open();
    for (const struct sn_json *one = sn_json_first(properties); one != NULL; one = sn_json_next(one)) {
        char body[128];
        snprintf(body, sizeof body, "{\"%s\":[{}]}", sn_json_name(one)); /* wrong, but not unknown */
        host_post(other, "/api/sentinel/plan", body);
        assert_string_not_equal(member(expect_response(other, 400).json, "code"), "plan.unknown-field");
    }
    host_close(other);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described_and_nothing_else),
        cmocka_unit_test(every_problem_is_listed),
        cmocka_unit_test(references_lead_somewhere),
        cmocka_unit_test(plans_have_the_fields_that_are_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
