/* Every SQL text of our own, by number: all are for the control database, but for one that the target is asked.  worker-shim/abi.js is generated from this list.
 *
 * An SQL effect's payload is that of a STEP (base/step.h) with k = 0: groups of statement number and bound values, run
 * as one D1 batch.  Its DONE carries JSON: [{"rows":[{…}],"changes":n}, …], one entry per statement.
 *
 * Who writes what: the API inserts runs; a RunObject alone updates its run, fenced by `revision`, which only grows.
 * Where no object knows the run the API closes the row itself, fenced by the revision that it has seen, and it deletes
 * the row of a run that its object has forgotten.  Columns of whole numbers refuse fractions: bind whole seconds. */
#ifndef SENTINEL_BASE_SQL_H
#define SENTINEL_BASE_SQL_H

#define SN_SQL_LIST(X)                                                                                                    \
    X(RUN_INSERT, 1,                                                                                                      \
      "INSERT INTO sentinel_runs (id, tenant_id, name, description, profile_type, preset, target_operations, "            \
      "duration_seconds, concurrency, target_systems, status, active, config_snapshot, plan_hash, triggered_by, "         \
      "created_at, updated_at, scheduled_at) "                                                                            \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'pending', ?11, ?12, ?13, ?14, ?15, ?15, ?16)")                   \
    X(RUN_GET, 2,                                                                                                         \
      "SELECT id, name, description, profile_type, preset, plan_hash, status, validity, verdict, active, revision, "      \
      "target_operations, duration_seconds, concurrency, target_systems, total_operations, successful_operations, "       \
      "failed_operations, p50_latency_ms, p95_latency_ms, p99_latency_ms, throughput_ops_sec, notes, created_at, "        \
      "scheduled_at, started_at, completed_at, updated_at, (SELECT json_object('component', component, "                  \
      "'state', state, 'before', before, 'error', error) FROM sentinel_maintenance WHERE run_id = ?1) AS maintenance "    \
      "FROM sentinel_runs WHERE id = ?1 AND tenant_id = ?2")                                                              \
    X(RUN_ACTIVE, 3, "SELECT id FROM sentinel_runs WHERE tenant_id = ?1 AND active = 1")                                  \
    /* The newest come first; a page begins below (created_at, id), which for the first page is above everything. */      \
    X(RUN_LIST, 4,                                                                                                        \
      "SELECT id, name, profile_type, preset, status, validity, verdict, target_operations, duration_seconds, "           \
      "concurrency, created_at, scheduled_at, started_at, completed_at FROM sentinel_runs "                               \
      "WHERE tenant_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4")                  \
    X(RUN_LIST_STATUS, 13,                                                                                                \
      "SELECT id, name, profile_type, preset, status, validity, verdict, target_operations, duration_seconds, "           \
      "concurrency, created_at, scheduled_at, started_at, completed_at FROM sentinel_runs "                               \
      "WHERE tenant_id = ?1 AND status = ?5 AND (created_at, id) < (?2, ?3) "                                             \
      "ORDER BY created_at DESC, id DESC LIMIT ?4")                                                                       \
    /* A pending run is started: the index of active runs lets one through per tenant. */                                 \
    X(RUN_ACTIVATE, 14,                                                                                                   \
      "UPDATE sentinel_runs SET active = 1, updated_at = ?3 "                                                             \
      "WHERE id = ?1 AND tenant_id = ?2 AND status = 'pending'")                                                          \
    /* The start never reached the object.  A start that came meanwhile has changed updated_at. */                        \
    X(RUN_RELEASE, 15,                                                                                                    \
      "UPDATE sentinel_runs SET active = NULL, updated_at = ?2 "                                                          \
      "WHERE id = ?1 AND status = 'pending' AND active = 1 AND updated_at = ?3")                                          \
    X(RUNS_TO_POKE, 5,                                                                                                    \
      "SELECT id, status, revision, updated_at FROM sentinel_runs WHERE active = 1 "                                      \
      "ORDER BY updated_at LIMIT 50")                                                                                     \
    X(RUN_ABANDON, 6,                                                                                                     \
      "UPDATE sentinel_runs SET status = 'failed', active = NULL, notes = ?2, completed_at = ?3, updated_at = ?3 "        \
      "WHERE id = ?1 AND revision = ?4 AND status IN ('pending', 'running', 'paused', 'draining')")                       \
    X(RUN_UPDATE, 7,                                                                                                      \
      "UPDATE sentinel_runs SET revision = ?2, status = ?3, active = ?4, started_at = ?5, completed_at = ?6, "            \
      "total_operations = ?7, successful_operations = ?8, failed_operations = ?9, avg_latency_ms = ?10, "                 \
      "p50_latency_ms = ?11, p95_latency_ms = ?12, p99_latency_ms = ?13, max_latency_ms = ?14, "                          \
      "min_latency_ms = ?15, throughput_ops_sec = ?16, error_count = ?17, error_types = ?18, validity = ?19, "            \
      "verdict = ?20, notes = ?21, updated_at = ?22 WHERE id = ?1 AND revision < ?2")                                     \
    X(CHECKPOINT_UPSERT, 8,                                                                                               \
      "INSERT INTO sentinel_checkpoints (id, run_id, tenant_id, checkpoint_index, recorded_at, elapsed_seconds, "         \
      "operations_completed, operations_failed, current_throughput, avg_latency_ms, error_rate) "                         \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO NOTHING")                                \
    X(STATS_UPSERT, 9,                                                                                                    \
      "INSERT INTO sentinel_stats (run_id, operation, phase, completed, failed, p50_us, p95_us, p99_us, response, "       \
      "service, errors) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "                                           \
      "ON CONFLICT (run_id, operation, phase) DO UPDATE SET completed = excluded.completed, "                             \
      "failed = excluded.failed, p50_us = excluded.p50_us, p95_us = excluded.p95_us, p99_us = excluded.p99_us, "          \
      "response = excluded.response, service = excluded.service, errors = excluded.errors")                               \
    X(SERIES_UPSERT, 10,                                                                                                  \
      "INSERT INTO sentinel_series (run_id, minute, part, data) VALUES (?1, ?2, ?3, ?4) "                                 \
      "ON CONFLICT (run_id, minute, part) DO UPDATE SET data = excluded.data")                                            \
    X(METRIC_UPSERT, 11,                                                                                                  \
      "INSERT INTO sentinel_metrics (id, run_id, tenant_id, operation_type, operation_name, batch_index, "                \
      "started_at, completed_at, latency_ms, success, error_message, error_code, due_us, k) "                             \
      "VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (id) DO NOTHING")                   \
    /* Of a run that its object has lost: what to clean up after follows from these. */                                   \
    X(RUN_PLAN, 40, "SELECT tenant_id, config_snapshot FROM sentinel_runs WHERE id = ?1")                                 \
    /* The same: the figures that the row has stay as they are. */                                                        \
    X(RUN_SWEPT, 41,                                                                                                      \
      "UPDATE sentinel_runs SET revision = ?2, status = ?3, active = ?4, completed_at = ?5, validity = 'invalid', "       \
      "notes = ?6, updated_at = ?7 WHERE id = ?1 AND revision < ?2")                                                      \
    X(HEALTH, 12, "SELECT COUNT(*) AS runs FROM sentinel_runs WHERE active = 1")                                          \
    /* What a run has in other tables goes with it. */                                                                    \
    X(RUN_DELETE, 16, "DELETE FROM sentinel_runs WHERE id = ?1 AND tenant_id = ?2")                                       \
    /* Beside the change that it tells of: after a run was inserted, before it is deleted.  Of a run that is not there \
     * it tells nothing, and the same thing of the same moment once. */  \
    X(AUDIT_INSERT, 17,                                                                                                   \
      "INSERT INTO sentinel_audit (at_us, tenant_id, role, action, run_id, detail) SELECT ?1, ?2, ?3, ?4, ?5, ?6 "        \
      "WHERE (?5 IS NULL OR EXISTS (SELECT 1 FROM sentinel_runs WHERE id = ?5 AND tenant_id = ?2)) AND NOT EXISTS "       \
      "(SELECT 1 FROM sentinel_audit WHERE tenant_id = ?2 AND at_us = ?1 AND role = ?3 AND action = ?4 AND run_id IS ?5 " \
      "AND detail IS ?6)")                                                                                                \
    /* A key's day is over.  The first is asked with the key's next use, the second by the tick. */                       \
    X(KEY_EXPIRE, 18, "DELETE FROM sentinel_idempotency WHERE tenant_id = ?1 AND key = ?2 AND created_us < ?3")           \
    X(KEYS_EXPIRE, 19,                                                                                                    \
      "DELETE FROM sentinel_idempotency WHERE (tenant_id, key) IN (SELECT tenant_id, key FROM sentinel_idempotency "      \
      "WHERE created_us < ?1 ORDER BY created_us LIMIT 500)")                                                             \
    X(KEY_INSERT, 20,                                                                                                     \
      "INSERT INTO sentinel_idempotency (tenant_id, key, body_hash, run_id, created_us) VALUES (?1, ?2, ?3, ?4, ?5)")     \
    X(KEY_GET, 21,                                                                                                        \
      "SELECT body_hash, run_id FROM sentinel_idempotency WHERE tenant_id = ?1 AND key = ?2 AND created_us >= ?3")        \
    /* Of a run that is gone or was never set up: the same request may be sent again. */                                  \
    X(KEY_FORGET, 22,                                                                                                     \
      "DELETE FROM sentinel_idempotency WHERE run_id = ?1 "                                                               \
      "AND NOT EXISTS (SELECT 1 FROM sentinel_runs WHERE id = ?1 AND status <> 'failed')")                                \
    /* Whose time has come.  A run whose tenant has an active one waits, until a day has passed.  Who was tried before \
     * stands behind those that became due meanwhile, so that nobody is in the way for long. */  \
    X(RUNS_DUE, 23,                                                                                                       \
      "SELECT id, tenant_id, scheduled_at, revision, updated_at FROM sentinel_runs AS run "                               \
      "WHERE status = 'pending' AND active IS NULL AND scheduled_at <= ?1 "                                               \
      "AND (scheduled_at < ?2 OR NOT EXISTS "                                                                             \
      "(SELECT 1 FROM sentinel_runs AS other WHERE other.tenant_id = run.tenant_id AND other.active = 1)) "               \
      "ORDER BY max(scheduled_at, updated_at), scheduled_at LIMIT 20")                                                    \
    X(RUN_ACTIVATE_DUE, 24,                                                                                               \
      "UPDATE sentinel_runs SET active = 1, updated_at = ?2 "                                                             \
      "WHERE id = ?1 AND status = 'pending' AND active IS NULL AND updated_at = ?3")                                      \
    /* Asked of the target: whether it holds our tables. */                                                               \
    X(TARGET_OWN, 26, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'sentinel_runs'")                   \
    /* Messages that are due.  Whoever raises `attempts` has the try, and until due_us to make it. */                     \
    X(OUTBOX_DUE, 80,                                                                                                     \
      "SELECT id, attempts FROM sentinel_outbox WHERE state = 'waiting' AND due_us <= ?1 ORDER BY due_us LIMIT 20")       \
    X(OUTBOX_CLAIM, 81,                                                                                                   \
      "UPDATE sentinel_outbox SET attempts = attempts + 1, due_us = ?3 WHERE id = ?1 AND attempts = ?2 "                  \
      "AND state = 'waiting' AND due_us <= ?4 RETURNING tenant_id, run_id, target, event, url, format, facts")            \
    /* Beside it, for the Clearing: what it was told before, and which start of the run has maintenance. */               \
    X(OUTBOX_TOLD, 82,                                                                                                    \
      "SELECT told.state, told.before, told.incident_id FROM sentinel_outbox AS message "                                 \
      "JOIN sentinel_clearing AS told ON told.tenant_id = message.tenant_id "                                             \
      "AND told.key = json_extract(message.facts, '$.key') "                                                              \
      "AND told.component = json_extract(message.facts, '$.component') WHERE message.id = ?1")                            \
    X(OUTBOX_SINCE, 83,                                                                                                   \
      "SELECT kept.since_us FROM sentinel_outbox AS message "                                                             \
      "JOIN sentinel_maintenance AS kept ON kept.run_id = message.run_id WHERE message.id = ?1")                          \
    X(OUTBOX_DELIVERED, 84, "DELETE FROM sentinel_outbox WHERE id = ?1")                                                  \
    X(OUTBOX_EXPIRE, 93,                                                                                                  \
      "DELETE FROM sentinel_outbox WHERE id IN (SELECT id FROM sentinel_outbox WHERE state = 'dead' AND created_us < ?1 " \
      "ORDER BY created_us LIMIT 100)")                                                                                   \
    X(OUTBOX_FAILED, 85,                                                                                                  \
      "UPDATE sentinel_outbox SET state = ?3, due_us = ?4, error = ?5 WHERE id = ?1 AND attempts = ?2")                   \
    X(OUTBOX_LIST, 86,                                                                                                    \
      "SELECT id, run_id, target, event, url, format, state, created_us, due_us, attempts, error FROM sentinel_outbox "   \
      "WHERE tenant_id = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY created_us DESC LIMIT 100")                           \
    /* A dead one begins anew; one that waits is due at once, and its tries count on. */                                  \
    X(OUTBOX_RESEND, 87,                                                                                                  \
      "UPDATE sentinel_outbox SET attempts = CASE state WHEN 'dead' THEN 0 ELSE attempts END, state = 'waiting', "        \
      "due_us = ?3 WHERE id = ?1 AND tenant_id = ?2 RETURNING id, run_id, target, event, url, format, state, "            \
      "created_us, due_us, attempts, error")                                                                              \
    X(MAINTENANCE_ASKED, 88,                                                                                              \
      "SELECT tenant_id, json_extract(config_snapshot, '$.maintenance.component') AS component, "                         \
      "json_extract(config_snapshot, '$.maintenance.message') AS message FROM sentinel_runs "                             \
      "WHERE id = ?1 AND json_valid(config_snapshot)")                                                                    \
    /* A run that is started twice finds the component in its own maintenance: what it was before, the row knows. */      \
    X(MAINTENANCE_PUT, 89,                                                                                                \
      "INSERT INTO sentinel_maintenance (run_id, tenant_id, component, before, state, since_us, error) "                  \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (run_id) DO UPDATE SET component = excluded.component, "           \
      "before = CASE WHEN excluded.before = 'maintenance' AND sentinel_maintenance.state IN ('wanted', 'on') "            \
      "THEN sentinel_maintenance.before ELSE excluded.before END, "                                                       \
      "state = excluded.state, since_us = excluded.since_us, error = excluded.error")                                     \
    X(MAINTENANCE_SET, 90,                                                                                                \
      "UPDATE sentinel_maintenance SET state = ?3, error = coalesce(?4, error) "                                          \
      "WHERE run_id = ?1 AND since_us = ?2 AND state <> 'off'")                                                           \
    X(CLEARING_TOLD, 91,                                                                                                  \
      "INSERT INTO sentinel_clearing (tenant_id, key, component, state, before, incident_id, run_id) "                    \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant_id, key, component) DO UPDATE "                            \
      "SET state = excluded.state, before = excluded.before, "                                                            \
      "incident_id = coalesce(excluded.incident_id, incident_id), run_id = excluded.run_id")                              \
    X(CLEARING_LIFTED, 92, "DELETE FROM sentinel_clearing WHERE tenant_id = ?1 AND key = ?2 AND component = ?3")          \
    X(RUNS_BY_STATUS, 25, "SELECT status, COUNT(*) AS runs FROM sentinel_runs WHERE tenant_id = ?1 GROUP BY status")

enum sn_sql {
#define SN_X(name, value, text) SN_SQL_##name = value,
    SN_SQL_LIST(SN_X)
#undef SN_X
};

#endif
