#!/bin/sh
# The long checks that `make check` adds to `make test`: many simulated worlds, also with bugs planted in them; on the local runtime broken, killed, crowded
# and saturated machinery, the mix of longer runs, the smoke test, the load that is delivered.
set -u
cd "$(dirname "$0")/.." || exit 1
seed=${SEED:-$(date +%s)}
passed=0 failed=0

check() {
    name=$1
    shift
    if "$@" >"build/logs/check-$name.txt" 2>&1; then
        passed=$((passed + 1))
        echo "$name: passed"
    else
        failed=$((failed + 1))
        echo "$name: failed"
        tail -n 40 "build/logs/check-$name.txt"
    fi
}

echo "simulated worlds, from seed $seed on: 500 under sanitizers, 2,000 with any faults; then those with planted bugs"
check worlds env SEEDS=500 SEED="$seed" build/asan/tests/sim/test_disturbed
check capacity env SEEDS=20 SEED="$seed" build/asan/tests/sim/test_capacity
check swarm env SEEDS=2000 SEED="$seed" tests/sim/swarm.sh
check planted tests/planted.sh
grep '^# found' build/logs/check-planted.txt
make -s build/verdicts && check verdicts build/verdicts
cat build/logs/check-verdicts.txt
check long env PATH="$PWD/node_modules/.bin:$PATH" node --test --test-concurrency=1 tests/e2e/long/*.test.mjs
check mix env PATH="$PWD/node_modules/.bin:$PATH" MIX_SEEDS=3 \
    node --test --test-name-pattern=mix tests/e2e/systems.test.mjs
check smoke tests/smoke.sh
check delivered tests/bench/run load.delivered
tail -n 3 build/logs/check-delivered.txt
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
