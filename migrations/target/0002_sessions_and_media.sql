-- More of the sample application, in the database that is tested: what somebody who signs in, and who looks at pictures,
-- makes a blog read.  Every row names its run, as in 0001.

-- Who is signed in.  Looked up by id alone, which is the primary key.
CREATE TABLE sentinel_sessions (
    id         TEXT    PRIMARY KEY,
    tenant_id  TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    revoked    INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- Serves the deletes of cleanup.
CREATE INDEX sentinel_sessions_run ON sentinel_sessions (tenant_id, run_id);

-- Files that posts show; what is in them lies in the bucket under r2_key.
CREATE TABLE sentinel_media (
    id          TEXT    PRIMARY KEY,
    tenant_id   TEXT    NOT NULL,
    run_id      TEXT    NOT NULL,
    filename    TEXT    NOT NULL,
    r2_key      TEXT    NOT NULL,
    mime_type   TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    uploaded_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- Serves the listing, newest first, without a sort, and the deletes of cleanup.
CREATE INDEX sentinel_media_listing ON sentinel_media (tenant_id, run_id, uploaded_at DESC);

-- Serves the listing of published posts, newest first, without a sort, however many drafts there are.
CREATE INDEX sentinel_posts_published ON sentinel_posts (tenant_id, run_id, status, created_at DESC);
