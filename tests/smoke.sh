#!/bin/bash
# The smoke test: a real load test on local D1, KV, R2 and Durable Objects.
#
# It starts the Worker on a free port with a fresh state, runs the preset `smoke` against it with live
# progress, prints the report, and compares what is in the targets with what was there before.  It stops
# what it started, leaves nothing behind, and ends with the run's exit code.
#
#   PROFILE=sustained tests/smoke.sh      another preset, or a plan's file
#   tests/smoke.sh --json                 options for `sentinel run`
set -u
cd "$(dirname "$0")/.." || exit 1

profile=${PROFILE:-smoke}
export PATH=$PWD/node_modules/.bin:$PATH
# Wrangler neither reports on us, nor asks the network who we are, nor draws for a terminal.
export WRANGLER_SEND_METRICS=false CLOUDFLARE_CF_FETCH_ENABLED=false CI=1
export FORCE_COLOR=0 WRANGLER_HIDE_BANNER=true

group='' runner=''
work=$(mktemp -d) || exit 1
state=$work/state
log=$work/worker.log
export WRANGLER_LOG_PATH=$work/logs
# What the tools put into the temporary folder goes with ours.
mkdir "$work/tmp" || exit 1
export TMPDIR=$work/tmp

# The Worker runs in a process group of its own, because wrangler alone would leave workerd behind.
stop() {
    local waited=0
    [ -n "$group" ] || return 0
    kill -TERM -- "-$group" 2>/dev/null
    while kill -0 -- "-$group" 2>/dev/null && [ "$waited" -lt 50 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    kill -KILL -- "-$group" 2>/dev/null
    wait "$group" 2>/dev/null
    group=
}

# shellcheck disable=SC2317 # called by the trap
finish() {
    stop
    rm -rf "$work"
}
# Who ends this script ends the run; it is cancelled, and the rest goes on to its end.
# shellcheck disable=SC2317 # called by the trap
pass_on() {
    [ -n "$runner" ] || exit 1
    kill -TERM "$runner" 2>/dev/null
}
trap finish EXIT
trap pass_on TERM HUP
trap : INT # Ctrl-C reaches whatever is running by itself

# The end of a log, without the colours that some tools put in whatever they are told.
last() {
    tail -n 30 "$1" | sed $'s/\e\\[[0-9;]*m//g' >&2
}

# fail WHAT [LOG]
fail() {
    echo "smoke: $1" >&2
    if [ -n "${2:-}" ] && [ -s "$2" ]; then
        echo "The last it said:" >&2
        last "$2"
    fi
    exit 1
}

# targets WHEN FILE: writes what is in the targets to a file and says how much it is.
targets() {
    local counts
    counts=$(node tests/smoke.mjs targets "$state" "$2" 2>"$work/targets.log" | tail -n 1)
    [ -s "$2" ] || fail "the targets could not be read" "$work/targets.log"
    echo "Targets $1: $counts" >&2
}

for made in build/sentinel build/core.wasm; do
    [ -e "$made" ] || fail "$made is not there; run make build"
done

echo "Migrating fresh local databases" >&2
for database in DB TARGET_DB; do
    wrangler d1 migrations apply "$database" --local --persist-to "$state" >"$log" 2>&1 </dev/null ||
        fail "the migrations of $database could not be applied" "$log"
done

node tests/smoke.mjs plant "$state" >"$log" 2>&1 || fail "the targets could not be written" "$log"
targets before "$work/before"

read -r port inspector < <(node tests/smoke.mjs ports)
[ -n "${inspector:-}" ] || fail "no free port was found"
url=http://127.0.0.1:$port
token=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
echo "SENTINEL_TOKEN=$token" >"$work/vars"

echo "Starting the Worker at $url" >&2
set -m
wrangler dev --local --ip 127.0.0.1 --port "$port" --inspector-port "$inspector" --persist-to "$state" \
    --env-file "$work/vars" --show-interactive-dev-session=false >"$log" 2>&1 </dev/null &
group=$!
set +m
node tests/smoke.mjs healthy "$url" "$group" 2>"$work/health" ||
    fail "the Worker did not come up ($(cat "$work/health"))" "$log"

SENTINEL_TOKEN=$token build/sentinel run --url "$url" --profile "$profile" "$@" &
runner=$!
wait "$runner"
code=$?
# A signal ends the wait, and the program goes on.
while kill -0 "$runner" 2>/dev/null; do
    wait "$runner"
    code=$?
done
runner=

stop
targets after "$work/after"
if ! diff -u "$work/before" "$work/after" >"$work/difference"; then
    fail "the run left something behind, or took something away (- before, + after)" "$work/difference"
fi
echo "The targets are as they were." >&2
case $code in
0 | 99 | 103 | 105) ;;
*)
    echo "The last that the Worker said:" >&2
    last "$log"
    ;;
esac
exit "$code"
