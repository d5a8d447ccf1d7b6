/* Data that outlives runs, as the run machine's other files see it; run_data.c has the picture. */
#ifndef SENTINEL_RUN_RUN_DATA_H
#define SENTINEL_RUN_RUN_DATA_H

#include "sentinel/base/limits.h"
#include "sentinel/base/record.h"
#include "sentinel/run/run.h"

enum run_data_state {
    RUN_DATA_UNKNOWN,
    RUN_DATA_BEGUN, /* it has to be prepared */
    RUN_DATA_FOUND,
    RUN_DATA_READY, /* it was prepared, and the database knows */
    RUN_DATA_GONE,  /* it was removed, and the database knows */
};

/* What a database is to be asked or told of data that outlives the run.  Not saved: it is told again. */
struct run_data {
    bool wanted;      /* behind the stage ARM: the stage waits for it */
    uint32_t call_id; /* in flight; 0: none */
    uint32_t stage;   /* that the call belongs to */
    int64_t next_us;  /* not before */
    int64_t since_us; /* how long it has been wanted; 0: it is not */
    uint32_t trouble_len;
    uint8_t trouble[SN_WORDS_MAX]; /* why it was not taken */
};

/* Whether there is something to prepare is known, or certain. */
bool run_data_known(const struct sn_run *run);
/* What was prepared is known to be ready, or need not be known.  Otherwise the database is told; the run fails when that takes
 * longer than a minute. */
bool run_data_settled(struct sn_run *run, int64_t now_us);
/* What was removed is forgotten, or there is nothing to forget, or the database has not taken it for a minute: then it knows the
 * data as not ready, and the next run prepares it again. */
bool run_data_forgotten(struct sn_run *run, int64_t now_us);
void run_data_drop(struct sn_run *run); /* a stage has ended: nothing is to be told any more */
void run_data_ask(struct sn_run *run, int64_t now_us, struct sn_writer *w);
int64_t run_data_deadline_us(const struct sn_run *run);
/* False: not its id. */
bool run_data_answered(struct sn_run *run, const struct sn_record *event, struct sn_span payload, int64_t now_us);
/* The run fails, since the database that remembers data " did not …". */
void run_data_fail(struct sn_run *run, const char *what);

#endif
