/* A profile: how the arrival rate runs over time, and when each operation is due because of it.
 *
 *     rate r(t) ──integral──► R(t) ──inverse──► operation k is due at the smallest µs with R ≥ k,   k = 1 … planned
 *
 * Time is run time in µs from 0.  Outside its segments the rate is 0.  Segments and phases are half-open on the left,
 * (start, end]: sustained 100/s makes the first operation due at 10 ms and the last exactly at the end. */
#ifndef SENTINEL_LOAD_PROFILE_H
#define SENTINEL_LOAD_PROFILE_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/limits.h"
#include "sentinel/base/status.h"

/* One piece of the curve.  LINEAR is a straight line between the two rates.  SINE is a wave between them that begins in
 * the middle and rises first. */
enum sn_shape { SN_SHAPE_LINEAR = 0, SN_SHAPE_SINE = 1 };

struct sn_segment {
    int64_t start_us, end_us;    /* end > start */
    double from_per_s, to_per_s; /* arrivals per second at the two ends, ≥ 0; of a sine the lowest and the highest */
    double before;               /* R(start_us): arrivals before this segment */
    uint32_t shape;              /* enum sn_shape */
    uint32_t period_us;          /* of a sine; else 0 */
};

/* How operations lie on the curve.  EVEN: where R reaches 1, 2, 3, …  POISSON: where R reaches `planned` numbers drawn
 * evenly from (0, planned] and sorted, which is what a Poisson process is that had exactly `planned` arrivals. */
enum sn_arrivals { SN_ARRIVALS_EVEN = 0, SN_ARRIVALS_POISSON = 1 };

#define SN_CROWDS 256

struct sn_phase {
    char name[16];  /* "ramp-up", "peak", "steady"; zero-terminated */
    int64_t end_us; /* a phase begins where the one before it ends */
};

struct sn_profile {
    uint64_t planned; /* number of operations; R(end_us) is exactly this */
    int64_t end_us;
    uint32_t segments_len, phases_len;
    struct sn_segment segments[SN_SEGMENTS_MAX]; /* in order, may touch, never overlap */
    struct sn_phase phases[SN_PHASES_MAX];
    uint32_t arrivals; /* enum sn_arrivals; set before sn_profile_put() */
    uint32_t
        crowds[SN_CROWDS]; /* POISSON, from sn_profile_seed(): operations in the halves of halves of (0, planned] */
    uint64_t seed;
};

/* Builds a profile: begin, add segments and phases in order of time, finish.
 * `sn_profile_add` returns SN_E_LIMIT when there are too many and SN_E_RANGE for a segment that is empty, overlaps
 * the one before it, or has a negative or non-finite rate. */
void sn_profile_begin(struct sn_profile *profile);
enum sn_status sn_profile_add(struct sn_profile *profile, int64_t end_us, double from_per_s, double to_per_s);
/* A wave between two rates, low ≤ high. */
enum sn_status sn_profile_add_sine(struct sn_profile *profile, int64_t end_us, double low_per_s, double high_per_s,
                                   uint32_t period_us);
enum sn_status sn_profile_phase(struct sn_profile *profile, const char *name, int64_t end_us);
/* Scales the curve so that its integral is exactly `planned` (0 keeps the rates: planned becomes the integral, rounded
 * down to whole operations).  SN_E_RANGE when the curve is 0 everywhere but operations are asked for. */
enum sn_status sn_profile_finish(struct sn_profile *profile, uint64_t planned);
/* Puts a phase of its own before a finished curve: the rate rises from 0 until `more` operations have become due.  What
 * there was follows later by `length_us`.  SN_E_LIMIT when there are too many segments or phases, SN_E_RANGE for a name or
 * a length that no phase has; then the profile is as it was. */
enum sn_status sn_profile_lead_in(struct sn_profile *profile, const char *name, int64_t length_us, uint64_t more);
/* Before finishing: the operations under the curve as it is, and all of its rates times a factor > 0. */
double sn_profile_area(const struct sn_profile *profile);
void sn_profile_scale(struct sn_profile *profile, double factor);
/* Draws what Poisson arrivals need (planned ≤ 2^20); nothing for even ones.  After finishing or reading, before the
 * first question about counts or due times. */
void sn_profile_seed(struct sn_profile *profile, uint64_t seed);

/* How long it lasts, in whole seconds; a part of one counts as one. */
uint32_t sn_profile_seconds(const struct sn_profile *profile);

/* The rate at a moment, in operations per second. */
double sn_profile_rate_per_s(const struct sn_profile *profile, int64_t at_us);
double sn_profile_peak_per_s(const struct sn_profile *profile);
/* The highest rate in [from_us, to_us]; of a wave at least that. */
double sn_profile_peak_between_per_s(const struct sn_profile *profile, int64_t from_us, int64_t to_us);

/* Operations due in (0, at_us].  Monotone; 0 for at_us ≤ 0; `planned` at and after the end. */
uint64_t sn_profile_count(const struct sn_profile *profile, int64_t at_us);
/* When operation k is due: the smallest at_us with sn_profile_count() ≥ k.  k from 1 to planned. */
int64_t sn_profile_due_us(const struct sn_profile *profile, uint64_t k);
/* R(at_us) as a number: whole only by chance.  0 up to the beginning, `planned` at the end, and beyond it as if the rate
 * of the end went on.  Monotone. */
double sn_profile_reached(const struct sn_profile *profile, int64_t at_us);
/* The smallest at_us above 0 with sn_profile_reached() ≥ operations; INT64_MAX when there is none, beyond a curve that
 * ends at 0. */
int64_t sn_profile_reach_us(const struct sn_profile *profile, double operations);
double sn_profile_end_rate_per_s(const struct sn_profile *profile);

/* Index of the phase that (…, at_us] belongs to; the last one for later moments. */
uint32_t sn_profile_phase_at(const struct sn_profile *profile, int64_t at_us);

/* Only the used part is written, and no seed.  Reading checks everything that building checks. */
void sn_profile_put(struct sn_writer *w, const struct sn_profile *profile);
size_t sn_profile_bytes(const struct sn_profile *profile); /* that this writes */
enum sn_status sn_profile_get(struct sn_reader *r, struct sn_profile *profile);

#endif
