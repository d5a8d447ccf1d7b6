/* A comparison for people: what was found, and both distributions, drawn. */
#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 16u
#define LABEL 22u /* columns before the first bar */

/* Of all values, those in buckets [from, to). */
static double share_of(const struct sn_blocks *blocks, uint32_t from, uint32_t to) {
    double sum = 0, all = 0;
    for (uint32_t i = 0; i < blocks->len; i++) {
        sum += sn_blocks_upto(blocks, i, to - 1) - (from > 0 ? sn_blocks_upto(blocks, i, from - 1) : 0.0);
        all += blocks->total[i];
    }
    return sum / all;
}

/* Milliseconds with as many digits as matter. */
static const char *ms(char out[24], double us) {
    int decimals = us < 1000 ? 3 : us < 10000 ? 2 : us < 100000 ? 1 : 0;
    snprintf(out, 24, "%.*f", decimals, us / 1e3);
    return out;
}

static const char *percent(char out[24], double ratio) {
    if (!isfinite(ratio) || ratio <= 0) return "?";
    snprintf(out, 24, ratio < 10 ? "%+.1f %%" : "%+.0f %%", (ratio - 1) * 100);
    return out;
}

/* --- The table ------------------------------------------------------------------------------------------------- */

static void print_doubt(const struct sn_compare_percentile *one) {
    printf("  p%g: %s", one->p, sn_doubt_text(one->doubt));
    if (one->doubt == SN_DOUBT_SECONDS) {
        printf(".\n");
    } else if (!isfinite(one->settled_s)) {
        printf("; no length of a day or less would settle it.\n");
    } else if (one->doubt == SN_DOUBT_WIDTH) {
        printf("; runs of about %.0f s would settle it.\n", one->settled_s);
    } else {
        printf("; it takes runs of about %.0f s at the least.\n", one->settled_s);
    }
}

static void print_row(const struct sn_compare_percentile *one) {
    if (one->doubt == SN_DOUBT_SECONDS && (one->before_us == 0 || one->after_us == 0)) {
        printf("  p%-5g %9s %9s   one of the reports has too few operations for it\n", one->p, "-", "-");
        return;
    }
    char before[24], after[24], by[24], low[24], high[24], off[26];
    snprintf(off, sizeof off, "%s%s", one->after_us < one->before_us ? "-" : "+",
             ms(by, fabs((double)one->after_us - (double)one->before_us)));
    printf("  p%-5g %9s %9s %9s %9s   ", one->p, ms(before, one->before_us), ms(after, one->after_us), off,
           percent(by, one->ratio));
    printf("%8s to %-8s  %s", percent(low, one->low), percent(high, one->high),
           one->judged ? sn_change_name(one->change) : "(not judged)");
    printf("\n");
}

static void print_table(const struct sn_cli_comparison *comparison) {
    const struct sn_compare_result *result = &comparison->result;
    printf("  %-6s %9s %9s %9s %9s   %-20s  verdict\n", "ms", "before", "after", "by", "by", "interval");
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) print_row(&result->percentiles[i]);
    printf("\n");
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        const struct sn_compare_percentile *one = &result->percentiles[i];
        if (one->judged && one->change == SN_CHANGE_INCONCLUSIVE) print_doubt(one);
    }
    if (comparison->seconds_unknown) return;
    printf(
        "  An operation after is slower than one before in %.1f %% of pairs; the distributions are %.1f points apart.\n",
        result->a12 * 100, result->ks * 100);
}

/* --- The operations ------------------------------------------------------------------------------------------------ */

/* By how much each percentile that is judged has changed, and what that is called where it is something. */
static void print_operation(const struct sn_cli_operation *operation) {
    char name[28];
    int pad = 0;
    printf("  %-26s", sn_cli_plain(name, sizeof name, operation->name));
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        const struct sn_compare_percentile *one = &operation->result.percentiles[i];
        char by[24];
        bool too_few = one->doubt == SN_DOUBT_INTERVALS || one->doubt == SN_DOUBT_SAMPLES;
        const char *change = too_few ? "" : sn_change_name(one->change);
        if (!one->judged) continue;
        printf("%*s  %9s", pad, "", too_few ? "-" : percent(by, one->ratio));
        if (!too_few) printf(" %s", change);
        pad = 12 - (int)strlen(change) + too_few; /* before the next one alone: no line ends in blanks */
    }
    printf("\n");
}

