#include "sentinel/measure/usl.h"

#include <math.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/measure/student.h"

enum parameter { LAMBDA, SIGMA, KAPPA, PARAMETERS };

#define ROUNDS_MAX 500
#define DAMPING_MAX 1e12
#define ENOUGH 1e-13 /* a step that makes less of a difference is the last */

/* Of what is fitted, and which of the parameters are: the others stay 0. */
struct problem {
    const struct sn_usl_step *steps;
    uint32_t len;
    bool free[PARAMETERS];
};

struct normal {
    double matrix[PARAMETERS][PARAMETERS], right[PARAMETERS];
};

static double law(const double p[PARAMETERS], double calls, double gradient[PARAMETERS]) {
    double more = calls - 1, divisor = 1 + p[SIGMA] * more + p[KAPPA] * calls * more;
    double per_s = p[LAMBDA] * calls / divisor;
    gradient[LAMBDA] = calls / divisor;
    gradient[SIGMA] = -per_s * more / divisor;
    gradient[KAPPA] = -per_s * calls * more / divisor;
    return per_s;
}

/* Infinite where the law makes no sense. */
static double squares(const struct problem *problem, const double p[PARAMETERS]) {
    double sum = 0, gradient[PARAMETERS];
    for (uint32_t i = 0; i < problem->len; i++) {
        double off = problem->steps[i].per_s - law(p, problem->steps[i].calls, gradient);
        double divisor = 1 + (p[SIGMA] + p[KAPPA] * problem->steps[i].calls) * (problem->steps[i].calls - 1);
        if (!(divisor > 0)) return INFINITY;
        sum += off * off;
    }
    return sum;
}

static struct normal equations(const struct problem *problem, const double p[PARAMETERS]) {
    struct normal normal = {0};
    for (uint32_t i = 0; i < problem->len; i++) {
        double gradient[PARAMETERS];
        double off = problem->steps[i].per_s - law(p, problem->steps[i].calls, gradient);
        for (int row = 0; row < PARAMETERS; row++) {
            if (!problem->free[row]) continue;
            normal.right[row] += gradient[row] * off;
            for (int column = 0; column < PARAMETERS; column++)
                if (problem->free[column]) normal.matrix[row][column] += gradient[row] * gradient[column];
        }
    }
    for (int i = 0; i < PARAMETERS; i++)
        if (!problem->free[i]) normal.matrix[i][i] = 1;
    return normal;
}

/* Solves three equations for `right`, the largest pivot first.  False when they say too little. */
static bool solve(double matrix[PARAMETERS][PARAMETERS], double right[PARAMETERS]) {
    for (int at = 0; at < PARAMETERS; at++) {
        int best = at;
        for (int row = at + 1; row < PARAMETERS; row++)
            if (fabs(matrix[row][at]) > fabs(matrix[best][at])) best = row;
        if (!(fabs(matrix[best][at]) > 0)) return false;
        for (int column = 0; column < PARAMETERS; column++) {
            double held = matrix[at][column];
            matrix[at][column] = matrix[best][column];
            matrix[best][column] = held;
        }
        double held = right[at];
        right[at] = right[best];
        right[best] = held;
        for (int row = 0; row < PARAMETERS; row++) {
            double times = matrix[row][at] / matrix[at][at];
            if (row == at) continue;
            for (int column = at; column < PARAMETERS; column++) matrix[row][column] -= times * matrix[at][column];
            right[row] -= times * right[at];
        }
    }
    for (int i = 0; i < PARAMETERS; i++) right[i] /= matrix[i][i];
    return true;
}

/* Levenberg and Marquardt, with Marquardt's scaling: the parameters are of very different sizes. */
static double descend(const struct problem *problem, double p[PARAMETERS]) {
    double damping = 1e-3, sum = squares(problem, p);
    for (int round = 0; round < ROUNDS_MAX && damping < DAMPING_MAX; round++) {
        struct normal normal = equations(problem, p);
        double tried[PARAMETERS], size = 0;
        for (int i = 0; i < PARAMETERS; i++) normal.matrix[i][i] *= 1 + damping;
        if (!solve(normal.matrix, normal.right)) break;
        for (int i = 0; i < PARAMETERS; i++) {
            tried[i] = p[i] + normal.right[i];
            size = fmax(size, fabs(normal.right[i]) / (fabs(p[i]) + 1e-12));
        }
        double then = squares(problem, tried);
        if (!(then <= sum)) {
            damping *= 4;
            continue;
        }
        memcpy(p, tried, sizeof tried);
        sum = then;
        damping /= 4;
        if (size < ENOUGH) break;
    }
    return sum;
}

/* What each call comes to where there are fewest of them. */
static double first_lambda(const struct problem *problem) {
    double most = 0;
    for (uint32_t i = 0; i < problem->len; i++) most = fmax(most, problem->steps[i].per_s / problem->steps[i].calls);
    return most;
}

