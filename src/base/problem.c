#include "sentinel/base/problem.h"

#include <string.h>

static const struct {
    uint32_t status;
    const char *code;
} problems[] = {
#define SN_X(name, status, code, when) {status, code},
    SN_PROBLEM_LIST(SN_X)
#undef SN_X
};

uint32_t sn_problem_status(enum sn_problem_kind kind) {
    return problems[kind].status;
}

const char *sn_problem_code(enum sn_problem_kind kind) {
    return problems[kind].code;
}

enum sn_problem_kind sn_problem_find(const char *code, enum sn_problem_kind otherwise) {
    for (uint32_t i = 0; code != NULL && i < SN_PROBLEMS_LEN; i++) {
        if (strcmp(problems[i].code, code) == 0) return (enum sn_problem_kind)i;
    }
    return otherwise;
}
