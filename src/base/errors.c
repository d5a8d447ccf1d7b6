#include "sentinel/base/vocab.h"

/* The class of a host error, from the words in it.
 *
 * The first row whose words occur in the text decides, whatever their case.  The order is the precedence: our own
 * faults first, so that none is held against a target; then what the database says of our SQL, since that may quote any
 * name ("no such table: overloaded"); then the particular before the general. */
static const struct {
    const char *words; /* lower case */
    enum sn_error class;
} rows[] = {
    /* Limits of the Worker that sends: Workers > Platform > Limits, 2026-07-28; Workers > Errors. */
    {"too many subrequests", SN_ERROR_HARNESS},
    {"too many api requests by single worker invocation", SN_ERROR_HARNESS},
    {"simultaneous open connections", SN_ERROR_HARNESS},
    {"canceled to prevent deadlock", SN_ERROR_HARNESS},
    {"worker exceeded cpu time limit", SN_ERROR_HARNESS},
    {"worker exceeded memory limit", SN_ERROR_HARNESS},
    {"on behalf of a different", SN_ERROR_HARNESS}, /* request or Durable Object: I/O that we mixed up */
    /* Faults in the shim, as V8 words them. */
    {"cannot read properties of", SN_ERROR_HARNESS},
    {"is not a function", SN_ERROR_HARNESS},
    {"referenceerror", SN_ERROR_HARNESS},

    /* SQL, in SQLite's words behind "D1_ERROR: ": D1 > Debug D1, 2026-08-11; D1 > Limits, 2026-04-21. */
    {"no such table", SN_ERROR_CLIENT},
    {"no such column", SN_ERROR_CLIENT},
    {"syntax error", SN_ERROR_CLIENT},
    {"constraint failed", SN_ERROR_CLIENT},
    {"too many sql variables", SN_ERROR_CLIENT},
    {"wrong number of parameter bindings", SN_ERROR_CLIENT},
    {"statement too long", SN_ERROR_CLIENT},
    {"no sql statements detected", SN_ERROR_CLIENT},
    {"d1_type_error", SN_ERROR_CLIENT},
    {"d1_column_notfound", SN_ERROR_CLIENT},
    /* What the account has used up stays used up, however patiently one asks: the limits pages of D1 and KV. */
    {"exceeded maximum db size", SN_ERROR_CLIENT},
    {"sqlite_full", SN_ERROR_CLIENT},
    {"account storage limit", SN_ERROR_CLIENT},
    {"free tier", SN_ERROR_CLIENT},                  /* "… exceeded D1's free tier daily row read limit." */
    {"limit exceeded for the day", SN_ERROR_CLIENT}, /* "KV put() limit exceeded for the day." */

    /* "Back off", "send fewer requests": D1 > Debug D1; Durable Objects > Troubleshooting, 2026-05-15. */
    {"overloaded", SN_ERROR_THROTTLED},
    {"requests queued", SN_ERROR_THROTTLED},
    {"data queued", SN_ERROR_THROTTLED},
    {"back off", SN_ERROR_THROTTLED},
    {"generating too much load", SN_ERROR_THROTTLED},
    {"storage operation exceeded timeout", SN_ERROR_THROTTLED},
    /* One write a second and key: KV > Limits, 2026-04-21; R2 > Limits; R2 > Error codes (10058). */
    {"too many requests", SN_ERROR_THROTTLED},
    {"failed: 429", SN_ERROR_THROTTLED},
    {"(10058)", SN_ERROR_THROTTLED},

    /* "Retry the operation": D1 > Debug D1; Durable Objects > Troubleshooting; R2 > Error codes (10054). */
    {"network connection lost", SN_ERROR_TRANSIENT},
    {"reset because its code was updated", SN_ERROR_TRANSIENT},
    {"replica disconnected", SN_ERROR_TRANSIENT},
    {"due to transient issue", SN_ERROR_TRANSIENT},
    {"client disconnected", SN_ERROR_TRANSIENT},
    {"instance is no longer active", SN_ERROR_TRANSIENT},
    {"connection closed because the object was reset", SN_ERROR_TRANSIENT},
    {"(10054)", SN_ERROR_TRANSIENT},

    /* Faults inside, named so that no row below claims them: the same pages. */
    {"internal error", SN_ERROR_PLATFORM},
    {"exceeded its memory limit", SN_ERROR_PLATFORM},
    {"exceeded its cpu time limit", SN_ERROR_PLATFORM},

    /* A method that the class has not got: as workerd words it. */
    {"does not implement the method", SN_ERROR_CLIENT},
    /* What KV and R2 refuse: KV > Write key-value pairs, 2026-06-22; R2 > Error codes. */
    {"key length limit", SN_ERROR_CLIENT},
    {"key name cannot be", SN_ERROR_CLIENT},
    {"kv get failed: 4", SN_ERROR_CLIENT},
    {"kv put failed: 4", SN_ERROR_CLIENT},
    {"kv delete failed: 4", SN_ERROR_CLIENT},
    {"kv list failed: 4", SN_ERROR_CLIENT},
    {"(10002)", SN_ERROR_CLIENT},  /* not authorised */
    {"(10003)", SN_ERROR_CLIENT},  /* not permitted */
    {"(10006)", SN_ERROR_CLIENT},  /* no such bucket */
    {"(10012)", SN_ERROR_CLIENT},  /* metadata too large */
    {"(10020)", SN_ERROR_CLIENT},  /* key not valid, or too long */
    {"(100100)", SN_ERROR_CLIENT}, /* value too large */
    /* SQLite's remaining refusals.  Last, because D1 also ends messages about itself with ": SQLITE_ERROR". */
    {"sqlite_error", SN_ERROR_CLIENT},
    {"sqlite_constraint", SN_ERROR_CLIENT},
    {"sqlite_toobig", SN_ERROR_CLIENT},
    {"sqlite_mismatch", SN_ERROR_CLIENT},
    {"sqlite_auth", SN_ERROR_CLIENT},
    {"d1_exec_error", SN_ERROR_CLIENT},
};

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int begins_with(const char *text, size_t len, const char *words) {
    size_t i = 0;
    while (i < len && words[i] != '\0' && lower(text[i]) == words[i]) i++;
    return words[i] == '\0';
}

enum sn_error sn_error_classify(const char *text, size_t len) {
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
        for (size_t at = 0; at < len; at++)
            if (begins_with(text + at, len - at, rows[row].words)) return rows[row].class;
    return SN_ERROR_PLATFORM;
}

enum sn_error sn_error_of_status(uint32_t status) {
    switch (status) {
    case 429:
    case 503: return SN_ERROR_THROTTLED; /* asks for less, or for patience */
    case 408:
    case 502:
    case 504: return SN_ERROR_TRANSIENT; /* something in between gave up */
    default: break;
    }
    if (status < 400) return SN_ERROR_DATA;
    return status < 500 ? SN_ERROR_CLIENT : SN_ERROR_PLATFORM;
}
