-- Everything of a tenant can be stopped at once: what a run was asked to do then stands in its row until it has ended, so that
-- nobody starts it meanwhile, and an object that was not reached is told by the tick.

ALTER TABLE sentinel_runs ADD COLUMN stop_asked_at INTEGER;       -- Unix seconds; NULL: nobody did
ALTER TABLE sentinel_runs ADD COLUMN stop_reason TEXT;            -- of whoever did; NULL: none was given
CREATE INDEX sentinel_runs_stopping ON sentinel_runs (tenant_id)
    WHERE stop_asked_at IS NOT NULL AND completed_at IS NULL;

-- The same as before, with what is told of a run that was ended so.
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
         UNION ALL SELECT 'budget-reached' WHERE NEW.ended_by = 'budget'
         UNION ALL SELECT 'kill-switch' WHERE NEW.ended_by = 'kill-switch') AS happened
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
