-- A run whose start never reached its object can be deleted while its row counts as active: the maintenance that it had is
-- over, and what is known of it goes with the row.

-- `updated_at` is of the start.  Whoever began it may be on the way to the Clearing for a little while yet, and a message
-- that were there first would end nothing: a minute after the start that is over.  A row that was active and is not has been
-- released, and one that has ended had its message then.
CREATE TRIGGER sentinel_runs_deleted_active BEFORE DELETE ON sentinel_runs
WHEN OLD.active = 1 AND OLD.status NOT IN ('completed', 'failed', 'cancelled')
BEGIN
    INSERT INTO sentinel_outbox (id, tenant_id, run_id, target, event, facts, created_us, due_us)
    SELECT lower(hex(randomblob(16))), OLD.tenant_id, OLD.id, 'clearing', 'released',
        json_object('runId', OLD.id, 'tenantId', OLD.tenant_id, 'name', OLD.name, 'status', OLD.status, 'key', coalesce(OLD.schedule_id, OLD.name),
            'component', kept.component, 'before', kept.before, 'maintenance', kept.state, 'sinceUs', kept.since_us),
        OLD.updated_at * 1000000, (OLD.updated_at + 60) * 1000000
    FROM sentinel_maintenance AS kept WHERE kept.run_id = OLD.id AND kept.state <> 'off';
END;
