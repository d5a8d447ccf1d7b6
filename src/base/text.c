#include "sentinel/base/bytes.h"

#include <math.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/decimal.h"

/* Numbers are put together aside and written in one go: a number that does not fit is missing, never cut. */

static size_t format_dec(char out[20], uint64_t value) {
    char reversed[20];
    size_t len = 0;
    do {
        reversed[len++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < len; i++) out[i] = reversed[len - 1 - i];
    return len;
}

void sn_put_text(struct sn_writer *w, const char *text) {
    sn_put_bytes(w, text, strlen(text));
}

void sn_put_dec(struct sn_writer *w, uint64_t value) {
    char text[20];
    sn_put_bytes(w, text, format_dec(text, value));
}

void sn_put_int(struct sn_writer *w, int64_t value) {
    char text[21] = "-";
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value; /* unsigned, since -INT64_MIN does not exist */
    size_t len = 1 + format_dec(text + 1, size);
    sn_put_bytes(w, value < 0 ? text : text + 1, value < 0 ? len : len - 1);
}

void sn_put_hex(struct sn_writer *w, uint64_t value, unsigned digits) {
    char text[16];
    SN_ASSERT(digits <= sizeof text);
    for (unsigned i = digits; i > 0; i--, value >>= 4) text[i - 1] = "0123456789abcdef"[value & 15];
    sn_put_bytes(w, text, digits);
}

/* round(fraction · scale), half up, exactly.  0 ≤ fraction < 1, scale ≤ 10^9.
 *
 * fraction = mantissa · 2^-shift with shift ≥ 53, so the product has at most 83 bits; of those the ones above bit 32
 * decide, since the half lies at bit shift - 1. */
static uint64_t scale_fraction(double fraction, uint64_t scale) {
    uint64_t bits;
    memcpy(&bits, &fraction, sizeof bits);
    uint64_t exponent = bits >> 52;
    if (exponent == 0) return 0; /* 0, or far too small to matter */
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    uint64_t shift = 1075 - exponent;
    uint64_t high = (mantissa >> 32) * scale + (((mantissa & UINT32_MAX) * scale) >> 32);
    if (shift - 33 >= 64) return 0;
    return ((high >> (shift - 33)) + 1) >> 1;
}

void sn_put_fixed(struct sn_writer *w, double value, unsigned decimals) {
    SN_ASSERT(decimals <= 9);
    if (!(fabs(value) < 1e15)) {
        sn_put_text(w, "-");
        return;
    }
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals; i++) scale *= 10;
    uint64_t whole = (uint64_t)fabs(value);
    uint64_t fraction = scale_fraction(fabs(value) - (double)whole, scale);
    if (fraction == scale) {
        whole++;
        fraction = 0;
    }

    char text[32];
    size_t len = 0;
    if (value < 0 && (whole > 0 || fraction > 0)) text[len++] = '-'; /* what rounds to 0 has no sign */
    len += format_dec(text + len, whole);
    if (decimals > 0) text[len++] = '.';
    for (unsigned i = decimals; i > 0; i--, fraction /= 10) text[len + i - 1] = (char)('0' + fraction % 10);
    sn_put_bytes(w, text, len + decimals);
}

void sn_put_number(struct sn_writer *w, double value) {
    if (!isfinite(value)) {
        sn_put_text(w, "null");
    } else if (fabs(value) < 0x1p53 && value == (double)(int64_t)value) {
        if (value == 0 && signbit(value))
            sn_put_text(w, "-0"); /* another double than 0 */
        else
            sn_put_int(w, (int64_t)value);
    } else {
        char text[SN_DECIMAL_TEXT_MAX];
        sn_put_bytes(w, text, sn_decimal_write(value, text));
    }
}
