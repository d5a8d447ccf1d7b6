/* What can go wrong, in one list.
 *
 * A status is for the world's mistakes: a bad plan, a full table, a late answer.  Our own mistakes are
 * assertions (assert.h).  Statuses are negative so that a function can return a count or a status. */
#ifndef SENTINEL_BASE_STATUS_H
#define SENTINEL_BASE_STATUS_H

#define SN_STATUS_LIST(X)                                                        \
    X(E_RANGE, -1, "a value is outside its range")                               \
    X(E_LIMIT, -2, "a limit is reached")                                         \
    X(E_FORMAT, -3, "bytes or text are not in the expected format")              \
    X(E_VERSION, -4, "the format's version is not one that this build can read") \
    X(E_CHECKSUM, -5, "the checksum does not match")                             \
    X(E_STALE, -6, "the message is older than what is already known")            \
    X(E_GAP, -7, "a message before this one is missing")                         \
    X(E_STATE, -8, "not possible in the present state")                          \
    X(E_MISSING, -9, "something that is needed is not there")                    \
    X(E_MEMORY, -10, "the memory that was set aside is used up")

enum sn_status {
    SN_OK = 0,
#define SN_X(name, value, text) SN_##name = value,
    SN_STATUS_LIST(SN_X)
#undef SN_X
};

/* The sentence of a status, for logs and reports.  Never NULL. */
const char *sn_status_text(enum sn_status status);

#endif
