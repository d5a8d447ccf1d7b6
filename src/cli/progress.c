#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE_EVERY_MS 2000
#define BAR 24

void sn_cli_progress_init(struct sn_cli_progress *progress, bool quiet) {
    const char *term = getenv("TERM");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    *progress = (struct sn_cli_progress){.quiet = quiet, .terminal = isatty(STDERR_FILENO) && !dumb};
}

static double number(const struct sn_json *object, const char *name) {
    const struct sn_json *value = sn_json_get(object, name);
    return sn_json_type(value) == SN_JSON_NUMBER ? sn_json_number(value) : -1;
}

static uint64_t count(const struct sn_json *object, const char *name) {
    double value = number(object, name);
    return value >= 0 && value < 1e15 ? (uint64_t)value : 0;
}

static void read_text(char *out, size_t cap, const struct sn_json *object, const char *name) {
    sn_cli_plain(out, cap, sn_cli_json_text(object, name, ""));
}

void sn_cli_view_read(struct sn_cli_view *view, const struct sn_json *frame) {
    const struct sn_json *counts = sn_json_get(frame, "counts");
    const struct sn_json *dropped = sn_json_get(counts, "dropped");
    const struct sn_json *times = sn_json_get(frame, "window");
    *view = (struct sn_cli_view){.elapsed_s = number(frame, "elapsedS"),
                                 .duration_s = number(frame, "durationS"),
                                 .asked_per_s = number(frame, "askedPerS"),
                                 .achieved_per_s = number(frame, "achievedPerS"),
                                 .planned = count(counts, "planned"),
                                 .completed = count(counts, "completed"),
                                 .failed = count(counts, "failed"),
                                 .prepared = count(frame, "prepared"),
                                 .to_prepare = count(frame, "toPrepare"),
                                 .cleaned = count(frame, "cleaned")};
    for (const struct sn_json *one = sn_json_first(dropped); one != NULL; one = sn_json_next(one)) {
        view->dropped += count(dropped, sn_json_name(one));
    }
    read_text(view->status, sizeof view->status, frame, "status");
    read_text(view->stage, sizeof view->stage, frame, "stage");
    read_text(view->phase, sizeof view->phase, frame, "phase");
    /* A few seconds of a gentle run hold too few operations for percentiles; the run so far may have enough. */
    bool recent = number(times, "p50Ms") >= 0;
    if (!recent) times = sn_json_get(frame, "total");
    snprintf(view->span, sizeof view->span, "%s", recent ? "last 10 s" : "so far");
    view->p50_ms = number(times, "p50Ms");
    view->p95_ms = number(times, "p95Ms");
    view->p99_ms = number(times, "p99Ms");
}

static const char *figure(char out[24], double value, const char *format) {
    if (value < 0) return "-";
    snprintf(out, 24, format, value);
    return out;
}

static void put_rates(char *out, size_t cap, const struct sn_cli_view *view) {
    char asked[24], achieved[24];
    snprintf(out, cap, "asked %s/s, achieved %s/s", figure(asked, view->asked_per_s, "%.1f"),
             figure(achieved, view->achieved_per_s, "%.1f"));
}

static void put_figures(char *out, size_t cap, const struct sn_cli_view *view) {
    char p50[24], p95[24], p99[24];
    snprintf(out, cap, "p50 %s, p95 %s, p99 %s ms (%s); %llu of %llu completed, %llu failed, %llu dropped",
             figure(p50, view->p50_ms, "%.0f"), figure(p95, view->p95_ms, "%.0f"), figure(p99, view->p99_ms, "%.0f"),
             view->span, (unsigned long long)view->completed, (unsigned long long)view->planned,
             (unsigned long long)view->failed, (unsigned long long)view->dropped);
}

static void put_bar(char out[BAR + 1], const struct sn_cli_view *view) {
    double share = view->duration_s > 0 ? view->elapsed_s / view->duration_s : 0;
    int full = share >= 1 ? BAR : share > 0 ? (int)(share * BAR) : 0;
    for (int i = 0; i < BAR; i++) out[i] = i < full ? '#' : '.';
    out[BAR] = 0;
}

/* With a comma before every three digits: preparing can take a while, and long figures are hard to compare. */
static const char *grouped(char out[32], uint64_t value) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value), used = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = 0;
    return out;
}

/* Where the run stands, without figures. */
static void put_stage(char *out, size_t cap, const struct sn_cli_view *view) {
    if (strcmp(view->stage, "prepare") == 0) {
        char done[32], all[32];
        snprintf(out, cap, "prepared %s of %s", grouped(done, view->prepared), grouped(all, view->to_prepare));
    } else if (strcmp(view->stage, "cleanup") == 0 || strcmp(view->stage, "sweep") == 0) {
        snprintf(out, cap, "cleaning up, %llu items so far", (unsigned long long)view->cleaned);
    } else if (strcmp(view->stage, "load") == 0) {
        snprintf(out, cap, "%s %.0f of %.0f s", view->phase[0] != 0 ? view->phase : "load",
                 view->elapsed_s > 0 ? view->elapsed_s : 0, view->duration_s > 0 ? view->duration_s : 0);
    } else {
        snprintf(out, cap, "%s", view->status);
    }
}

/* A line that is wider than the terminal would wrap, and the next drawing would miss its beginning. */
static int terminal_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
    return size.ws_col;
}

static void draw(struct sn_cli_progress *progress, const struct sn_cli_view *view) {
    char stage[64], rates[80], figures[200], bar[BAR + 1], first[256];
    int width = terminal_width() - 1;
    put_stage(stage, sizeof stage, view);
    put_rates(rates, sizeof rates, view);
    put_figures(figures, sizeof figures, view);
    put_bar(bar, view);
    bool load = strcmp(view->stage, "load") == 0;
    snprintf(first, sizeof first, "[%s] %s%s%s", bar, stage, load ? "  " : "", load ? rates : "");
    for (int i = 1; i < progress->drawn; i++) fputs("\x1b[1A", stderr);
    fprintf(stderr, "\r\x1b[K%.*s\n\x1b[K%.*s", width, first, width, figures);
    fflush(stderr);
    progress->drawn = 2;
}

static void print(struct sn_cli_progress *progress, const struct sn_cli_view *view, int64_t now_ms) {
    bool changed = strcmp(progress->stage, view->stage) != 0;
    if (!changed && now_ms - progress->printed_ms < LINE_EVERY_MS) return;
    char stage[64], rates[80], figures[200];
    put_stage(stage, sizeof stage, view);
    put_rates(rates, sizeof rates, view);
    put_figures(figures, sizeof figures, view);
    if (strcmp(view->stage, "load") == 0) {
        fprintf(stderr, "%s: %s; %s\n", stage, rates, figures);
    } else {
        fprintf(stderr, "%s\n", stage);
    }
    progress->printed_ms = now_ms;
    snprintf(progress->stage, sizeof progress->stage, "%s", view->stage);
}

void sn_cli_progress_show(struct sn_cli_progress *progress, const struct sn_cli_view *view, int64_t now_ms) {
    if (progress->quiet) return;
    if (progress->terminal) {
        draw(progress, view);
    } else {
        print(progress, view, now_ms);
    }
}

void sn_cli_progress_leave(struct sn_cli_progress *progress) {
    if (progress->drawn > 0) fputs("\n", stderr);
    progress->drawn = 0;
}
