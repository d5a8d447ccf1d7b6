-- Messages to the outside, and the status page that some of them go to.

-- One row per message.  Triggers below write it in the transaction of the change that caused it, whoever makes that
-- change; the cron tick claims, sends and deletes it; people list what waits and send again what nobody took.  Nobody
-- wrote to the earlier table of this name.
DROP TABLE sentinel_outbox;

CREATE TABLE sentinel_outbox (
    id         TEXT    PRIMARY KEY,                  -- goes along as Idempotency-Key, the same with every try
    tenant_id  TEXT    NOT NULL,
    run_id     TEXT    REFERENCES sentinel_runs (id) ON DELETE SET NULL,
    target     TEXT    NOT NULL CHECK (target IN ('clearing', 'webhook')),
    event      TEXT    NOT NULL,                     -- base/vocab.h: SN_ALERT_LIST; 'released' for the Clearing alone
    url        TEXT,                                 -- of a webhook
    format     TEXT,                                 -- of a webhook: base/vocab.h
    facts      TEXT    NOT NULL CHECK (json_valid(facts)), -- what happened, as it stood then; no secret is among it
    state      TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'dead')),
    created_us INTEGER NOT NULL,
    due_us     INTEGER NOT NULL,                     -- when to try next; while a try is under way: when it counts as lost
    attempts   INTEGER NOT NULL DEFAULT 0,           -- fences the tries: who claims one raises it
    error      TEXT                                  -- of the newest try
) STRICT;

CREATE INDEX sentinel_outbox_due ON sentinel_outbox (due_us) WHERE state = 'waiting';
CREATE INDEX sentinel_outbox_dead ON sentinel_outbox (created_us) WHERE state = 'dead';
CREATE INDEX sentinel_outbox_by_tenant ON sentinel_outbox (tenant_id, created_us);
CREATE INDEX sentinel_outbox_by_run ON sentinel_outbox (run_id) WHERE run_id IS NOT NULL;

-- Whose maintenance a run asked for, and what its component was before.  Written before the Clearing hears of it.
CREATE TABLE sentinel_maintenance (
    run_id    TEXT    PRIMARY KEY REFERENCES sentinel_runs (id) ON DELETE CASCADE,
    tenant_id TEXT    NOT NULL,
    component TEXT    NOT NULL,
    before    TEXT,                                  -- base/vocab.h: SN_COMPONENT_LIST; NULL: it could not be learnt
    state     TEXT    NOT NULL CHECK (state IN ('wanted', 'on', 'failed', 'off')),
    since_us  INTEGER NOT NULL,                      -- tells one start of a run from another
    error     TEXT
) STRICT;

-- What the Clearing was told of a component that is worse than it was before: one row per component and schedule, or name
-- of a run that has none, until a good run of the same takes it back.
CREATE TABLE sentinel_clearing (
    tenant_id   TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    component   TEXT    NOT NULL,
    state       TEXT    NOT NULL,                    -- that it was told
    before      TEXT    NOT NULL,                    -- what it was before
    incident_id TEXT,                                -- NULL: bad, but not bad enough for one
    run_id      TEXT    NOT NULL,                    -- that found it
    PRIMARY KEY (tenant_id, key, component)
) STRICT, WITHOUT ROWID;

-- The webhooks that a run's plan has, each with what there is to say of the run at this moment.  `events` NULL: all.  What
-- happens to a run is told by what happens in the same transaction:
--     INSERT INTO sentinel_outbox (...) SELECT ..., 'regression', ... FROM sentinel_hooks WHERE run_id = ... AND ...
CREATE VIEW sentinel_hooks AS
SELECT run.id AS run_id, run.tenant_id, run.updated_at * 1000000 AS at_us,
    coalesce(json_extract(hook.value, '$.url'), json_extract(hook.value, '$.to')) AS url,
    coalesce(json_extract(hook.value, '$.format'), 'json') AS format,
    json_extract(hook.value, '$.events') AS events,
    json_object('runId', run.id, 'tenantId', run.tenant_id, 'name', run.name, 'status', run.status,
        'validity', run.validity, 'verdict', run.verdict, 'reason', run.notes, 'total', run.total_operations,
        'succeeded', run.successful_operations, 'failed', run.failed_operations, 'avgMs', run.avg_latency_ms,
        'p95Ms', run.p95_latency_ms, 'perS', run.throughput_ops_sec, 'startedAt', run.started_at,
        'endedAt', run.completed_at) AS facts
