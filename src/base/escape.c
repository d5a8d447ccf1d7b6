#include "sentinel/base/escape.h"

/* Bytes of the valid UTF-8 sequence at the front, 0 when there is none. */
static size_t sequence(const uint8_t *bytes, size_t len) {
    size_t need = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    return need <= len && sn_utf8_valid(bytes, need) ? need : 0;
}

/* How many bytes at the front stand for themselves. */
static size_t plain(const uint8_t *text, size_t len) {
    size_t at = 0;
    while (at < len) {
        uint8_t c = text[at];
        size_t step = c >= 0x80 ? sequence(text + at, len - at) : c >= 0x20 && c != '"' && c != '\\';
        if (step == 0) break;
        at += step;
    }
    return at;
}

/* What stands for a byte that does not stand for itself. */
static void put_instead(struct sn_writer *w, uint8_t c) {
    static const char short_forms[] = "btn\0fr"; /* of 8, 9, 10, 12, 13 */
    if (c >= 0x80) {
        sn_put_text(w, "\xef\xbf\xbd");
    } else if (c >= 0x20) {
        sn_put_u8(w, '\\');
        sn_put_u8(w, c);
    } else if (c >= 8 && c <= 13 && short_forms[c - 8] != 0) {
        sn_put_u8(w, '\\');
        sn_put_u8(w, (uint8_t)short_forms[c - 8]);
    } else {
        sn_put_text(w, "\\u");
        sn_put_hex(w, c, 4);
    }
}

void sn_put_escaped(struct sn_writer *w, const void *text, size_t len) {
    const uint8_t *bytes = text;
    for (size_t at = 0; at < len; at++) {
        size_t run = plain(bytes + at, len - at);
        if (run > 0) sn_put_bytes(w, bytes + at, run);
        at += run;
        if (at < len) put_instead(w, bytes[at]);
    }
}

size_t sn_escaped_len(const void *text, size_t len) {
    const uint8_t *bytes = text;
    size_t sum = 0;
    for (size_t at = 0; at < len; at++) {
        uint8_t instead[6];
        struct sn_writer w = sn_writer(instead, sizeof instead);
        size_t run = plain(bytes + at, len - at);
        sum += run;
        at += run;
        if (at < len) put_instead(&w, bytes[at]);
        sum += w.len;
    }
    return sum;
}
