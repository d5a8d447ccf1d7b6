#include "sentinel/plan/statement.h"

#include <string.h>

static const char *const verbs[] = {
    [SN_VERB_SELECT] = "SELECT", [SN_VERB_INSERT] = "INSERT",   [SN_VERB_UPDATE] = "UPDATE",
    [SN_VERB_DELETE] = "DELETE", [SN_VERB_REPLACE] = "REPLACE", "WITH"};
#define VERBS (sizeof verbs / sizeof *verbs)
#define WITH (VERBS - 1)

/* A text, and the token in it that was read last. */
struct scan {
    const char *text;
    size_t len, from, at;
};

enum token { GAP, WORD, MARK, SEMICOLON, NAMED, OPEN };

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Names go on with '$' too; whatever is not ASCII is a letter to SQLite. */
static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static char peek(const struct scan *scan, size_t ahead) {
    return scan->at + ahead < scan->len ? scan->text[scan->at + ahead] : '\0';
}

/* What a quote opens, the same quote closes; two of them stand for one.  A bracket is closed by the first other one. */
static enum token quoted(struct scan *scan, char end) {
    bool doubles = end != ']';
    for (scan->at++; scan->at < scan->len; scan->at++) {
        if (scan->text[scan->at] != end) continue;
        if (doubles && peek(scan, 1) == end) {
            scan->at++;
            continue;
        }
        scan->at++;
        return MARK;
    }
    return OPEN;
}

static enum token comment(struct scan *scan) {
    for (scan->at += 2; scan->at + 1 < scan->len; scan->at++) {
        if (scan->text[scan->at] != '*' || peek(scan, 1) != '/') continue;
        scan->at += 2;
        return GAP;
    }
    return OPEN;
}

static enum token line_comment(struct scan *scan) {
    while (scan->at < scan->len && scan->text[scan->at] != '\n') scan->at++;
    return GAP;
}

static enum token word(struct scan *scan) {
    while (scan->at < scan->len && in_word(scan->text[scan->at])) scan->at++;
    return WORD;
}

static enum token next(struct scan *scan) {
    char c = peek(scan, 0), after = peek(scan, 1);
    scan->from = scan->at;
    if (c == '-' && after == '-') return line_comment(scan);
    if (c == '/' && after == '*') return comment(scan);
    if (c == '\'' || c == '"' || c == '`') return quoted(scan, c);
    if (c == '[') return quoted(scan, ']');
    if (c != '$' && in_word(c)) return word(scan);
    scan->at++;
    if (is_space(c)) return GAP;
    if (c == ';') return SEMICOLON;
    return c == '$' || c == ':' || c == '@' || c == '#' ? NAMED : MARK;
}

/* The words of SQL are the same in small letters. */
static bool word_is(const struct scan *scan, const char *capitals) {
    size_t len = strlen(capitals), at = 0;
    if (scan->at - scan->from != len) return false;
    while (at < len && (scan->text[scan->from + at] & ~0x20) == capitals[at]) at++;
    return at == len;
}

/* Its place among the verbs; VERBS when it is none. */
static size_t find_verb(const struct scan *scan) {
    size_t i = 0;
    while (i < VERBS && !word_is(scan, verbs[i])) i++;
    return i;
}

static bool refuse(struct sn_writer *expected, const char *what, size_t at, const char *found) {
    sn_put_text(expected, what);
    sn_put_text(expected, ": at byte ");
    sn_put_dec(expected, at);
    sn_put_text(expected, found);
    return false;
}

static bool refuse_verb(struct sn_writer *expected) {
    sn_put_text(expected, "one statement that begins with ");
    for (size_t i = 0; i < VERBS; i++) {
        if (i > 0) sn_put_text(expected, i + 1 < VERBS ? ", " : " or ");
        sn_put_text(expected, verbs[i]);
    }
    return false;
}

bool sn_statement_check(const char *sql, size_t len, struct sn_writer *expected) {
    struct scan scan = {.text = sql, .len = len};
    const char *zero = len > 0 ? memchr(sql, 0, len) : NULL;
    bool begun = false, ended = false;
    if (zero != NULL) return refuse(expected, "text without zeros", (size_t)(zero - sql), " there is one");
    while (scan.at < len) {
        enum token token = next(&scan);
        bool blank = token == GAP && is_space(sql[scan.from]);
        if (blank || (token == GAP && !ended)) continue;
        if (token == OPEN) return refuse(expected, "what is opened is closed", scan.from, " something is not");
        if (!begun && !(token == WORD && find_verb(&scan) < VERBS)) return refuse_verb(expected);
        if (ended) return refuse(expected, "nothing behind the statement", scan.from, " there is more");
        if (token == NAMED) return refuse(expected, "values by number, as ?1", scan.from, " one has a name");
        begun = true;
        ended = token == SEMICOLON;
    }
    return begun || refuse_verb(expected);
}

/* --- What it does --------------------------------------------------------------------------------------------- */

static enum token next_but_gaps(struct scan *scan) {
    enum token token = GAP;
    while (token == GAP && scan->at < scan->len) token = next(scan);
    return token;
}

/* The number that was read last, as far as its digits go; 0 where it is none. */
static uint64_t number(const struct scan *scan) {
    uint64_t value = 0;
    for (size_t at = scan->from; at < scan->at; at++) {
        uint64_t digit = (uint64_t)(scan->text[at] - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) return 0;
        value = value * 10 + digit;
    }
    return value;
}

/* "LIMIT 10", or "LIMIT 20, 10", which leaves twenty out. */
static uint64_t limit(struct scan *scan) {
    uint64_t rows = next_but_gaps(scan) == WORD ? number(scan) : 0;
    struct scan ahead = *scan;
    if (next_but_gaps(&ahead) != MARK || ahead.text[ahead.from] != ',') return rows;
    *scan = ahead;
    return next_but_gaps(scan) == WORD ? number(scan) : 0;
}

struct sn_statement sn_statement_read(const char *sql, size_t len) {
    struct scan scan = {.text = sql, .len = len};
    struct sn_statement read = {.verb = SN_VERB_SELECT};
    bool known = false;
    size_t depth = 0;
    while (scan.at < len) {
        enum token token = next(&scan);
        if (token == MARK && sql[scan.from] == '(') depth++;
        if (token == MARK && sql[scan.from] == ')' && depth > 0) depth--;
        if (token != WORD) continue;
        size_t verb = find_verb(&scan);
        if (!known && depth == 0 && verb < WITH) {
            read.verb = (enum sn_verb)verb;
            known = true;
        }
        if (word_is(&scan, "LIMIT")) read.limit = limit(&scan);
    }
    return read;
}
