#include "sentinel/sim/models.h"

#include <stdlib.h>
#include <string.h>

#include "sentinel/base/bytes.h"

#define FORM_MEAN SN_MODEL_MEAN
#define FORM_ANSWER SN_MODEL_ANSWER
#define FORM_LIMIT SN_MODEL_LIMIT

static const struct {
    const char *name, *about, *source;
    enum sn_model_form form;
    double ms, p99_ms;
} models[] = {
#define SN_X(name, text, form, ms, p99_ms, about, source) {text, about, source, FORM_##form, ms, p99_ms},
    SN_MODEL_LIST(SN_X)
#undef SN_X
};

const char *sn_model_name(enum sn_model model) {
    return models[model].name;
}

const char *sn_model_about(enum sn_model model) {
    return models[model].about;
}

const char *sn_model_source(enum sn_model model) {
    return models[model].source;
}

enum sn_model_form sn_model_form(enum sn_model model) {
    return models[model].form;
}

struct sn_models sn_models_default(void) {
    struct sn_models all;
    for (int i = 0; i < SN_MODELS_LEN; i++) {
        all.of[i].ms = models[i].ms;
        all.of[i].p99_ms = models[i].p99_ms;
    }
    return all;
}

/* --- As text --------------------------------------------------------------------------------------------------- */

static bool read_ms(const char **at, const char *end, double *ms) {
    char *stop;
    *ms = strtod(*at, &stop);
    bool good = stop > *at && stop <= end && **at >= '0' && **at <= '9' && *ms > 0 && *ms <= SN_MODEL_MS_MAX;
    *at = stop;
    return good;
}

/* "d1-point=0.4", "kv-hot=2:9"; of an answer without p99, the same each time. */
static bool read_one(const char *text, size_t len, struct sn_models *all) {
    const char *end = text + len, *at = memchr(text, '=', len);
    struct sn_span name = {(const uint8_t *)text, at == NULL ? len : (size_t)(at - text)};
    if (at == NULL) return sn_span_is(name, "default");
    for (int i = 0; i < SN_MODELS_LEN; i++) {
        if (!sn_span_is(name, models[i].name)) continue;
        at += 1;
        if (!read_ms(&at, end, &all->of[i].ms)) return false;
        if (models[i].form != SN_MODEL_ANSWER) return at == end;
        all->of[i].p99_ms = all->of[i].ms;
        if (at == end) return true;
        return *at++ == ':' && read_ms(&at, end, &all->of[i].p99_ms) && at == end && all->of[i].p99_ms >= all->of[i].ms;
    }
    return false;
}

bool sn_models_parse(const char *text, struct sn_models *all, const char **bad, size_t *bad_len) {
    *all = sn_models_default();
    for (;;) {
        size_t len = strcspn(text, ",");
        if (!read_one(text, len, all)) {
            *bad = text;
            *bad_len = len;
            return false;
        }
        if (text[len] == '\0') return true;
        text += len + 1;
    }
}
