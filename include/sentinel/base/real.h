/* Logarithm and exponential from + − × ÷ and the bits of a double alone.
 *
 * libc has them too, but every libc rounds them in its own way, and what a run does must not depend on where it is
 * computed.  Here it is the same code everywhere, so native and wasm agree to the last bit.  Results are within four
 * units in the last place. */
#ifndef SENTINEL_BASE_REAL_H
#define SENTINEL_BASE_REAL_H

double sn_ln(double x);    /* of a normal number above 0 */
double sn_ln1p(double x);  /* ln(1 + x), as good for x near 0; −1 < x < 2^1023 */
double sn_exp(double x);   /* infinity where it is too large for a double, 0 where it is less than 2^−1022 */
double sn_expm1(double x); /* exp(x) − 1, as good for x near 0 */

#endif
