#include <math.h>

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

static void put_control(struct sn_writer *w, uint8_t c) {
    static const char short_forms[] = "btn\0fr"; /* of 8, 9, 10, 12, 13 */
    sn_put_u8(w, '\\');
    if (c >= 8 && c <= 13 && short_forms[c - 8] != 0) {
        sn_put_u8(w, (uint8_t)short_forms[c - 8]);
    } else {
        sn_put_text(w, "u");
        sn_put_hex(w, c, 4);
    }
}

/* Bytes of the valid UTF-8 sequence at the front, 0 when there is none. */
static size_t sequence(const uint8_t *bytes, size_t len) {
    size_t need = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    return need <= len && sn_utf8_valid(bytes, need) ? need : 0;
}

static bool is_plain(uint8_t c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Texts of hosts are cut to length and may hold anything: what is not UTF-8 becomes U+FFFD, so that the whole stays
 * JSON whatever they say. */
static void put_string(struct sn_writer *w, const uint8_t *text, size_t len) {
    sn_put_u8(w, '"');
    for (size_t at = 0; at < len;) {
        size_t run = 0;
        while (at + run < len && is_plain(text[at + run])) run++;
        if (run > 0) {
            sn_put_bytes(w, text + at, run);
            at += run;
            continue;
        }
        if (text[at] < 0x80) {
            if (text[at] < 0x20) {
                put_control(w, text[at]);
            } else {
                sn_put_u8(w, '\\');
                sn_put_u8(w, text[at]);
            }
            at++;
            continue;
        }
        size_t step = sequence(text + at, len - at);
        if (step == 0) {
            sn_put_text(w, "\xef\xbf\xbd");
            at++;
        } else {
            sn_put_bytes(w, text + at, step);
            at += step;
        }
    }
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
