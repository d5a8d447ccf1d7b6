// How likely counts are that lie at least so far from what was expected: the upper tail of the chi-square distribution,
// which is the regularized incomplete gamma function Q(n / 2, chi² / 2) with n degrees of freedom.

// ln Γ(x) for x > 0, to 1e-9: Stirling's series, reached by Γ(x) = Γ(x + 1) / x.
function lnGamma(x) {
  let shift = 0;
  for (; x < 12; x++) shift -= Math.log(x);
  return shift + (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
}

// P(a, x) as a series; it converges for every x, and quickly enough for those of tests.
function lowerGamma(a, x) {
  let term = 1 / a, sum = term;
  for (let n = 1; term > sum * 1e-15; n++) sum += term *= x / (a + n);
  return sum * Math.exp(a * Math.log(x) - x - lnGamma(a));
}

export const tail = (chiSquare, freedom) => (chiSquare === 0 ? 1 : Math.max(0, 1 - lowerGamma(freedom / 2, chiSquare / 2)));

// `pairs`: [counted, expected], whose sums are the same.
export function likelihood(pairs) {
  const chiSquare = pairs.reduce((sum, [counted, expected]) => sum + (counted - expected) ** 2 / expected, 0);
  return tail(chiSquare, pairs.length - 1);
}
