// The weights of every workload that comes with Sentinel, as docs/workloads.md and docs/plan.md have them, written down a second
// time: what is drawn and what is sent is held against these.

// A system's weight is shared evenly by its operations.
const shared = (systems) => Object.fromEntries(Object.values(systems).flatMap(([weight, ...names]) => names.map((name) => [name, weight / names.length])));

// These belong to their presets' number of operations.
export const COORDINATION = ["session-fan-out", "tenant-isolation", "reaction-race"];

export const MIXES = {
  systems: shared({
    d1_reads: [60, "select_test_records", "count_test_records", "select_posts_listing"],
    d1_writes: [5, "insert_test_record", "update_test_record", "batch_insert"],
    kv_get: [15, "kv_get_simple", "kv_get_json", "kv_list"],
    kv_put: [5, "kv_put_simple", "kv_put_with_metadata"],
    r2_download: [8, "r2_download", "r2_list"],
    r2_upload: [2, "r2_upload_small", "r2_upload_medium"],
    auth_flows: [10, "session_lookup", "rate_limit_check"],
    post_crud: [10, "create_post", "list_posts"],
    media_ops: [10, "list_media", "fetch_media"],
  }),
  grove: { "auth-flow": 10, "blog-list": 25, "post-read": 35, "post-write": 5, "media-upload": 5, "media-fetch": 10, "analytics-ping": 5, "comment-read": 3, "comment-write": 2 },
  "grove-seven": { "post-read": 35, "blog-list": 25, "auth-flow": 10, "post-write": 5, "media-fetch": 8, "media-upload": 2, "analytics-ping": 8, "comment-read": 4.2, "comment-write": 2.8 },
  "launch-day": { "blog-list": 40, "post-read": 45, "auth-flow": 10, "comment-write": 5 },
  "multi-tenant-chaos": { "post-read": 40, "blog-list": 30, "post-write": 15, "media-upload": 15 },
  "auth-stress": { "auth-flow": 70, "session-validate": 30 },
  "session-fan-out": { visit: 1 },
  "tenant-isolation": { request: 1 },
  "reaction-race": { react: 1 },
  ycsb: { read: 1, "read-latest": 1, update: 1, insert: 1, scan: 1, "read-modify-write": 1 },
  "ycsb-a": { read: 50, update: 50 },
  "ycsb-b": { read: 95, update: 5 },
  "ycsb-c": { read: 100 },
  "ycsb-d": { "read-latest": 95, insert: 5 },
  "ycsb-e": { scan: 95, insert: 5 },
  "ycsb-f": { read: 50, "read-modify-write": 50 },
};
