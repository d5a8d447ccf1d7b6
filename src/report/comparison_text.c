/* The comparison for people, from its JSON. */
#include <math.h>
#include <string.h>

#include "lines.h"
#include "sentinel/report/comparison.h"

#define LABEL 12u

static double number(const struct sn_json *object, const char *name) {
    return sn_json_number(sn_json_get(object, name));
}

static const char *text(const struct sn_json *object, const char *name) {
    const char *value = sn_json_string(sn_json_get(object, name));
    return value != NULL ? value : "";
}

static void say(struct sn_sentence *s, const char *words) {
    sn_put_text(&s->w, words);
}

/* "+20.3 %", or "?" for an end of an interval that is not known. */
static void put_percent(struct sn_writer *w, const struct sn_json *ratio) {
    double off = (sn_json_number(ratio) - 1) * 100;
    if (sn_json_type(ratio) != SN_JSON_NUMBER) {
        sn_put_text(w, "?");
        return;
    }
    if (off >= 0) sn_put_text(w, "+");
    sn_put_fixed(w, off, 1);
    sn_put_text(w, " %");
}

static void put_cell(struct sn_writer *w, const struct sn_json *from, const struct sn_json *to, uint32_t width) {
    char cell[64];
    struct sn_writer c = sn_writer(cell, sizeof cell);
    put_percent(&c, from);
    if (to != NULL) sn_put_text(&c, " to ");
    if (to != NULL) put_percent(&c, to);
    sn_lines_right(w, cell, c.len, width);
}

/* The clock has whole milliseconds. */
static void put_ms(struct sn_writer *w, double us) {
    sn_lines_number(w, us >= 0 && us < 1e13 ? (uint64_t)(us / 1e3 + 0.5) : 0, 10);
}

static void put_row(struct sn_writer *w, const struct sn_json *one, const char *verdict) {
    char name[16];
    struct sn_writer n = sn_writer(name, sizeof name);
    sn_put_text(&n, "p");
    sn_put_text(&n, sn_json_name(one));
    sn_lines_left(w, name, n.len, LABEL);
    put_ms(w, number(one, "beforeUs"));
    put_ms(w, number(one, "afterUs"));
    put_cell(w, sn_json_get(one, "ratio"), NULL, 12);
    put_cell(w, sn_json_get(one, "low"), sn_json_get(one, "high"), 26);
    sn_put_text(w, "  ");
    sn_lines_left(w, verdict, strlen(verdict), 14);
    while (w->len > 0 && w->data[w->len - 1] == ' ') w->len--;
    sn_put_text(w, "\n");
}

static void put_table(struct sn_writer *w, const struct sn_json *comparison) {
    static const char head[] = "In ms           before     after          by                  interval  verdict\n";
    const struct sn_json *judged = sn_json_get(comparison, "percentiles"), *rest = sn_json_get(comparison, "notJudged");
    if (sn_json_first(judged) == NULL) return;
    sn_put_text(w, head);
    for (const struct sn_json *one = sn_json_first(judged); one != NULL; one = sn_json_next(one))
        put_row(w, one, text(one, "verdict"));
    for (const struct sn_json *one = sn_json_first(rest); one != NULL; one = sn_json_next(one))
        put_row(w, one, "(not judged)");
}

/* Why a percentile is inconclusive, and what would settle it. */
static void put_doubts(struct sn_writer *w, const struct sn_json *comparison) {
    const struct sn_json *judged = sn_json_get(comparison, "percentiles");
    for (const struct sn_json *one = sn_json_first(judged); one != NULL; one = sn_json_next(one)) {
        struct sn_sentence s;
        if (text(one, "reason")[0] == '\0') continue;
        sn_sentence_begin(&s);
        say(&s, "p");
        say(&s, sn_json_name(one));
        say(&s, ": ");
        say(&s, text(one, "reason"));
        if (sn_json_type(sn_json_get(one, "settledS")) == SN_JSON_NUMBER) {
            say(&s, "; runs of about ");
            sn_put_fixed(&s.w, number(one, "settledS"), 0);
            say(&s, SN_STICKY "s would settle it");
        }
        say(&s, ".");
        sn_lines_sentence(w, "", LABEL, &s);
    }
}

static void say_share(struct sn_sentence *s, double part, double whole, unsigned decimals) {
    sn_put_fixed(&s->w, whole > 0 ? 100 * part / whole : 0, decimals);
    say(s, SN_STICKY "%");
}

static void put_errors(struct sn_writer *w, const struct sn_json *comparison) {
    const struct sn_json *errors = sn_json_get(comparison, "errors");
    const struct sn_json *before = sn_json_get(errors, "before"), *after = sn_json_get(errors, "after");
    struct sn_sentence s;
    if (errors == NULL) return;
    sn_sentence_begin(&s);
    say_share(&s, number(before, "failed"), number(before, "ended"), 2);
    say(&s, " of the operations failed before and ");
    say_share(&s, number(after, "failed"), number(after, "ended"), 2);
    say(&s, " after: ");
    const char *verdict = text(errors, "verdict");
    say(&s, strcmp(verdict, "slower") == 0 ? "more" : strcmp(verdict, "faster") == 0 ? "fewer" : verdict);
    say(&s, ". Of what was planned ");
    say_share(&s, number(before, "started"), number(before, "planned"), 1);
    say(&s, " was started before and ");
    say_share(&s, number(after, "started"), number(after, "planned"), 1);
    say(&s, " after.");
    sn_lines_sentence(w, "", LABEL, &s);
}

void sn_report_put_comparison_text(struct sn_writer *w, const struct sn_json *comparison) {
    struct sn_sentence s;
    const char *verdict = text(comparison, "verdict"), *invalid = text(comparison, "invalid");
    if (sn_json_type(comparison) != SN_JSON_OBJECT) return;
    sn_put_text(w, "\n");
    sn_sentence_begin(&s);
    say(&s, verdict[0] != '\0' ? verdict : "still to come");
    say(&s, ", beside the baseline \"");
    say(&s, text(sn_json_get(comparison, "baseline"), "name"));
    say(&s, "\".");
    if (invalid[0] != '\0') say(&s, " ");
    say(&s, invalid);
    if (invalid[0] != '\0') say(&s, ".");
    sn_lines_sentence(w, "Comparison", LABEL, &s);
    put_table(w, comparison);
    put_doubts(w, comparison);
    put_errors(w, comparison);
}