static void print_operations(const struct sn_cli_comparison *comparison) {
    if (comparison->operations_len == 0) return;
    printf("\n  %-26s", "each operation by itself");
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        const struct sn_compare_percentile *one = &comparison->result.percentiles[i];
        if (one->judged) printf("%*sp%g", i == 0 ? 10 : 21, "", one->p);
    }
    printf("\n");
    for (uint32_t i = 0; i < comparison->operations_len; i++) print_operation(&comparison->operations[i]);
}

/* --- The distributions ------------------------------------------------------------------------------------------ */

/* As COLUMNS says, which a shell sets where there is a terminal; 80 otherwise. */
static uint32_t width(void) {
    const char *text = getenv("COLUMNS");
    uint64_t columns;
    if (text == NULL || !sn_cli_whole_number(text, 400, &columns) || columns < 50) return 80;
    return (uint32_t)columns;
}

/* Rows are as many buckets each: buckets grow with the values, so rows do too.  What lies beyond 99.9 % of both is one row more. */
struct rows {
    uint32_t first, each, len; /* the first bucket, buckets of a row, rows */
};

static struct rows find_rows(const struct sn_blocks *before, const struct sn_blocks *after) {
    static const double ends[2] = {0.1, 99.9};
    uint32_t a[2], b[2];
    sn_blocks_percentiles(before, NULL, ends, 2, a);
    sn_blocks_percentiles(after, NULL, ends, 2, b);
    uint32_t first = a[0] < b[0] ? a[0] : b[0], last = a[1] > b[1] ? a[1] : b[1];
    uint32_t each = (last - first) / ROWS_MAX + 1;
    return (struct rows){first, each, (last - first) / each + 1};
}

static void print_bar(double share, double most, uint32_t columns, bool pad) {
    uint32_t len = most > 0 ? (uint32_t)(share / most * columns + 0.5) : 0;
    if (len == 0 && share > 0) {
        printf(".");
        for (uint32_t i = 1; pad && i < columns; i++) printf(" ");
        return;
    }
    for (uint32_t i = 0; i < len; i++) printf("#");
    for (uint32_t i = len; pad && i < columns; i++) printf(" ");
}

static void print_distributions(const struct sn_cli_comparison *comparison) {
    const struct sn_blocks *before = comparison->blocks[0], *after = comparison->blocks[1];
    struct rows rows = find_rows(before, after);
    double shares[2][ROWS_MAX + 1], most = 0;
    for (uint32_t i = 0; i < rows.len; i++) {
        uint32_t from = i == 0 ? 0 : rows.first + i * rows.each;
        uint32_t to = i + 1 == rows.len ? SN_HIST_BUCKETS : rows.first + (i + 1) * rows.each;
        shares[0][i] = share_of(before, from, to);
        shares[1][i] = share_of(after, from, to);
        most = fmax(most, fmax(shares[0][i], shares[1][i]));
    }
    uint32_t columns = (width() - LABEL - 3) / 2;
    printf("\n  %-*s%-*s | after\n", (int)LABEL - 2, "ms, from on", (int)columns, "before");
    for (uint32_t i = 0; i < rows.len; i++) {
        char from[24];
        printf("  %*s  ", (int)LABEL - 4, ms(from, sn_hist_bucket_low_us(rows.first + i * rows.each)));
        print_bar(shares[0][i], most, columns, true);
        printf(" |%s", shares[1][i] > 0 ? " " : "");
        print_bar(shares[1][i], most, columns, false);
        printf("\n");
    }
}

void sn_cli_comparison_print(const struct sn_cli_comparison *comparison) {
    char before[200], after[200];
    printf("%s: %s", sn_change_name(comparison->change), sn_cli_plain(after, sizeof after, comparison->after));
    printf(", beside %s", sn_cli_plain(before, sizeof before, comparison->before));
    if (comparison->baselines > 1) printf(" and %d more", comparison->baselines - 1);
    printf("\n\n");
    if (comparison->invalid[0] != 0) printf("  %s\n\n", comparison->invalid);
    const struct sn_compare_errors *errors = comparison->found.errors;
    if (errors[0].ended > 0 && errors[1].ended > 0)
        printf("  errors %.2f %% before, %.2f %% after: %s\n\n",
               100.0 * (double)errors[0].failed / (double)errors[0].ended,
               100.0 * (double)errors[1].failed / (double)errors[1].ended,
               sn_change_name(comparison->found.error_change));
    print_table(comparison);
    print_operations(comparison);
    if (comparison->blocks[0]->len > 0 && comparison->blocks[1]->len > 0) print_distributions(comparison);
}
