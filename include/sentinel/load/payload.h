/* The payload block: 1 MiB of printable ASCII that every isolate fills with the same bytes.
 *
 * Large values are slices of it, so a value crosses the boundary as eight bytes and is a function of its key: what is
 * read back can be checked without having been kept. */
#ifndef SENTINEL_LOAD_PAYLOAD_H
#define SENTINEL_LOAD_PAYLOAD_H

#include "sentinel/base/bytes.h"

/* Fills out[0 … len) with the block's bytes from `offset`.  offset + len ≤ SN_PAYLOAD_BLOCK, both multiples of 8. */
void sn_payload_fill(uint8_t *out, uint32_t offset, uint32_t len);
/* Appends `len` bytes of the block from `offset`, a multiple of 8.  offset + len ≤ SN_PAYLOAD_BLOCK. */
void sn_payload_put(struct sn_writer *w, uint32_t offset, uint32_t len);
/* Where the slice of `len` bytes for this key begins.  len ≤ SN_PAYLOAD_BLOCK. */
uint32_t sn_payload_offset(uint64_t key_hash, uint32_t len);

#endif
