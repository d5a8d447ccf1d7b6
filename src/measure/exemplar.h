/* Inside this folder: a bounded list of operations that are kept whole.
 *
 * Which ones stay depends only on which were offered, never on their order: the first `SN_EXEMPLAR_FIRSTS` of every
 * failure (by k), then the slowest.  It works because neither group ever takes somebody back: an operation that is no
 * longer among the first stays so, and the room for the slowest only shrinks. */
#ifndef SENTINEL_MEASURE_EXEMPLAR_H
#define SENTINEL_MEASURE_EXEMPLAR_H

#include "sentinel/measure/delta.h"

/* So many of each failure: two for each kind and class leave room for the slowest in a list of SN_EXEMPLARS_MAX. */
#define SN_EXEMPLAR_FIRSTS 2
_Static_assert(SN_EXEMPLAR_FIRSTS *SN_KINDS_MAX *SN_ERRORS_LEN < SN_EXEMPLARS_MAX, "the slowest need room too");

/* What is a failure of its own: in a whole run each class of each kind, in one delta each class. */
enum sn_exemplar_scope { SN_EXEMPLARS_OF_RUN, SN_EXEMPLARS_OF_DELTA };

/* Offers one to a list with room for `cap`, which is kept in order: slowest first, then by k. */
void sn_exemplar_offer(struct sn_exemplar *list, uint32_t *len, uint32_t cap, enum sn_exemplar_scope scope,
                       const struct sn_exemplar *exemplar);

#endif
