// Made by src/wasm/abi.c from the core's lists: edit those, then run make.

export const ABI_VERSION = 8;

// Who a core is.
export const ROLE = {
  API: 0,
  RUN: 1,
  SHARD: 2,
};

// What happened: records into the core.
export const EVENT = {
  OPENED: 1,
  LOADED: 2,
  TIMER: 3,
  ALARM: 4,
  CALL: 5,
  DONE: 6,
  FAILED: 7,
  STEP_DONE: 8,
  STEP_FAILED: 9,
  REQUEST: 10,
  SOCKET_OPENED: 11,
  SOCKET_MESSAGE: 12,
  TICK: 13,
};

// What is to be done: records out of it.
export const EFFECT = {
  STEP: 32,
  DEFINE: 33,
  STORE: 34,
  ERASE: 35,
  SET_ALARM: 36,
  SLICE_END: 37,
  CALL_OBJECT: 38,
  REPLY: 39,
  SQL: 40,
  PUBLISH: 41,
  SEND: 42,
  CLOSE: 43,
  RESPOND: 44,
  UPGRADE: 45,
  LOG: 46,
  SHAPE: 47,
  ZONE: 48,
  FETCH: 49,
};

// Host calls that a STEP asks for.
export const ACTION = {
  D1_ALL: 1,
  D1_BATCH: 2,
  KV_GET: 3,
  KV_PUT: 4,
  KV_LIST: 5,
  KV_DELETE: 6,
  R2_GET: 7,
  R2_PUT: 8,
  R2_LIST: 9,
  R2_HEAD: 10,
  R2_DELETE: 11,
  KV_GET_MANY: 12,
  R2_MULTIPART: 13,
  DO_CALL: 14,
  DO_FETCH: 15,
  HTTP_FETCH: 16,
  SERVICE_FETCH: 17,
};

// Types of a call's arguments.
export const VALUE = {
  NULL: 0,
  TEXT: 1,
  NUMBER: 2,
  BYTES: 3,
  SLICE: 4,
  SLICE_TEXT: 5,
  HOLE: 6,
  HEX: 7,
  JOINED: 8,
  TAIL: 9,
  CUT: 10,
  CUT_TEXT: 11,
};

// What a KV namespace says of its cache.
export const CACHE = {
  HIT: 1,
  MISS: 2,
};

// What is looked for in an answer.
export const LOOK = {
  SAME: 1,
  CONTAINS: 2,
  COLUMN: 3,
  POINTER: 4,
  HEADER: 5,
  WHOLE: 6,
};

// Stands for a statement where the group is what is looked for.
export const SHAPE_LOOKS = 4294967295;

// Sentinel's own bindings by number.
export const BINDING = {
  1: "DB",
  2: "RUNS",
  3: "SHARDS",
};

