/* `sentinel schedule`: runs that start by themselves. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/api/sentinel/schedules"
#define EXTRA_BYTES 8192 /* of what options add to a body, beside a plan */

/* The address of one, or of something that it does; false, and said, when this is no id. */
static bool path_of(char *path, size_t cap, const char *id, const char *more) {
    if (!sn_cli_check_id(id)) return false;
    snprintf(path, cap, PATH "/%s%s", id, more);
    return true;
}

/* --- What is printed --------------------------------------------------------------------------------------------- */

static const char *plain(char *out, size_t cap, const struct sn_json *object, const char *name, const char *otherwise) {
    return sn_cli_plain(out, cap, sn_cli_json_text(object, name, otherwise));
}

static void print_runs(const struct sn_json *runs) {
    char at[40], local[40];
    if (sn_json_count(runs) == 0) printf("  next      none\n");
    for (const struct sn_json *run = sn_json_first(runs); run != NULL; run = sn_json_next(run))
        printf("  next      %s  %s\n", plain(at, sizeof at, run, "at", "-"),
               plain(local, sizeof local, run, "local", "-"));
}

static void print_schedule(const struct sn_json *schedule) {
    char text[1400], more[200];
    const struct sn_json *last = sn_json_get(schedule, "last");
    bool active = sn_json_bool(sn_json_get(schedule, "active"));
    printf("%s\n", plain(text, sizeof text, schedule, "name", ""));
    printf("  id        %s\n", plain(text, sizeof text, schedule, "id", ""));
    printf("  cron      %s", plain(text, sizeof text, schedule, "cron", ""));
    printf(", %s\n", plain(text, sizeof text, schedule, "timezone", ""));
    printf("  in words  %s\n", plain(text, sizeof text, schedule, "words", "-"));
    printf("  rules     overlap %s, catch up %s, jitter %.0f s\n", plain(text, sizeof text, schedule, "overlap", "-"),
           plain(more, sizeof more, schedule, "catchUp", "-"), sn_json_number(sn_json_get(schedule, "jitterSeconds")));
    printf("  state     %s", active ? "active" : "paused");
    if (sn_cli_json_text(schedule, "reason", NULL) != NULL)
        printf(": %s", plain(text, sizeof text, schedule, "reason", ""));
    printf("\n");
    if (sn_cli_json_text(last, "outcome", NULL) != NULL) {
        printf("  last      %s %s", plain(text, sizeof text, last, "minute", "-"),
               plain(more, sizeof more, last, "outcome", "-"));
        printf(" %s\n", plain(text, sizeof text, last, "message", sn_cli_json_text(last, "runId", "")));
    }
    print_runs(sn_json_get(schedule, "nextRuns"));
}

static void print_list(const struct sn_json *schedules) {
    if (sn_json_count(schedules) == 0) printf("There are no schedules here.\n");
    for (const struct sn_json *one = sn_json_first(schedules); one != NULL; one = sn_json_next(one)) {
        char id[64], next[40], name[130], words[200];
        const struct sn_json *first = sn_json_first(sn_json_get(one, "nextRuns"));
        printf("%-36s  %-6s  %-24s  %s: %s\n", plain(id, sizeof id, one, "id", ""),
               sn_json_bool(sn_json_get(one, "active")) ? "active" : "paused",
               plain(next, sizeof next, first, "at", "-"), plain(name, sizeof name, one, "name", ""),
               plain(words, sizeof words, one, "words", ""));
    }
}

static void print_preview(const struct sn_json *root) {
    char words[3200];
    printf("%s.\n\n", plain(words, sizeof words, root, "words", "-"));
    print_runs(sn_json_get(root, "nextRuns"));
}

static void print_run(const struct sn_json *run) {
    char id[64];
    printf("Run %s has been started; `sentinel status` says how it is doing.\n", plain(id, sizeof id, run, "id", ""));
}

/* Asks, and prints the answer: a member of it by its function, or with --json the whole. */
static enum sn_exit ask_and_print(const struct sn_cli_options *options, const char *method, const char *path,
                                  const char *body, const char *refused, const char *member,
                                  void (*print)(const struct sn_json *)) {
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    enum sn_exit code = sn_cli_ask(options, method, path, body, refused, &answer);
    if (code != SN_EXIT_OK) return code;
    sn_cli_json_parse(&json, answer.body.data, answer.body.len);
    const struct sn_json *shown = member != NULL ? sn_json_get(json.root, member) : json.root;
    if (shown == NULL) {
        code = sn_cli_http_not_ours(refused);
    } else if (options->json) {
        code = sn_cli_put_answer(&answer);
    } else {
        print(shown);
    }
    sn_cli_json_free(&json);
    free(answer.body.data);
    return code;
}

