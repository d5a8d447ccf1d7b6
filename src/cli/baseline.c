/* `sentinel baseline`: what is normal for a plan, kept by the Worker. */
#include "part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/api/sentinel/baselines"
#define BODY_BYTES 4096u
#define HASH_DIGITS 16u

/* --- For people --------------------------------------------------------------------------------------------------- */

static const char *text_of(char *out, size_t cap, const struct sn_json *object, const char *name) {
    return sn_cli_plain(out, cap, sn_cli_json_text(object, name, ""));
}

static void print_list(const struct sn_json *root) {
    const struct sn_json *list = sn_json_get(root, "baselines");
    if (sn_json_count(list) == 0) printf("There are no baselines here.\n");
    for (const struct sn_json *one = sn_json_first(list); one != NULL; one = sn_json_next(one)) {
        char id[64], hash[24], name[130], created[32];
        printf("%-36s  %-8s  %-16s  %2zu runs  %-24s  %s\n", text_of(id, sizeof id, one, "id"),
               sn_json_bool(sn_json_get(one, "active")) ? "active" : "", text_of(hash, sizeof hash, one, "planHash"),
               sn_json_count(sn_json_get(one, "runs")), text_of(created, sizeof created, one, "createdAt"),
               text_of(name, sizeof name, one, "name"));
    }
}

static void print_figure(const struct sn_json *baseline, const char *what, const char *name, const char *unit) {
    const struct sn_json *value = sn_json_get(baseline, name);
    if (sn_json_type(value) == SN_JSON_NUMBER) printf("  %-12s %.6g%s\n", what, sn_json_number(value), unit);
}

static void print_baseline(const struct sn_json *baseline) {
    char text[1100];
    printf("%s\n", text_of(text, sizeof text, baseline, "name"));
    if (text_of(text, sizeof text, baseline, "description")[0] != 0) printf("  %s\n", text);
    printf("  %-12s %s\n", "id", text_of(text, sizeof text, baseline, "id"));
    printf("  %-12s %s\n", "active", sn_json_bool(sn_json_get(baseline, "active")) ? "yes" : "no");
    printf("  %-12s %s\n", "plan", text_of(text, sizeof text, baseline, "planHash"));
    print_figure(baseline, "p50", "p50Ms", " ms");
    print_figure(baseline, "p95", "p95Ms", " ms");
    print_figure(baseline, "p99", "p99Ms", " ms");
    print_figure(baseline, "achieved", "achievedPerS", " operations a second");
    print_figure(baseline, "seconds", "seconds", " in all");
    printf("  %-12s", "floors");
    const struct sn_json *floors = sn_json_get(baseline, "floors");
    for (const struct sn_json *floor = sn_json_first(floors); floor != NULL; floor = sn_json_next(floor))
        printf(" p%s %.1f %%", sn_cli_plain(text, sizeof text, sn_json_name(floor)), 100 * sn_json_number(floor));
    printf("\n");
    const struct sn_json *runs = sn_json_get(baseline, "runs");
    for (const struct sn_json *run = sn_json_first(runs); run != NULL; run = sn_json_next(run))
        printf("  %-12s %s\n", "run",
               sn_cli_plain(text, sizeof text, sn_json_string(run) != NULL ? sn_json_string(run) : ""));
}

/* --- The answer --------------------------------------------------------------------------------------------------- */

/* Prints an answer that has `member`, of this type; frees it. */
static enum sn_exit print(const struct sn_cli_options *options, struct sn_cli_answer *answer, const char *member,
                          enum sn_json_type type, const char *what) {
    struct sn_cli_json json;
    enum sn_exit code = SN_EXIT_OK;
    sn_cli_json_parse(&json, answer->body.data, answer->body.len);
    const struct sn_json *value = sn_json_get(json.root, member);
    if (sn_json_type(value) != type) {
        code = sn_cli_http_not_ours(what);
    } else if (options->json) {
        code = sn_cli_put_answer(answer);
    } else if (type == SN_JSON_ARRAY) {
        print_list(json.root);
    } else {
        print_baseline(value);
    }
    sn_cli_json_free(&json);
    free(answer->body.data);
    return code;
}

bool sn_cli_is_hash(const char *text) {
    return strlen(text) == HASH_DIGITS && strspn(text, "0123456789abcdef") == HASH_DIGITS;
}

static enum sn_exit list(const struct sn_cli_options *options) {
    static const char what[] = "The baselines could not be listed";
    struct sn_cli_answer answer;
    char path[96];
    const char *hash = options->plan_hash;
    if (hash != NULL && !sn_cli_is_hash(hash)) {
        sn_cli_say("--plan-hash: expected 16 hexadecimal digits, as reports have them, got \"%s\".", hash);
        return SN_EXIT_CONFIGURATION;
    }
    snprintf(path, sizeof path, PATH "%s%s", hash != NULL ? "?planHash=" : "", hash != NULL ? hash : "");
    enum sn_exit code = sn_cli_ask(options, "GET", path, NULL, what, &answer);
    return code == SN_EXIT_OK ? print(options, &answer, "baselines", SN_JSON_ARRAY, what) : code;
}

