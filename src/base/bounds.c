#include "sentinel/base/bounds.h"

#include "sentinel/base/bytes.h"

static const struct {
    const char *name;
    double most[3]; /* by enum sn_bound */
} sets[] = {
#define SN_X(name, text, operations, concurrency, rate) {text, {operations, concurrency, rate}},
    SN_BOUNDS_LIST(SN_X)
#undef SN_X
};

double sn_bound(enum sn_bounds bounds, enum sn_bound bound) {
    return sets[bounds].most[bound];
}

const char *sn_bounds_name(enum sn_bounds bounds) {
    return sets[bounds].name;
}

bool sn_bounds_find(const char *name, size_t len, enum sn_bounds *bounds) {
    for (size_t i = 0; i < SN_BOUNDS_LEN; i++) {
        if (!sn_span_is((struct sn_span){(const uint8_t *)name, len}, sets[i].name)) continue;
        *bounds = (enum sn_bounds)i;
        return true;
    }
    return false;
}
