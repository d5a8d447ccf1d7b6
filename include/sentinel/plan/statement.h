/* The SQL of a step: one statement that reads or writes rows.
 *
 * This guards against accidents: a second statement that somebody pasted along, a table dropped by a load test, a quote
 * that was not closed.  Whom a plan may touch is the operator's list of bindings, and nothing here takes its place. */
#ifndef SENTINEL_PLAN_STATEMENT_H
#define SENTINEL_PLAN_STATEMENT_H

#include "sentinel/base/bytes.h"

/* Whether the text is one statement that begins with SELECT, INSERT, UPDATE, DELETE, REPLACE or WITH.  White space and
 * comments may stand anywhere, and a semicolon at the end; behind that D1 takes white space alone, and so does this.  Tokens are SQLite's (sqlite.org/lang_keywords.html,
 * sqlite.org/lang_comment.html), but what it takes unclosed is refused, and so are parameters by name, for which a step
 * has no values.  When false, `expected` gets what was expected and the byte, from 0, where it is not so. */
bool sn_statement_check(const char *sql, size_t len, struct sn_writer *expected);

enum sn_verb { SN_VERB_SELECT, SN_VERB_INSERT, SN_VERB_UPDATE, SN_VERB_DELETE, SN_VERB_REPLACE };

/* What a statement that was checked does.  Words in quotes, comments and, for the verb, parentheses do not count, so that of a
 * WITH it is the verb behind its tables.  `limit`: rows of its last LIMIT; 0 where that is no number, or there is none. */
struct sn_statement {
    enum sn_verb verb;
    uint64_t limit;
};
struct sn_statement sn_statement_read(const char *sql, size_t len);

#endif
