#include "lines.h"

#include <string.h>

void sn_sentence_begin(struct sn_sentence *sentence) {
    sentence->w = sn_writer(sentence->data, sizeof sentence->data);
}

static bool is_continuation(uint8_t byte) {
    return (byte & 0xc0) == 0x80;
}

static uint32_t columns(const uint8_t *text, size_t len) {
    uint32_t count = 0;
    for (size_t i = 0; i < len; i++) count += is_continuation(text[i]) ? 0 : 1;
    return count;
}

/* Bytes of the first `width` characters. */
static size_t fitting(const uint8_t *text, size_t len, uint32_t width) {
    size_t i = 0;
    for (uint32_t count = 0; i < len; i++) {
        if (is_continuation(text[i])) continue;
        if (count++ == width) break;
    }
    return i;
}

/* The text need not end with a zero. */
static size_t control_len(const uint8_t *text, size_t len) {
    char front[4] = {0};
    memcpy(front, text, len < sizeof front - 1 ? len : sizeof front - 1);
    return front[0] == 0 ? 1 : sn_control_len(front);
}

/* Copies without control characters, and with a space for each SN_STICKY, which is 0xc2 0xa0. */
static void put_plain(struct sn_writer *w, const uint8_t *text, size_t len) {
    for (size_t i = 0; i < len;) {
        size_t control = control_len(text + i, len - i);
        bool sticky = text[i] == 0xc2 && i + 1 < len && text[i + 1] == 0xa0;
        sn_put_u8(w, control > 0 ? '?' : sticky ? ' ' : text[i]);
        i += control > 0 ? control : sticky ? 2 : 1;
    }
}

static void put_spaces(struct sn_writer *w, uint32_t count) {
    while (count-- > 0) sn_put_u8(w, ' ');
}

void sn_lines_wrap(struct sn_writer *w, const char *first, uint32_t indent, const void *text, size_t len) {
    const uint8_t *at = text, *end = at + len;
    uint32_t head = (uint32_t)strlen(first);
    sn_put_text(w, first);
    put_spaces(w, head < indent ? indent - head : 0);
    uint32_t column = head > indent ? head : indent, begin = column;
    while (at < end) {
        const uint8_t *space = memchr(at, ' ', (size_t)(end - at));
        size_t word = (size_t)((space != NULL ? space : end) - at);
        if (word == 0) {
            at++;
            continue;
        }
        uint32_t width = columns(at, word), gap = column > begin ? 1 : 0;
        if (column + gap + width > SN_LINE_MAX && column > begin) {
            sn_put_u8(w, '\n');
            put_spaces(w, indent);
            column = begin = indent;
            gap = 0;
        }
        /* A word longer than a line is broken where the line ends. */
        if (column + gap + width > SN_LINE_MAX) {
            word = fitting(at, word, SN_LINE_MAX - column);
            width = columns(at, word);
            space = NULL;
        }
        put_spaces(w, gap);
        put_plain(w, at, word);
        column += gap + width;
        at += word + (space != NULL ? 1 : 0);
    }
    sn_put_u8(w, '\n');
}

void sn_lines_sentence(struct sn_writer *w, const char *first, uint32_t indent, const struct sn_sentence *sentence) {
    sn_lines_wrap(w, first, indent, sentence->data, sentence->w.len);
}

static void put_cell(struct sn_writer *w, const uint8_t *text, size_t len, uint32_t width, bool right) {
    uint32_t own = columns(text, len);
    if (own > width) {
        put_plain(w, text, fitting(text, len, width - 1));
        sn_put_u8(w, '~');
        return;
    }
    if (right) put_spaces(w, width - own);
    put_plain(w, text, len);
    if (!right) put_spaces(w, width - own);
}

void sn_lines_left(struct sn_writer *w, const void *text, size_t len, uint32_t width) {
    put_cell(w, text, len, width, false);
}

void sn_lines_right(struct sn_writer *w, const void *text, size_t len, uint32_t width) {
    put_cell(w, text, len, width, true);
}

void sn_lines_number(struct sn_writer *w, uint64_t value, uint32_t width) {
    uint8_t digits[20];
    struct sn_writer number = sn_writer(digits, sizeof digits);
    sn_put_dec(&number, value);
    sn_lines_right(w, digits, number.len, width);
}

void sn_lines_decimal(struct sn_writer *w, double value) {
    uint8_t digits[24];
    struct sn_writer number = sn_writer(digits, sizeof digits);
    sn_put_fixed(&number, value, 1);
    size_t len = number.len;
    if (len > 2 && digits[len - 1] == '0' && digits[len - 2] == '.') len -= 2;
    sn_put_bytes(w, digits, len);
}

void sn_lines_count(struct sn_writer *w, uint64_t count, const char *one, const char *many) {
    sn_put_dec(w, count);
    sn_put_text(w, " ");
    sn_put_text(w, count == 1 ? one : many);
}
