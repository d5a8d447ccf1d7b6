/* Writes the tables of the documentation from the code's own: a page on stdin, the same page on stdout with what stands
 * between these two lines made anew.
 *
 *     <!-- table: routes, written by make docs -->
 *     <!-- end of table -->
 */
#include <stdio.h>
#include <string.h>

#include "sentinel/base/action.h"
#include "sentinel/base/problem.h"
#include "sentinel/plan/catalog.h"
#include "sentinel/service/routes.h"
#include "tables.h"

#define BEGIN "<!-- table: "
#define END "<!-- end of table -->"
#define LINE_MAX_BYTES 4096

static int put_routes(void) {
    printf("| Route | Needs | What it does |\n|---|---|---|\n");
    for (size_t i = 0; i < sn_routes_len; i++) {
        const struct sn_route *route = &sn_routes[i];
        printf("| `%s %s` | %s | %s |\n", route->method, route->pattern,
               route->access == SN_ACCESS_NONE ? "nothing" : sn_access_name(route->access), route->summary);
    }
    return 1;
}

static int put_problems(void) {
    static const struct {
        int status;
        const char *code, *when;
    } problems[] = {
#define SN_X(name, status, code, when) {status, code, when},
        SN_PROBLEM_LIST(SN_X)
#undef SN_X
    };
    printf("| Status | Code | When |\n|---|---|---|\n");
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        printf("| %d | `%s` | %s |\n", problems[i].status, problems[i].code, problems[i].when);
    }
    return 1;
}

static int put_actions(void) {
    printf("| Action |");
    for (int s = 0; s < SN_SITUATIONS_LEN; s++) printf(" %s |", sn_situation_text((enum sn_situation)s));
    printf("\n|---|");
    for (int s = 0; s < SN_SITUATIONS_LEN; s++) printf("---|");
    for (int a = 0; a < SN_RUN_ACTIONS_LEN; a++) {
        printf("\n| `%s` |", sn_run_action_name((enum sn_run_action)a));
        for (int s = 0; s < SN_SITUATIONS_LEN; s++) {
            printf(" %s |", sn_outcome_text(sn_run_action_outcome((enum sn_run_action)a, (enum sn_situation)s)));
        }
    }
    printf("\n");
    return 1;
}

void put_grouped(unsigned long long value) {
    if (value < 1000) {
        printf("%llu", value);
        return;
    }
    put_grouped(value / 1000);
    printf(",%03llu", value % 1000);
}

static int put_presets(void) {
    static struct sn_profile profile;
    printf(
        "| preset | type | operations | seconds | concurrency | systems, or workload | shows |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sn_presets_len; i++) {
        const struct sn_preset *preset = &sn_presets[i];
        printf("| `%s` | %s | ", preset->name, sn_profile_type_name(preset->type));
        if (!sn_preset_profile(preset, &profile)) return 0;
        put_grouped(profile.planned);
        printf(" | ");
        put_grouped(preset->duration_s);
        printf(" | %u | ", preset->concurrency);
        for (size_t k = 0; preset->systems[k] != NULL; k++) printf("%s%s", k > 0 ? ", " : "", preset->systems[k]);
        if (preset->workload != NULL) printf("`%s`", preset->workload);
        printf(" | %s |\n", preset->about);
    }
    return 1;
}

static const struct {
    const char *name;
    int (*put)(void);
} tables[] = {{"routes", put_routes},   {"actions", put_actions}, {"problems", put_problems}, {"presets", put_presets},
              {"limits", put_limits},   {"meters", put_meters},   {"daily", put_daily},       {"faults", put_faults},
              {"planted", put_planted}, {"models", put_models},   {"bounds", put_bounds}};

/* Writes the table that the line names.  False when there is none of that name. */
static int put_table(const char *line) {
    const char *name = line + strlen(BEGIN);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        size_t len = strlen(tables[i].name);
        if (strncmp(name, tables[i].name, len) != 0 || name[len] != ',') continue;
        return tables[i].put();
    }
    fprintf(stderr, "there is no table of this name: %s", line);
    return 0;
}

int main(void) {
    static char line[LINE_MAX_BYTES];
    int inside = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        int begins = strncmp(line, BEGIN, strlen(BEGIN)) == 0;
        if (strncmp(line, END, strlen(END)) == 0) inside = 0;
        if (!inside) fputs(line, stdout);
        if (begins && (inside || !put_table(line))) return 1;
        inside = inside || begins;
    }
    if (inside) fprintf(stderr, "a table has no end: expected the line %s\n", END);
    return inside || ferror(stdout) != 0;
}
