#include "sentinel/json/json.h"

#include <math.h>
#include <string.h>

#include "cJSON.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/limits.h"

/* cJSON's allocator hooks take no context and are global, so the arena of the parse that is under way has to be global
 * too.  It is set inside sn_json_parse() alone; at any other time cJSON gets no memory at all.  The core is never
 * entered twice at once, so the one variable is enough. */
static struct sn_arena *parse_arena;

static void *allocate(size_t len) {
    return parse_arena != NULL ? sn_arena_alloc(parse_arena, len) : NULL;
}

/* An arena takes nothing back. */
static void release(void *memory) {
    (void)memory;
}

static cJSON *parse(struct sn_arena *arena, const char *text, size_t len) {
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = allocate, .free_fn = release});
    parse_arena = arena;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, len, NULL, 0);
    parse_arena = NULL;
    return tree;
}

/* --- What only the tree shows --------------------------------------------------------------------------- */

/* A walk down the tree; trail[0] is the root and trail[len - 1] is where we are. */
struct walk {
    const cJSON *trail[SN_JSON_DEPTH_MAX + 1];
    size_t len;
};

static bool is_array(const cJSON *value) {
    return (value->type & 0xff) == cJSON_Array;
}

/* The way to the walk's last value; cut, at a whole step, where it gets too long. */
static void put_path(const struct walk *walk, char *path, size_t cap) {
    struct sn_writer w = sn_writer(path, cap - 1);
    sn_put_text(&w, "$");
    for (size_t i = 1; i < walk->len && !w.full; i++) {
        size_t mark = w.len;
        if (is_array(walk->trail[i - 1])) {
            uint64_t index = 0;
            const cJSON *at = walk->trail[i - 1]->child;
            for (; at != walk->trail[i]; at = at->next) index++;
            sn_put_text(&w, "[");
            sn_put_dec(&w, index);
            sn_put_text(&w, "]");
        } else {
            sn_json_put_step(&w, walk->trail[i]->string);
        }
        if (w.full) w.len = mark;
    }
    path[w.len] = 0;
}

static bool fault(const struct walk *walk, struct sn_json_error *error, const char *code, const char *reason) {
    *error = (struct sn_json_error){.code = code, .reason = reason};
    put_path(walk, error->path, sizeof error->path);
    return false;
}

static bool seen_before(const cJSON *object, const cJSON *member) {
    for (const cJSON *at = object->child; at != member; at = at->next)
        if (strcmp(at->string, member->string) == 0) return true;
    return false;
}

static bool check_names(struct walk *walk, struct sn_json_error *error) {
    const cJSON *object = walk->trail[walk->len - 1];
    size_t count = 0;
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        if (++count > SN_JSON_NAMES_MAX) return fault(walk, error, "json.size", "an object with at most 1000 names");
        if (!seen_before(object, member)) continue;
        walk->trail[walk->len++] = member;
        return fault(walk, error, "json.duplicate-name", "each name once");
    }
    return true;
}

/* Visits every value, parents before children. */
static bool check_tree(const cJSON *root, struct sn_json_error *error) {
    struct walk walk = {.trail = {root}, .len = 1};
    while (walk.len > 0) {
        const cJSON *at = walk.trail[walk.len - 1];
        if ((at->type & 0xff) == cJSON_Number && isinf(at->valuedouble))
            return fault(&walk, error, "json.number", "a number that a 64-bit float can hold");
        if (at->child != NULL) {
            SN_ASSERT(walk.len <= SN_JSON_DEPTH_MAX); /* the grammar's check has seen to that */
            if (!is_array(at) && !check_names(&walk, error)) return false;
            walk.trail[walk.len++] = at->child;
            continue;
        }
        while (walk.len > 0 && walk.trail[walk.len - 1]->next == NULL) walk.len--;
        if (walk.len > 0) walk.trail[walk.len - 1] = walk.trail[walk.len - 1]->next;
    }
    return true;
}

const struct sn_json *sn_json_parse(struct sn_arena *arena, const char *text, size_t len, struct sn_json_error *error) {
    if (!sn_json_check(text, len, error)) return NULL;
    cJSON *tree = parse(arena, text, len);
    if (tree == NULL) {
        *error = (struct sn_json_error){.code = "json.size", .path = "$", .reason = "a smaller text"};
        return NULL;
    }
    return check_tree(tree, error) ? (const struct sn_json *)tree : NULL;
}

/* --- Reading the tree ----------------------------------------------------------------------------------- */

static const cJSON *node(const struct sn_json *value) {
    return (const cJSON *)value;
}

static const struct sn_json *handle(const cJSON *value) {
    return (const struct sn_json *)value;
}

enum sn_json_type sn_json_type(const struct sn_json *value) {
    if (value == NULL) return SN_JSON_ABSENT;
    switch (node(value)->type & 0xff) {
    case cJSON_False:
    case cJSON_True: return SN_JSON_BOOL;
    case cJSON_Number: return SN_JSON_NUMBER;
    case cJSON_String: return SN_JSON_STRING;
    case cJSON_Array: return SN_JSON_ARRAY;
    case cJSON_Object: return SN_JSON_OBJECT;
    default: return SN_JSON_NULL;
    }
}

const struct sn_json *sn_json_get(const struct sn_json *object, const char *name) {
    if (sn_json_type(object) != SN_JSON_OBJECT) return NULL;
    return handle(cJSON_GetObjectItemCaseSensitive(node(object), name));
}

const struct sn_json *sn_json_first(const struct sn_json *container) {
    return container != NULL ? handle(node(container)->child) : NULL;
}

const struct sn_json *sn_json_next(const struct sn_json *value) {
    return value != NULL ? handle(node(value)->next) : NULL;
}

const char *sn_json_name(const struct sn_json *member) {
    return member != NULL ? node(member)->string : NULL;
}

size_t sn_json_count(const struct sn_json *container) {
    size_t count = 0;
    for (const struct sn_json *at = sn_json_first(container); at != NULL; at = sn_json_next(at)) count++;
    return count;
}

size_t sn_json_values(const struct sn_json *root) {
    const cJSON *trail[SN_JSON_DEPTH_MAX + 1] = {node(root)};
    size_t values = 0, len = root != NULL;
    while (len > 0) {
        const cJSON *at = trail[len - 1];
        values++;
        trail[len - 1] = at->next;
        if (at->next == NULL) len--;
        if (at->child != NULL) trail[len++] = at->child;
    }
    return values;
}

double sn_json_number(const struct sn_json *value) {
    return sn_json_type(value) == SN_JSON_NUMBER ? node(value)->valuedouble : 0;
}

const char *sn_json_string(const struct sn_json *value) {
    return sn_json_type(value) == SN_JSON_STRING ? node(value)->valuestring : NULL;
}

bool sn_json_bool(const struct sn_json *value) {
    return value != NULL && (node(value)->type & 0xff) == cJSON_True;
}
