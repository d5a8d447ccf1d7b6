// The operations of the workload `systems` in plain JavaScript, as one would write a generator without a core in C: what
// operation k does is a function of the seed and k here too, and the values are of the same kinds and lengths.
// The systems that the operations below belong to.
export const SYSTEMS = ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_download", "r2_upload"];

const PAYLOAD = 1 << 20;
const SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// 32 well-mixed bits of (seed, purpose, k): a draw needs no generator to be kept or seeded.
function draw(seed, purpose, k) {
  let x = (seed ^ Math.imul(purpose, 0x9e3779b9)) + k;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

const bytes = Uint8Array.from({ length: PAYLOAD }, (_, i) => SYMBOLS.charCodeAt(draw(0, 0, i) & 63));
const block = new TextDecoder().decode(bytes);

const hex8 = (bits) => bits.toString(16).padStart(8, "0");
const offsetOf = (seed, k, length) => draw(seed, 3, k) % (PAYLOAD - length);

// What is written, by kind: the binding's number, the action's, and a function that gives the groups of values.
const operations = {
  insert_test_record: [2, 1, ({ run, tenant }, k, now) => [
    { statement: 0, values: [`sentinel_test_${run}_${k}`, tenant, run, `{"index":${k},"timestamp":${now}}`] },
  ]],
  update_test_record: [2, 1, ({ run, tenant }, k, now) => [
    {
      statement: 1,
      values: [`sentinel_test_${run}_${tenant}_prepared_${k % 100}`, `{"index":${k},"timestamp":${now},"updated":true}`],
    },
  ]],
  batch_insert: [2, 2, ({ run, tenant }, k) => Array.from({ length: 5 }, (_, i) => ({
    statement: 0,
    values: [`sentinel_test_${run}_batch_${k}_${i}`, tenant, run, `{"batch":${k},"item":${i}}`],
  }))],
  select_test_records: [2, 1, ({ run, tenant }) => [{ statement: 2, values: [tenant, run] }]],
  count_test_records: [2, 1, ({ run, tenant }) => [{ statement: 3, values: [tenant, run, 100] }]],
  select_posts_listing: [2, 1, ({ run, tenant }) => [{ statement: 4, values: [tenant, run] }]],
  kv_get_simple: [3, 3, ({ run, tenant }, k) => [
    { statement: 0, values: [`sentinel_test_${run}_${tenant}/${k % 100}`, "text", null] },
  ]],
  kv_get_json: [3, 3, ({ run, tenant }, k) => [
    { statement: 0, values: [`sentinel_test_${run}_${tenant}/json_${k % 50}`, "json", null] },
  ]],
  kv_list: [3, 5, ({ run, tenant }) => [{ statement: 0, values: [`sentinel_test_${run}_${tenant}/`, 20] }]],
  kv_put_simple: [3, 4, ({ seed, run, tenant }, k, now) => {
    const random = hex8(draw(seed, 4, k)) + hex8(draw(seed, 5, k));
    const value = `{"index":${k},"timestamp":${now},"random":"${random}"}`;
    return [{ statement: 0, values: [`sentinel_test_${run}_${tenant}/put_${k % 100}`, value, 7200, null] }];
  }],
  kv_put_with_metadata: [3, 4, ({ seed, run, tenant }, k, now) => {
    const offset = offsetOf(seed, k, 100);
    const value = `{"index":${k},"timestamp":${now},"data":"${block.slice(offset, offset + 100)}"}`;
    const metadata = `{"createdBy":"sentinel","index":"${k}"}`;
    return [{ statement: 0, values: [`sentinel_test_${run}_${tenant}/meta_${k % 50}`, value, 7200, metadata] }];
  }],
  r2_upload_small: [4, 8, ({ seed, run, tenant }, k) => {
    const key = `sentinel_test_${run}_${tenant}/upload_small_${k}.txt`;
    const offset = offsetOf(seed, k, 1048);
    const metadata = `{"sentinelTest":"true","index":"${k}"}`;
    return [{ statement: 0, values: [key, bytes.subarray(offset, offset + 1048), "text/plain", metadata] }];
  }],
  r2_upload_medium: [4, 8, ({ seed, run, tenant }, k) => {
    const key = `sentinel_test_${run}_${tenant}/upload_medium_${k}.json`;
    const offset = offsetOf(seed, k, 7902);
    const value = `{"index":${k},"text":"${block.slice(offset, offset + 7902)}"}`;
    const metadata = `{"sentinelTest":"true","index":"${k}"}`;
    return [{ statement: 0, values: [key, value, "application/json", metadata] }];
  }],
  r2_download: [4, 7, ({ run, tenant }, k) => [
    { statement: 0, values: [`sentinel_test_${run}_${tenant}/small_${k % 100}.txt`, null, null] },
  ]],
  r2_list: [4, 9, ({ run, tenant }) => [{ statement: 0, values: [`sentinel_test_${run}_${tenant}/small_`, 20] }]],
};

// Walker's alias table of weights by name.
function aliasTable(weights) {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const columns = weights.map(([name, weight]) => ({ share: (weight * weights.length) / total, own: name, alias: name }));
  const small = columns.filter(({ share }) => share < 1);
  const large = columns.filter(({ share }) => share >= 1);
  while (small.length > 0 && large.length > 0) {
    const column = small.pop();
    const donor = large.at(-1);
    column.alias = donor.own;
    donor.rest = (donor.rest ?? donor.share) - (1 - (column.rest ?? column.share));
    if (donor.rest < 1) small.push(large.pop());
  }
  return columns.map(({ share, rest, own, alias }) => ({
    threshold: rest ?? share,
    own: operations[own],
    alias: operations[alias],
  }));
}

// Gives operation k: what a binding is to be called with.
export function plainOperations({ seed, run, tenant, weights }) {
  const table = aliasTable(weights);
  const names = { seed, run, tenant };
  return (k, now) => {
    const place = (draw(seed, 1, k) / 2 ** 32) * table.length;
    const column = table[Math.floor(place)];
    const [target, action, groups] = place % 1 < column.threshold ? column.own : column.alias;
    return { id: k, target, action, groups: groups(names, k, now) };
  };
}
