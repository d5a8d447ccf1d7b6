-- Schedules hold a whole plan, a dialect, and rules for runs that overlap or were missed.  Nothing has written the old
-- table, whose columns were the predecessor's, so it is made anew.
DROP TABLE sentinel_schedules;

-- Runs that start by themselves.  People write them through the API; the cron tick reads what is due and advances it.
-- Times are Unix seconds.  Every write but the outcome of a start raises `revision` and is fenced by it.
CREATE TABLE sentinel_schedules (
    id               TEXT    PRIMARY KEY,
    tenant_id        TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    description      TEXT,
    cron_expression  TEXT    NOT NULL,
    dialect          TEXT    NOT NULL DEFAULT 'standard' CHECK (dialect IN ('standard', 'cloudflare')),
    timezone         TEXT    NOT NULL DEFAULT 'UTC',
    overlap          TEXT    NOT NULL DEFAULT 'skip' CHECK (overlap IN ('skip', 'queue', 'replace')),
    catch_up         TEXT    NOT NULL DEFAULT 'skip' CHECK (catch_up IN ('skip', 'once')),
    jitter_seconds   INTEGER NOT NULL DEFAULT 0,
    plan             TEXT    NOT NULL CHECK (json_valid(plan)), -- as it was sent
    plan_name        TEXT,                                      -- its own, if it has one; this and the next seven follow from it
    plan_preset      TEXT,
    plan_hash        TEXT    NOT NULL,
    profile_type     TEXT    NOT NULL,
    target_operations INTEGER NOT NULL,
    duration_seconds INTEGER NOT NULL,
    concurrency      INTEGER NOT NULL,
    target_systems   TEXT    NOT NULL CHECK (json_valid(target_systems)),
    maintenance      TEXT CHECK (maintenance IS NULL OR json_valid(maintenance)), -- what the status page is to say meanwhile
    alerts           TEXT CHECK (alerts IS NULL OR json_valid(alerts)),           -- who is to hear of it
    is_active        INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    paused_reason    TEXT,                                      -- when nobody asked for the pause
    revision         INTEGER NOT NULL DEFAULT 0,
    next_run_at      INTEGER,                                   -- the next minute by the expression; NULL: paused
    next_start_at    INTEGER,                                   -- the same, with its jitter
    next_runs        TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(next_runs)), -- the next ones: [second, offset from UTC, …]
    failed_starts    INTEGER NOT NULL DEFAULT 0,                -- in a row; counted before a start, taken back when it worked
    passed_over      INTEGER NOT NULL DEFAULT 0,                -- minutes without a run: another was active, or nobody came in time
    last_minute_at   INTEGER,                                   -- the newest minute that was decided on
    last_outcome     TEXT CHECK (last_outcome IN ('starting', 'started', 'waiting', 'skipped', 'missed', 'failed')),
    last_message     TEXT,
    last_run_at      INTEGER,
    last_run_id      TEXT    REFERENCES sentinel_runs (id) ON DELETE SET NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX sentinel_schedules_by_tenant ON sentinel_schedules (tenant_id, created_at, id);
CREATE INDEX sentinel_schedules_due ON sentinel_schedules (next_start_at) WHERE is_active = 1;
CREATE INDEX sentinel_schedules_by_run ON sentinel_schedules (last_run_id) WHERE last_run_id IS NOT NULL;

-- Whose a run is, for which minute, and which run it takes the place of.  The run's id follows from the first two, so a
-- minute has one run however often it is claimed.
ALTER TABLE sentinel_runs ADD COLUMN schedule_id TEXT;
ALTER TABLE sentinel_runs ADD COLUMN schedule_minute INTEGER;
ALTER TABLE sentinel_runs ADD COLUMN replaces_run_id TEXT;
CREATE INDEX sentinel_runs_of_schedule ON sentinel_runs (schedule_id, schedule_minute) WHERE schedule_id IS NOT NULL;
CREATE INDEX sentinel_runs_waiting ON sentinel_runs (schedule_id) WHERE schedule_id IS NOT NULL AND status = 'pending';

ALTER TABLE sentinel_audit ADD COLUMN schedule_id TEXT;
