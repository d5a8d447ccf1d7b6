/* A core that says everything back: every event becomes an effect of the same bytes.  With it the shim's side of the
 * boundary is tested without a machine.  Kind 0xffff traps; role 9 is refused; the deadline is the last event's time. */
#include <string.h>

#include "../../src/wasm/room.h"
#include "sentinel/base/record.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define CAP 4096

static _Alignas(8) uint8_t inbox[CAP], outbox[CAP];
static uint32_t outbox_len;
static double deadline_us;

EXPORT("sn_abi_version") uint32_t sn_abi_version(void) {
    return SN_ABI_VERSION;
}

EXPORT("sn_open") int32_t sn_open(uint32_t role) {
    deadline_us = __builtin_inf();
    return role == 9 ? -1 : 0;
}

EXPORT("sn_inbox") uint8_t *sn_inbox(uint32_t len) {
    return len <= CAP ? inbox : NULL;
}

EXPORT("sn_step") void sn_step(double now_us, uint32_t len) {
    (void)now_us;
    struct sn_record record;
    for (uint32_t at = 0; at < len; at += (uint32_t)sizeof record + (record.size + 7) / 8 * 8) {
        memcpy(&record, inbox + at, sizeof record);
        if (record.kind == 0xffff) __builtin_trap();
        deadline_us = record.at_us;
    }
    memcpy(outbox, inbox, len);
    outbox_len = len;
}

EXPORT("sn_outbox") uint8_t *sn_outbox(void) {
    return outbox;
}

EXPORT("sn_outbox_len") uint32_t sn_outbox_len(void) {
    return outbox_len;
}

EXPORT("sn_deadline_us") double sn_deadline_us(void) {
    return deadline_us;
}

/* Not the real block: each byte is its offset's lowest 7 bits. */
EXPORT("sn_payload") uint32_t sn_payload(uint32_t offset, uint32_t len) {
    if (len > CAP) len = CAP;
    for (uint32_t i = 0; i < len; i++) inbox[i] = (uint8_t)((offset + i) & 127);
    return len;
}
