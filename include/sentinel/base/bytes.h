/* Bounded bytes: a writer that never overruns and a reader that never over-reads.
 *
 * Both carry a sticky fault instead of a status per call: write or read a whole message, then ask once.
 * Everything on the wire is little-endian.  Text is UTF-8 without a terminating zero. */
#ifndef SENTINEL_BASE_BYTES_H
#define SENTINEL_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sn_writer {
    uint8_t *data; /* the caller's */
    size_t cap;
    size_t len; /* bytes written so far, never above cap */
    bool full;  /* something did not fit; what was written before it is intact */
};

struct sn_reader {
    const uint8_t *data;
    size_t len;
    size_t pos;
    bool bad; /* a read went past the end or met a malformed value; later reads give 0 */
};

struct sn_span {
    const uint8_t *data;
    size_t len;
};

struct sn_writer sn_writer(void *data, size_t cap);
struct sn_reader sn_reader(const void *data, size_t len);

void sn_put_u8(struct sn_writer *w, uint8_t value);
void sn_put_u16(struct sn_writer *w, uint16_t value);
void sn_put_u32(struct sn_writer *w, uint32_t value);
void sn_put_u64(struct sn_writer *w, uint64_t value);
void sn_put_i64(struct sn_writer *w, int64_t value);
void sn_put_f64(struct sn_writer *w, double value);
void sn_put_varint(struct sn_writer *w, uint64_t value); /* LEB128, 1 to 10 bytes */
void sn_put_bytes(struct sn_writer *w, const void *data, size_t len);
void sn_put_span(struct sn_writer *w, const void *data, size_t len); /* varint length, then the bytes */
void sn_put_zeros(struct sn_writer *w, size_t len);
/* Room for `len` bytes that the caller fills, or NULL: then the writer is full.  Once full, always full. */
uint8_t *sn_put_room(struct sn_writer *w, size_t len);

/* Text, for reports and keys.  Numbers are decimal. */
void sn_put_text(struct sn_writer *w, const char *text);
void sn_put_dec(struct sn_writer *w, uint64_t value);
void sn_put_int(struct sn_writer *w, int64_t value);
void sn_put_hex(struct sn_writer *w, uint64_t value, unsigned digits); /* lower case, zero-padded, low digits */
/* Fixed-point, rounded half away from zero: (1.25, 1) → "1.3".  decimals ≤ 9.  Not for NaN or |value| ≥ 1e15: prints
 * "-".  What rounds to 0 has no sign. */
void sn_put_fixed(struct sn_writer *w, double value, unsigned decimals);
/* Shortest text that reads back as the same double, as sn_decimal_write() has it; "null" for NaN and infinities. */
void sn_put_number(struct sn_writer *w, double value);

uint8_t sn_get_u8(struct sn_reader *r);
uint16_t sn_get_u16(struct sn_reader *r);
uint32_t sn_get_u32(struct sn_reader *r);
uint64_t sn_get_u64(struct sn_reader *r);
int64_t sn_get_i64(struct sn_reader *r);
double sn_get_f64(struct sn_reader *r);
uint64_t sn_get_varint(struct sn_reader *r);
const uint8_t *sn_get_bytes(struct sn_reader *r, size_t len); /* NULL when there are fewer */
struct sn_span sn_get_span(struct sn_reader *r);
size_t sn_reader_left(const struct sn_reader *r);

/* CRC-32 (IEEE 802.3, reflected, as in zlib).  "123456789" → 0xcbf43926. */
uint32_t sn_crc32(const void *data, size_t len);
/* 64-bit hash for plan identity and scrambling; not cryptographic.  FNV-1a with a final mix. */
uint64_t sn_hash64(const void *data, size_t len);
/* The same of bytes that come in pieces. */
#define SN_HASH64_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t sn_hash64_add(uint64_t hash, const void *data, size_t len);
uint64_t sn_hash64_end(uint64_t hash);
/* A number as one piece, at an eighth of the cost of its bytes; another hash than theirs. */
uint64_t sn_hash64_add_number(uint64_t hash, uint64_t number);
/* Equal in a time that depends on the lengths alone: for tokens. */
bool sn_equal_constant_time(const void *a, size_t a_len, const void *b, size_t b_len);
/* Valid UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool sn_utf8_valid(const void *data, size_t len);
/* Bytes of the control character that zero-terminated text begins with; 0 when it begins with none.  Control
 * characters are C0, DEL, C1, and what turns the direction of writing around: U+202A to U+202E, U+2066 to U+2069.  Text may
 * be cut in the middle of a character. */
size_t sn_control_len(const char *text);

uint64_t sn_add_sat(uint64_t a, uint64_t b);     /* saturates at UINT64_MAX */
uint64_t sn_mul_sat(uint64_t a, uint64_t b);     /* saturates at UINT64_MAX */
uint32_t sn_add_sat_u32(uint32_t a, uint32_t b); /* saturates at UINT32_MAX */

/* Whether the bytes are this text, no more and no less. */
bool sn_span_is(struct sn_span span, const char *text);
bool sn_span_equal(struct sn_span a, struct sn_span b);

#endif
