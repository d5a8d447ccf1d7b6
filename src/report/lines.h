/* Lines for a terminal: words that wrap, cells that align.
 *
 * Columns are counted in characters.  Control characters become "?": names come from people and texts from targets,
 * and neither is to move somebody's cursor. */
#ifndef SN_REPORT_LINES_H
#define SN_REPORT_LINES_H

#include "sentinel/base/bytes.h"

#define SN_LINE_MAX 100u
#define SN_STICKY "\xc2\xa0" /* a blank at which no line is broken: "12 ms" stays whole */

/* A sentence that is being put together; words beyond its end are cut. */
struct sn_sentence {
    uint8_t data[1024];
    struct sn_writer w;
};

void sn_sentence_begin(struct sn_sentence *sentence);
/* Writes the words with the hanging indent `indent`: `first` (which may be "") stands in the first line's indent. */
void sn_lines_wrap(struct sn_writer *w, const char *first, uint32_t indent, const void *text, size_t len);
void sn_lines_sentence(struct sn_writer *w, const char *first, uint32_t indent, const struct sn_sentence *sentence);

/* A cell of `width` columns; text that is longer is cut and ends in "~". */
void sn_lines_left(struct sn_writer *w, const void *text, size_t len, uint32_t width);
void sn_lines_right(struct sn_writer *w, const void *text, size_t len, uint32_t width);
void sn_lines_number(struct sn_writer *w, uint64_t value, uint32_t width);

/* "3.3": one decimal, without it when it is 0. */
void sn_lines_decimal(struct sn_writer *w, double value);
/* "1 operation", "2 operations". */
void sn_lines_count(struct sn_writer *w, uint64_t count, const char *one, const char *many);

#endif
