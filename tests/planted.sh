#!/bin/sh
# Plants one bug after the other and looks whether the simulated worlds find it, each within five hundred seeds.
cd "$(dirname "$0")/.." || exit 1
make -s build/hunt && exec build/hunt "${SEED:-1}" "${SEEDS:-500}" tests/sim/plans/*.json
