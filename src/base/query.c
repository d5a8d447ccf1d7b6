#include "sentinel/base/query.h"

#include <string.h>

bool sn_query_next(struct sn_span *query, struct sn_span *name, struct sn_span *value) {
    while (query->len > 0) {
        const uint8_t *amp = memchr(query->data, '&', query->len);
        size_t len = amp != NULL ? (size_t)(amp - query->data) : query->len;
        struct sn_span pair = {query->data, len};
        size_t taken = amp != NULL ? len + 1 : len;
        *query = (struct sn_span){query->data + taken, query->len - taken};
        if (len == 0) continue;
        const uint8_t *equals = memchr(pair.data, '=', pair.len);
        size_t name_len = equals != NULL ? (size_t)(equals - pair.data) : pair.len;
        size_t value_at = equals != NULL ? name_len + 1 : name_len;
        *name = (struct sn_span){pair.data, name_len};
        *value = (struct sn_span){pair.data + value_at, pair.len - value_at};
        return true;
    }
    return false;
}

bool sn_query_get(struct sn_span query, const char *wanted, struct sn_span *value) {
    struct sn_span name;
    while (sn_query_next(&query, &name, value)) {
        if (sn_span_is(name, wanted)) return true;
    }
    return false;
}

bool sn_query_uint(struct sn_span text, uint32_t digits, uint32_t *number) {
    uint32_t value = 0;
    if (text.len == 0 || text.len > digits) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        value = value * 10 + (uint32_t)(text.data[i] - '0');
    }
    *number = value;
    return true;
}
