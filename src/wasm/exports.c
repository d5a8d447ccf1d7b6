/* The core as a WebAssembly module: one machine, the inbox that its events arrive in, the outbox that it leaves its
 * effects in.  The only C that knows it is wasm.
 *
 *     host: sn_open(role) once, then: bytes into sn_inbox(len) → sn_step(now, len) → bytes out of sn_outbox()
 *
 * The module imports nothing.  Memory grows once, in sn_open(), by what the role needs, and never again. */
#include "room.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/record.h"
#include "sentinel/base/status.h"
#include "sentinel/base/step.h"
#include "sentinel/load/payload.h"
#include "sentinel/run/run.h"
#include "sentinel/run/shard.h"
#include "sentinel/service/api.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define PAGE 65536u

/* In a section that lies before what no shard reads. */
__attribute__((section("sn_core"))) static struct {
    enum sn_role role;
    void *machine; /* NULL until it is opened */
    uint8_t *inbox, *outbox;
    uint32_t inbox_cap, outbox_cap, outbox_len;
} core;

static size_t machine_size(enum sn_role role) {
    switch (role) {
    case SN_ROLE_API: return SN_API_MEMORY;
    case SN_ROLE_RUN: return SN_RUN_MEMORY;
    case SN_ROLE_SHARD: return sn_shard_size();
    }
    return 0;
}

static void *machine_init(enum sn_role role, void *memory) {
    switch (role) {
    case SN_ROLE_API: return sn_api_init(memory);
    case SN_ROLE_RUN: return sn_run_init(memory);
    case SN_ROLE_SHARD: return sn_shard_init(memory);
    }
    return NULL;
}

static void set_room(enum sn_role role) {
    static const uint32_t room[][2] = {
        [SN_ROLE_API] = {SN_API_INBOX, SN_API_OUTBOX},
        [SN_ROLE_RUN] = {SN_RUN_INBOX, SN_RUN_OUTBOX},
        [SN_ROLE_SHARD] = {SN_SHARD_INBOX, SN_SHARD_OUTBOX},
    };
    core.role = role;
    core.inbox_cap = room[role][0];
    core.outbox_cap = room[role][1];
}

/* The linker's: where the data ends, and where in it begins what no shard reads. */
extern uint8_t __heap_base, __start_sn_not_for_shards;

/* Where a role's machine begins: behind the data.  What no shard reads is the end of it, and a shard's machine, of which
 * there may be many in one isolate, lies over that (base/place.h). */
static uint8_t *machine_start(enum sn_role role) {
    uintptr_t end = (uintptr_t)(role == SN_ROLE_SHARD ? &__start_sn_not_for_shards : &__heap_base);
    return (uint8_t *)((end + 15) / 16 * 16);
}

/* Makes the machine of a role.  SN_E_RANGE for a role that there is not, SN_E_STATE for a second time, SN_E_MEMORY. */
EXPORT("sn_open") int32_t sn_open(uint32_t role) {
    if (role > SN_ROLE_SHARD) return SN_E_RANGE;
    if (core.machine != NULL) return SN_E_STATE;
    set_room((enum sn_role)role);
    size_t machine = (machine_size(core.role) + 15) / 16 * 16;
    uint8_t *memory = machine_start(core.role);
    size_t end = (uintptr_t)memory + machine + core.inbox_cap + core.outbox_cap;
    size_t pages = (end + PAGE - 1) / PAGE, before = __builtin_wasm_memory_size(0);
    if (pages > before && __builtin_wasm_memory_grow(0, pages - before) == SIZE_MAX) return SN_E_MEMORY;
    core.inbox = memory + machine;
    core.outbox = core.inbox + core.inbox_cap;
    core.machine = machine_init(core.role, memory);
    return SN_OK;
}

/* Where `len` bytes of events go.  NULL when that is more than fits, or the machine is not open. */
EXPORT("sn_inbox") uint8_t *sn_inbox(uint32_t len) {
    return len <= core.inbox_cap ? core.inbox : NULL;
}

/* Takes the events in the inbox; the effects are then in the outbox, until the next call of anything here.  What does
 * not fit there would be lost, and with it an answer that somebody waits for: the machine has to look ahead. */
EXPORT("sn_step") void sn_step(double now_us, uint32_t len) {
    SN_ASSERT(core.machine != NULL && len <= core.inbox_cap);
    struct sn_reader events = sn_reader(core.inbox, len);
    struct sn_writer effects = sn_writer(core.outbox, core.outbox_cap);
    int64_t now = (int64_t)now_us;
    switch (core.role) {
    case SN_ROLE_API: sn_api_step(core.machine, now, &events, &effects); break;
    case SN_ROLE_RUN: sn_run_step(core.machine, now, &events, &effects); break;
    case SN_ROLE_SHARD: sn_shard_step(core.machine, now, &events, &effects); break;
    }
    SN_ASSERT(!effects.full);
    core.outbox_len = (uint32_t)effects.len;
}

EXPORT("sn_outbox") uint8_t *sn_outbox(void) {
    return core.outbox;
}

EXPORT("sn_outbox_len") uint32_t sn_outbox_len(void) {
    return core.outbox_len;
}

static int64_t deadline(void) {
    switch (core.role) {
    case SN_ROLE_API: return sn_api_deadline_us(core.machine);
    case SN_ROLE_RUN: return sn_run_deadline_us(core.machine);
    case SN_ROLE_SHARD: return sn_shard_deadline_us(core.machine);
    }
    return INT64_MAX;
}

/* When to come back, in absolute µs; infinity when nothing is pending. */
EXPORT("sn_deadline_us") double sn_deadline_us(void) {
    SN_ASSERT(core.machine != NULL);
    int64_t at_us = deadline();
    return at_us == INT64_MAX ? (double)__builtin_inff() : (double)at_us;
}

/* Puts bytes of the payload block into the inbox, as many as fit: returns how many.  Not into the outbox, whose effects may
 * still be being performed. */
EXPORT("sn_payload") uint32_t sn_payload(uint32_t offset, uint32_t len) {
    SN_ASSERT(core.machine != NULL && offset % 8 == 0 && len % 8 == 0);
    if (offset > SN_PAYLOAD_BLOCK || len > SN_PAYLOAD_BLOCK - offset) return 0;
    if (len > core.inbox_cap / 8 * 8) len = core.inbox_cap / 8 * 8;
    sn_payload_fill(core.inbox, offset, len);
    return len;
}

EXPORT("sn_abi_version") uint32_t sn_abi_version(void) {
    return SN_ABI_VERSION;
}
