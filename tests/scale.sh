#!/bin/bash
# Writes docs/scale.md: runs for ten, ten thousand and ten million users who each do ten things within an hour, walked
# through in virtual time.  The largest is a hundred million operations and takes minutes, so this is no part of the tests.
#   tests/scale.sh >docs/scale.md
#   USERS="10 10000" tests/scale.sh     some of them
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U # of the processor, so that others on this machine do not count

# USERS CONCURRENCY REGIONS
row() {
    local plan=$work/plan.json
    echo "{\"profileType\":\"sustained\",\"users\":$1,\"opsPerUser\":10,\"durationSeconds\":3600,\"concurrency\":$2," \
        "\"regions\":$3,\"targetSystems\":[\"d1_reads\"],\"seed\":1}" >"$plan"
    if ! { time build/sentinel simulate "$plan" --limits operator --json >"$work/report" 2>"$work/said"; } 2>"$work/spent"; then
        cat "$work/said" >&2
        return 1
    fi
    build/sentinel plan "$plan" --limits operator --json >"$work/compiled"
    node tests/scale.mjs "$plan" "$work/compiled" "$work/report" "$(cat "$work/said")" "$(cat "$work/spent")"
}

cat <<'END'
# Runs of many users

The same machines, from the run's object to its shards, in virtual time against a target that answers each call after 5 ms on
average. Each user does ten things within an hour, spread evenly; an auditor that sees only the calls checks that each was sent
once, not before it was due, and is accounted for. `make scale` writes this page, with ten
million users as its last row; `USERS="10 10000 1000000" make scale` writes it with others, in a tenth of the time.

| users | operations | a second | concurrency | shards | regions | lasts | delivered | p99 | limited by | validity | virtual time | processor time |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
END
for users in ${USERS:-10 10000 10000000}; do
    case $users in
    10) row 10 5 '["weur"]' ;;
    10000) row 10000 50 '["weur","enam"]' ;;
    *) row "$users" 1000 '["weur","eeur","enam","wnam","apac"]' ;;
    esac
done
cat <<'END'

Wider bounds than the default ones (`--limits operator`, [limits.md](limits.md#larger-runs)) are needed for a million users and more. The
last column is what the simulation took of one processor on the machine that wrote the page; everything else is the same each time.

What this says: the run and its shards carry such a load, in memory, messages and time. What it does not say: what your target does
under it, and what the network between the regions adds.
END
