#include "sentinel/measure/search.h"

#include <math.h>
#include <string.h>

#include "sentinel/base/assert.h"

void sn_search_begin(struct sn_search *search) {
    memset(search, 0, sizeof *search);
    search->factor = SN_SEARCH_FIRST;
}

void sn_search_end(struct sn_search *search, enum sn_search_outcome outcome) {
    search->stage = SN_SEARCH_DONE;
    search->outcome = outcome;
    search->factor = search->low;
}

static void confirm(struct sn_search *search, double factor) {
    search->stage = SN_SEARCH_CONFIRM;
    search->factor = factor;
}

/* Half way between what was met and what was not, or the confirmation of what was when they are close. */
static void narrow(struct sn_search *search) {
    bool close = search->high - search->low <= SN_SEARCH_CLOSE * search->high;
    search->stage = SN_SEARCH_NARROW;
    search->factor = (search->low + search->high) / 2;
    if (close) confirm(search, search->low);
}

/* Nothing was met yet: far lower, as far down as there is something to try. */
static void go_below(struct sn_search *search) {
    if (search->factor <= SN_SEARCH_LEAST)
        sn_search_end(search, SN_SEARCH_OUTCOME_BELOW);
    else
        search->factor = fmax(search->factor / 3, SN_SEARCH_LEAST);
}

/* Of a rate that is too low to judge by nothing speaks against a higher one. */
static void grow(struct sn_search *search, enum sn_search_verdict verdict) {
    if (verdict == SN_SEARCH_NOT_MET) {
        search->high = search->factor;
        if (search->low > 0)
            narrow(search);
        else
            go_below(search);
        return;
    }
    search->low = search->factor;
    if (search->high > 0)
        narrow(search);
    else if (search->factor >= 1)
        confirm(search, 1);
    else
        search->factor = fmin(2 * search->factor, 1);
}

static void settle(struct sn_search *search, enum sn_search_verdict verdict) {
    search->confirms += 1;
    if (verdict == SN_SEARCH_MET) {
        search->low = search->factor;
        sn_search_end(search, search->high > 0 ? SN_SEARCH_OUTCOME_FOUND : SN_SEARCH_OUTCOME_CEILING);
    } else if (verdict == SN_SEARCH_UNDECIDED) {
        sn_search_end(search, SN_SEARCH_OUTCOME_UNCLEAR);
    } else {
        double lower = search->factor * SN_SEARCH_BACK;
        search->high = search->factor;
        search->low = 0;
        if (search->confirms >= SN_SEARCH_CONFIRMS_MAX || lower < SN_SEARCH_LEAST)
            sn_search_end(search, SN_SEARCH_OUTCOME_UNSTEADY);
        else
            confirm(search, lower);
    }
}

void sn_search_step(struct sn_search *search, enum sn_search_verdict verdict) {
    SN_ASSERT(search->stage < SN_SEARCH_DONE);
    search->steps += 1;
    switch (search->stage) {
    case SN_SEARCH_GROW: grow(search, verdict); break;
    case SN_SEARCH_NARROW:
        *(verdict == SN_SEARCH_NOT_MET ? &search->high : &search->low) = search->factor;
        narrow(search);
        break;
    default: settle(search, verdict);
    }
    if (search->stage < SN_SEARCH_DONE && search->steps >= SN_SEARCH_STEPS_MAX)
        sn_search_end(search, SN_SEARCH_OUTCOME_UNSTEADY);
}

const char *sn_search_stage_name(enum sn_search_stage stage) {
    static const char *const names[] = {
#define SN_X(name, text) [SN_SEARCH_##name] = text,
        SN_SEARCH_STAGE_LIST(SN_X)
#undef SN_X
    };
    return names[stage];
}

const char *sn_search_outcome_name(enum sn_search_outcome outcome) {
    static const char *const names[] = {
#define SN_X(name, text) [SN_SEARCH_OUTCOME_##name] = text,
        SN_SEARCH_OUTCOME_LIST(SN_X)
#undef SN_X
    };
    return names[outcome];
}