// Statements of the control database by number.
export const SQL = {
  1: "INSERT INTO sentinel_runs (id, tenant_id, name, description, profile_type, preset, target_operations, duration_seconds, concurrency, target_systems, status, active, config_snapshot, plan_hash, triggered_by, created_at, updated_at, scheduled_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'pending', ?11, ?12, ?13, ?14, ?15, ?15, ?16)",
  2: "SELECT run.id, run.name, run.description, run.profile_type, preset, run.plan_hash, status, validity, verdict, active, revision, target_operations, duration_seconds, concurrency, total_operations, successful_operations, failed_operations, p50_latency_ms, p95_latency_ms, p99_latency_ms, throughput_ops_sec, notes, ended_by, run.created_at, scheduled_at, started_at, completed_at, run.updated_at, comparison, baseline.id AS baseline_id, baseline.name AS baseline_name, (SELECT json_object('component', component, 'state', state, 'before', before, 'error', error) FROM sentinel_maintenance WHERE run_id = ?1) AS maintenance FROM sentinel_runs AS run LEFT JOIN sentinel_baselines AS baseline ON baseline.tenant_id = run.tenant_id AND baseline.plan_hash = run.plan_hash AND baseline.is_active = 1 AND (run.completed_at IS NULL OR baseline.activated_at < run.completed_at) WHERE run.id = ?1 AND run.tenant_id = ?2",
  3: "SELECT id FROM sentinel_runs WHERE tenant_id = ?1 AND active = 1",
  4: "SELECT id, name, profile_type, preset, status, validity, verdict, target_operations, duration_seconds, concurrency, created_at, scheduled_at, started_at, completed_at, plan_hash, p50_latency_ms, p95_latency_ms, p99_latency_ms, throughput_ops_sec, ended_by FROM sentinel_runs WHERE tenant_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4",
  13: "SELECT id, name, profile_type, preset, status, validity, verdict, target_operations, duration_seconds, concurrency, created_at, scheduled_at, started_at, completed_at, plan_hash, p50_latency_ms, p95_latency_ms, p99_latency_ms, throughput_ops_sec, ended_by FROM sentinel_runs WHERE tenant_id = ?1 AND status = ?5 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4",
  14: "UPDATE sentinel_runs SET active = 1, updated_at = ?3 WHERE id = ?1 AND tenant_id = ?2 AND status = 'pending' AND stop_asked_at IS NULL",
  15: "UPDATE sentinel_runs SET active = NULL, updated_at = ?2 WHERE id = ?1 AND status = 'pending' AND active = 1 AND updated_at = ?3",
  5: "SELECT id, status, revision, updated_at FROM sentinel_runs WHERE active = 1 ORDER BY updated_at LIMIT 50",
  6: "UPDATE sentinel_runs SET status = 'failed', active = NULL, notes = ?2, completed_at = ?3, updated_at = ?3, ended_by = ?5 WHERE id = ?1 AND revision = ?4 AND status IN ('pending', 'running', 'paused', 'draining')",
  7: "UPDATE sentinel_runs SET revision = ?2, status = ?3, active = ?4, started_at = ?5, completed_at = ?6, total_operations = ?7, successful_operations = ?8, failed_operations = ?9, avg_latency_ms = ?10, p50_latency_ms = ?11, p95_latency_ms = ?12, p99_latency_ms = ?13, max_latency_ms = ?14, min_latency_ms = ?15, throughput_ops_sec = ?16, error_count = ?17, error_types = ?18, validity = ?19, verdict = ?20, notes = ?21, updated_at = ?22, target_operations = MAX(target_operations, ?24), ended_by = ?23 WHERE id = ?1 AND revision < ?2",
  8: "INSERT INTO sentinel_checkpoints (id, run_id, tenant_id, checkpoint_index, recorded_at, elapsed_seconds, operations_completed, operations_failed, current_throughput, avg_latency_ms, error_rate) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO NOTHING",
  9: "INSERT INTO sentinel_stats (run_id, operation, phase, completed, failed, p50_us, p95_us, p99_us, response, service, errors) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (run_id, operation, phase) DO UPDATE SET completed = excluded.completed, failed = excluded.failed, p50_us = excluded.p50_us, p95_us = excluded.p95_us, p99_us = excluded.p99_us, response = excluded.response, service = excluded.service, errors = excluded.errors",
  10: "INSERT INTO sentinel_series (run_id, minute, part, data) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (run_id, minute, part) DO UPDATE SET data = excluded.data",
  11: "INSERT INTO sentinel_metrics (id, run_id, tenant_id, operation_type, operation_name, batch_index, started_at, completed_at, latency_ms, success, error_message, error_code, due_us, k) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (id) DO NOTHING",
  40: "SELECT tenant_id, config_snapshot, target_operations FROM sentinel_runs WHERE id = ?1",
  41: "UPDATE sentinel_runs SET revision = ?2, status = ?3, active = ?4, completed_at = ?5, validity = 'invalid', notes = ?6, updated_at = ?7, ended_by = ?8 WHERE id = ?1 AND revision < ?2",
  12: "WITH migration (file, made, word) AS (VALUES ('', '', ''), ('021_sentinel.sql', 'sentinel_runs', ''), ('022_deleted_repeated_scheduled.sql', 'sentinel_runs_due', ''), ('023_schedules.sql', 'sentinel_schedules', 'dialect'), ('024_outbox.sql', 'sentinel_maintenance', ''), ('025_baselines.sql', 'sentinel_runs_compared', ''), ('026_ended_by.sql', 'sentinel_runs', 'ended_by'), ('027_stop_all.sql', 'sentinel_runs_stopping', ''), ('028_deleted_active.sql', 'sentinel_runs_deleted_active', '')) SELECT group_concat(file, ', ') AS missing FROM (SELECT file FROM migration WHERE file <> '' AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = made AND instr(sql, word) > 0) ORDER BY file)",
  16: "DELETE FROM sentinel_runs WHERE id = ?1 AND tenant_id = ?2",
  17: "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, run_id, detail) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (?5 IS NULL OR EXISTS (SELECT 1 FROM sentinel_runs WHERE id = ?5 AND tenant_id = ?2)) AND NOT EXISTS (SELECT 1 FROM sentinel_audit WHERE tenant_id = ?2 AND at_us = ?1 AND role = ?3 AND action = ?4 AND run_id IS ?5 AND detail IS ?6)",
  18: "DELETE FROM sentinel_idempotency WHERE tenant_id = ?1 AND key = ?2 AND created_us < ?3",
  19: "DELETE FROM sentinel_idempotency WHERE (tenant_id, key) IN (SELECT tenant_id, key FROM sentinel_idempotency WHERE created_us < ?1 ORDER BY created_us LIMIT 500)",
  20: "INSERT INTO sentinel_idempotency (tenant_id, key, body_hash, run_id, created_us) VALUES (?1, ?2, ?3, ?4, ?5)",
  21: "SELECT body_hash, run_id FROM sentinel_idempotency WHERE tenant_id = ?1 AND key = ?2 AND created_us >= ?3",
  22: "DELETE FROM sentinel_idempotency WHERE run_id = ?1 AND NOT EXISTS (SELECT 1 FROM sentinel_runs WHERE id = ?1 AND status <> 'failed')",
  27: "DELETE FROM sentinel_idempotency WHERE run_id = ?1",
  23: "SELECT id, tenant_id, scheduled_at, revision, updated_at FROM sentinel_runs AS run WHERE status = 'pending' AND active IS NULL AND scheduled_at <= ?1 AND stop_asked_at IS NULL AND (scheduled_at < ?2 OR NOT EXISTS (SELECT 1 FROM sentinel_runs AS other WHERE other.tenant_id = run.tenant_id AND other.active = 1)) ORDER BY max(scheduled_at, updated_at), scheduled_at LIMIT 20",
  24: "UPDATE sentinel_runs SET active = 1, updated_at = ?2 WHERE id = ?1 AND status = 'pending' AND active IS NULL AND updated_at = ?3 AND stop_asked_at IS NULL",
  26: "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('sentinel_runs', 'sentinel_data')",
  42: "SELECT ready_at FROM sentinel_data WHERE mark = ?1",
  43: "INSERT INTO sentinel_data (mark, items, run_id, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (mark) DO NOTHING",
  44: "UPDATE sentinel_data SET ready_at = NULL WHERE mark = ?1",
  45: "INSERT INTO sentinel_data (mark, items, run_id, created_at, ready_at) VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (mark) DO UPDATE SET items = excluded.items, ready_at = excluded.ready_at",
  46: "DELETE FROM sentinel_data WHERE mark = ?1",
  60: "SELECT id, name, profile_type, preset, status, validity, verdict, target_operations, duration_seconds, concurrency, created_at, scheduled_at, started_at, completed_at, plan_hash, p50_latency_ms, p95_latency_ms, p99_latency_ms, throughput_ops_sec, ended_by FROM sentinel_runs WHERE tenant_id = ?1 AND plan_hash = ?5 AND (created_at, id) < (?2, ?3) AND (?6 IS NULL OR status = ?6) ORDER BY created_at DESC, id DESC LIMIT ?4",
  61: "SELECT id, name, description, plan_hash, is_active, source_run_ids, seconds, planned, ended, failed, baseline_throughput, baseline_p50_latency, baseline_p95_latency, baseline_p99_latency, baseline_error_rate, spreads, floors, created_at, updated_at, activated_at FROM sentinel_baselines WHERE tenant_id = ?1 AND (?2 IS NULL OR plan_hash = ?2) ORDER BY created_at DESC, id DESC LIMIT 100",
  62: "SELECT id, name, description, plan_hash, is_active, source_run_ids, seconds, planned, ended, failed, baseline_throughput, baseline_p50_latency, baseline_p95_latency, baseline_p99_latency, baseline_error_rate, spreads, floors, created_at, updated_at, activated_at FROM sentinel_baselines WHERE id = ?1 AND tenant_id = ?2",
  63: "SELECT COUNT(*) AS baselines FROM sentinel_baselines WHERE tenant_id = ?1",
  64: "INSERT INTO sentinel_baselines (id, tenant_id, name, description, profile_type, target_systems, plan_hash, source_run_ids, is_active, seconds, planned, ended, failed, baseline_throughput, baseline_p50_latency, baseline_p95_latency, baseline_p99_latency, baseline_error_rate, spreads, intervals, created_at, updated_at) SELECT ?1, ?2, ?3, ?4, profile_type, target_systems, plan_hash, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?18 FROM sentinel_runs WHERE id = ?5 AND tenant_id = ?2",
  65: "UPDATE sentinel_baselines SET is_active = 0, updated_at = ?3 WHERE tenant_id = ?1 AND is_active = 1 AND id <> ?2 AND plan_hash = (SELECT plan_hash FROM sentinel_baselines WHERE id = ?2 AND tenant_id = ?1)",
  66: "UPDATE sentinel_baselines SET name = coalesce(?3, name), description = coalesce(?4, description), floors = coalesce(?5, floors), activated_at = iif(?6 = 1 AND is_active = 0, ?7, activated_at), is_active = coalesce(?6, is_active), updated_at = ?7 WHERE id = ?1 AND tenant_id = ?2",
  67: "DELETE FROM sentinel_baselines WHERE id = ?1 AND tenant_id = ?2",
  68: "SELECT status, validity, plan_hash, throughput_ops_sec, hex(compared) AS compared FROM sentinel_runs WHERE id = ?1 AND tenant_id = ?2",
  69: "SELECT id, name, spreads, floors, baseline_throughput, json_array_length(source_run_ids) AS runs, hex(intervals) AS compared FROM sentinel_baselines WHERE tenant_id = ?1 AND plan_hash = ?2 AND is_active = 1 AND activated_at < ?3",
  70: "UPDATE sentinel_runs SET comparison = ?3 WHERE id = ?1 AND tenant_id = ?2 AND comparison IS NULL",
  71: "SELECT comparison FROM sentinel_runs WHERE id = ?1 AND tenant_id = ?2",
  72: "SELECT id, tenant_id, plan_hash, completed_at FROM sentinel_runs WHERE comparison IS NULL AND completed_at IS NOT NULL ORDER BY completed_at LIMIT 5",
  73: "UPDATE sentinel_runs SET compared = ?2 WHERE id = ?1",
  25: "SELECT status, COUNT(*) AS runs FROM sentinel_runs WHERE tenant_id = ?1 GROUP BY status",
  100: "INSERT INTO sentinel_schedules (id, tenant_id, name, description, cron_expression, dialect, timezone, overlap, catch_up, jitter_seconds, plan, plan_name, plan_preset, plan_hash, profile_type, target_operations, duration_seconds, concurrency, target_systems, maintenance, alerts, is_active, next_run_at, next_start_at, next_runs, created_at, updated_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?26 WHERE (SELECT COUNT(*) FROM sentinel_schedules WHERE tenant_id = ?2) < 50",
  101: "SELECT id, name, description, cron_expression, dialect, timezone, overlap, catch_up, jitter_seconds, plan_hash, profile_type, target_operations, duration_seconds, concurrency, target_systems, maintenance, alerts, is_active, paused_reason, revision, next_run_at, next_runs, failed_starts, passed_over, last_minute_at, last_outcome, last_message, last_run_at, last_run_id, created_at, updated_at, plan FROM sentinel_schedules WHERE id = ?1 AND tenant_id = ?2",
  102: "SELECT id, name, description, cron_expression, dialect, timezone, overlap, catch_up, jitter_seconds, plan_hash, profile_type, target_operations, duration_seconds, concurrency, target_systems, maintenance, alerts, is_active, paused_reason, revision, next_run_at, next_runs, failed_starts, passed_over, last_minute_at, last_outcome, last_message, last_run_at, last_run_id, created_at, updated_at FROM sentinel_schedules WHERE tenant_id = ?1 ORDER BY created_at, id LIMIT 50",
  103: "UPDATE sentinel_schedules SET name = ?3, description = ?4, cron_expression = ?5, dialect = ?6, timezone = ?7, overlap = ?8, catch_up = ?9, jitter_seconds = ?10, plan = COALESCE(?11, plan), plan_name = CASE WHEN ?11 IS NULL THEN plan_name ELSE ?12 END, plan_preset = CASE WHEN ?11 IS NULL THEN plan_preset ELSE ?13 END, plan_hash = COALESCE(?14, plan_hash), profile_type = COALESCE(?15, profile_type), target_operations = COALESCE(?16, target_operations), duration_seconds = COALESCE(?17, duration_seconds), concurrency = COALESCE(?18, concurrency), target_systems = COALESCE(?19, target_systems), maintenance = CASE ?20 WHEN 1 THEN ?21 ELSE maintenance END, alerts = CASE ?22 WHEN 1 THEN ?23 ELSE alerts END, next_run_at = CASE ?24 WHEN 1 THEN ?26 ELSE next_run_at END, next_start_at = CASE ?24 WHEN 1 THEN ?27 ELSE next_start_at END, next_runs = CASE ?24 WHEN 1 THEN ?28 ELSE next_runs END, paused_reason = CASE is_active WHEN ?25 THEN paused_reason END, failed_starts = CASE WHEN ?25 > is_active OR ?11 IS NOT NULL THEN 0 ELSE failed_starts END, is_active = ?25, revision = revision + 1, updated_at = ?29 WHERE id = ?1 AND tenant_id = ?2 AND revision = ?30",
  104: "DELETE FROM sentinel_schedules WHERE id = ?1 AND tenant_id = ?2",
  105: "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, run_id, detail, schedule_id) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM sentinel_schedules WHERE id = ?7 AND tenant_id = ?2 AND revision = COALESCE(?8, revision))",
  106: "SELECT id, tenant_id, cron_expression, dialect, timezone, overlap, catch_up, jitter_seconds, revision, next_run_at, failed_starts, EXISTS (SELECT 1 FROM sentinel_runs WHERE tenant_id = due.tenant_id AND active = 1) AS busy, EXISTS (SELECT 1 FROM sentinel_runs WHERE schedule_id = due.id AND status = 'pending' AND active IS NULL) AS waiting FROM sentinel_schedules AS due WHERE is_active = 1 AND next_start_at <= ?1 ORDER BY next_start_at LIMIT 8",
  107: "INSERT INTO sentinel_runs (id, tenant_id, name, description, profile_type, preset, target_operations, duration_seconds, concurrency, target_systems, status, active, config_snapshot, plan_hash, triggered_by, created_at, updated_at, scheduled_at, schedule_id, schedule_minute, replaces_run_id) SELECT ?1, tenant_id, COALESCE(plan_name, name), description, profile_type, plan_preset, target_operations, duration_seconds, concurrency, target_systems, 'pending', ?5, CASE WHEN alerts IS NULL THEN (CASE WHEN maintenance IS NULL THEN plan ELSE json_set(plan, '$.maintenance', json(maintenance)) END) ELSE json_set((CASE WHEN maintenance IS NULL THEN plan ELSE json_set(plan, '$.maintenance', json(maintenance)) END), '$.alerts', json(alerts)) END, plan_hash, ?6, ?7, ?7, ?8, id, ?9, CASE ?10 WHEN 1 THEN (SELECT id FROM sentinel_runs AS other WHERE other.tenant_id = schedule.tenant_id AND other.active = 1) END FROM sentinel_schedules AS schedule WHERE id = ?2 AND tenant_id = ?3 AND revision = ?4 ON CONFLICT (id) DO NOTHING",
  108: "UPDATE sentinel_schedules SET next_run_at = ?3, next_start_at = ?4, next_runs = ?5, last_minute_at = ?6, last_outcome = ?7, last_message = ?8, last_run_id = COALESCE(?9, last_run_id), last_run_at = CASE WHEN ?9 IS NULL THEN last_run_at ELSE ?10 END, failed_starts = failed_starts + (?9 IS NOT NULL), passed_over = passed_over + (?9 IS NULL), revision = revision + 1, updated_at = ?10 WHERE id = ?1 AND revision = ?2 AND is_active = 1",
  109: "SELECT schedule.name, plan, run.replaces_run_id FROM sentinel_schedules AS schedule LEFT JOIN sentinel_runs AS run ON run.id = ?2 WHERE schedule.id = ?1",
  110: "UPDATE sentinel_schedules SET failed_starts = 0, last_outcome = ?3, last_message = NULL, updated_at = ?4 WHERE id = ?1 AND last_run_id = ?2",
  111: "UPDATE sentinel_schedules SET last_outcome = 'failed', last_message = ?3, updated_at = ?4 WHERE id = ?1 AND last_run_id = ?2",
  112: "UPDATE sentinel_schedules SET is_active = 0, next_run_at = NULL, next_start_at = NULL, next_runs = '[]', revision = revision + 1, paused_reason = ?3, updated_at = ?4 WHERE id = ?1 AND revision = ?2 AND is_active = 1",
  113: "SELECT other.id, other.tenant_id, other.revision, other.updated_at FROM sentinel_runs AS run JOIN sentinel_runs AS other ON other.id = run.replaces_run_id WHERE run.schedule_id IS NOT NULL AND run.status = 'pending' AND run.active IS NULL AND other.active = 1 LIMIT 10",
  74: "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, run_id, detail) SELECT ?1, ?2, ?3, ?4, id, ?5 FROM sentinel_runs WHERE tenant_id = ?2 AND status IN ('pending', 'running', 'paused', 'draining') AND stop_asked_at IS NULL AND (active = 1 OR scheduled_at IS NOT NULL OR schedule_id IS NOT NULL)",
  75: "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, schedule_id, detail) SELECT ?1, ?2, ?3, ?4, id, ?5 FROM sentinel_schedules WHERE tenant_id = ?2 AND is_active = 1",
  76: "UPDATE sentinel_schedules SET is_active = 0, next_run_at = NULL, next_start_at = NULL, next_runs = '[]', revision = revision + 1, paused_reason = ?2, updated_at = ?3 WHERE tenant_id = ?1 AND is_active = 1",
  77: "UPDATE sentinel_runs SET stop_asked_at = ?2, stop_reason = ?3 WHERE tenant_id = ?1 AND status IN ('pending', 'running', 'paused', 'draining') AND stop_asked_at IS NULL AND (active = 1 OR scheduled_at IS NOT NULL OR schedule_id IS NOT NULL)",
  78: "SELECT id, name, status, stop_reason, (SELECT count(*) FROM sentinel_runs WHERE tenant_id = ?1 AND stop_asked_at IS NOT NULL AND completed_at IS NULL) AS stopping FROM sentinel_runs WHERE tenant_id = ?1 AND stop_asked_at IS NOT NULL AND completed_at IS NULL ORDER BY active DESC, created_at LIMIT 20",
  79: "SELECT id, status, active, revision, updated_at, stop_reason FROM sentinel_runs WHERE stop_asked_at IS NOT NULL AND completed_at IS NULL AND status <> 'draining' ORDER BY random() LIMIT 10",
  80: "SELECT id, attempts FROM sentinel_outbox WHERE state = 'waiting' AND due_us <= ?1 ORDER BY due_us LIMIT 20",
  81: "UPDATE sentinel_outbox SET attempts = attempts + 1, due_us = ?3 WHERE id = ?1 AND attempts = ?2 AND state = 'waiting' AND due_us <= ?4 RETURNING tenant_id, run_id, target, event, url, format, facts",
  82: "SELECT told.state, told.before, told.incident_id FROM sentinel_outbox AS message JOIN sentinel_clearing AS told ON told.tenant_id = message.tenant_id AND told.key = json_extract(message.facts, '$.key') AND told.component = json_extract(message.facts, '$.component') WHERE message.id = ?1",
  83: "SELECT kept.since_us FROM sentinel_outbox AS message JOIN sentinel_maintenance AS kept ON kept.run_id = message.run_id WHERE message.id = ?1",
  84: "DELETE FROM sentinel_outbox WHERE id = ?1",
  93: "DELETE FROM sentinel_outbox WHERE id IN (SELECT id FROM sentinel_outbox WHERE state = 'dead' AND created_us < ?1 ORDER BY created_us LIMIT 100)",
  85: "UPDATE sentinel_outbox SET state = ?3, due_us = ?4, error = ?5 WHERE id = ?1 AND attempts = ?2",
  86: "SELECT id, run_id, target, event, url, format, state, created_us, due_us, attempts, error FROM sentinel_outbox WHERE tenant_id = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY created_us DESC LIMIT 100",
  87: "UPDATE sentinel_outbox SET attempts = CASE state WHEN 'dead' THEN 0 ELSE attempts END, state = 'waiting', due_us = ?3 WHERE id = ?1 AND tenant_id = ?2 RETURNING id, run_id, target, event, url, format, state, created_us, due_us, attempts, error",
  88: "SELECT tenant_id, json_extract(config_snapshot, '$.maintenance.component') AS component, json_extract(config_snapshot, '$.maintenance.message') AS message FROM sentinel_runs WHERE id = ?1 AND json_valid(config_snapshot)",
  89: "INSERT INTO sentinel_maintenance (run_id, tenant_id, component, before, state, since_us, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (run_id) DO UPDATE SET component = excluded.component, before = CASE WHEN excluded.before = 'maintenance' AND sentinel_maintenance.state IN ('wanted', 'on') THEN sentinel_maintenance.before ELSE excluded.before END, state = excluded.state, since_us = excluded.since_us, error = excluded.error",
  90: "UPDATE sentinel_maintenance SET state = ?3, error = coalesce(?4, error) WHERE run_id = ?1 AND since_us = ?2 AND state <> 'off'",
  91: "INSERT INTO sentinel_clearing (tenant_id, key, component, state, before, incident_id, run_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant_id, key, component) DO UPDATE SET state = excluded.state, before = excluded.before, incident_id = coalesce(excluded.incident_id, incident_id), run_id = excluded.run_id",
  92: "DELETE FROM sentinel_clearing WHERE tenant_id = ?1 AND key = ?2 AND component = ?3",
};

