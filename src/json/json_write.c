#include <math.h>

#include "sentinel/base/escape.h"
#include "sentinel/base/time.h"
#include "sentinel/json/json.h"

struct sn_json_writer sn_json_writer(struct sn_writer *w) {
    return (struct sn_json_writer){.w = w};
}

/* What comes before a value: a comma if it has a predecessor, a name if it is a member. */
static void begin(struct sn_json_writer *j, const char *name) {
    if (j->comma) sn_put_u8(j->w, ',');
    j->comma = true;
    if (name == NULL) return;
    sn_put_u8(j->w, '"');
    sn_put_text(j->w, name);
    sn_put_text(j->w, "\":");
}

void sn_json_open(struct sn_json_writer *j, const char *name, char bracket) {
    begin(j, name);
    sn_put_u8(j->w, (uint8_t)bracket);
    j->comma = false;
}

void sn_json_close(struct sn_json_writer *j, char bracket) {
    sn_put_u8(j->w, (uint8_t)bracket);
    j->comma = true;
}

/* Texts of hosts are cut to length and may hold anything. */
static void put_string(struct sn_writer *w, const void *text, size_t len) {
    sn_put_u8(w, '"');
    sn_put_escaped(w, text, len);
    sn_put_u8(w, '"');
}

void sn_json_put_span(struct sn_json_writer *j, const char *name, const void *text, size_t len) {
    begin(j, name);
    put_string(j->w, text, len);
}

void sn_json_put_text(struct sn_json_writer *j, const char *name, const char *text) {
    if (text == NULL) {
        sn_json_put_null(j, name);
        return;
    }
    size_t len = 0;
    while (text[len] != 0) len++;
    sn_json_put_span(j, name, text, len);
}

void sn_json_put_uint(struct sn_json_writer *j, const char *name, uint64_t value) {
    begin(j, name);
    sn_put_dec(j->w, value);
}

void sn_json_put_int(struct sn_json_writer *j, const char *name, int64_t value) {
    begin(j, name);
    sn_put_int(j->w, value);
}

void sn_json_put_number(struct sn_json_writer *j, const char *name, double value) {
    begin(j, name);
    sn_put_number(j->w, value);
}

/* sn_put_fixed() has a dash for what it cannot print; JSON has null. */
void sn_json_put_fixed(struct sn_json_writer *j, const char *name, double value, unsigned decimals) {
    if (!(fabs(value) < 1e15)) {
        sn_json_put_null(j, name);
        return;
    }
    begin(j, name);
    sn_put_fixed(j->w, value, decimals);
}

void sn_json_put_bool(struct sn_json_writer *j, const char *name, bool value) {
    begin(j, name);
    sn_put_text(j->w, value ? "true" : "false");
}

void sn_json_put_json(struct sn_json_writer *j, const char *name, const void *json, size_t len) {
    begin(j, name);
    sn_put_bytes(j->w, json, len);
}

void sn_json_put_null(struct sn_json_writer *j, const char *name) {
    begin(j, name);
    sn_put_text(j->w, "null");
}

void sn_json_put_time(struct sn_json_writer *j, const char *name, int64_t at_us) {
    if (at_us == 0 || at_us == INT64_MAX) {
        sn_json_put_null(j, name);
        return;
    }
    begin(j, name);
    sn_put_u8(j->w, '"');
    sn_put_iso(j->w, at_us);
    sn_put_u8(j->w, '"');
}
