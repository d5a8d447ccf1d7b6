/* Inside this folder: how a delta lies in bytes.  Head: delta_head.c; body: delta_code.c, read by tally_add.c.
 *
 *   u32 magic, head
 *   spent, by meter:           meter + 1 (behind the last the rows stored), units; 0 ends
 *   cells, by kind and phase:  kind + 1, phase, completed, per error its count, bytes, rows, rows read, rows written,
 *                              SQL µs, retries, cache hits, cache misses, body response, body service; 0 ends
 *   steps, by number:          number + 1, completed, failed, body service; 0 ends
 *   lag:                       body harness, body slots
 *   seconds:                   distance, started, completed, failed, per cause the drops; 0 ends
 *   response times by second:  distance, then per kind: kind + 1 and a list (wire.h), 0 ends; 0 ends
 *   exemplars:                 count, then k, i64 due, response, service, u8 kind, phase, failed, span text
 *   u32 CRC-32 of all that is before it
 *
 * Numbers are varints unless they say otherwise; a body is a histogram's (hist_code.h).  Distances are those of wire.h:
 * from the second before, the first from second -1. */
#ifndef SENTINEL_MEASURE_DELTA_CODE_H
#define SENTINEL_MEASURE_DELTA_CODE_H

#include "sentinel/measure/delta.h"

#define SN_DELTA_MAGIC 0x37444e53u /* "SND7": the last character is the version */
#define SN_DELTA_CRC_LEN 4u

/* All sections from what was spent to the exemplars. */
void sn_delta_body_put(struct sn_writer *w, struct sn_delta *delta);

#endif
