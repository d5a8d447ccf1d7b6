#include <string.h>

#include "read.h"
#include "request.h"

#define SEED_MAX UINT64_C(9007199254740991) /* 2^53 - 1: above it a JSON number may stand for several integers */

static bool parse_decimal(const char *text, uint64_t *out) {
    uint64_t value = 0;
    if (*text == 0) return false;
    for (; *text != 0; text++) {
        if (*text < '0' || *text > '9') return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* The core has no entropy of its own: who calls it may lend some.  A drawn seed is cut to what a JSON number holds. */
static bool draw_seed(struct sn_trail *trail, struct sn_request *request) {
    if (request->entropy.len == 0)
        return sn_trail_refuse(trail, "plan.value", "a number: there is no source of random seeds here");
    request->seed_drawn = true;
    request->seed = sn_hash64(request->entropy.data, request->entropy.len) & SEED_MAX;
    return true;
}

bool sn_request_seed(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    const char *text = sn_json_string(value), *code = "plan.value";
    (void)field;
    request->seed_given = true;
    if (text == NULL) {
        if (sn_read_whole(trail, value, 0, SEED_MAX, &request->seed)) return true;
        code = trail->error->code;
    } else if (strcmp(text, "random") == 0) {
        return draw_seed(trail, request);
    } else if (parse_decimal(text, &request->seed)) {
        return true;
    }
    return sn_trail_refuse(trail, code,
                           "a whole number from 0 to 9007199254740991, a text of digits up to "
                           "18446744073709551615, or \"random\"");
}
