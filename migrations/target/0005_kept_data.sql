-- Which data there is that outlives its run ("prepare": "reuse").  Runs write and read it: a row is there from the moment when
-- somebody begins to prepare, and says when all of it was ready.  What was cut off before that is prepared again.
CREATE TABLE sentinel_data (
    mark       TEXT    PRIMARY KEY,      -- what stands for ${data} in its rows, keys and names
    items      INTEGER NOT NULL,         -- what prepare is made of
    run_id     TEXT    NOT NULL,         -- who began
    created_at INTEGER NOT NULL,         -- Unix seconds
    ready_at   INTEGER                   -- NULL: not all of it is there
) STRICT;
