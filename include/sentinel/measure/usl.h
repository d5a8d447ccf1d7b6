/* The Universal Scalability Law: how throughput grows with calls in flight, and where it stops growing.
 *
 *     X(N) = λ·N / (1 + σ·(N − 1) + κ·N·(N − 1))
 *
 * λ is what one call after the other comes to in a second; σ, contention, is the share that cannot be done at once (κ = 0 is
 * Amdahl's law); κ, coherency, is what each pair of calls costs each other: with it there is a peak, and beyond that throughput
 * falls.  N. J. Gunther, Guerrilla Capacity Planning, Springer 2007, chapters 4 to 6.
 *
 * The three are found by least squares on X itself (Levenberg and Marquardt), none below 0.  Nothing depends on chance. */
#ifndef SENTINEL_MEASURE_USL_H
#define SENTINEL_MEASURE_USL_H

#include <stdbool.h>
#include <stdint.h>

#define SN_USL_STEPS_MAX 64u
#define SN_USL_STEPS_MIN 6u /* three are used up by the law itself */
#define SN_USL_SPAN_MIN 4.0 /* the highest step has so many times the calls of the lowest: else anything fits */
#define SN_USL_R2_MIN 0.8   /* a law that explains less than that is not the one */
#define SN_USL_TRUST 2.0    /* nothing is believed beyond so many times the highest step */

struct sn_usl_step {
    double calls; /* in flight on the average, 1 or more */
    double per_s; /* completed */
};

enum sn_usl_outcome {
    SN_USL_FITTED,
    SN_USL_FEW,    /* too few steps with a call in flight */
    SN_USL_NARROW, /* all of them at about the same load */
    SN_USL_OTHER,  /* they do not follow this law */
};

struct sn_usl {
    enum sn_usl_outcome outcome;
    uint32_t steps;
    double lambda_per_s, sigma, kappa;
    double lambda_error, sigma_error, kappa_error; /* standard errors; 0 of one that was held at 0 */
    double residual_per_s;                         /* standard error of what is left over */
    double r2;
    double measured_calls; /* the highest step */
    double trust_calls;    /* what is said of more calls in flight is not to be trusted */
    double peak_calls;     /* where throughput is highest; 0: it goes on rising */
    double peak_per_s;     /* there; or, where it goes on rising towards a bound, that bound; 0: there is none */
    double covariance[3][3];
};

/* Fits at most SN_USL_STEPS_MAX steps, in any order. */
void sn_usl_fit(const struct sn_usl_step steps[], uint32_t len, struct sn_usl *usl);
double sn_usl_per_s(const struct sn_usl *usl, double calls);

/* Where 95 of 100 further measurements with so many calls in flight would lie, if the law goes on as it was measured. */
struct sn_usl_band {
    double low_per_s, high_per_s;
};
struct sn_usl_band sn_usl_band(const struct sn_usl *usl, double calls);

const char *sn_usl_outcome_name(enum sn_usl_outcome outcome); /* "fitted", "few", "narrow", "other" */

#endif
