-- The rest of a blog platform, in the database that is tested: who owns it, who writes and comments, what they like, and
-- what is counted.  Posts, media and sessions are those of 0001 and 0002.  Every row names its run, as there.

-- Whose blogs there are.  Looked up by id alone.
CREATE TABLE sentinel_tenants (
    id         TEXT    PRIMARY KEY,
    tenant_id  TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- Who can sign in.  Looked up by id, from a session.
CREATE TABLE sentinel_users (
    id         TEXT    PRIMARY KEY,
    tenant_id  TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    about      TEXT    NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- Serves the deletes of cleanup, here as below.
CREATE INDEX sentinel_users_run ON sentinel_users (tenant_id, run_id);

CREATE TABLE sentinel_comments (
    id         TEXT    PRIMARY KEY,
    tenant_id  TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    post_id    TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- Serves the listing under a post, newest first, without a sort.
CREATE INDEX sentinel_comments_listing ON sentinel_comments (post_id, created_at DESC);
CREATE INDEX sentinel_comments_run ON sentinel_comments (tenant_id, run_id);

-- Who likes a post, once each.  The key serves the count of a post's.
CREATE TABLE sentinel_reactions (
    post_id   TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    run_id    TEXT NOT NULL,
    PRIMARY KEY (post_id, user_id)
) STRICT;

CREATE INDEX sentinel_reactions_run ON sentinel_reactions (tenant_id, run_id);

-- What visitors did.  Only written, as such tables are while the blog is visited.
CREATE TABLE sentinel_analytics (
    id         TEXT    PRIMARY KEY,
    tenant_id  TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

CREATE INDEX sentinel_analytics_run ON sentinel_analytics (tenant_id, run_id);

-- How often a post was read.
ALTER TABLE sentinel_posts ADD COLUMN views INTEGER NOT NULL DEFAULT 0;
