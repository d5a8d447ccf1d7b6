/* Plans: from a file, from stdin, or by the name of a preset. */
#include "cli.h"

#include "sentinel/plan/estimate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sentinel/plan/builtin.h"

#define ARENA_BYTES (1024u * 1024) /* what the Worker has for it */

void sn_cli_json_parse(struct sn_cli_json *json, const char *text, size_t len) {
    /* The smallest value is two bytes of text ("1,") and one node in the tree. */
    size_t cap = 65536 + len * 64;
    *json = (struct sn_cli_json){.memory = malloc(cap)};
    if (json->memory == NULL) return;
    sn_arena_init(&json->arena, json->memory, cap);
    json->root = sn_json_parse(&json->arena, text, len, &json->error);
}

void sn_cli_json_free(struct sn_cli_json *json) {
    free(json->memory);
    *json = (struct sn_cli_json){0};
}

const char *sn_cli_json_text(const struct sn_json *object, const char *name, const char *otherwise) {
    const char *text = sn_json_string(sn_json_get(object, name));
    return text != NULL ? text : otherwise;
}

static bool read_stream(FILE *file, const char *name, struct sn_cli_text *text) {
    size_t cap = SN_PLAN_TEXT_MAX + 2; /* one byte more than is allowed shows that it is too long */
    text->data = malloc(cap);
    if (text->data == NULL) return false;
    text->len = fread(text->data, 1, cap - 1, file);
    text->data[text->len] = 0;
    if (ferror(file)) {
        sn_cli_say("%s could not be read: %s.", name, strerror(errno));
    } else if (text->len > SN_PLAN_TEXT_MAX) {
        sn_cli_say("%s is too long: at most %d bytes are read.", name, SN_PLAN_TEXT_MAX);
    } else {
        return true;
    }
    free(text->data);
    *text = (struct sn_cli_text){0};
    return false;
}

static bool read_preset(const char *name, struct sn_cli_text *text) {
    size_t cap = strlen(name) * 6 + 32; /* an escaped character has at most six bytes */
    text->data = calloc(1, cap);
    if (text->data == NULL) return false;
    struct sn_writer w = sn_writer(text->data, cap - 1);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "preset", name);
    sn_json_close(&j, '}');
    text->len = w.len;
    return true;
}

bool sn_cli_is_file(const char *source) {
    return strpbrk(source, "./") != NULL || access(source, F_OK) == 0;
}

bool sn_cli_file_read(const char *path, struct sn_cli_text *text) {
    *text = (struct sn_cli_text){0};
    if (strcmp(path, "-") == 0) return read_stream(stdin, "stdin", text);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        sn_cli_say("%s could not be opened: %s.", path, strerror(errno));
        return false;
    }
    bool read = read_stream(file, path, text);
    fclose(file);
    return read;
}

bool sn_cli_workload_read(const char *source, struct sn_cli_text *text) {
    const struct sn_builtin *builtin = sn_builtin_find(source);
    *text = (struct sn_cli_text){0};
    if (builtin == NULL && strcmp(source, "-") != 0 && !sn_cli_is_file(source)) {
        sn_cli_say("There is no workload \"%s\", and no file of this name. `sentinel workload list` lists workloads.",
                   source);
        return false;
    }
    if (builtin == NULL) return sn_cli_file_read(source, text);
    text->data = strdup(builtin->text);
    text->len = builtin->len;
    return text->data != NULL;
}

/* Where people look for a byte: line and column, both from 1. */
void sn_cli_say_syntax(const char *source, const struct sn_cli_text *text, const struct sn_json_error *error) {
    const char *expected = error->reason != NULL ? error->reason : "JSON";
    size_t line = 1, column = 1;
    if (strcmp(error->path, "$") != 0 && error->path[0] != 0) {
        sn_cli_say("%s, at %s: expected %s.", source, error->path, expected);
        return;
    }
    for (size_t i = 0; i < error->offset && i < text->len; i++) {
        column = text->data[i] == '\n' ? 1 : column + 1;
        line += text->data[i] == '\n' ? 1 : 0;
    }
    sn_cli_say("%s, line %zu, column %zu: expected %s.", source, line, column, expected);
}

