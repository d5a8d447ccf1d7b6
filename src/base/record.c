#include "sentinel/base/record.h"

#include <string.h>

#include "sentinel/base/assert.h"

#define HEADER sizeof(struct sn_record)

static size_t padding(size_t size) {
    return (8 - size % 8) % 8;
}

void sn_record_put(struct sn_writer *w, const struct sn_record *header, const void *payload, size_t len) {
    size_t mark = sn_record_begin(w, header);
    sn_put_bytes(w, payload, len);
    sn_record_end(w, mark);
}

size_t sn_record_begin(struct sn_writer *w, const struct sn_record *header) {
    uint64_t words[HEADER / sizeof(uint64_t)];
    size_t mark = w->len;
    memcpy(words, header, HEADER);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) sn_put_u64(w, words[i]);
    if (w->full) w->len = mark;
    return mark;
}

/* A record that did not fit leaves no trace but `full`: the records before it can still be sent. */
bool sn_record_end(struct sn_writer *w, size_t mark) {
    if (!w->full) {
        SN_ASSERT(mark <= w->len && w->len - mark >= HEADER && w->len - mark - HEADER <= UINT32_MAX);
        uint32_t size = (uint32_t)(w->len - mark - HEADER);
        sn_put_zeros(w, padding(size));
        memcpy(w->data + mark + offsetof(struct sn_record, size), &size, sizeof size);
    }
    if (w->full) w->len = mark;
    return !w->full;
}

bool sn_record_next(struct sn_reader *r, struct sn_record *header, struct sn_span *payload) {
    if (sn_reader_left(r) == 0) return false;
    const uint8_t *bytes = sn_get_bytes(r, HEADER);
    if (bytes == NULL) return false;
    memcpy(header, bytes, HEADER);
    *payload = (struct sn_span){sn_get_bytes(r, header->size), header->size};
    sn_get_bytes(r, padding(header->size));
    return !r->bad;
}