FROM sentinel_runs AS run,
    json_each(CASE WHEN json_valid(run.config_snapshot) THEN run.config_snapshot ELSE '{}' END, '$.alerts.webhooks') AS hook;

-- A run has ended: its status says so for the first time.  The plan says who wants to hear of it.  The reason of a run
-- that its budget ended begins with 'it had cost' (src/run/run_cost.c).
CREATE TRIGGER sentinel_runs_ended AFTER UPDATE OF status ON sentinel_runs
WHEN NEW.status IN ('completed', 'failed', 'cancelled') AND OLD.status NOT IN ('completed', 'failed', 'cancelled')
BEGIN
    INSERT INTO sentinel_outbox (id, tenant_id, run_id, target, event, url, format, facts, created_us, due_us)
    SELECT lower(hex(randomblob(16))), hook.tenant_id, hook.run_id, 'webhook', happened.event, hook.url, hook.format,
        hook.facts, hook.at_us, hook.at_us
    FROM sentinel_hooks AS hook,
        (SELECT 'finished' AS event
         UNION ALL SELECT 'threshold-failed' WHERE NEW.verdict = 'failed'
         UNION ALL SELECT 'budget-reached' WHERE NEW.notes LIKE 'it had cost %') AS happened
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

-- The start of a run never reached its object, and the run waits again: the maintenance that it had is over.
CREATE TRIGGER sentinel_runs_released AFTER UPDATE OF active ON sentinel_runs
WHEN OLD.active = 1 AND NEW.active IS NULL AND NEW.status = 'pending'
BEGIN
    INSERT INTO sentinel_outbox (id, tenant_id, run_id, target, event, facts, created_us, due_us)
    SELECT lower(hex(randomblob(16))), NEW.tenant_id, NEW.id, 'clearing', 'released',
        json_object('runId', NEW.id, 'tenantId', NEW.tenant_id, 'name', NEW.name, 'status', NEW.status, 'key', coalesce(NEW.schedule_id, NEW.name),
            'component', kept.component, 'before', kept.before, 'maintenance', kept.state, 'sinceUs', kept.since_us),
        NEW.updated_at * 1000000, NEW.updated_at * 1000000
    FROM sentinel_maintenance AS kept WHERE kept.run_id = NEW.id AND kept.state <> 'off';
END;

-- A schedule was paused since it could not go on: who hears of its runs hears of it.
CREATE TRIGGER sentinel_schedules_paused AFTER UPDATE OF paused_reason ON sentinel_schedules
WHEN OLD.paused_reason IS NULL AND NEW.paused_reason IS NOT NULL
BEGIN
    INSERT INTO sentinel_outbox (id, tenant_id, target, event, url, format, facts, created_us, due_us)
    SELECT lower(hex(randomblob(16))), NEW.tenant_id, 'webhook', 'schedule-paused',
        coalesce(json_extract(hook.value, '$.url'), json_extract(hook.value, '$.to')),
        coalesce(json_extract(hook.value, '$.format'), 'json'),
        json_object('tenantId', NEW.tenant_id, 'scheduleId', NEW.id, 'name', NEW.name, 'status', 'paused',
            'reason', NEW.paused_reason),
        NEW.updated_at * 1000000, NEW.updated_at * 1000000
    FROM json_each(coalesce(NEW.alerts, json_extract(NEW.plan, '$.alerts')), '$.webhooks') AS hook
    WHERE json_extract(hook.value, '$.events') IS NULL
        OR EXISTS (SELECT 1 FROM json_each(hook.value, '$.events') AS wanted WHERE wanted.value = 'schedule-paused');
END;
