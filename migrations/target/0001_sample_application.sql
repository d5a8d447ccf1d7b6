-- The sample application's tables, in the database that is tested.  Only the workloads in src/plan/workloads write and
-- read them: prepare fills them, operations read, insert and update, cleanup deletes by tenant and run.  Every row names
-- its run, so that a run touches and removes its own rows and no others.

-- Small records.  `prepared` tells those that were there before the load from those that it inserts; their number is
-- fixed, so reading them costs the same at the end of a run as at its start.
CREATE TABLE sentinel_test_data (
    id         TEXT    PRIMARY KEY,
    tenant_id  TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    prepared   INTEGER NOT NULL CHECK (prepared IN (0, 1)),
    data       TEXT    NOT NULL CHECK (json_valid(data)),
    created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- Serves the selects and counts of prepared rows, and the deletes of cleanup.
CREATE INDEX sentinel_test_data_run ON sentinel_test_data (tenant_id, run_id, prepared);

-- A blog's posts.
CREATE TABLE sentinel_posts (
    id         TEXT    PRIMARY KEY,
    tenant_id  TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    slug       TEXT    NOT NULL,
    status     TEXT    NOT NULL CHECK (status IN ('draft', 'published')),
    content    TEXT    NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- Serves the listing, newest first, without a sort.
CREATE INDEX sentinel_posts_listing ON sentinel_posts (tenant_id, run_id, created_at DESC);
