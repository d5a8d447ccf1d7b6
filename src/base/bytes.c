#include "sentinel/base/bytes.h"

#include <assert.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied to the wire as they lie in memory");

struct sn_writer sn_writer(void *data, size_t cap) {
    return (struct sn_writer){.data = data, .cap = cap};
}

/* An empty reader points somewhere too, so that zero bytes can be told from too few. */
struct sn_reader sn_reader(const void *data, size_t len) {
    static const uint8_t nothing[1] = {0};
    return (struct sn_reader){.data = data != NULL ? data : nothing, .len = data != NULL ? len : 0};
}

/* Once full, always full: a message with a hole would be worse than a short one. */
uint8_t *sn_put_room(struct sn_writer *w, size_t len) {
    if (w->full || len > w->cap - w->len) {
        w->full = true;
        return NULL;
    }
    uint8_t *at = w->data + w->len;
    w->len += len;
    return at;
}

void sn_put_bytes(struct sn_writer *w, const void *data, size_t len) {
    if (len == 0) return;
    uint8_t *at = sn_put_room(w, len);
    if (at != NULL) memcpy(at, data, len);
}

void sn_put_zeros(struct sn_writer *w, size_t len) {
    if (len == 0) return;
    uint8_t *at = sn_put_room(w, len);
    if (at == NULL) return;
    for (; len >= sizeof(uint32_t); len -= sizeof(uint32_t), at += sizeof(uint32_t)) memset(at, 0, sizeof(uint32_t));
    for (; len > 0; len--) *at++ = 0;
}

/* Numbers are written one by one rather than through sn_put_bytes(): a copy of known size is a single store, one of any
 * size is a call, which in wasm costs more than everything around it. */
#define PUT_NUMBER(name, type)                            \
    void sn_put_##name(struct sn_writer *w, type value) { \
        uint8_t *at = sn_put_room(w, sizeof value);       \
        if (at != NULL) memcpy(at, &value, sizeof value); \
    }
PUT_NUMBER(u8, uint8_t)
PUT_NUMBER(u16, uint16_t)
PUT_NUMBER(u32, uint32_t)
PUT_NUMBER(u64, uint64_t)
PUT_NUMBER(i64, int64_t)
PUT_NUMBER(f64, double)
#undef PUT_NUMBER

void sn_put_varint(struct sn_writer *w, uint64_t value) {
    uint8_t bytes[10];
    size_t len = 0;
    for (; value >= 0x80; value >>= 7) bytes[len++] = (uint8_t)(0x80 | (value & 0x7f));
    bytes[len++] = (uint8_t)value;
    sn_put_bytes(w, bytes, len);
}

void sn_put_span(struct sn_writer *w, const void *data, size_t len) {
    size_t before = w->len;
    sn_put_varint(w, len);
    sn_put_bytes(w, data, len);
    if (w->full) w->len = before; /* no length without its bytes */
}

const uint8_t *sn_get_bytes(struct sn_reader *r, size_t len) {
    if (r->bad || len > r->len - r->pos) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *at = r->data + r->pos;
    r->pos += len;
    return at;
}

static void get(struct sn_reader *r, void *value, size_t len) {
    const uint8_t *at = sn_get_bytes(r, len);
    if (at != NULL) memcpy(value, at, len);
}

uint8_t sn_get_u8(struct sn_reader *r) {
    uint8_t value = 0;
    get(r, &value, sizeof value);
    return value;
}

uint16_t sn_get_u16(struct sn_reader *r) {
    uint16_t value = 0;
    get(r, &value, sizeof value);
    return value;
}

uint32_t sn_get_u32(struct sn_reader *r) {
    uint32_t value = 0;
    get(r, &value, sizeof value);
    return value;
}

uint64_t sn_get_u64(struct sn_reader *r) {
    uint64_t value = 0;
    get(r, &value, sizeof value);
    return value;
}

int64_t sn_get_i64(struct sn_reader *r) {
    int64_t value = 0;
    get(r, &value, sizeof value);
    return value;
}

double sn_get_f64(struct sn_reader *r) {
    double value = 0;
    get(r, &value, sizeof value);
    return value;
}

