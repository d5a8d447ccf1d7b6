#!/bin/sh
# Two hundred worlds, from a seed that follows from the commit, so that every commit walks through others.
#   SEED=7 SEEDS=1000 tests/sim/swarm.sh; SEEDS=0 goes on until it is stopped
cd "$(dirname "$0")/../.." || exit 1
commit=$(git rev-parse --verify --short=7 HEAD 2>/dev/null) || commit=4f25
seed=${SEED:-$(printf '%d' "0x$commit")}
make -s build/swarm && exec build/swarm "$seed" "${SEEDS:-200}" tests/sim/plans/*.json
