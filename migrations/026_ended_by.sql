-- What ended a run stands in its row, so that what is told of an end reads no sentence that was written for people.

-- base/vocab.h: SN_ENDING_LIST.  Whoever ends a run writes it; messages, lists and people read it.  NULL: it goes on; or it had
-- failed before this column came.
ALTER TABLE sentinel_runs ADD COLUMN ended_by TEXT;
UPDATE sentinel_runs SET ended_by = CASE
        WHEN notes LIKE 'it had cost %' THEN 'budget'
        WHEN notes LIKE 'paused for an hour%' THEN 'pause'
        WHEN status = 'completed' THEN 'completed'
        WHEN status = 'cancelled' THEN 'cancel' END
    WHERE status IN ('completed', 'failed', 'cancelled');

-- The same as before, with what ended the run.
DROP VIEW sentinel_hooks;
CREATE VIEW sentinel_hooks AS
SELECT run.id AS run_id, run.tenant_id, run.updated_at * 1000000 AS at_us,
    coalesce(json_extract(hook.value, '$.url'), json_extract(hook.value, '$.to')) AS url,
    coalesce(json_extract(hook.value, '$.format'), 'json') AS format,
    json_extract(hook.value, '$.events') AS events,
    json_object('runId', run.id, 'tenantId', run.tenant_id, 'name', run.name, 'status', run.status,
        'validity', run.validity, 'verdict', run.verdict, 'reason', run.notes, 'endedBy', run.ended_by, 'total', run.total_operations,
        'succeeded', run.successful_operations, 'failed', run.failed_operations, 'avgMs', run.avg_latency_ms,
        'p95Ms', run.p95_latency_ms, 'perS', run.throughput_ops_sec, 'startedAt', run.started_at,
        'endedAt', run.completed_at) AS facts
FROM sentinel_runs AS run,
    json_each(CASE WHEN json_valid(run.config_snapshot) THEN run.config_snapshot ELSE '{}' END, '$.alerts.webhooks') AS hook;

-- The same as before, but that `ended_by` says whether it was the budget.
DROP TRIGGER sentinel_runs_ended;
CREATE TRIGGER sentinel_runs_ended AFTER UPDATE OF status ON sentinel_runs
WHEN NEW.status IN ('completed', 'failed', 'cancelled') AND OLD.status NOT IN ('completed', 'failed', 'cancelled')
BEGIN
    INSERT INTO sentinel_outbox (id, tenant_id, run_id, target, event, url, format, facts, created_us, due_us)
    SELECT lower(hex(randomblob(16))), hook.tenant_id, hook.run_id, 'webhook', happened.event, hook.url, hook.format,
        hook.facts, hook.at_us, hook.at_us
    FROM sentinel_hooks AS hook,
        (SELECT 'finished' AS event
         UNION ALL SELECT 'threshold-failed' WHERE NEW.verdict = 'failed'
         UNION ALL SELECT 'budget-reached' WHERE NEW.ended_by = 'budget') AS happened
    WHERE hook.run_id = NEW.id AND (hook.events IS NULL
        OR EXISTS (SELECT 1 FROM json_each(hook.events) AS wanted WHERE wanted.value = happened.event));

    INSERT INTO sentinel_outbox (id, tenant_id, run_id, target, event, facts, created_us, due_us)
    SELECT lower(hex(randomblob(16))), NEW.tenant_id, NEW.id, 'clearing', 'finished',
        json_object('runId', NEW.id, 'tenantId', NEW.tenant_id, 'name', NEW.name, 'status', NEW.status,
            'validity', NEW.validity, 'verdict', NEW.verdict, 'total', NEW.total_operations,
            'succeeded', NEW.successful_operations, 'failed', NEW.failed_operations, 'avgMs', NEW.avg_latency_ms,
            'p95Ms', NEW.p95_latency_ms, 'perS', NEW.throughput_ops_sec, 'key', coalesce(NEW.schedule_id, NEW.name), 'component', kept.component,
            'before', kept.before, 'maintenance', kept.state, 'sinceUs', kept.since_us),
        NEW.updated_at * 1000000, NEW.updated_at * 1000000
    FROM sentinel_maintenance AS kept WHERE kept.run_id = NEW.id AND kept.state <> 'off';
END;
