#!/bin/bash
# Writes docs/scale.md: runs for ten to ten million users who each do ten things within an hour, walked through in virtual
# time, and at which rate each system saturates in the simulator's models.  The largest run is a hundred million operations and
# takes minutes, so this is no part of the tests.
#   tests/scale.sh >docs/scale.md
#   USERS="10 10000" tests/scale.sh            some of the runs
#   MODELS=d1-write=8 tests/scale.sh           other models than the default ones
#   tests/scale.sh users|systems|workloads     one table alone
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

users() {
    cat <<'END'
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
}

systems() {
    cat <<'END'
| what is called | saturates at, a second | answers slower from | symptom | users | 10 users | 10,000 users | 10,000,000 users |
|---|---|---|---|---|---|---|---|
END
    node tests/scale_systems.mjs systems "${MODELS:-default}"
}

workloads() {
    cat <<'END'
| workload | saturates at, operations a second | symptom | at | users | 10 users | 10,000 users | 10,000,000 users |
|---|---|---|---|---|---|---|---|
END
    node tests/scale_systems.mjs workloads "${MODELS:-default}"
}

# The tables of the models are made while the users are walked through, where there are two processors.
page() {
    (
        systems >"$work/systems"
        workloads >"$work/workloads"
    ) &
    local models=$!
    cat <<'END'
# Runs of many users

What does a test for ten million users take, and which part of a system on Cloudflare gives in first? Both can be walked through
before anybody pays for it: the [simulator](simulator.md) runs the same machines as a Worker does, in virtual time. `make scale`
writes this page; its three tables are what `tests/scale.sh users`, `tests/scale.sh systems` and `tests/scale.sh workloads` print.

## What the run itself carries

From the run's object to its shards, against a target that carries everything and answers each call after 5 ms on average. Each user
does ten things within an hour, spread evenly. No operation is left out: an auditor that sees only the calls checks that each was
sent once, not before it was due, and is accounted for.

END
    users
    cat <<'END'

Wider bounds than the default ones (`--limits operator`, [limits.md](limits.md#larger-runs)) are needed for more than a hundred thousand of these users, and for more than 500 calls in flight;
`USERS="10 10000 1000000" make scale` writes the page with a million as the last row. The last column is
what the simulation took of one processor on the machine that wrote the page; everything else is the same each time. How a
thousand shards come into being is in [architecture.md](architecture.md#a-run-from-both-ends).

What this says: the run and its shards carry such a load, in memory, messages and time. What it does not say: what the network
between the regions adds, and what your target does under it. The latter is what the next two tables are about.

## Where each system saturates

The same simulator, with [targets like Cloudflare's](simulator.md#targets-like-cloudflares) in place of the one that carries everything. A load
rises until the report's [capacity](capacity.md) says where it broke.

- **Saturates at**: so many calls a second were answered, or not refused, when more were asked for.
- **Answers slower from**: where 95 % of answers no longer came as soon as in quiet times, or more than 1 % failed. A load
  is judged by its levels, some per cent apart, so where the two columns are as close as that they are one figure.
- **Symptom**: `queueing`, calls wait for the database; `slower`, calls take longer and nobody says why, which of an object is its
  queue; `throttling`, more than one write a second to a key, which is refused.
- **Users**: so many users, who each do ten things an hour, all of them this one call, make the rate at which it saturates. **10
  users** and so on: how much of that rate so many users need. *Times too much* means that it does not carry them.

**These are figures of models, not measurements of Cloudflare.** What a rate comes from is the model's own time for a
call, and [most of these are assumptions](simulator.md#targets-like-cloudflares); the table there has each with its source. A D1 whose
inserts take 8 ms and not 5 saturates at 125 a second and not at 200. Measure your own
([a ramp](capacity.md) on the real system shows it), and write the page again with it: `MODELS=d1-write=8 make scale`.

END
    wait "$models"
    cat "$work/systems"
    cat <<'END'

*above* means that nothing in the model gives in below the highest load that was tried. KV and R2 have no limit for reads here, and for
writes none but each key's own; what another site or a bound Worker carries is its own. One database, one object or one key stays
what it is however many regions call it: to carry more, use more of them, as the rows of three objects and of 100 keys show. Keys that
are written too often take even less than one write a second each: of writes 0.9 s apart every other one is refused.

## Where the workloads that come with Sentinel saturate

The same for whole [operations](workloads.md), of which most make several calls. *At* is the binding that the report blames;
users are again those who start ten operations an hour.

END
    cat "$work/workloads"
    cat <<'END'

The nine systems are parts of one workload, and each row asks for that part alone: a [plan](plan.md) with several of them meets the
lowest, in proportion to its weight. Where KV is named it is by a key that is written more than once a second: `auth_flows` counts attempts in
KV under a key for each of 256 addresses, and `kv_put` writes 150 keys in turn. *slots*: the run's own calls in flight, at most
2,500 here, were too few, and the system carries more.
END
}

case ${1:-page} in
page | users | systems | workloads) "${1:-page}" ;;
*)
    sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
