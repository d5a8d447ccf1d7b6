/* Every SQL text of our own, by number: all are for the control database, but for TARGET_OWN and the five of DATA_…, which targets are asked.  worker-shim/abi.js is generated from this list.
 *
 * An SQL effect's payload is that of a STEP (base/step.h) with k = 0: groups of statement number and bound values, run
 * as one D1 batch.  Its DONE carries JSON: [{"rows":[{…}],"changes":n}, …], one entry per statement.
 *
 * Who writes what: the API inserts runs; a RunObject alone updates its run, fenced by `revision`, which only grows.
 * Where no object knows the run the API closes the row itself, fenced by the revision that it has seen, and it deletes
 * the row of a run that its object has forgotten.  Columns of whole numbers refuse fractions: bind whole seconds. */
#ifndef SENTINEL_BASE_SQL_H
#define SENTINEL_BASE_SQL_H

#include "sentinel/base/migrations.h"

/* What a list shows of each run, and what is shown of a baseline. */
#define SN_SQL_RUN                                                                                                 \
    "id, name, profile_type, preset, status, validity, verdict, target_operations, duration_seconds, "             \
    "concurrency, created_at, scheduled_at, started_at, completed_at, plan_hash, p50_latency_ms, p95_latency_ms, " \
    "p99_latency_ms, throughput_ops_sec, ended_by"
#define SN_SQL_BASELINE                                                                                            \
    "id, name, description, plan_hash, is_active, source_run_ids, seconds, planned, ended, failed, "               \
    "baseline_throughput, baseline_p50_latency, baseline_p95_latency, baseline_p99_latency, baseline_error_rate, " \
    "spreads, floors, created_at, updated_at, activated_at"
/* A schedule's plan as its runs have it: with what the schedule itself says of maintenance and alerts. */
#define SN_SQL_WITH(plan, member) \
    "CASE WHEN " member " IS NULL THEN " plan " ELSE json_set(" plan ", '$." member "', json(" member ")) END"
#define SN_SQL_SCHEDULED_PLAN SN_SQL_WITH("(" SN_SQL_WITH("plan", "maintenance") ")", "alerts")

/* What is shown of a schedule. */
#define SN_SQL_SCHEDULE                                                                                                           \
    "id, name, description, cron_expression, dialect, timezone, overlap, catch_up, jitter_seconds, plan_hash, profile_type, "     \
    "target_operations, duration_seconds, concurrency, target_systems, maintenance, alerts, is_active, paused_reason, revision, " \
    "next_run_at, next_runs, failed_starts, passed_over, last_minute_at, last_outcome, last_message, last_run_at, last_run_id, "  \
    "created_at, updated_at"

/* A run that goes on, or would begin by itself, and of which nobody has asked it yet. */
#define SN_SQL_STOPPABLE                                                                \
    "status IN ('pending', 'running', 'paused', 'draining') AND stop_asked_at IS NULL " \
    "AND (active = 1 OR scheduled_at IS NOT NULL OR schedule_id IS NOT NULL)"

/* A schedule that is paused: it has no next run. */
#define SN_SQL_AT_REST \
    "is_active = 0, next_run_at = NULL, next_start_at = NULL, next_runs = '[]', revision = revision + 1"

#define SN_SQL_STOPPING "tenant_id = ?1 AND stop_asked_at IS NOT NULL AND completed_at IS NULL"

