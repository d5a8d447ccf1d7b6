/* What SQL a step may have: which texts are one statement that reads or writes rows. */
#include "sentinel/plan/statement.h"
#include "workload_help.h"

static const char *const accepted[] = {
    "SELECT 1",
    "select 1",
    "SeLeCt*FROM t",
    "SELECT'a'",
    "SELECT\"a\"FROM t",
    "SELECT[a]FROM t",
    "SELECT/**/1",
    "SELECT(1)",
    "INSERT INTO t (a) VALUES (?1)",
    "INSERT OR REPLACE INTO t VALUES (?)",
    "UPDATE t SET a = ?1 WHERE id = ?2 RETURNING a",
    "DELETE FROM t",
    "REPLACE INTO t VALUES (1)",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "WITH a AS (SELECT id FROM t) DELETE FROM t WHERE id IN a",
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 9) INSERT INTO t SELECT i FROM n",
    " \t\r\n\fSELECT 1",
    "-- all of it\nSELECT 1",
    "--\r\n--\nSELECT 1",
    "/* a */ /* b */ SELECT 1",
    "/**/SELECT 1",
    "/* -- */ SELECT 1",
    "/***/SELECT 1",
    "/* ' \" ` [ ; */ SELECT 1",
    "-- ' \" ` [ ; /*\nSELECT 1",
    /* semicolons that end nothing */
    "SELECT ';', ';;' FROM t",
    "SELECT 'it''s; fine'",
    "SELECT '--;', '/*;'",
    "SELECT \";\" FROM \"a;b\"\";c\"",
    "SELECT `;` FROM `a;b``;c`",
    "SELECT [;] FROM [a;b]",
    "SELECT [a'b] FROM t", /* a quote in brackets opens nothing */
    "SELECT 1 -- ; DROP TABLE t",
    "SELECT 1 /* ; DROP TABLE t */",
    "SELECT x';' FROM t",
    /* semicolons behind the statement, and nothing more */
    "SELECT 1;",
    "SELECT 1 -- done\n ; \r\n",
    "SELECT 1 --", /* a comment to the end of the line, and of the text */
    /* operators that are no comments and no parameters */
    "SELECT 3 - -1, 4 / 2 * 2",
    "SELECT data->>'$.a', data -> '$[0]' FROM t",
    "SELECT a$b, c$ FROM t", /* names go on with a dollar */
    "SELECT '$a :b @c #d'",
    "SELECT 'schön', \"größe\" FROM länder",
    "SELECT '\xf0\x9f\xa6\x86;'",
    "SELECT ''",
    "SELECT '''' || ';'",
    "SELECT CASE WHEN 1 THEN 2 END",
};

static void takes_one_statement_that_reads_or_writes_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(accepted); i++) {
        char said[200];
        struct sn_writer w = sn_writer(said, sizeof said - 1);
        size_t len = strlen(accepted[i]);
        char *exact = malloc(len); /* where the text ends, memory does */
        memcpy(exact, accepted[i], len);
        if (!sn_statement_check(exact, len, &w)) fail_msg("%s: %.*s", accepted[i], (int)w.len, said);
        assert_int_equal(w.len, 0);
        free(exact);
    }
}

#define VERBS "one statement that begins with SELECT, INSERT, UPDATE, DELETE, REPLACE or WITH"
#define ANOTHER(at) "nothing behind the statement: at byte " at " there is more"
#define UNCLOSED(at) "what is opened is closed: at byte " at " something is not"
#define NAMED(at) "values by number, as ?1: at byte " at " one has a name"
#define T(text) text, sizeof text - 1

