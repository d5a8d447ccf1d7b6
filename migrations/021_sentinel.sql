-- Sentinel's control database: what was run, how it went, and what is planned.  No test ever loads it.
--
-- Columns that end in _at are Unix seconds, columns that end in _us are microseconds, columns that end in _ms are
-- milliseconds.  Every text that the Worker sends here stands in include/sentinel/base/sql.h.

-- One row per run.  The API inserts it; from then on only the run's own object updates it, fenced by `revision`, which
-- only grows.  The API and the cron tick read it, and close it when no object ever came to know the run.
CREATE TABLE sentinel_runs (
    id                    TEXT    PRIMARY KEY,
    tenant_id             TEXT    NOT NULL,
    name                  TEXT    NOT NULL,
    description           TEXT,
    profile_type          TEXT    NOT NULL CHECK (profile_type IN
                                  ('sustained', 'ramp', 'custom', 'spike', 'oscillation', 'three-phase')),
    preset                TEXT,
    target_operations     INTEGER NOT NULL,
    duration_seconds      INTEGER NOT NULL,
    concurrency           INTEGER NOT NULL DEFAULT 10,
    target_systems        TEXT    NOT NULL DEFAULT '["d1_writes","d1_reads"]' CHECK (json_valid(target_systems)),
    status                TEXT    NOT NULL DEFAULT 'pending' CHECK (status IN
                                  ('pending', 'running', 'paused', 'draining', 'completed', 'failed', 'cancelled')),
    validity              TEXT    NOT NULL DEFAULT 'unknown' CHECK (validity IN
                                  ('unknown', 'valid', 'degraded', 'invalid')),
    verdict               TEXT    NOT NULL DEFAULT 'none' CHECK (verdict IN ('none', 'passed', 'failed', 'undecided')),
    active                INTEGER CHECK (active = 1), -- 1 from the wish to start until the end, else NULL
    revision              INTEGER NOT NULL DEFAULT 0, -- 0: the run's object has written nothing yet
    scheduled_at          INTEGER,
    started_at            INTEGER,
    completed_at          INTEGER,                    -- of every end, not of success alone
    total_operations      INTEGER NOT NULL DEFAULT 0,
    successful_operations INTEGER NOT NULL DEFAULT 0,
    failed_operations     INTEGER NOT NULL DEFAULT 0,
    avg_latency_ms        REAL,
    p50_latency_ms        REAL,
    p95_latency_ms        REAL,
    p99_latency_ms        REAL,
    max_latency_ms        REAL,
    min_latency_ms        REAL,
    throughput_ops_sec    REAL,
    error_count           INTEGER NOT NULL DEFAULT 0,
    error_types           TEXT    DEFAULT '{}',       -- JSON: class of error and how many
    estimated_cost_usd    REAL,
    config_snapshot       TEXT,                       -- the plan's JSON as it was sent
    plan_hash             TEXT,                       -- 16 hexadecimal digits; equal hashes are the same load
    triggered_by          TEXT,                       -- 'api', 'schedule', 'manual'
    notes                 TEXT,                       -- why it ended as it did
    metadata              TEXT    DEFAULT '{}',
    created_at            INTEGER NOT NULL DEFAULT (unixepoch()),
    updated_at            INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- At most one active run per tenant, whoever asks and however often at once.
CREATE UNIQUE INDEX sentinel_runs_one_active ON sentinel_runs (tenant_id) WHERE active = 1;
-- The list, newest first, whole or by status; the cursor is (created_at, id).
CREATE INDEX sentinel_runs_by_time ON sentinel_runs (tenant_id, created_at DESC, id DESC);
CREATE INDEX sentinel_runs_by_status ON sentinel_runs (tenant_id, status, created_at DESC, id DESC);
CREATE INDEX sentinel_runs_by_schedule ON sentinel_runs (scheduled_at) WHERE scheduled_at IS NOT NULL;

-- Single operations that are kept whole: the slowest, and the first of each error; at most 500 a run.  The run's object
-- writes them once, reports and people read them.  Whole seconds were too coarse for an operation, hence due_us.
CREATE TABLE sentinel_metrics (
    id                TEXT    PRIMARY KEY,
    run_id            TEXT    NOT NULL REFERENCES sentinel_runs (id) ON DELETE CASCADE,
    tenant_id         TEXT    NOT NULL,
    operation_type    TEXT    NOT NULL,              -- the system, 'd1_reads'
    operation_name    TEXT,                          -- the operation, 'select_test_records'
    batch_index       INTEGER DEFAULT 0,
    started_at        INTEGER NOT NULL,
    completed_at      INTEGER,
    latency_ms        REAL,                          -- from due to end
    success           INTEGER NOT NULL DEFAULT 1 CHECK (success IN (0, 1)),
    error_message     TEXT,
    error_code        TEXT,
    rows_affected     INTEGER,
    bytes_transferred INTEGER,
    metadata          TEXT    DEFAULT '{}',
    due_us            INTEGER,                       -- when the schedule said it was to start
    k                 INTEGER                        -- its number in the run, from 1
) STRICT;

CREATE INDEX sentinel_metrics_by_run ON sentinel_metrics (run_id);

-- How far a run had come, every 30 seconds.  The run's object writes them, the API and charts read them.
CREATE TABLE sentinel_checkpoints (
    id                   TEXT    PRIMARY KEY,
    run_id               TEXT    NOT NULL REFERENCES sentinel_runs (id) ON DELETE CASCADE,
    tenant_id            TEXT    NOT NULL,
    checkpoint_index     INTEGER NOT NULL,
    recorded_at          INTEGER NOT NULL,
    elapsed_seconds      REAL    NOT NULL,
    operations_completed INTEGER NOT NULL,
    operations_failed    INTEGER NOT NULL,
    current_throughput   REAL,
    avg_latency_ms       REAL,
    estimated_d1_reads   INTEGER,
    estimated_d1_writes  INTEGER,
    estimated_kv_ops     INTEGER,
    estimated_r2_ops     INTEGER,
    error_rate           REAL,                       -- a fraction, 0 to 1
    metadata             TEXT    DEFAULT '{}'
) STRICT;

CREATE INDEX sentinel_checkpoints_by_run ON sentinel_checkpoints (run_id, checkpoint_index);

-- What a run has measured, one row per operation and phase.  The run's object writes and rewrites them, reports and
-- comparisons read them.  The two histograms are in the compact form of measure/hist.h and can be merged.
CREATE TABLE sentinel_stats (
    run_id    TEXT    NOT NULL REFERENCES sentinel_runs (id) ON DELETE CASCADE,
    operation TEXT    NOT NULL,
    phase     TEXT    NOT NULL,
    completed INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    p50_us    INTEGER,
    p95_us    INTEGER,
    p99_us    INTEGER,
    response  BLOB,                                  -- from due to end
    service   BLOB,                                  -- from the first send to the end
    errors    TEXT,                                  -- JSON: class of error and how many
    PRIMARY KEY (run_id, operation, phase)
) STRICT;

-- The per-second series, one row per minute of the run, in parts of at most 500 KB.  The run's object writes a minute
-- when it is over, charts and comparisons read it.
CREATE TABLE sentinel_series (
    run_id TEXT    NOT NULL REFERENCES sentinel_runs (id) ON DELETE CASCADE,
    minute INTEGER NOT NULL,
    part   INTEGER NOT NULL DEFAULT 0,
    data   BLOB    NOT NULL CHECK (length(data) <= 500000),
    PRIMARY KEY (run_id, minute, part)
) STRICT;

-- What is normal for a kind of load, to compare runs with; at most one is active per tenant and profile type.
-- Columns are the predecessor's; people will write them through the API, the end of a run will read them.
CREATE TABLE sentinel_baselines (
    id                    TEXT    PRIMARY KEY,
    tenant_id             TEXT    NOT NULL,
    name                  TEXT    NOT NULL,
    description           TEXT,
    profile_type          TEXT    NOT NULL,
    target_systems        TEXT    NOT NULL CHECK (json_valid(target_systems)),
    baseline_throughput   REAL,
    baseline_p50_latency  REAL,
    baseline_p95_latency  REAL,
    baseline_p99_latency  REAL,
    baseline_error_rate   REAL,
    throughput_threshold  REAL,                      -- alert below it
    latency_p95_threshold REAL,                      -- alert above it
    error_rate_threshold  REAL,                      -- alert above it; a fraction
    source_run_ids        TEXT,                      -- JSON list
    is_active             INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at            INTEGER NOT NULL DEFAULT (unixepoch()),
    updated_at            INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

CREATE UNIQUE INDEX sentinel_baselines_one_active ON sentinel_baselines (tenant_id, profile_type) WHERE is_active = 1;
CREATE INDEX sentinel_baselines_by_tenant ON sentinel_baselines (tenant_id);

-- Runs that start by themselves.  Columns are the predecessor's; people will write them through the API, the cron tick
-- will read what is due.
CREATE TABLE sentinel_schedules (
    id                      TEXT    PRIMARY KEY,
    tenant_id               TEXT    NOT NULL,
    name                    TEXT    NOT NULL,
    description             TEXT,
    cron_expression         TEXT    NOT NULL,
    timezone                TEXT    NOT NULL DEFAULT 'UTC',
    profile_type            TEXT    NOT NULL,
    target_operations       INTEGER NOT NULL,
    duration_seconds        INTEGER NOT NULL,
    concurrency             INTEGER NOT NULL DEFAULT 10,
    target_systems          TEXT    NOT NULL DEFAULT '["d1_writes","d1_reads"]' CHECK (json_valid(target_systems)),
    enable_maintenance_mode INTEGER NOT NULL DEFAULT 1 CHECK (enable_maintenance_mode IN (0, 1)),
    maintenance_message     TEXT    DEFAULT 'Scheduled infrastructure validation in progress',
    is_active               INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    last_run_at             INTEGER,
    last_run_id             TEXT    REFERENCES sentinel_runs (id) ON DELETE SET NULL,
    next_run_at             INTEGER,
    alert_on_failure        INTEGER NOT NULL DEFAULT 1 CHECK (alert_on_failure IN (0, 1)),
    alert_email             TEXT,
    created_at              INTEGER NOT NULL DEFAULT (unixepoch()),
    updated_at              INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

CREATE INDEX sentinel_schedules_by_tenant ON sentinel_schedules (tenant_id);
CREATE INDEX sentinel_schedules_due ON sentinel_schedules (next_run_at) WHERE is_active = 1;

-- One row per message to the outside.  It is to be written together with the change that caused it and deleted when it
-- was delivered, so that a message is neither lost nor invented.
CREATE TABLE sentinel_outbox (
    id       TEXT    PRIMARY KEY,
    run_id   TEXT    REFERENCES sentinel_runs (id) ON DELETE SET NULL,
    target   TEXT    NOT NULL CHECK (target IN ('clearing', 'webhook')),
    due_us   INTEGER NOT NULL,                       -- when to try next
    attempts INTEGER NOT NULL DEFAULT 0,
    body     TEXT    NOT NULL
) STRICT;

CREATE INDEX sentinel_outbox_due ON sentinel_outbox (due_us);

-- Who asked for what.  The API is to write one row per accepted command, people read them; rows outlive their run.
CREATE TABLE sentinel_audit (
    id        INTEGER PRIMARY KEY,
    at_us     INTEGER NOT NULL,
    tenant_id TEXT    NOT NULL,
    role      TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    run_id    TEXT,
    detail    TEXT
) STRICT;

CREATE INDEX sentinel_audit_by_time ON sentinel_audit (tenant_id, at_us);

-- Answers to requests that came with an Idempotency-Key, kept for a day: the API is to write one with the run that it
-- creates, and to read it when the same key comes again.  Another body under the same key is told by its hash.
CREATE TABLE sentinel_idempotency (
    tenant_id  TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    body_hash  TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX sentinel_idempotency_by_time ON sentinel_idempotency (created_us);
