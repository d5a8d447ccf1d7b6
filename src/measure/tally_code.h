/* Inside this folder: what tally.c lends to tally_add.c. */
#ifndef SENTINEL_MEASURE_TALLY_CODE_H
#define SENTINEL_MEASURE_TALLY_CODE_H

#include "sentinel/measure/tally.h"

/* Adds everything but the histograms. */
void sn_cell_add_numbers(struct sn_cell *into, const struct sn_cell *from);

#endif
