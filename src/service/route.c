#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"

/* Whether the path fits the pattern, of which a segment that begins with ':' stands for any that is not empty. */
static bool path_fits(const char *pattern, struct sn_span path, struct sn_span *segment) {
    size_t at = 0;
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == ':') {
            size_t from = at;
            while (at < path.len && path.data[at] != '/') at++;
            if (at == from) return false;
            *segment = (struct sn_span){path.data + from, at - from};
            pattern += strcspn(pattern, "/") - 1;
        } else {
            if (at == path.len || path.data[at] != (uint8_t)*pattern) return false;
            at++;
        }
    }
    return at == path.len;
}

bool sn_is_id(struct sn_span id) {
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (id.len != sizeof shape - 1) return false;
    for (size_t i = 0; i < id.len; i++) {
        bool hex = (id.data[i] >= '0' && id.data[i] <= '9') || (id.data[i] >= 'a' && id.data[i] <= 'f');
        if (shape[i] == 'x' ? !hex : id.data[i] != '-') return false;
    }
    return true;
}

/* Nothing else is ever looked up; of paths without this place it is none. */
static void note_id(char *out, const char *pattern, const char *place, struct sn_span id) {
    out[0] = '\0';
    if (strstr(pattern, place) == NULL || !sn_is_id(id)) return;
    memcpy(out, id.data, id.len);
    out[id.len] = '\0';
}

const struct sn_route *sn_route_find(struct sn_api *api, const struct sn_http *http, char *allow, size_t cap) {
    struct sn_writer methods = sn_writer(allow, cap);
    const char *pattern = NULL; /* the one that the path fits */
    struct sn_span segment = {0};
    for (size_t i = 0; i < sn_routes_len; i++) {
        if (pattern == NULL && path_fits(sn_routes[i].pattern, http->path, &segment)) pattern = sn_routes[i].pattern;
        if (pattern == NULL || strcmp(pattern, sn_routes[i].pattern) != 0) continue;
        if (sn_span_is(http->method, sn_routes[i].method)) {
            note_id(api->run_id, pattern, ":id", segment);
            note_id(api->schedule_id, pattern, ":schedule", segment);
            sn_copy_plain(api->name, sizeof api->name, segment.data, segment.len);
            return &sn_routes[i];
        }
        if (methods.len > 0) sn_put_text(&methods, ", ");
        sn_put_text(&methods, sn_routes[i].method);
    }
    sn_put_u8(&methods, 0);
    SN_ASSERT(!methods.full);
    return NULL;
}

/* Whether a list of words, separated by blanks, has this one. */
static bool has_word(const char *words, struct sn_span word) {
    while (*words != '\0') {
        size_t len = 0;
        while (words[len] != ' ' && words[len] != '\0') len++;
        if (len == word.len && memcmp(words, word.data, len) == 0) return true;
        words += len;
        if (*words == ' ') words++;
    }
    return false;
}

static void refuse_name(struct sn_api *api, const struct sn_route *route, struct sn_span name, bool twice) {
    char path[80], expected[80];
    path[0] = '?';
    sn_copy_plain(path + 1, sizeof path - 1, name.data, name.len);
    struct sn_writer w = sn_writer(expected, sizeof expected);
    if (twice) {
        sn_put_text(&w, "a name at most once");
    } else if (route->query[0] == '\0') {
        sn_put_text(&w, "no query");
    } else {
        sn_put_text(&w, "only these names: ");
        sn_put_text(&w, route->query);
    }
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = twice ? SN_PROBLEM_QUERY_DUPLICATE : SN_PROBLEM_QUERY_UNKNOWN,
                               .detail = twice ? "The query has a name twice, and it is not clear which one counts."
                                               : "The query has a name that this route does not know.",
                               .path = path,
                               .expected = expected,
                           });
}

bool sn_query_check(struct sn_api *api, const struct sn_route *route, struct sn_span query) {
    struct sn_span rest = query, name, value;
    while (sn_query_next(&rest, &name, &value)) {
        struct sn_span later = rest, other, unused;
        bool twice = false;
        if (!has_word(route->query, name)) {
            refuse_name(api, route, name, false);
            return false;
        }
        while (!twice && sn_query_next(&later, &other, &unused)) twice = sn_span_equal(other, name);
        if (twice) {
            refuse_name(api, route, name, true);
            return false;
        }
    }
    return true;
}

bool sn_content_type_is_json(struct sn_span type) {
    static const char json[] = "application/json";
    const size_t len = sizeof json - 1;
    if (type.len == 0) return true;
    if (type.len < len) return false;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = type.data[i];
        if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != json[i]) return false;
    }
    return type.len == len || type.data[len] == ';' || type.data[len] == ' ';
}

void sn_copy_plain(char *out, size_t cap, const void *text, size_t len) {
    const uint8_t *bytes = text;
    size_t used = 0;
    for (size_t i = 0; i < len && used + 1 < cap; i++) {
        out[used++] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '?';
    }
    out[used] = '\0';
}