/* --- Bodies ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    size_t offset;
} texts[] = {
    {"name", offsetof(struct sn_cli_options, name)},       {"cron", offsetof(struct sn_cli_options, cron)},
    {"dialect", offsetof(struct sn_cli_options, dialect)}, {"timezone", offsetof(struct sn_cli_options, timezone)},
    {"overlap", offsetof(struct sn_cli_options, overlap)}, {"catchUp", offsetof(struct sn_cli_options, catch_up)}};
#define TEXTS_LEN (sizeof texts / sizeof texts[0])

static const char *text_option(const struct sn_cli_options *options, size_t index) {
    return *(const char *const *)(const void *)((const char *)options + texts[index].offset);
}

/* Whether an option takes the place of this member. */
static bool is_overridden(const struct sn_cli_options *options, const char *name) {
    for (size_t i = 0; i < TEXTS_LEN; i++) {
        if (strcmp(name, texts[i].name) == 0) return text_option(options, i) != NULL;
    }
    if (strcmp(name, "plan") == 0) return options->plan != NULL;
    return strcmp(name, "jitterSeconds") == 0 && options->jitter_s != UINT64_MAX;
}

static void put_options(struct sn_json_writer *j, const struct sn_cli_options *options,
                        const struct sn_cli_text *plan) {
    for (size_t i = 0; i < TEXTS_LEN; i++) {
        if (text_option(options, i) != NULL) sn_json_put_text(j, texts[i].name, text_option(options, i));
    }
    if (options->jitter_s != UINT64_MAX) sn_json_put_uint(j, "jitterSeconds", options->jitter_s);
    if (plan->data != NULL) sn_json_put_json(j, "plan", plan->data, plan->len);
}

/* What stands in the file, but for what options say otherwise. */
static bool put_file(struct sn_json_writer *j, const struct sn_cli_options *options, const char *source,
                     const struct sn_cli_text *file) {
    struct sn_cli_json json;
    sn_cli_json_parse(&json, file->data, file->len);
    bool object = sn_json_type(json.root) == SN_JSON_OBJECT;
    if (json.root == NULL) sn_cli_say_syntax(source, file, &json.error);
    if (json.root != NULL && !object) sn_cli_say("%s: expected a JSON object with the members of a schedule.", source);
    for (const struct sn_json *m = object ? sn_json_first(json.root) : NULL; m != NULL; m = sn_json_next(m)) {
        if (is_overridden(options, sn_json_name(m))) continue;
        struct sn_span value = sn_json_slice(file->data, json.root, sn_json_name(m));
        sn_json_put_json(j, sn_json_name(m), value.data, value.len);
    }
    sn_cli_json_free(&json);
    return object;
}

/* A body from `source`, a file or the name of a preset (NULL: options alone).  To be freed; NULL, and said, when there is
 * none. */
static char *body_of(const struct sn_cli_options *options, const char *source) {
    struct sn_cli_text file = {0}, plan = {0};
    bool is_file = source != NULL && (strcmp(source, "-") == 0 || sn_cli_is_file(source));
    bool good = !is_file || sn_cli_file_read(source, &file);
    if (good && options->plan != NULL) good = sn_cli_source_read(options->plan, NULL, &plan);
    size_t cap = file.len + plan.len + EXTRA_BYTES;
    char *body = good ? calloc(1, cap) : NULL;
    struct sn_writer w = sn_writer(body, body != NULL ? cap - 1 : 0);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    if (body != NULL && is_file) good = put_file(&j, options, source, &file);
    if (source != NULL && !is_file) sn_json_put_text(&j, "preset", source);
    put_options(&j, options, &plan);
    sn_json_close(&j, '}');
    free(file.data);
    free(plan.data);
    if (body != NULL && good && w.full) sn_cli_say("This is more than a schedule can have.");
    if (good && !w.full) return body;
    free(body);
    return NULL;
}

static enum sn_exit send(const struct sn_cli_options *options, const char *method, const char *path, const char *source,
                         const char *refused) {
    char *body = body_of(options, source);
    if (body == NULL) return SN_EXIT_CONFIGURATION;
    enum sn_exit code = ask_and_print(options, method, path, body, refused, "schedule", print_schedule);
    free(body);
    return code;
}

/* --- The verbs --------------------------------------------------------------------------------------------------- */

