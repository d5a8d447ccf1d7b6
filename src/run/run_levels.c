#include "run_machine.h"
#include "sentinel/base/assert.h"

/* Nothing has to be written for it: whoever reads the log finds the same windows (run_store.c).
 *
 * A second that is not over yet is told of in part only, so a window that it belongs to waits; one that is cut off by the
 * load's end is left out. */
void run_note_levels(struct sn_run *run, uint32_t known_s) {
    struct sn_pages scratch;
    run_use_scratch(run, &scratch);
    SN_ASSERT(scratch.len * sizeof *scratch.page >= sizeof(struct sn_series_room));
    while (sn_levels_end_s(run->levels) <= known_s)
        sn_levels_close(run->levels, run->tally, run->series, (struct sn_series_room *)(void *)scratch.page);
}
