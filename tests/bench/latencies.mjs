const VALUES = 65536; // as in loops.c

// Latencies in µs: log-normal around 20 ms, one in a hundred above 130 ms.
export function latencies() {
  let state = 12345;
  const unit = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
  return Uint32Array.from({ length: VALUES }, () => Math.min(20000 * Math.exp(0.8 * normal()), 6e7));
}