static enum sn_exit list(const struct sn_cli_options *options, const char *what) {
    (void)what;
    return ask_and_print(options, "GET", PATH, NULL, "The schedules could not be listed", "schedules", print_list);
}

static enum sn_exit show(const struct sn_cli_options *options, const char *id) {
    char path[128];
    if (!path_of(path, sizeof path, id, "")) return SN_EXIT_CONFIGURATION;
    return ask_and_print(options, "GET", path, NULL, "The schedule is not known", "schedule", print_schedule);
}

static enum sn_exit create(const struct sn_cli_options *options, const char *source) {
    return send(options, "POST", PATH, source, "The schedule was not created");
}

static enum sn_exit change(const struct sn_cli_options *options, const char *id) {
    char path[128];
    const char *source = options->arguments_len > 2 ? options->arguments[2] : NULL;
    if (!path_of(path, sizeof path, id, "")) return SN_EXIT_CONFIGURATION;
    return send(options, "PATCH", path, source, "The schedule was not changed");
}

static enum sn_exit set_active(const struct sn_cli_options *options, const char *id, const char *body,
                               const char *refused) {
    char path[128];
    if (!path_of(path, sizeof path, id, "")) return SN_EXIT_CONFIGURATION;
    return ask_and_print(options, "PATCH", path, body, refused, "schedule", print_schedule);
}

static enum sn_exit pause(const struct sn_cli_options *options, const char *id) {
    return set_active(options, id, "{\"active\":false}", "The schedule was not paused");
}

static enum sn_exit enable(const struct sn_cli_options *options, const char *id) {
    return set_active(options, id, "{\"active\":true}", "The schedule was not enabled");
}

static enum sn_exit delete (const struct sn_cli_options *options, const char *id) {
    char path[128]; struct sn_cli_answer answer; if (!path_of(path, sizeof path, id, "")) return SN_EXIT_CONFIGURATION;
    enum sn_exit code = sn_cli_ask(options, "DELETE", path, NULL, "The schedule was not deleted", &answer);
    if (code != SN_EXIT_OK) return code;
    free(answer.body.data);
    printf("Schedule %s is deleted; its runs stay.\n", id);
    return SN_EXIT_OK;
}

static enum sn_exit run(const struct sn_cli_options *options, const char *id) {
    char path[128];
    if (!path_of(path, sizeof path, id, "/run")) return SN_EXIT_CONFIGURATION;
    return ask_and_print(options, "POST", path, "{}", "The run was not started", "run", print_run);
}

static enum sn_exit preview(const struct sn_cli_options *options, const char *text) {
    struct sn_cli_options with = *options;
    with.cron = text;
    char *body = body_of(&with, NULL);
    if (body == NULL) return SN_EXIT_CONFIGURATION;
    enum sn_exit code =
        ask_and_print(options, "POST", PATH "/preview", body, "The expression was not understood", NULL, print_preview);
    free(body);
    return code;
}

static const struct verb {
    const char *name, *needs; /* needs NULL: nothing */
    int most;                 /* arguments behind the verb */
    enum sn_exit (*function)(const struct sn_cli_options *options, const char *what);
} verbs[] = {
    {"list", NULL, 0, list},
    {"show", "the id of a schedule", 1, show},
    {"create", "weekly, daily, or a schedule's file (- for stdin)", 1, create},
    {"change", "the id of a schedule, and may have a file with what is to be different", 2, change},
    {"pause", "the id of a schedule", 1, pause},
    {"enable", "the id of a schedule", 1, enable},
    {"delete", "the id of a schedule", 1, delete},
    {"run", "the id of a schedule", 1, run},
    {"preview", "a cron expression", 1, preview},
};

enum sn_exit sn_cli_schedule(const struct sn_cli_options *options) {
    int given = options->arguments_len - 1;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        const struct verb *verb = &verbs[i];
        if (strcmp(options->argument, verb->name) != 0) continue;
        if (given <= verb->most && (given > 0 || verb->needs == NULL))
            return verb->function(options, given > 0 ? options->arguments[1] : NULL);
        if (verb->needs == NULL)
            sn_cli_say("`sentinel schedule %s` needs nothing more.", verb->name);
        else
            sn_cli_say("`sentinel schedule %s` needs %s.", verb->name, verb->needs);
        return SN_EXIT_CONFIGURATION;
    }
    sn_cli_say(
        "`sentinel schedule` takes list, show, create, change, pause, enable, delete, run or preview; got \"%s\".",
        options->argument);
    return SN_EXIT_CONFIGURATION;
}
