-- The table of YCSB's workloads, in the database that is tested.  Each run has records of its own, numbered from 0, with
-- ten fields of 100 bytes; the key serves reads, scans and the deletes of cleanup.
CREATE TABLE sentinel_usertable (
    tenant_id TEXT    NOT NULL,
    run_id    TEXT    NOT NULL,
    record    INTEGER NOT NULL,
    field0    TEXT    NOT NULL,
    field1    TEXT    NOT NULL,
    field2    TEXT    NOT NULL,
    field3    TEXT    NOT NULL,
    field4    TEXT    NOT NULL,
    field5    TEXT    NOT NULL,
    field6    TEXT    NOT NULL,
    field7    TEXT    NOT NULL,
    field8    TEXT    NOT NULL,
    field9    TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, run_id, record)
) STRICT, WITHOUT ROWID;