static enum sn_exit one(const struct sn_cli_options *options, const char *method, const char *body, const char *what) {
    struct sn_cli_answer answer;
    char path[96];
    snprintf(path, sizeof path, PATH "/%s", options->arguments[1]);
    enum sn_exit code = sn_cli_ask(options, method, path, body, what, &answer);
    return code == SN_EXIT_OK ? print(options, &answer, "baseline", SN_JSON_OBJECT, what) : code;
}

static enum sn_exit delete (const struct sn_cli_options *options) {
    struct sn_cli_answer answer; char path[96]; snprintf(path, sizeof path, PATH "/%s", options->arguments[1]);
    enum sn_exit code = sn_cli_ask(options, "DELETE", path, NULL, "The baseline was not deleted", &answer);
    if (code != SN_EXIT_OK) return code;
    free(answer.body.data);
    printf("Baseline %s is deleted. Its runs are as they were.\n", options->arguments[1]);
    return SN_EXIT_OK;
}

/* --- create ------------------------------------------------------------------------------------------------------- */

static bool make_body(const struct sn_cli_options *options, char body[BODY_BYTES]) {
    struct sn_writer w = sn_writer(body, BODY_BYTES - 1);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "name", options->name);
    if (options->description != NULL) sn_json_put_text(&j, "description", options->description);
    sn_json_put_bool(&j, "active", !options->inactive);
    sn_json_open(&j, "runs", '[');
    for (int i = 1; i < options->arguments_len; i++) sn_json_put_text(&j, NULL, options->arguments[i]);
    sn_json_close(&j, ']');
    sn_json_close(&j, '}');
    if (w.full) {
        sn_cli_say("Name, description and runs are too long together.");
        return false;
    }
    body[w.len] = 0;
    return true;
}

static enum sn_exit create(const struct sn_cli_options *options) {
    static const char what[] = "The baseline was not made";
    struct sn_cli_answer answer;
    char body[BODY_BYTES];
    if (options->name == NULL) {
        sn_cli_say("`sentinel baseline create` needs --name: what to call the baseline.");
        return SN_EXIT_CONFIGURATION;
    }
    for (int i = 1; i < options->arguments_len; i++)
        if (!sn_cli_check_id(options->arguments[i])) return SN_EXIT_CONFIGURATION;
    if (!make_body(options, body)) return SN_EXIT_CONFIGURATION;
    enum sn_exit code = sn_cli_ask(options, "POST", PATH, body, what, &answer);
    return code == SN_EXIT_OK ? print(options, &answer, "baseline", SN_JSON_OBJECT, what) : code;
}

/* --- The command -------------------------------------------------------------------------------------------------- */

enum verb { LIST, SHOW, CREATE, ACTIVATE, DELETE, VERBS };

static enum verb find_verb(const char *text) {
    static const char *const names[] = {"list", "show", "create", "activate", "delete"};
    int verb = 0;
    while (verb < VERBS && strcmp(text, names[verb]) != 0) verb++;
    return (enum verb)verb;
}

/* Whether as many arguments stand behind the verb as it takes. */
static bool check_arguments(const struct sn_cli_options *options, enum verb verb) {
    int len = options->arguments_len - 1;
    if (verb == VERBS) {
        sn_cli_say("`sentinel baseline` takes list, show ID, create RUN..., activate ID or delete ID; got \"%s\".",
                   options->argument);
    } else if (verb == LIST && len > 0) {
        sn_cli_say("`sentinel baseline list` takes nothing behind it; got \"%s\".", options->arguments[1]);
    } else if (verb == CREATE && len == 0) {
        sn_cli_say(
            "`sentinel baseline create` needs the ids of the runs that it is made of; `sentinel list` has them.");
    } else if (verb != LIST && verb != CREATE && len != 1) {
        sn_cli_say("`sentinel baseline %s` needs the id of one baseline; `sentinel baseline list` has them.",
                   options->argument);
    } else {
        return verb == LIST || verb == CREATE || sn_cli_check_baseline(options->arguments[1]);
    }
    return false;
}

enum sn_exit sn_cli_baseline(const struct sn_cli_options *options) {
    enum verb verb = find_verb(options->argument);
    if (!check_arguments(options, verb)) return SN_EXIT_CONFIGURATION;
    switch (verb) {
    case LIST: return list(options);
    case SHOW: return one(options, "GET", NULL, "The baseline could not be shown");
    case CREATE: return create(options);
    case ACTIVATE: return one(options, "PATCH", "{\"active\":true}", "The baseline was not made the active one");
    case DELETE: return delete (options);
    case VERBS: break;
    }
    return SN_EXIT_CONFIGURATION;
}