/* Longer encodings than needed are taken, as other LEB128 writers make them; more than 64 bits are not. */
uint64_t sn_get_varint(struct sn_reader *r) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = sn_get_u8(r);
        if (r->bad || (shift == 63 && byte > 1)) break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    r->bad = true;
    return 0;
}

struct sn_span sn_get_span(struct sn_reader *r) {
    uint64_t len = sn_get_varint(r);
    if (len > sn_reader_left(r)) r->bad = true; /* compared as 64 bits: size_t has 32 in wasm */
    const uint8_t *data = sn_get_bytes(r, (size_t)len);
    return (struct sn_span){data, data != NULL ? (size_t)len : 0};
}

/* Nothing is left of a bad message, so that a loop over what is left ends. */
size_t sn_reader_left(const struct sn_reader *r) {
    return r->bad ? 0 : r->len - r->pos;
}

uint32_t sn_crc32(const void *data, size_t len) {
    /* Half a byte at a time: 64 bytes of table instead of a thousand. */
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    const uint8_t *bytes = data;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}

uint64_t sn_hash64_add_number(uint64_t hash, uint64_t number) {
    return (hash ^ number) * UINT64_C(0x100000001b3); /* FNV's prime */
}

uint64_t sn_hash64_add(uint64_t hash, const void *data, size_t len) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++) hash = sn_hash64_add_number(hash, bytes[i]);
    return hash;
}

/* FNV-1a moves the last bytes' bits upwards only; the mix (MurmurHash3's) spreads them over all 64. */
uint64_t sn_hash64_end(uint64_t hash) {
    hash = (hash ^ (hash >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ (hash >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ (hash >> 33);
}

uint64_t sn_hash64(const void *data, size_t len) {
    return sn_hash64_end(sn_hash64_add(SN_HASH64_BEGIN, data, len));
}

bool sn_equal_constant_time(const void *a, size_t a_len, const void *b, size_t b_len) {
    if (a_len != b_len) return false;
    const uint8_t *left = a, *right = b;
    volatile uint8_t difference = 0; /* volatile: else a compiler might leave the loop early */
    for (size_t i = 0; i < a_len; i++) difference = (uint8_t)(difference | (left[i] ^ right[i]));
    return difference == 0;
}

/* Length of the valid sequence at the front, 0 when there is none.  The second byte's range is what keeps out overlong
 * forms, surrogates and everything above U+10FFFF (Unicode, table 3-7). */
static size_t utf8_sequence(const uint8_t *bytes, size_t len) {
    uint8_t first = bytes[0];
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    size_t need = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (len < need) return 0;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (bytes[1] < low || bytes[1] > high) return 0;
    for (size_t i = 2; i < need; i++)
        if ((bytes[i] & 0xc0) != 0x80) return 0;
    return need;
}

bool sn_utf8_valid(const void *data, size_t len) {
    const uint8_t *bytes = data;
    for (size_t at = 0; at < len;) {
        size_t step = utf8_sequence(bytes + at, len - at);
        if (step == 0) return false;
        at += step;
    }
    return true;
}

size_t sn_control_len(const char *text) {
    const uint8_t *at = (const uint8_t *)text;
    if (at[0] == 0xc2) return at[1] >= 0x80 && at[1] < 0xa0 ? 2 : 0;
    if (at[0] == 0xe2 && at[1] == 0x80) return at[2] >= 0xaa && at[2] <= 0xae ? 3 : 0;
    if (at[0] == 0xe2 && at[1] == 0x81) return at[2] >= 0xa6 && at[2] <= 0xa9 ? 3 : 0;
    return (at[0] != 0 && at[0] < 0x20) || at[0] == 0x7f;
}

uint64_t sn_add_sat(uint64_t a, uint64_t b) {
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

uint32_t sn_add_sat_u32(uint32_t a, uint32_t b) {
    return b > UINT32_MAX - a ? UINT32_MAX : a + b;
}

uint64_t sn_mul_sat(uint64_t a, uint64_t b) {
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

bool sn_span_is(struct sn_span span, const char *text) {
    return sn_span_equal(span, (struct sn_span){(const uint8_t *)text, strlen(text)});
}

bool sn_span_equal(struct sn_span a, struct sn_span b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
