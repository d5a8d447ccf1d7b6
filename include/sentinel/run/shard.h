/* The shard machine: one of the n that send a run's load.
 *
 *     events (calls answered, commands, timers, alarms) ──step──► effects (calls, checkpoints, reports, alarms)
 *
 * What it promises:
 * - It starts only operations that it owns, at or after they are due, at most once each, only below its lease, and the
 *   lease is durable before the first operation under it starts.
 * - What it learned is durable before it is reported, and is reported until the run has it durably too.
 * - After a crash, what was below the lease and has no durable result is unaccounted and is never sent again; what was
 *   due above it while the shard was away is dropped (shardDown), without a burst.
 * - At most `slots` host calls are in flight; one connection stays free for control.
 *
 * Life: init → LOADED… → OPENED → (ARM) → steps.  A machine that was never armed answers E_MISSING and does nothing. */
#ifndef SENTINEL_RUN_SHARD_H
#define SENTINEL_RUN_SHARD_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/record.h"

struct sn_shard;

size_t sn_shard_size(void);
/* In place; `memory` is 16-aligned and of sn_shard_size() bytes. */
struct sn_shard *sn_shard_init(void *memory);
/* Takes events, leaves effects.  `now_us` is absolute and was sampled after the events happened. */
void sn_shard_step(struct sn_shard *shard, int64_t now_us, struct sn_reader *events, struct sn_writer *effects);
/* When to come back with a TIMER, absolute; INT64_MAX: nothing pending. */
int64_t sn_shard_deadline_us(const struct sn_shard *shard);

#endif