static const struct {
    const char *sql;
    size_t len;
    const char *expected;
} refused[] = {
    {T(""), VERBS},
    {T("   "), VERBS},
    {T(";"), VERBS},
    {T(";SELECT 1"), VERBS},
    {T("-- SELECT 1"), VERBS},
    {T("/* SELECT 1 */"), VERBS},
    {T("X"), VERBS},
    {T("SELECTED"), VERBS},
    {T("SELECT1"), VERBS},
    {T("SELECT_"), VERBS},
    {T("SELECT$"), VERBS},
    {T("SELECT\xc3\xa9"), VERBS}, /* a letter to SQLite */
    {T("SELEC"), VERBS},
    {T("'SELECT' 1"), VERBS},
    {T("\"SELECT\" 1"), VERBS},
    {T("(SELECT 1)"), VERBS},
    {T("\vSELECT 1"), VERBS},           /* no white space to SQLite */
    {T("\xc2\xa0SELECT 1"), VERBS},     /* nor is a no-break space */
    {T("\xef\xbb\xbfSELECT 1"), VERBS}, /* nor, to us, a byte order mark */
    {T("VALUES (1)"), VERBS},
    {T("CREATE TABLE t (id)"), VERBS},
    {T("CREATE TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM t; END"), VERBS},
    {T("CREATE TEMP TABLE t AS SELECT 1"), VERBS},
    {T("DROP TABLE t"), VERBS},
    {T("/* SELECT */ DROP TABLE t"), VERBS},
    {T("--\nDROP TABLE t"), VERBS},
    {T("ALTER TABLE t ADD COLUMN a"), VERBS},
    {T("PRAGMA table_info(t)"), VERBS},
    {T("ATTACH 'a' AS b"), VERBS},
    {T("VACUUM"), VERBS},
    {T("BEGIN"), VERBS},
    {T("COMMIT"), VERBS},
    {T("EXPLAIN SELECT 1"), VERBS},

    {T("SELECT 1; SELECT 2"), ANOTHER("10")},
    {T("SELECT 1;SELECT 2"), ANOTHER("9")},
    {T("SELECT 1; DROP TABLE t"), ANOTHER("10")},
    {T("SELECT 1; -- a\n DROP TABLE t"), ANOTHER("10")},
    {T("SELECT 1; /* ; */ 'a'"), ANOTHER("10")},
    {T("SELECT '';DROP TABLE t"), ANOTHER("10")},
    {T("SELECT ''';';DROP TABLE t"), ANOTHER("13")},
    {T("SELECT [a]];b]"), ANOTHER("12")},                        /* brackets do not double: the first one closes */
    {T("SELECT '\\';DROP TABLE t --'"), ANOTHER("11")},          /* a backslash escapes nothing */
    {T("SELECT /* /* */ 1; DROP TABLE t -- */"), ANOTHER("19")}, /* comments do not nest */
    {T("SELECT 1 --\n; DROP TABLE t"), ANOTHER("14")},
    {T("SELECT 1; ?"), ANOTHER("10")},
    {T("SELECT 1;;"), ANOTHER("9")}, /* no other statement, but D1 takes it for one; so here */
    {T("SELECT 1; -- done"), ANOTHER("10")},
    {T("SELECT 1; /* done */"), ANOTHER("10")},

    {T("SELECT 'a"), UNCLOSED("7")},
    {T("SELECT 'a''"), UNCLOSED("7")},
    {T("SELECT \"a"), UNCLOSED("7")},
    {T("SELECT `a"), UNCLOSED("7")},
    {T("SELECT [a"), UNCLOSED("7")},
    {T("SELECT '"), UNCLOSED("7")},
    {T("SELECT 1 /* a"), UNCLOSED("9")},
    {T("SELECT 1 /*"), UNCLOSED("9")},
    {T("SELECT 1 /*/"), UNCLOSED("9")},
    {T("SELECT 1 /* a *"), UNCLOSED("9")},
    {T("/* SELECT 1"), UNCLOSED("0")},
    {T("SELECT 1; 'a"), UNCLOSED("10")},

    {T("SELECT :a"), NAMED("7")},
    {T("SELECT @a"), NAMED("7")},
    {T("SELECT $a"), NAMED("7")},
    {T("SELECT #a"), NAMED("7")},
    /* To SQLite $a('); is a name and a semicolon, whatever the quote looks like. */
    {T("SELECT $a(');DROP TABLE t --')"), NAMED("7")},

    {T("SELECT 1\0; DROP TABLE t"), "text without zeros: at byte 8 there is one"},
    {T("SELECT '\0'"), "text without zeros: at byte 8 there is one"},
    {T("\0"), "text without zeros: at byte 0 there is one"},
};

static void refuses_what_may_be_an_accident(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        char said[200] = "";
        struct sn_writer w = sn_writer(said, sizeof said - 1);
        char *exact = malloc(refused[i].len);
        if (refused[i].len > 0) memcpy(exact, refused[i].sql, refused[i].len);
        assert_false(sn_statement_check(exact, refused[i].len, &w));
        assert_string_equal(said, refused[i].expected);
        free(exact);
    }
}

/* As many statements as there are ends of one: every cut of a text that has all kinds of tokens is looked at. */
static void no_cut_of_a_text_is_read_beyond_its_end(void **state) {
    (void)state;
    static const char whole[] = "/* a */ SELECT 'b''', \"c\", `d`, [e], x$, ?1 -- f\n FROM t; -- g\n;";
    for (size_t len = 0; len < sizeof whole; len++) {
        char said[200];
        struct sn_writer w = sn_writer(said, sizeof said);
        char *exact = malloc(len > 0 ? len : 1);
        memcpy(exact, whole, len);
        sn_statement_check(exact, len, &w);
        free(exact);
    }
}

static void a_long_text_is_read_to_its_end(void **state) {
    (void)state;
    enum { LONG = 1 << 20 };
    char said[200] = "", *sql = malloc(LONG);
    struct sn_writer w = sn_writer(said, sizeof said - 1);
    memset(sql, ';', LONG);
    memcpy(sql, "SELECT '", 8);
    sql[LONG - 1] = '\'';
    assert_true(sn_statement_check(sql, LONG, &w));
    sql[LONG - 1] = ';';
    assert_false(sn_statement_check(sql, LONG, &w));
    assert_string_equal(said, UNCLOSED("7"));
    w.len = 0;
    memset(said, 0, sizeof said);
    sql[LONG / 2] = '\'';
    sql[LONG - 1] = 'x';
    assert_false(sn_statement_check(sql, LONG, &w));
    assert_string_equal(said, ANOTHER("524290"));
    free(sql);
}