/* Copies a value.  Depth is what the parser let in, at most SN_JSON_DEPTH_MAX. */
static void put_value(struct sn_json_writer *j, const char *name, const struct sn_json *value) {
    switch (sn_json_type(value)) {
    case SN_JSON_ABSENT:
    case SN_JSON_NULL: sn_json_put_null(j, name); return;
    case SN_JSON_BOOL: sn_json_put_bool(j, name, sn_json_bool(value)); return;
    case SN_JSON_NUMBER: sn_json_put_number(j, name, sn_json_number(value)); return;
    case SN_JSON_STRING: sn_json_put_text(j, name, sn_json_string(value)); return;
    case SN_JSON_ARRAY:
    case SN_JSON_OBJECT: break;
    }
    bool array = sn_json_type(value) == SN_JSON_ARRAY;
    sn_json_open(j, name, array ? '[' : '{');
    for (const struct sn_json *one = sn_json_first(value); one != NULL; one = sn_json_next(one)) {
        put_value(j, array ? NULL : sn_json_name(one), one);
    }
    sn_json_close(j, array ? ']' : '}');
}

/* The value of "workload": the name of one that comes with Sentinel, else what is in its file. */
static bool put_workload(struct sn_json_writer *j, const char *workload) {
    struct sn_cli_text text;
    struct sn_cli_json json;
    if (sn_builtin_find(workload) != NULL) {
        sn_json_put_text(j, "workload", workload);
        return true;
    }
    if (!sn_cli_workload_read(workload, &text)) return false;
    sn_cli_json_parse(&json, text.data, text.len);
    if (json.root == NULL) {
        sn_cli_say_syntax(workload, &text, &json.error);
    } else {
        put_value(j, "workload", json.root);
    }
    bool put = json.root != NULL;
    sn_cli_json_free(&json);
    free(text.data);
    return put;
}

/* The plan with this workload in the place of its own.  `text` becomes another one. */
static bool add_workload(const char *source, struct sn_cli_text *text, const char *workload) {
    size_t cap = 8 * (text->len + SN_PLAN_TEXT_MAX); /* a number of three bytes can become one of twenty-one */
    struct sn_cli_json json;
    char *data = calloc(1, cap); /* so it ends with a zero */
    struct sn_writer w = sn_writer(data, data != NULL ? cap - 1 : 0);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_cli_json_parse(&json, text->data, text->len);
    bool plan = data != NULL && sn_json_type(json.root) == SN_JSON_OBJECT, added = false;
    if (json.root == NULL) sn_cli_say_syntax(source, text, &json.error);
    if (json.root != NULL && !plan) sn_cli_say("%s: expected a JSON object with the members of a plan.", source);
    sn_json_open(&j, NULL, '{');
    for (const struct sn_json *one = sn_json_first(json.root); plan && one != NULL; one = sn_json_next(one))
        if (strcmp(sn_json_name(one), "workload") != 0) put_value(&j, sn_json_name(one), one);
    added = plan && put_workload(&j, workload) && !w.full;
    sn_json_close(&j, '}');
    sn_cli_json_free(&json);
    free(text->data);
    *text = (struct sn_cli_text){data, w.len};
    if (added) return true;
    free(text->data);
    *text = (struct sn_cli_text){0};
    return false;
}

bool sn_cli_source_read(const char *source, const char *workload, struct sn_cli_text *text) {
    *text = (struct sn_cli_text){0};
    if (source == NULL) source = "smoke";
    bool is_file = strcmp(source, "-") == 0 || sn_cli_is_file(source);
    bool read = is_file ? sn_cli_file_read(source, text) : read_preset(source, text);
    return read && (workload == NULL || add_workload(source, text, workload));
}

static void put_body(struct sn_writer *w, const struct sn_json *plan, const char *name) {
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    for (const struct sn_json *one = sn_json_first(plan); one != NULL; one = sn_json_next(one)) {
        if (strcmp(sn_json_name(one), "startImmediately") == 0) continue;
        if (name != NULL && strcmp(sn_json_name(one), "name") == 0) continue;
        put_value(&j, sn_json_name(one), one);
    }
    if (name != NULL) sn_json_put_text(&j, "name", name);
    bool later = sn_json_type(sn_json_get(plan, "scheduledAt")) > SN_JSON_NULL;
    if (!later) sn_json_put_bool(&j, "startImmediately", true);
    sn_json_close(&j, '}');
}

