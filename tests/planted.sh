#!/bin/sh
# Plants one bug after the other and looks whether the simulated worlds find it, each within a thousand seeds, from a first one
# that follows from the commit.
#   SEED=7 SEEDS=300 PLANT=told-early tests/planted.sh
cd "$(dirname "$0")/.." || exit 1
commit=$(git rev-parse --verify --short=7 HEAD 2>/dev/null) || commit=4f25
seed=${SEED:-$(printf '%d' "0x$commit")}
make -s build/hunt && exec build/hunt "$seed" "${SEEDS:-1000}" tests/sim/plans/*.json