// Where a record header's fields are.
export const RECORD = {
  kind: 0,
  status: 2,
  size: 4,
  id: 8,
  target: 12,
  at_us: 16,
  arg0: 24,
  arg1: 28,
  SIZE: 32,
};

// Where a host call's answer has its numbers.
export const ANSWER = {
  rows: 0,
  rows_read: 4,
  rows_written: 8,
  sql_us: 12,
  bytes: 16,
  body_us: 20,
  attempts: 24,
  cache: 26,
  primary: 27,
  place: 28,
  status: 36,
  looked: 40,
  SIZE: 44,
};

// What is to be known of a request beside its parts; added up.
export const REQUEST = {
  INCOMPLETE: 1,
  KEYED: 2,
  WEBSOCKET: 4,
};

// Where texts are cut on their way in, in bytes.
export const LIMIT = {
  PAYLOAD_BLOCK: 1048576,
  REQUEST_BODY: 131072,
  REQUEST_URL: 16384,
  REQUEST_HEADER: 4096,
  SOCKET_TEXT: 4104,
  ERROR_TEXT: 512,
  CAPTURE: 64,
};

// What a request is answered that no core has answered.
export const UNANSWERED = {"status":500,"headers":{"content-type":"application/problem+json","cache-control":"no-store","x-content-type-options":"nosniff"},"body":"{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500,\"code\":\"internal.unanswered\",\"detail\":\"The request was not answered. The Worker's log says why; asking again may work.\"}"};