bool sn_cli_source_body(const char *source, const struct sn_cli_text *plan, const char *name,
                        struct sn_cli_text *body) {
    struct sn_cli_json json;
    sn_cli_json_parse(&json, plan->data, plan->len);
    bool made = false;
    *body = (struct sn_cli_text){0};
    if (json.root == NULL) {
        sn_cli_say_syntax(source, plan, &json.error);
    } else if (sn_json_type(json.root) != SN_JSON_OBJECT) {
        sn_cli_say("%s: expected a JSON object with the members of a plan.", source);
    } else {
        size_t cap = plan->len * 8 + (name != NULL ? strlen(name) * 6 : 0) + 128;
        body->data = calloc(1, cap);
        struct sn_writer w = sn_writer(body->data, body->data != NULL ? cap - 1 : 0);
        put_body(&w, json.root, name);
        body->len = w.len;
        made = !w.full;
    }
    sn_cli_json_free(&json);
    return made;
}

/* For a plan whose seed is "random".  Returns how many bytes there are. */
static size_t read_entropy(uint8_t *bytes, size_t len) {
    FILE *file = fopen("/dev/urandom", "rb");
    size_t read = file != NULL ? fread(bytes, 1, len, file) : 0;
    if (file != NULL) fclose(file);
    return read;
}

void sn_cli_refused(const char *source, const char *what, const struct sn_plan_error *error) {
    sn_cli_say("%s: this %s cannot be used (%s).", source, what, error->code != NULL ? error->code : what);
    sn_cli_say("  at %s: expected %s", error->path, error->expected);
}

static bool read_platform(const char *text, enum sn_platform *platform) {
    *platform = SN_PLATFORM_PAID;
    if (text == NULL || sn_platform_find(text, strlen(text), platform)) return true;
    sn_cli_say("--platform: expected paid or free, got \"%s\".", text);
    return false;
}

static bool read_limits(const char *text, enum sn_bounds *bounds) {
    *bounds = SN_BOUNDS_DEFAULT;
    if (text == NULL || sn_bounds_find(text, strlen(text), bounds)) return true;
    sn_cli_say("--limits: expected default or operator, got \"%s\".", text);
    return false;
}

/* False, and said on stderr, when the file cannot be read or has none. */
static bool read_prices(const char *path, struct sn_arena *arena, struct sn_prices *prices) {
    struct sn_cli_text text;
    struct sn_plan_error error = {0};
    *prices = sn_prices_listed();
    if (path == NULL) return true;
    if (!sn_cli_file_read(path, &text)) return false;
    bool read = sn_prices_read(text.data, text.len, arena, prices, &error);
    if (!read) sn_cli_refused(path, "list of prices", &error);
    free(text.data);
    return read;
}

bool sn_cli_source_compile(const struct sn_cli_options *options, struct sn_plan *plan, struct sn_cli_text *storage) {
    const char *source = options->argument;
    struct sn_cli_text text;
    uint8_t entropy[16];
    struct sn_plan_owner owner = {.run_id = "00000000-0000-4000-8000-000000000000", .tenant = "default"};
    owner.entropy = (struct sn_span){entropy, read_entropy(entropy, sizeof entropy)};
    *storage = (struct sn_cli_text){0};
    if (!read_platform(options->platform, &owner.platform) || !read_limits(options->limits, &owner.bounds))
        return false;
    if (!sn_cli_source_read(source, options->workload, &text)) return false;
    if (source == NULL) source = options->workload;
    void *memory = malloc(ARENA_BYTES);
    storage->data = malloc(SN_PLAN_BYTES_MAX);
    bool made = false;
    if (memory != NULL && storage->data != NULL) {
        struct sn_arena arena;
        sn_arena_init(&arena, memory, ARENA_BYTES);
        struct sn_writer out = sn_writer(storage->data, SN_PLAN_BYTES_MAX);
        struct sn_plan_error error = {0};
        struct sn_prices prices;
        owner.prices = &prices;
        bool priced = read_prices(options->prices, &arena, &prices);
        enum sn_status status = SN_E_RANGE;
        if (priced) status = sn_plan_compile(text.data, text.len, &owner, &arena, &out, &error);
        if (status == SN_OK) status = sn_plan_open(plan, storage->data, out.len);
        storage->len = out.len;
        made = status == SN_OK;
        if (priced && !made) sn_cli_refused(source, "plan", &error);
    }
    free(memory);
    free(text.data);
    if (!made) free(storage->data);
    return made;
}

bool sn_cli_next_line(FILE *file, char *line, size_t cap) {
    size_t len = 0;
    int c = getc(file);
    if (c == EOF) return false;
    for (; c != EOF && c != '\n'; c = getc(file)) {
        bool full = len == cap - 1;
        line[full ? len - 1 : len] = full || c == 0 ? '?' : (char)c;
        len += !full;
    }
    line[len] = 0;
    return true;
}
