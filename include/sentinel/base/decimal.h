/* Doubles as decimal text, exactly, both ways.
 *
 * libc can do this too, but in wasm its way goes through 128-bit floats and a whole printf.  Here it is the same code
 * everywhere, so native and wasm agree to the last digit. */
#ifndef SENTINEL_BASE_DECIMAL_H
#define SENTINEL_BASE_DECIMAL_H

#include <stddef.h>

#define SN_DECIMAL_TEXT_MAX 25 /* -0.0000012345678901234567 */

/* The double nearest to the number that `text` begins with; between two equally near ones the even one.  Digits with an
 * optional sign, point and exponent: JSON's numbers and a little more ("+1", ".5", "007"), but no space, no hexadecimal
 * and no "inf".  *used is the number's length, 0 where there is none.  Infinity where it is too large for a double. */
double sn_decimal_read(const char *text, size_t len, size_t *used);

/* The shortest text that reads back as `value`, which is finite, in the form that JavaScript gives it: 0.000001, 1e-7,
 * 100000000000000000000, 1e+21.  Of several equally short ones the nearest.  Returns its length; no zero at the end. */
size_t sn_decimal_write(double value, char out[SN_DECIMAL_TEXT_MAX]);

#endif