#define STEPS(steps) "{\"operations\":[{\"operation\":\"o\",\"steps\":[" steps "]}]}"

static const struct {
    const char *json, *path, *expected;
} placed[] = {
    {STEPS("{\"d1\":\"DROP TABLE t\"}"), "$.operations[0].steps[0].d1", VERBS},
    {STEPS("{\"kv\":\"get\",\"key\":\"a\"},{\"d1\":\"SELECT 1; SELECT 2\"}"), "$.operations[0].steps[1].d1",
     ANOTHER("10")},
    {STEPS("{\"parallel\":[{\"d1\":\"SELECT 1\"},{\"d1\":\"SELECT 'a\"}]}"), "$.operations[0].steps[0].parallel[1].d1",
     UNCLOSED("7")},
    {STEPS("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"SELECT 1\"},{\"sql\":\"PRAGMA a\"}]}"),
     "$.operations[0].steps[0].statements[1].sql", VERBS},
    {"{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"d1\":\"SELECT 1\"}]}],"
     "\"cleanup\":[{\"count\":1,\"steps\":[{\"d1\":\"SELECT :a\"}]}]}",
     "$.cleanup[0].steps[0].d1", NAMED("7")},
    {"{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"d1\":\"SELECT 1\"}]}],"
     "\"prepare\":[{\"count\":1,\"steps\":[{\"d1\":\"CREATE TABLE t (id)\"}]}]}",
     "$.prepare[0].steps[0].d1", VERBS},
};

static void says_where_it_stands(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(placed); i++) {
        assert_int_equal(compile(placed[i].json, NULL, 0), SN_E_RANGE);
        assert_string_equal(error.code, "plan.sql");
        assert_string_equal(error.path, placed[i].path);
        assert_string_equal(error.expected, placed[i].expected);
    }
}

static const struct {
    const char *sql;
    enum sn_verb verb;
    uint64_t limit;
} read[] = {
    {"SELECT a FROM t", SN_VERB_SELECT, 0},
    {"select a from t limit 20", SN_VERB_SELECT, 20},
    {"SELECT a FROM t LIMIT 20 OFFSET 7", SN_VERB_SELECT, 20},
    {"SELECT a FROM t LIMIT 7,\n20", SN_VERB_SELECT, 20},
    {"SELECT a FROM t LIMIT 7 , ?1", SN_VERB_SELECT, 0},
    {"SELECT a FROM t LIMIT ?1", SN_VERB_SELECT, 0},
    {"SELECT a FROM t LIMIT/* at most */20;", SN_VERB_SELECT, 20},
    {"SELECT a FROM (SELECT a FROM t LIMIT 100) LIMIT 5", SN_VERB_SELECT, 5},
    {"SELECT a FROM t WHERE b = 'INSERT INTO t LIMIT 9' -- LIMIT 8", SN_VERB_SELECT, 0},
    {"SELECT \"limit\", [UPDATE], delimiter FROM t LIMIT 18446744073709551616", SN_VERB_SELECT, 0},
    {"SELECT a FROM t LIMIT 18446744073709551615", SN_VERB_SELECT, UINT64_MAX},
    {"SELECT a FROM t LIMIT", SN_VERB_SELECT, 0},
    {"Insert into t values (1) on conflict do update set a = 1", SN_VERB_INSERT, 0},
    {"INSERT OR REPLACE INTO t SELECT a FROM u LIMIT 3", SN_VERB_INSERT, 3},
    {"REPLACE INTO t VALUES (1)", SN_VERB_REPLACE, 0},
    {"/* DELETE */ UPDATE t SET a = (SELECT 1)", SN_VERB_UPDATE, 0},
    {"DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 2)", SN_VERB_DELETE, 2},
    {"WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9) INSERT INTO t SELECT i FROM n", SN_VERB_INSERT, 9},
    {"WITH n AS (SELECT ')' FROM t) DELETE FROM t", SN_VERB_DELETE, 0},
};

static void says_what_it_does(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(read); i++) {
        struct sn_statement statement = sn_statement_read(read[i].sql, strlen(read[i].sql));
        char got[64], wanted[64];
        snprintf(got, sizeof got, "%u %llu", statement.verb, (unsigned long long)statement.limit);
        snprintf(wanted, sizeof wanted, "%u %llu", read[i].verb, (unsigned long long)read[i].limit);
        if (strcmp(got, wanted) != 0) printf("# %s\n", read[i].sql);
        assert_string_equal(got, wanted);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_one_statement_that_reads_or_writes_rows),
        cmocka_unit_test(refuses_what_may_be_an_accident),
        cmocka_unit_test(no_cut_of_a_text_is_read_beyond_its_end),
        cmocka_unit_test(a_long_text_is_read_to_its_end),
        cmocka_unit_test(says_where_it_stands),
        cmocka_unit_test(says_what_it_does),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
