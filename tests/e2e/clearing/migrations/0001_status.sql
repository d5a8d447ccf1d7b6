-- The status page's own tables, as far as Sentinel's reports reach them, and what the tests want to know.
CREATE TABLE status_components (slug TEXT PRIMARY KEY, name TEXT NOT NULL, current_status TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
CREATE TABLE status_incidents (id TEXT PRIMARY KEY, slug TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL, impact TEXT NOT NULL, type TEXT NOT NULL, started_at TEXT NOT NULL) STRICT;
CREATE TABLE status_updates (id INTEGER PRIMARY KEY, incident_id TEXT NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL) STRICT;
INSERT INTO status_components VALUES ('blog-engine', 'Blog Engine', 'operational', ''), ('cdn', 'CDN', 'operational', ''), ('api', 'API', 'operational', '');
-- Every report that was asked for, and every one that was acted upon.
CREATE TABLE reports (id INTEGER PRIMARY KEY, key TEXT, body TEXT NOT NULL, done INTEGER NOT NULL) STRICT;