#define SN_SQL_LIST(X)                                                                                                                                        \
    X(RUN_INSERT, 1,                                                                                                                                          \
      "INSERT INTO sentinel_runs (id, tenant_id, name, description, profile_type, preset, target_operations, "                                                \
      "duration_seconds, concurrency, target_systems, status, active, config_snapshot, plan_hash, triggered_by, "                                             \
      "created_at, updated_at, scheduled_at) "                                                                                                                \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'pending', ?11, ?12, ?13, ?14, ?15, ?15, ?16)")                                                       \
    X(RUN_GET, 2,                                                                                                                                             \
      "SELECT run.id, run.name, run.description, run.profile_type, preset, run.plan_hash, status, validity, verdict, "                                        \
      "active, revision, target_operations, duration_seconds, concurrency, total_operations, successful_operations, "                                         \
      "failed_operations, p50_latency_ms, p95_latency_ms, p99_latency_ms, throughput_ops_sec, notes, ended_by, run.created_at, "                              \
      "scheduled_at, started_at, completed_at, run.updated_at, comparison, baseline.id AS baseline_id, "                                                      \
      "baseline.name AS baseline_name, (SELECT json_object('component', component, 'state', state, 'before', before, 'error', error) "                        \
      "FROM sentinel_maintenance WHERE run_id = ?1) AS maintenance FROM sentinel_runs AS run LEFT JOIN sentinel_baselines AS baseline "                       \
      "ON baseline.tenant_id = run.tenant_id AND baseline.plan_hash = run.plan_hash AND baseline.is_active = 1 "                                              \
      "AND (run.completed_at IS NULL OR baseline.activated_at < run.completed_at) WHERE run.id = ?1 AND run.tenant_id = ?2")                                  \
    X(RUN_ACTIVE, 3, "SELECT id FROM sentinel_runs WHERE tenant_id = ?1 AND active = 1")                                                                      \
    /* The newest come first; a page begins below (created_at, id), which for the first page is above everything. */                                          \
    X(RUN_LIST, 4,                                                                                                                                            \
      "SELECT " SN_SQL_RUN " FROM sentinel_runs "                                                                                                             \
      "WHERE tenant_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4")                                                      \
    X(RUN_LIST_STATUS, 13,                                                                                                                                    \
      "SELECT " SN_SQL_RUN " FROM sentinel_runs "                                                                                                             \
      "WHERE tenant_id = ?1 AND status = ?5 AND (created_at, id) < (?2, ?3) "                                                                                 \
      "ORDER BY created_at DESC, id DESC LIMIT ?4")                                                                                                           \
    /* A pending run is started: the index of active runs lets one through per tenant. */                                                                     \
    X(RUN_ACTIVATE, 14,                                                                                                                                       \
      "UPDATE sentinel_runs SET active = 1, updated_at = ?3 "                                                                                                 \
      "WHERE id = ?1 AND tenant_id = ?2 AND status = 'pending' AND stop_asked_at IS NULL")                                                                    \
    /* The start never reached the object.  A start that came meanwhile has changed updated_at. */                                                            \
    X(RUN_RELEASE, 15,                                                                                                                                        \
      "UPDATE sentinel_runs SET active = NULL, updated_at = ?2 "                                                                                              \
      "WHERE id = ?1 AND status = 'pending' AND active = 1 AND updated_at = ?3")                                                                              \
    X(RUNS_TO_POKE, 5,                                                                                                                                        \
      "SELECT id, status, revision, updated_at FROM sentinel_runs WHERE active = 1 "                                                                          \
      "ORDER BY updated_at LIMIT 50")                                                                                                                         \
    X(RUN_ABANDON, 6,                                                                                                                                         \
      "UPDATE sentinel_runs SET status = 'failed', active = NULL, notes = ?2, completed_at = ?3, updated_at = ?3, ended_by = ?5 "                             \
      "WHERE id = ?1 AND revision = ?4 AND status IN ('pending', 'running', 'paused', 'draining')")                                                           \
    X(RUN_UPDATE, 7,                                                                                                                                          \
      "UPDATE sentinel_runs SET revision = ?2, status = ?3, active = ?4, started_at = ?5, completed_at = ?6, "                                                \
      "total_operations = ?7, successful_operations = ?8, failed_operations = ?9, avg_latency_ms = ?10, "                                                     \
      "p50_latency_ms = ?11, p95_latency_ms = ?12, p99_latency_ms = ?13, max_latency_ms = ?14, "                                                              \
      "min_latency_ms = ?15, throughput_ops_sec = ?16, error_count = ?17, error_types = ?18, validity = ?19, "                                                \
      "verdict = ?20, notes = ?21, updated_at = ?22, target_operations = MAX(target_operations, ?24), ended_by = ?23 "                                        \
      "WHERE id = ?1 AND revision < ?2")                                                                                                                      \
    X(CHECKPOINT_UPSERT, 8,                                                                                                                                   \
      "INSERT INTO sentinel_checkpoints (id, run_id, tenant_id, checkpoint_index, recorded_at, elapsed_seconds, "                                             \
      "operations_completed, operations_failed, current_throughput, avg_latency_ms, error_rate) "                                                             \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO NOTHING")                                                                    \
    X(STATS_UPSERT, 9,                                                                                                                                        \
      "INSERT INTO sentinel_stats (run_id, operation, phase, completed, failed, p50_us, p95_us, p99_us, response, "                                           \
      "service, errors) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "                                                                               \
      "ON CONFLICT (run_id, operation, phase) DO UPDATE SET completed = excluded.completed, "                                                                 \
      "failed = excluded.failed, p50_us = excluded.p50_us, p95_us = excluded.p95_us, p99_us = excluded.p99_us, "                                              \
      "response = excluded.response, service = excluded.service, errors = excluded.errors")                                                                   \
    X(SERIES_UPSERT, 10,                                                                                                                                      \
      "INSERT INTO sentinel_series (run_id, minute, part, data) VALUES (?1, ?2, ?3, ?4) "                                                                     \
      "ON CONFLICT (run_id, minute, part) DO UPDATE SET data = excluded.data")                                                                                \
    X(METRIC_UPSERT, 11,                                                                                                                                      \
      "INSERT INTO sentinel_metrics (id, run_id, tenant_id, operation_type, operation_name, batch_index, "                                                    \
      "started_at, completed_at, latency_ms, success, error_message, error_code, due_us, k) "                                                                 \
      "VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (id) DO NOTHING")                                                       \
    /* Of a run that its object has lost: what to clean up after follows from these. */                                                                       \
    X(RUN_PLAN, 40, "SELECT tenant_id, config_snapshot, target_operations FROM sentinel_runs WHERE id = ?1")                                                  \
    /* The same: the figures that the row has stay as they are. */                                                                                            \
    X(RUN_SWEPT, 41,                                                                                                                                          \
      "UPDATE sentinel_runs SET revision = ?2, status = ?3, active = ?4, completed_at = ?5, validity = 'invalid', "                                           \
      "notes = ?6, updated_at = ?7, ended_by = ?8 WHERE id = ?1 AND revision < ?2")                                                                           \
    X(HEALTH, 12, SN_MIGRATIONS_MISSING)                                                                                                                      \
    /* What a run has in other tables goes with it. */                                                                                                        \
    X(RUN_DELETE, 16, "DELETE FROM sentinel_runs WHERE id = ?1 AND tenant_id = ?2")                                                                           \
    /* Beside the change that it tells of: after a run was inserted, before it is deleted.  Of a run that is not there \
     * it tells nothing, and the same thing of the same moment once. */                                      \
    X(AUDIT_INSERT, 17,                                                                                                                                       \
      "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, run_id, detail) SELECT ?1, ?2, ?3, ?4, ?5, ?6 "                                            \
      "WHERE (?5 IS NULL OR EXISTS (SELECT 1 FROM sentinel_runs WHERE id = ?5 AND tenant_id = ?2)) AND NOT EXISTS "                                           \
      "(SELECT 1 FROM sentinel_audit WHERE tenant_id = ?2 AND at_us = ?1 AND role = ?3 AND action = ?4 AND run_id IS ?5 "                                     \
      "AND detail IS ?6)")                                                                                                                                    \
    /* A key's day is over.  The first is asked with the key's next use, the second by the tick. */                                                           \
    X(KEY_EXPIRE, 18, "DELETE FROM sentinel_idempotency WHERE tenant_id = ?1 AND key = ?2 AND created_us < ?3")                                               \
    X(KEYS_EXPIRE, 19,                                                                                                                                        \
      "DELETE FROM sentinel_idempotency WHERE (tenant_id, key) IN (SELECT tenant_id, key FROM sentinel_idempotency "                                          \
      "WHERE created_us < ?1 ORDER BY created_us LIMIT 500)")                                                                                                 \
    X(KEY_INSERT, 20,                                                                                                                                         \
      "INSERT INTO sentinel_idempotency (tenant_id, key, body_hash, run_id, created_us) VALUES (?1, ?2, ?3, ?4, ?5)")                                         \
    X(KEY_GET, 21,                                                                                                                                            \
      "SELECT body_hash, run_id FROM sentinel_idempotency WHERE tenant_id = ?1 AND key = ?2 AND created_us >= ?3")                                            \
    /* Of a run that is gone or was never set up: the same request may be sent again. */                                                                      \
    X(KEY_FORGET, 22,                                                                                                                                         \
      "DELETE FROM sentinel_idempotency WHERE run_id = ?1 "                                                                                                   \
      "AND NOT EXISTS (SELECT 1 FROM sentinel_runs WHERE id = ?1 AND status <> 'failed')")                                                                    \
    /* Of a run that was called off before whoever asked for it heard of it. */                                                                               \
    X(KEY_WITHDRAW, 27, "DELETE FROM sentinel_idempotency WHERE run_id = ?1")                                                                                 \
    /* Whose time has come.  A run whose tenant has an active one waits, until a day has passed.  Who was tried before \
     * stands behind those that became due meanwhile, so that nobody is in the way for long. */                                      \
    X(RUNS_DUE, 23,                                                                                                                                           \
      "SELECT id, tenant_id, scheduled_at, revision, updated_at FROM sentinel_runs AS run "                                                                   \
      "WHERE status = 'pending' AND active IS NULL AND scheduled_at <= ?1 AND stop_asked_at IS NULL "                                                         \
      "AND (scheduled_at < ?2 OR NOT EXISTS "                                                                                                                 \
      "(SELECT 1 FROM sentinel_runs AS other WHERE other.tenant_id = run.tenant_id AND other.active = 1)) "                                                   \
      "ORDER BY max(scheduled_at, updated_at), scheduled_at LIMIT 20")                                                                                        \
    X(RUN_ACTIVATE_DUE, 24,                                                                                                                                   \
      "UPDATE sentinel_runs SET active = 1, updated_at = ?2 "                                                                                                 \
      "WHERE id = ?1 AND status = 'pending' AND active IS NULL AND updated_at = ?3 AND stop_asked_at IS NULL")                                                \
    /* Asked of the target: whether it holds our tables. */                                                                                                   \
    X(TARGET_OWN, 26,                                                                                                                                         \
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('sentinel_runs', 'sentinel_data')")                                                   \
    /* And what it remembers of data that is kept: the first of these with the second, or with the third where the data is to \
     * be removed. */                               \
    X(DATA_FIND, 42, "SELECT ready_at FROM sentinel_data WHERE mark = ?1")                                                                                    \
    X(DATA_BEGIN, 43,                                                                                                                                         \
      "INSERT INTO sentinel_data (mark, items, run_id, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (mark) DO NOTHING")                                    \
    X(DATA_SPOIL, 44, "UPDATE sentinel_data SET ready_at = NULL WHERE mark = ?1")                                                                             \
    X(DATA_READY, 45,                                                                                                                                         \
      "INSERT INTO sentinel_data (mark, items, run_id, created_at, ready_at) VALUES (?1, ?2, ?3, ?4, ?4) "                                                    \
      "ON CONFLICT (mark) DO UPDATE SET items = excluded.items, ready_at = excluded.ready_at")                                                                \
    X(DATA_GONE, 46, "DELETE FROM sentinel_data WHERE mark = ?1")                                                                                             \
    /* A plan's runs, of one status or of all. */                                                                                                             \
    X(RUN_LIST_PLAN, 60,                                                                                                                                      \
      "SELECT " SN_SQL_RUN " FROM sentinel_runs "                                                                                                             \
      "WHERE tenant_id = ?1 AND plan_hash = ?5 AND (created_at, id) < (?2, ?3) AND (?6 IS NULL OR status = ?6) "                                              \
      "ORDER BY created_at DESC, id DESC LIMIT ?4")                                                                                                           \
    X(BASELINE_LIST, 61,                                                                                                                                      \
      "SELECT " SN_SQL_BASELINE " FROM sentinel_baselines "                                                                                                   \
      "WHERE tenant_id = ?1 AND (?2 IS NULL OR plan_hash = ?2) ORDER BY created_at DESC, id DESC LIMIT 100")                                                  \
    X(BASELINE_GET, 62, "SELECT " SN_SQL_BASELINE " FROM sentinel_baselines WHERE id = ?1 AND tenant_id = ?2")                                                \
    X(BASELINE_COUNT, 63, "SELECT COUNT(*) AS baselines FROM sentinel_baselines WHERE tenant_id = ?1")                                                        \
    /* What is the same in all its runs is taken from the first. */                                                                                           \
    X(BASELINE_INSERT, 64,                                                                                                                                    \
      "INSERT INTO sentinel_baselines (id, tenant_id, name, description, profile_type, target_systems, plan_hash, "                                           \
      "source_run_ids, is_active, seconds, planned, ended, failed, baseline_throughput, baseline_p50_latency, "                                               \
      "baseline_p95_latency, baseline_p99_latency, baseline_error_rate, spreads, intervals, created_at, updated_at) "                                         \
      "SELECT ?1, ?2, ?3, ?4, profile_type, target_systems, plan_hash, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "                                     \
      "?16, ?17, ?18, ?18 FROM sentinel_runs WHERE id = ?5 AND tenant_id = ?2")                                                                               \
    /* Those that were active for the plan of baseline ?2, but for that one: before it becomes the active one. */                                             \
    X(BASELINE_SUPERSEDE, 65,                                                                                                                                 \
      "UPDATE sentinel_baselines SET is_active = 0, updated_at = ?3 WHERE tenant_id = ?1 AND is_active = 1 AND id <> ?2 "                                     \
      "AND plan_hash = (SELECT plan_hash FROM sentinel_baselines WHERE id = ?2 AND tenant_id = ?1)")                                                          \
    X(BASELINE_UPDATE, 66,                                                                                                                                    \
      "UPDATE sentinel_baselines SET name = coalesce(?3, name), description = coalesce(?4, description), "                                                    \
      "floors = coalesce(?5, floors), activated_at = iif(?6 = 1 AND is_active = 0, ?7, activated_at), "                                                       \
      "is_active = coalesce(?6, is_active), updated_at = ?7 WHERE id = ?1 AND tenant_id = ?2")                                                                \
    X(BASELINE_DELETE, 67, "DELETE FROM sentinel_baselines WHERE id = ?1 AND tenant_id = ?2")                                                                 \
    /* A run as it is compared with others: what a baseline is made of. */                                                                                    \
    X(RUN_MEASURED, 68,                                                                                                                                       \
      "SELECT status, validity, plan_hash, throughput_ops_sec, hex(compared) AS compared FROM sentinel_runs "                                                 \
      "WHERE id = ?1 AND tenant_id = ?2")                                                                                                                     \
    /* What a run that ended at ?3 is compared with. */                                                                                                       \
    X(BASELINE_ACTIVE, 69,                                                                                                                                    \
      "SELECT id, name, spreads, floors, baseline_throughput, json_array_length(source_run_ids) AS runs, hex(intervals) AS compared FROM sentinel_baselines " \
      "WHERE tenant_id = ?1 AND plan_hash = ?2 AND is_active = 1 AND activated_at < ?3")                                                                      \
    /* Whoever was first decides; both are then told the same. */                                                                                             \
    X(RUN_COMPARED, 70,                                                                                                                                       \
      "UPDATE sentinel_runs SET comparison = ?3 WHERE id = ?1 AND tenant_id = ?2 AND comparison IS NULL")                                                     \
    X(RUN_COMPARISON, 71, "SELECT comparison FROM sentinel_runs WHERE id = ?1 AND tenant_id = ?2")                                                            \
    X(RUNS_TO_COMPARE, 72,                                                                                                                                    \
      "SELECT id, tenant_id, plan_hash, completed_at FROM sentinel_runs "                                                                                     \
      "WHERE comparison IS NULL AND completed_at IS NOT NULL ORDER BY completed_at LIMIT 5")                                                                  \
    /* With the final results. */                                                                                                                             \
    X(RUN_MEASURE, 73, "UPDATE sentinel_runs SET compared = ?2 WHERE id = ?1")                                                                                \
    X(RUNS_BY_STATUS, 25, "SELECT status, COUNT(*) AS runs FROM sentinel_runs WHERE tenant_id = ?1 GROUP BY status")                                          \
    /* --- Schedules.  A tenant has fifty at most. */                                                                                                         \
    X(SCHEDULE_INSERT, 100,                                                                                                                                   \
      "INSERT INTO sentinel_schedules (id, tenant_id, name, description, cron_expression, dialect, timezone, overlap, "                                       \
      "catch_up, jitter_seconds, plan, plan_name, plan_preset, plan_hash, profile_type, target_operations, "                                                  \
      "duration_seconds, concurrency, target_systems, maintenance, alerts, is_active, next_run_at, next_start_at, "                                           \
      "next_runs, created_at, updated_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "                                     \
      "?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?26 "                                                                                                \
      "WHERE (SELECT COUNT(*) FROM sentinel_schedules WHERE tenant_id = ?2) < 50")                                                                            \
    X(SCHEDULE_GET, 101, "SELECT " SN_SQL_SCHEDULE ", plan FROM sentinel_schedules WHERE id = ?1 AND tenant_id = ?2")                                         \
    X(SCHEDULE_LIST, 102,                                                                                                                                     \
      "SELECT " SN_SQL_SCHEDULE " FROM sentinel_schedules WHERE tenant_id = ?1 ORDER BY created_at, id LIMIT 50")                                             \
    /* What stays as it is: the plan and what follows from it when ?11 is NULL, the two objects unless ?20 and ?22 are 1, \
     * the next runs unless ?24 is 1.  Who enables it, or gives it another plan, lets it start anew. */                                   \
    X(SCHEDULE_UPDATE, 103,                                                                                                                                   \
      "UPDATE sentinel_schedules SET name = ?3, description = ?4, cron_expression = ?5, dialect = ?6, timezone = ?7, "                                        \
      "overlap = ?8, catch_up = ?9, jitter_seconds = ?10, plan = COALESCE(?11, plan), "                                                                       \
      "plan_name = CASE WHEN ?11 IS NULL THEN plan_name ELSE ?12 END, plan_preset = CASE WHEN ?11 IS NULL THEN plan_preset ELSE ?13 END, "                    \
      "plan_hash = COALESCE(?14, plan_hash), profile_type = COALESCE(?15, profile_type), "                                                                    \
      "target_operations = COALESCE(?16, target_operations), duration_seconds = COALESCE(?17, duration_seconds), "                                            \
      "concurrency = COALESCE(?18, concurrency), target_systems = COALESCE(?19, target_systems), "                                                            \
      "maintenance = CASE ?20 WHEN 1 THEN ?21 ELSE maintenance END, alerts = CASE ?22 WHEN 1 THEN ?23 ELSE alerts END, "                                      \
      "next_run_at = CASE ?24 WHEN 1 THEN ?26 ELSE next_run_at END, "                                                                                         \
      "next_start_at = CASE ?24 WHEN 1 THEN ?27 ELSE next_start_at END, "                                                                                     \
      "next_runs = CASE ?24 WHEN 1 THEN ?28 ELSE next_runs END, "                                                                                             \
      "paused_reason = CASE is_active WHEN ?25 THEN paused_reason END, "                                                                                      \
      "failed_starts = CASE WHEN ?25 > is_active OR ?11 IS NOT NULL THEN 0 ELSE failed_starts END, is_active = ?25, "                                         \
      "revision = revision + 1, updated_at = ?29 WHERE id = ?1 AND tenant_id = ?2 AND revision = ?30")                                                        \
    X(SCHEDULE_DELETE, 104, "DELETE FROM sentinel_schedules WHERE id = ?1 AND tenant_id = ?2")                                                                \
    /* Beside the change that it tells of, of a schedule that is there; with ?8 only of that revision. */                                                     \
    X(SCHEDULE_AUDIT, 105,                                                                                                                                    \
      "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, run_id, detail, schedule_id) "                                                             \
      "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM sentinel_schedules WHERE id = ?7 "                                                       \
      "AND tenant_id = ?2 AND revision = COALESCE(?8, revision))")                                                                                            \
    /* Whose time has come, whether the tenant has an active run, and whether a run of the schedule's own waits already. */                                   \
    X(SCHEDULES_DUE, 106,                                                                                                                                     \
      "SELECT id, tenant_id, cron_expression, dialect, timezone, overlap, catch_up, jitter_seconds, revision, "                                               \
      "next_run_at, failed_starts, "                                                                                                                          \
      "EXISTS (SELECT 1 FROM sentinel_runs WHERE tenant_id = due.tenant_id AND active = 1) AS busy, "                                                         \
      "EXISTS (SELECT 1 FROM sentinel_runs WHERE schedule_id = due.id AND status = 'pending' AND active IS NULL) "                                            \
      "AS waiting FROM sentinel_schedules AS due WHERE is_active = 1 AND next_start_at <= ?1 "                                                                \
      "ORDER BY next_start_at LIMIT 8")                                                                                                                       \
    /* The run of a schedule's minute, or of a person who wants one now: before the claim, and fenced like it. */                                             \
    X(SCHEDULE_RUN_INSERT, 107,                                                                                                                               \
      "INSERT INTO sentinel_runs (id, tenant_id, name, description, profile_type, preset, target_operations, "                                                \
      "duration_seconds, concurrency, target_systems, status, active, config_snapshot, plan_hash, triggered_by, "                                             \
      "created_at, updated_at, scheduled_at, schedule_id, schedule_minute, replaces_run_id) "                                                                 \
      "SELECT ?1, tenant_id, COALESCE(plan_name, name), description, profile_type, plan_preset, target_operations, duration_seconds, "                        \
      "concurrency, target_systems, 'pending', ?5, " SN_SQL_SCHEDULED_PLAN ", plan_hash, ?6, ?7, ?7, ?8, id, ?9, "                                            \
      "CASE ?10 WHEN 1 THEN (SELECT id FROM sentinel_runs AS other WHERE other.tenant_id = schedule.tenant_id "                                               \
      "AND other.active = 1) END FROM sentinel_schedules AS schedule "                                                                                        \
      "WHERE id = ?2 AND tenant_id = ?3 AND revision = ?4 ON CONFLICT (id) DO NOTHING")                                                                       \
    /* A minute is decided on, by one tick alone: the next one finds another revision.  A start counts as failed until it \
     * has worked, so that one that breaks off counts too. */                                   \
    X(SCHEDULE_CLAIM, 108,                                                                                                                                    \
      "UPDATE sentinel_schedules SET next_run_at = ?3, next_start_at = ?4, next_runs = ?5, last_minute_at = ?6, "                                             \
      "last_outcome = ?7, last_message = ?8, last_run_id = COALESCE(?9, last_run_id), "                                                                       \
      "last_run_at = CASE WHEN ?9 IS NULL THEN last_run_at ELSE ?10 END, "                                                                                    \
      "failed_starts = failed_starts + (?9 IS NOT NULL), passed_over = passed_over + (?9 IS NULL), "                                                          \
      "revision = revision + 1, updated_at = ?10 WHERE id = ?1 AND revision = ?2 AND is_active = 1")                                                          \
    X(SCHEDULE_PLAN, 109,                                                                                                                                     \
      "SELECT schedule.name, plan, run.replaces_run_id FROM sentinel_schedules AS schedule "                                                                  \
      "LEFT JOIN sentinel_runs AS run ON run.id = ?2 WHERE schedule.id = ?1")                                                                                 \
    /* What came of a start, unless another was claimed since. */                                                                                             \
    X(SCHEDULE_STARTED, 110,                                                                                                                                  \
      "UPDATE sentinel_schedules SET failed_starts = 0, last_outcome = ?3, last_message = NULL, updated_at = ?4 "                                             \
      "WHERE id = ?1 AND last_run_id = ?2")                                                                                                                   \
    X(SCHEDULE_FAILED, 111,                                                                                                                                   \
      "UPDATE sentinel_schedules SET last_outcome = 'failed', last_message = ?3, updated_at = ?4 "                                                            \
      "WHERE id = ?1 AND last_run_id = ?2")                                                                                                                   \
    X(SCHEDULE_PAUSE, 112,                                                                                                                                    \
      "UPDATE sentinel_schedules SET " SN_SQL_AT_REST ", paused_reason = ?3, updated_at = ?4 "                                                                \
      "WHERE id = ?1 AND revision = ?2 AND is_active = 1")                                                                                                    \
    /* Runs that are to be cancelled for one that waits. */                                                                                                   \
    X(RUNS_REPLACED, 113,                                                                                                                                     \
      "SELECT other.id, other.tenant_id, other.revision, other.updated_at FROM sentinel_runs AS run "                                                         \
      "JOIN sentinel_runs AS other ON other.id = run.replaces_run_id WHERE run.schedule_id IS NOT NULL "                                                      \
      "AND run.status = 'pending' AND run.active IS NULL AND other.active = 1 LIMIT 10")                                                                      \
    /* --- Everything is stopped: what runs, and what would start by itself.  Audited before it is done, in the same batch. */                                \
    X(STOP_AUDIT_RUNS, 74,                                                                                                                                    \
      "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, run_id, detail) "                                                                          \
      "SELECT ?1, ?2, ?3, ?4, id, ?5 FROM sentinel_runs WHERE tenant_id = ?2 AND " SN_SQL_STOPPABLE)                                                          \
    X(STOP_AUDIT_SCHEDULES, 75,                                                                                                                               \
      "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, schedule_id, detail) "                                                                     \
      "SELECT ?1, ?2, ?3, ?4, id, ?5 FROM sentinel_schedules WHERE tenant_id = ?2 AND is_active = 1")                                                         \
    X(STOP_SCHEDULES, 76,                                                                                                                                     \
      "UPDATE sentinel_schedules SET " SN_SQL_AT_REST ", paused_reason = ?2, updated_at = ?3 "                                                                \
      "WHERE tenant_id = ?1 AND is_active = 1")                                                                                                               \
    X(STOP_RUNS, 77,                                                                                                                                          \
      "UPDATE sentinel_runs SET stop_asked_at = ?2, stop_reason = ?3 WHERE tenant_id = ?1 AND " SN_SQL_STOPPABLE)                                             \
    X(RUNS_STOPPING, 78,                                                                                                                                      \
      "SELECT id, name, status, stop_reason, (SELECT count(*) FROM sentinel_runs WHERE " SN_SQL_STOPPING                                                      \
      ") AS stopping "                                                                                                                                        \
      "FROM sentinel_runs WHERE " SN_SQL_STOPPING " ORDER BY active DESC, created_at LIMIT 20")                                                               \
    /* By the tick, in any order, so that none that cannot be reached stands in the others' way. */                                                           \
    X(RUNS_TO_STOP, 79,                                                                                                                                       \
      "SELECT id, status, active, revision, updated_at, stop_reason FROM sentinel_runs "                                                                      \
      "WHERE stop_asked_at IS NOT NULL AND completed_at IS NULL AND status <> 'draining' ORDER BY random() LIMIT 10")                                         \
    /* --- What goes out. */                                                                                                                                  \
    /* Messages that are due.  Whoever raises `attempts` has the try, and until due_us to make it. */                                                         \
    X(OUTBOX_DUE, 80,                                                                                                                                         \
      "SELECT id, attempts FROM sentinel_outbox WHERE state = 'waiting' AND due_us <= ?1 ORDER BY due_us LIMIT 20")                                           \
    X(OUTBOX_CLAIM, 81,                                                                                                                                       \
      "UPDATE sentinel_outbox SET attempts = attempts + 1, due_us = ?3 WHERE id = ?1 AND attempts = ?2 "                                                      \
      "AND state = 'waiting' AND due_us <= ?4 RETURNING tenant_id, run_id, target, event, url, format, facts")                                                \
    /* Beside it, for the Clearing: what it was told before, and which start of the run has maintenance. */                                                   \
    X(OUTBOX_TOLD, 82,                                                                                                                                        \
      "SELECT told.state, told.before, told.incident_id FROM sentinel_outbox AS message "                                                                     \
      "JOIN sentinel_clearing AS told ON told.tenant_id = message.tenant_id "                                                                                 \
      "AND told.key = json_extract(message.facts, '$.key') "                                                                                                  \
      "AND told.component = json_extract(message.facts, '$.component') WHERE message.id = ?1")                                                                \
    X(OUTBOX_SINCE, 83,                                                                                                                                       \
      "SELECT kept.since_us FROM sentinel_outbox AS message "                                                                                                 \
      "JOIN sentinel_maintenance AS kept ON kept.run_id = message.run_id WHERE message.id = ?1")                                                              \
    X(OUTBOX_DELIVERED, 84, "DELETE FROM sentinel_outbox WHERE id = ?1")                                                                                      \
    X(OUTBOX_EXPIRE, 93,                                                                                                                                      \
      "DELETE FROM sentinel_outbox WHERE id IN (SELECT id FROM sentinel_outbox WHERE state = 'dead' AND created_us < ?1 "                                     \
      "ORDER BY created_us LIMIT 100)")                                                                                                                       \
    X(OUTBOX_FAILED, 85,                                                                                                                                      \
      "UPDATE sentinel_outbox SET state = ?3, due_us = ?4, error = ?5 WHERE id = ?1 AND attempts = ?2")                                                       \
    X(OUTBOX_LIST, 86,                                                                                                                                        \
      "SELECT id, run_id, target, event, url, format, state, created_us, due_us, attempts, error FROM sentinel_outbox "                                       \
      "WHERE tenant_id = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY created_us DESC LIMIT 100")                                                               \
    /* A dead one begins anew; one that waits is due at once, and its tries count on. */                                                                      \
    X(OUTBOX_RESEND, 87,                                                                                                                                      \
      "UPDATE sentinel_outbox SET attempts = CASE state WHEN 'dead' THEN 0 ELSE attempts END, state = 'waiting', "                                            \
      "due_us = ?3 WHERE id = ?1 AND tenant_id = ?2 RETURNING id, run_id, target, event, url, format, state, "                                                \
      "created_us, due_us, attempts, error")                                                                                                                  \
    X(MAINTENANCE_ASKED, 88,                                                                                                                                  \
      "SELECT tenant_id, json_extract(config_snapshot, '$.maintenance.component') AS component, "                                                             \
      "json_extract(config_snapshot, '$.maintenance.message') AS message FROM sentinel_runs "                                                                 \
      "WHERE id = ?1 AND json_valid(config_snapshot)")                                                                                                        \
    /* A run that is started twice finds the component in its own maintenance: what it was before, the row knows. */                                          \
    X(MAINTENANCE_PUT, 89,                                                                                                                                    \
      "INSERT INTO sentinel_maintenance (run_id, tenant_id, component, before, state, since_us, error) "                                                      \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (run_id) DO UPDATE SET component = excluded.component, "                                               \
      "before = CASE WHEN excluded.before = 'maintenance' AND sentinel_maintenance.state IN ('wanted', 'on') "                                                \
      "THEN sentinel_maintenance.before ELSE excluded.before END, "                                                                                           \
      "state = excluded.state, since_us = excluded.since_us, error = excluded.error")                                                                         \
    X(MAINTENANCE_SET, 90,                                                                                                                                    \
      "UPDATE sentinel_maintenance SET state = ?3, error = coalesce(?4, error) "                                                                              \
      "WHERE run_id = ?1 AND since_us = ?2 AND state <> 'off'")                                                                                               \
    X(CLEARING_TOLD, 91,                                                                                                                                      \
      "INSERT INTO sentinel_clearing (tenant_id, key, component, state, before, incident_id, run_id) "                                                        \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant_id, key, component) DO UPDATE "                                                                \
      "SET state = excluded.state, before = excluded.before, "                                                                                                \
      "incident_id = coalesce(excluded.incident_id, incident_id), run_id = excluded.run_id")                                                                  \
    X(CLEARING_LIFTED, 92, "DELETE FROM sentinel_clearing WHERE tenant_id = ?1 AND key = ?2 AND component = ?3")

enum sn_sql {
#define SN_X(name, value, text) SN_SQL_##name = value,
    SN_SQL_LIST(SN_X)
#undef SN_X
};

#endif
