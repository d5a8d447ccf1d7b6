#include "service.h"

#include <string.h>

#define CHALLENGE "Bearer realm=\"sentinel\""

static const struct sn_problem not_configured = {
    .kind = SN_PROBLEM_AUTH_NOT_CONFIGURED,
    .detail =
        "This Sentinel has no token yet, so it lets nobody in. Set one with 'wrangler secret put SENTINEL_TOKEN' "
        "(on your own machine: a line SENTINEL_TOKEN=... in .dev.vars) and send it as 'Authorization: Bearer ...'.",
    .challenge = CHALLENGE,
};

static const struct sn_problem missing = {
    .kind = SN_PROBLEM_AUTH_MISSING,
    .detail = "Please send the token of this Sentinel as 'Authorization: Bearer ...'.",
    .challenge = CHALLENGE,
};

static const struct sn_problem wrong = {
    .kind = SN_PROBLEM_AUTH_WRONG,
    .detail = "This is not the token of this Sentinel. If it was replaced lately, send the new one.",
    .challenge = CHALLENGE ", error=\"invalid_token\"",
};

const char *sn_access_name(enum sn_access access) {
    static const char *const names[] = {
        [SN_ACCESS_NONE] = "none",
        [SN_ACCESS_READ] = "read",
        [SN_ACCESS_OPERATE] = "operate",
        [SN_ACCESS_ADMIN] = "admin",
    };
    return names[access];
}

/* What follows "Bearer", without the blanks around it; the scheme's case does not matter (RFC 9110, 11.1). */
static bool bearer(struct sn_span header, struct sn_span *token) {
    static const char scheme[] = "bearer";
    const size_t len = sizeof scheme - 1;
    if (header.len <= len || header.data[len] != ' ') return false;
    for (size_t i = 0; i < len; i++) {
        if ((header.data[i] | 0x20) != scheme[i]) return false;
    }
    *token = (struct sn_span){header.data + len, header.len - len};
    while (token->len > 0 && token->data[0] == ' ') *token = (struct sn_span){token->data + 1, token->len - 1};
    while (token->len > 0 && token->data[token->len - 1] == ' ') token->len--;
    return token->len > 0;
}

/* The configured token is the one way in.  Whoever comes with another kind of key (a ticket for a socket, a token of a
 * tenant's own) becomes a principal here and nowhere else. */
bool sn_access_check(struct sn_api *api, const struct sn_http *http, struct sn_principal *who) {
    struct sn_span token;
    const struct sn_problem *problem = NULL;
    if (http->token.len == 0) {
        problem = &not_configured;
    } else if (!bearer(http->authorization, &token)) {
        problem = &missing;
    } else if (!sn_equal_constant_time(token.data, token.len, http->token.data, http->token.len)) {
        problem = &wrong;
    }
    if (problem != NULL) {
        sn_answer_problem(api, problem);
        return false;
    }
    *who = (struct sn_principal){.tenant = SN_TENANT_DEFAULT, .access = SN_ACCESS_ADMIN};
    return true;
}
