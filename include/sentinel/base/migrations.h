/* The migrations of the control database, each with something that it alone has made: a table, index or trigger, and a word
 * in that one's text ("": any).  By these a Worker finds out that it is newer than its database.
 * tests/shim/sql_migrations.test.mjs compares the list with migrations/. */
#ifndef SENTINEL_BASE_MIGRATIONS_H
#define SENTINEL_BASE_MIGRATIONS_H

#define SN_MIGRATION_LIST(X)                                         \
    X("021_sentinel.sql", "sentinel_runs", "")                       \
    X("022_deleted_repeated_scheduled.sql", "sentinel_runs_due", "") \
    X("023_schedules.sql", "sentinel_schedules", "dialect")          \
    X("024_outbox.sql", "sentinel_maintenance", "")                  \
    X("025_baselines.sql", "sentinel_runs_compared", "")             \
    X("026_ended_by.sql", "sentinel_runs", "ended_by")               \
    X("027_stop_all.sql", "sentinel_runs_stopping", "")              \
    X("028_deleted_active.sql", "sentinel_runs_deleted_active", "")

/* The files that were not applied, as one text: "024_outbox.sql, 026_ended_by.sql"; NULL when none is missing. */
#define SN_MIGRATION_ROW(file, made, word) ", ('" file "', '" made "', '" word "')"
#define SN_MIGRATIONS_MISSING                                                                                                              \
    "WITH migration (file, made, word) AS (VALUES ('', '', '')" SN_MIGRATION_LIST(                                                         \
        SN_MIGRATION_ROW) ") SELECT group_concat(file, ', ') AS missing FROM (SELECT file FROM migration WHERE file <> '' AND NOT EXISTS " \
                          "(SELECT 1 FROM sqlite_master WHERE name = made AND instr(sql, word) > 0) ORDER BY file)"

#endif
