#include "sentinel/load/payload.h"

#include "sentinel/base/assert.h"
#include "sentinel/base/random.h"
#include "sentinel/base/step.h"

/* Every eight bytes are a function of where they stand, so any slice can be made, or checked, without the block. */
void sn_payload_fill(uint8_t *out, uint32_t offset, uint32_t len) {
    /* 64 symbols, six bits each, that JSON, SQL and URLs take as they are. */
    static const char symbols[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    SN_ASSERT(offset % 8 == 0 && len % 8 == 0);
    SN_ASSERT(offset <= SN_PAYLOAD_BLOCK && len <= SN_PAYLOAD_BLOCK - offset);
    for (uint32_t at = 0; at < len; at += 8) {
        uint64_t state = (offset + at) / 8;
        uint64_t bits = sn_splitmix64(&state);
        for (uint32_t i = 0; i < 8; i++, bits >>= 6) out[at + i] = (uint8_t)symbols[bits & 63];
    }
}

void sn_payload_put(struct sn_writer *w, uint32_t offset, uint32_t len) {
    for (uint32_t done = 0; done < len && !w->full; done += 8) {
        uint8_t eight[8];
        sn_payload_fill(eight, offset + done, 8);
        sn_put_bytes(w, eight, len - done < 8 ? len - done : 8);
    }
}

/* The hash is mixed again, so that plain numbers make good keys too. */
uint32_t sn_payload_offset(uint64_t key_hash, uint32_t len) {
    SN_ASSERT(len <= SN_PAYLOAD_BLOCK);
    uint64_t places = (SN_PAYLOAD_BLOCK - len) / 8 + 1;
    uint64_t draw = sn_splitmix64(&key_hash) >> 32;
    return (uint32_t)((draw * places) >> 32) * 8;
}
