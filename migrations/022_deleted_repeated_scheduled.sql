-- Runs that are deleted, requests that come twice, and runs that are to start at a time of their own.

-- The tick looks for pending runs whose time has come; those that ended would only be in its way.
DROP INDEX sentinel_runs_by_schedule;
CREATE INDEX sentinel_runs_due ON sentinel_runs (scheduled_at) WHERE scheduled_at IS NOT NULL AND status = 'pending';

-- A run that is deleted, or was never set up, takes the key along under which it was asked for.
CREATE INDEX sentinel_idempotency_by_run ON sentinel_idempotency (run_id);

-- What points at a run that is deleted is found without looking at everything else.
CREATE INDEX sentinel_outbox_by_run ON sentinel_outbox (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX sentinel_schedules_by_run ON sentinel_schedules (last_run_id) WHERE last_run_id IS NOT NULL;
