/* Files of intervals: a line `second value_us count` for each value that a second holds. */
#include "compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (256u * 1024 * 1024)
#define SHOWN 60 /* bytes of a line that a message shows */

/* One file in memory, and where it lies among the others of its side. */
struct intervals {
    const char *name;
    struct sn_cli_text text;
    uint64_t first, last; /* seconds */
    bool any;
};

struct line {
    uint64_t second, value_us, count;
};

/* --- The text ------------------------------------------------------------------------------------------------ */

/* A buffer that grows: what a pipe holds is not known before. */
static bool read_stream(FILE *file, struct sn_cli_text *text) {
    size_t cap = 1u << 16;
    *text = (struct sn_cli_text){.data = malloc(cap)};
    while (text->data != NULL) {
        text->len += fread(text->data + text->len, 1, cap - 1 - text->len, file);
        if (text->len < cap - 1 || cap > FILE_BYTES_MAX) break;
        cap *= 2;
        char *more = realloc(text->data, cap);
        if (more == NULL) free(text->data);
        text->data = more;
    }
    if (text->data != NULL) text->data[text->len] = 0;
    return text->data != NULL;
}

bool sn_cli_text_read(const char *path, struct sn_cli_text *text) {
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *stream = is_stdin ? stdin : fopen(path, "rb");
    *text = (struct sn_cli_text){0};
    if (stream == NULL) {
        sn_cli_say("%s could not be opened: %s.", path, strerror(errno));
        return false;
    }
    errno = 0;
    bool read = read_stream(stream, text) && !ferror(stream);
    if (!read) sn_cli_say("%s could not be read: %s.", path, strerror(errno != 0 ? errno : ENOMEM));
    if (read && text->len > FILE_BYTES_MAX) {
        sn_cli_say("%s is too long: at most %u MB are read.", path, FILE_BYTES_MAX >> 20);
        read = false;
    }
    if (!is_stdin) fclose(stream);
    return read;
}

/* --- Lines ---------------------------------------------------------------------------------------------------- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(const char **at, const char *end) {
    while (*at < end && is_blank(**at)) ++*at;
}

/* A whole number that a blank or the line's end follows. */
static bool read_number(const char **at, const char *end, uint64_t *value) {
    const char *begin = *at;
    for (*value = 0; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        uint64_t digit = (uint64_t)(**at - '0');
        if (*value > (UINT64_MAX - digit) / 10) return false;
        *value = *value * 10 + digit;
    }
    if (*at == begin || (*at < end && !is_blank(**at))) return false;
    skip_blanks(at, end);
    return true;
}

static bool read_line(const char *at, const char *end, struct line *line) {
    return read_number(&at, end, &line->second) && read_number(&at, end, &line->value_us) &&
           read_number(&at, end, &line->count) && at == end;
}

static void refuse(const struct intervals *file, unsigned long long number, const char *at, const char *end,
                   const char *expected) {
    int shown = end - at > SHOWN ? SHOWN : (int)(end - at);
    char text[SHOWN + 1];
    for (int i = 0; i < shown; i++) text[i] = at[i] == 0 ? '?' : at[i];
    text[shown] = 0;
    sn_cli_say("%s, line %llu: expected %s; got \"%s%s\".", file->name, number, expected, text,
               end - at > SHOWN ? "…" : "");
}

typedef bool take_line(struct intervals *file, const struct line *line, void *user);

/* Every line that says something to `take`; false, and said, at the first that cannot be used. */
static bool each_line(struct intervals *file, take_line *take, void *user, const char *otherwise) {
    const char *at = file->text.data, *end = at + file->text.len;
    for (unsigned long long number = 1; at < end; number++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at)), *begin = at;
        struct line line;
        if (line_end == NULL) line_end = end;
        at = line_end + 1;
        skip_blanks(&begin, line_end);
        if (begin == line_end || *begin == '#') continue;
        bool good = read_line(begin, line_end, &line);
        if (good && take(file, &line, user)) continue;
        refuse(file, number, begin, line_end,
               good ? otherwise
                    : "a second, a value in microseconds and a count, three whole numbers with blanks between them");
        return false;
    }
    return true;
}

static bool find_range(struct intervals *file, const struct line *line, void *user) {
    (void)user;
    if (line->count == 0) return true;
    if (!file->any || line->second < file->first) file->first = line->second;
    if (!file->any || line->second > file->last) file->last = line->second;
    file->any = true;
    return file->last - file->first < SN_BLOCKS_SECONDS_MAX;
}

struct place {
    struct sn_blocks *blocks;
    uint32_t offset;
};

static bool add_line(struct intervals *file, const struct line *line, void *user) {
    const struct place *place = user;
    uint64_t value_us = line->value_us < UINT32_MAX ? line->value_us : UINT32_MAX;
    if (line->count == 0) return true;
    sn_blocks_add(place->blocks, place->offset + (uint32_t)(line->second - file->first),
                  sn_hist_bucket((uint32_t)value_us), line->count);
    return true;
}

/* --- A side ---------------------------------------------------------------------------------------------------- */

static bool read_file(const char *path, struct intervals *file) {
    static const char expected[] = "a second within a day (86,400 seconds) of all others of the file";
    file->name = strcmp(path, "-") == 0 ? "stdin" : path;
    if (!sn_cli_text_read(path, &file->text) || !each_line(file, find_range, NULL, expected)) return false;
    if (!file->any) sn_cli_say("%s holds no values: expected lines such as \"0 1250 3\".", file->name);
    return file->any;
}

static bool add_files(struct sn_cli_side *side, struct intervals files[], int len) {
    uint64_t seconds = 0;
    for (int i = 0; i < len; i++) seconds += files[i].last - files[i].first + 1;
    if (seconds > SN_BLOCKS_SECONDS_MAX) {
        sn_cli_say("The baselines span %llu seconds together: at most %u are taken.", (unsigned long long)seconds,
                   SN_BLOCKS_SECONDS_MAX);
        return false;
    }
    sn_blocks_init(&side->blocks, (uint32_t)seconds, side->pages, SN_BLOCKS_PAGES);
    struct place place = {&side->blocks, 0};
    for (int i = 0; i < len; i++) {
        each_line(&files[i], add_line, &place, "");
        place.offset += (uint32_t)(files[i].last - files[i].first + 1);
    }
    sn_blocks_seal(&side->blocks);
    return true;
}

bool sn_cli_intervals_read(struct sn_cli_side *side, char *const paths[], int len) {
    struct intervals *files = calloc((size_t)len, sizeof *files);
    bool good = files != NULL;
    for (int i = 0; good && i < len; i++) good = read_file(paths[i], &files[i]);
    good = good && add_files(side, files, len);
    for (int i = 0; files != NULL && i < len; i++) free(files[i].text.data);
    free(files);
    return good;
}
