-- Baselines: what a plan's runs have measured together, and what a run that ended was found to be beside them.

-- The API writes them from runs that ended, and reads them when a run is compared.  They hold what they were made of, so
-- that the runs may be deleted.  At most one is active for a tenant and a plan.
ALTER TABLE sentinel_baselines ADD COLUMN plan_hash TEXT;         -- of its runs; NULL: made before there were hashes
ALTER TABLE sentinel_baselines ADD COLUMN intervals BLOB;         -- its runs one behind the other, measure/blocks.h
ALTER TABLE sentinel_baselines ADD COLUMN seconds INTEGER;        -- that they hold
ALTER TABLE sentinel_baselines ADD COLUMN planned INTEGER;        -- operations, of all its runs together
ALTER TABLE sentinel_baselines ADD COLUMN ended INTEGER;
ALTER TABLE sentinel_baselines ADD COLUMN failed INTEGER;
ALTER TABLE sentinel_baselines ADD COLUMN spreads TEXT;           -- JSON: percentile and how its runs differ in it
ALTER TABLE sentinel_baselines ADD COLUMN floors TEXT;            -- JSON: percentile and the floor that somebody has set
ALTER TABLE sentinel_baselines ADD COLUMN activated_at INTEGER;   -- runs that ended before it are none of its business

DROP INDEX sentinel_baselines_one_active;
CREATE UNIQUE INDEX sentinel_baselines_one_active ON sentinel_baselines (tenant_id, plan_hash) WHERE is_active = 1;
DROP INDEX sentinel_baselines_by_tenant;
CREATE INDEX sentinel_baselines_by_time ON sentinel_baselines (tenant_id, created_at DESC, id DESC);

-- What a run has measured, as it is compared with others (measure/compared.h).  Its object writes it once it has ended; the
-- API makes baselines of it.
ALTER TABLE sentinel_runs ADD COLUMN compared BLOB;

-- What came of a comparison, as JSON.  NULL: not yet compared; 'null': ended, and there was nothing to compare it with.  Written once,
-- by whoever asks first, and the same for ever.
ALTER TABLE sentinel_runs ADD COLUMN comparison TEXT;
UPDATE sentinel_runs SET comparison = 'null' WHERE completed_at IS NOT NULL;
CREATE INDEX sentinel_runs_to_compare ON sentinel_runs (completed_at)
    WHERE comparison IS NULL AND completed_at IS NOT NULL;

-- A plan's runs, newest first.
CREATE INDEX sentinel_runs_by_plan ON sentinel_runs (tenant_id, plan_hash, created_at DESC, id DESC);

-- A run was found to be slower than its baseline.
CREATE TRIGGER sentinel_runs_compared AFTER UPDATE OF comparison ON sentinel_runs
WHEN OLD.comparison IS NULL AND json_valid(NEW.comparison) AND json_extract(NEW.comparison, '$.verdict') = 'slower'
BEGIN
    INSERT INTO sentinel_outbox (id, tenant_id, run_id, target, event, url, format, facts, created_us, due_us)
    SELECT lower(hex(randomblob(16))), hook.tenant_id, hook.run_id, 'webhook', 'regression', hook.url, hook.format,
        json_set(hook.facts, '$.baseline', json_extract(NEW.comparison, '$.baseline.name')), hook.at_us, hook.at_us
    FROM sentinel_hooks AS hook
    WHERE hook.run_id = NEW.id AND (hook.events IS NULL
        OR EXISTS (SELECT 1 FROM json_each(hook.events) AS wanted WHERE wanted.value = 'regression'));
END;
