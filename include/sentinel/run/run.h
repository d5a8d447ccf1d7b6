/* The run machine: owns one run from its creation to its report.
 *
 * It arms the shards, moves them through prepare, load and cleanup, merges what they measured, tells those who watch,
 * and writes the outcome to the control database.  The database is a projection: when it is away the run goes on, and
 * what it did not accept waits here.
 *
 * Durability: what shards report is appended to a log before it is acknowledged as stored; a whole snapshot replaces the
 * log now and then.  After a restart the snapshot and the log are read back and the shards send what is not in them. */
#ifndef SENTINEL_RUN_RUN_H
#define SENTINEL_RUN_RUN_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/record.h"
#include "sentinel/base/status.h"

struct sn_run;
struct sn_plan;

/* Memory for any plan: the arena of a RunObject. */
#define SN_RUN_MEMORY (2u * 1024 * 1024)

/* Bytes that this plan needs, at most SN_RUN_MEMORY for a plan that may run.  Asked before a plan is accepted. */
size_t sn_run_size(const struct sn_plan *plan);
/* In place; `memory` is 16-aligned, of SN_RUN_MEMORY bytes. */
struct sn_run *sn_run_init(void *memory);
void sn_run_step(struct sn_run *run, int64_t now_us, struct sn_reader *events, struct sn_writer *effects);
int64_t sn_run_deadline_us(const struct sn_run *run);

#endif