/* The best fit with no parameter below 0: all three, or with one or both of the others held at 0. */
static double fit(struct problem *problem, double p[PARAMETERS]) {
    static const bool ways[][PARAMETERS] = {
        {true, true, true}, {true, true, false}, {true, false, true}, {true, false, false}};
    double best = INFINITY;
    bool chosen[PARAMETERS] = {true, false, false};
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        memcpy(problem->free, ways[way], sizeof problem->free);
        double tried[PARAMETERS] = {first_lambda(problem), ways[way][SIGMA] ? 0.01 : 0, ways[way][KAPPA] ? 1e-5 : 0};
        double sum = descend(problem, tried);
        bool allowed = tried[LAMBDA] > 0 && tried[SIGMA] >= 0 && tried[KAPPA] >= 0;
        if (!allowed || !(sum < best)) continue;
        best = sum;
        memcpy(p, tried, sizeof tried);
        memcpy(chosen, ways[way], sizeof chosen);
    }
    memcpy(problem->free, chosen, sizeof chosen);
    return best;
}

static void put_errors(const struct problem *problem, const double p[PARAMETERS], double variance, struct sn_usl *usl) {
    for (int column = 0; column < PARAMETERS; column++) {
        struct normal normal = equations(problem, p);
        double unit[PARAMETERS] = {0};
        unit[column] = 1;
        if (!problem->free[column] || !solve(normal.matrix, unit)) continue;
        for (int row = 0; row < PARAMETERS; row++)
            usl->covariance[row][column] = problem->free[row] ? variance * unit[row] : 0;
    }
    usl->lambda_error = sqrt(fmax(0, usl->covariance[LAMBDA][LAMBDA]));
    usl->sigma_error = sqrt(fmax(0, usl->covariance[SIGMA][SIGMA]));
    usl->kappa_error = sqrt(fmax(0, usl->covariance[KAPPA][KAPPA]));
}

/* Where the slope is 0: N = √((1 − σ) / κ).  Without κ throughput nears λ/σ, and without both it has no bound. */
static void put_peak(struct sn_usl *usl) {
    if (usl->kappa > 0) {
        usl->peak_calls = usl->sigma < 1 ? fmax(1, sqrt((1 - usl->sigma) / usl->kappa)) : 1;
        usl->peak_per_s = sn_usl_per_s(usl, usl->peak_calls);
    } else if (usl->sigma > 0) {
        usl->peak_per_s = usl->lambda_per_s / usl->sigma;
    }
}

static double spread(const struct problem *problem) {
    double sum = 0, off = 0;
    for (uint32_t i = 0; i < problem->len; i++) sum += problem->steps[i].per_s;
    for (uint32_t i = 0; i < problem->len; i++) {
        double from_mean = problem->steps[i].per_s - sum / problem->len;
        off += from_mean * from_mean;
    }
    return off;
}

void sn_usl_fit(const struct sn_usl_step steps[], uint32_t len, struct sn_usl *usl) {
    struct sn_usl_step used[SN_USL_STEPS_MAX];
    struct problem problem = {.steps = used};
    double p[PARAMETERS] = {0}, lowest = INFINITY;
    SN_ASSERT(len <= SN_USL_STEPS_MAX);
    memset(usl, 0, sizeof *usl);
    for (uint32_t i = 0; i < len; i++) {
        if (!(steps[i].calls >= 1) || !(steps[i].per_s > 0)) continue;
        used[problem.len++] = steps[i];
        lowest = fmin(lowest, steps[i].calls);
        usl->measured_calls = fmax(usl->measured_calls, steps[i].calls);
    }
    usl->steps = problem.len;
    usl->outcome = problem.len < SN_USL_STEPS_MIN ? SN_USL_FEW : SN_USL_NARROW;
    if (problem.len < SN_USL_STEPS_MIN || usl->measured_calls < SN_USL_SPAN_MIN * lowest) return;
    double left = fit(&problem, p), total = spread(&problem);
    uint32_t freedom = problem.len - PARAMETERS;
    usl->lambda_per_s = p[LAMBDA];
    usl->sigma = p[SIGMA];
    usl->kappa = p[KAPPA];
    usl->residual_per_s = sqrt(left / freedom);
    usl->r2 = total > 0 ? 1 - left / total : 0;
    usl->trust_calls = SN_USL_TRUST * usl->measured_calls;
    usl->outcome = usl->r2 >= SN_USL_R2_MIN ? SN_USL_FITTED : SN_USL_OTHER;
    put_errors(&problem, p, left / freedom, usl);
    put_peak(usl);
}

double sn_usl_per_s(const struct sn_usl *usl, double calls) {
    double gradient[PARAMETERS];
    return law((const double[PARAMETERS]){usl->lambda_per_s, usl->sigma, usl->kappa}, calls, gradient);
}

/* By the slope of the law in its parameters and what is left over. */
struct sn_usl_band sn_usl_band(const struct sn_usl *usl, double calls) {
    double gradient[PARAMETERS], variance = usl->residual_per_s * usl->residual_per_s;
    double per_s = law((const double[PARAMETERS]){usl->lambda_per_s, usl->sigma, usl->kappa}, calls, gradient);
    for (int row = 0; row < PARAMETERS; row++)
        for (int column = 0; column < PARAMETERS; column++)
            variance += gradient[row] * usl->covariance[row][column] * gradient[column];
    double off = sn_student_t(0.05, usl->steps - PARAMETERS) * sqrt(fmax(0, variance));
    return (struct sn_usl_band){fmax(0, per_s - off), per_s + off};
}

const char *sn_usl_outcome_name(enum sn_usl_outcome outcome) {
    static const char *const names[] = {"fitted", "few", "narrow", "other"};
    return names[outcome];
}
