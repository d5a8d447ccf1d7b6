/* The limits as tables: limits.h is read as it stands, so that a limit, its value and its reason are written once.
 *
 *     #define NAME value        / * why; where it comes from * /
 *     / * --- Section ---… * /
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sentinel/base/bounds.h"
#include "sentinel/measure/cost.h"
#include "tables.h"

#define LIMITS_FILE "include/sentinel/base/limits.h"

/* "--- What the platform allows -----" → "What the platform allows" */
static int put_section(const char *line) {
    static const char begin[] = "/* --- ";
    if (strncmp(line, begin, sizeof begin - 1) != 0) return 0;
    const char *name = line + sizeof begin - 1, *end = strstr(name, " --");
    if (end == NULL) return 0;
    printf("\n## %.*s\n\n| limit | value | why |\n|---|---|---|\n", (int)(end - name), name);
    return 1;
}

/* A number of four digits or more in groups of three; what is no number as it stands. */
static void put_value(const char *value, size_t len) {
    static const char wide[] = "INT64_C(";
    if (strncmp(value, wide, sizeof wide - 1) == 0) {
        value += sizeof wide - 1;
        len -= sizeof wide;
    }
    int number = len > 0;
    for (size_t i = 0; i < len; i++) number = number && isdigit((unsigned char)value[i]);
    for (size_t i = 0; i < len; i++) {
        if (number && i > 0 && (len - i) % 3 == 0) putchar(',');
        putchar(value[i]);
    }
}

static int put_limit(const char *line) {
    static const char begin[] = "#define SN_";
    if (strncmp(line, begin, sizeof begin - 1) != 0) return 1;
    const char *name = line + strlen("#define "), *value = strchr(name, ' ');
    if (value == NULL) return 1; /* something that is not a limit */
    size_t name_len = (size_t)(value - name);
    value += strspn(value, " ");
    const char *why = strstr(value, "/* "), *end = why != NULL ? strstr(why, " */") : NULL;
    if (end == NULL) {
        fprintf(stderr, "%s: %.*s has no reason beside it\n", LIMITS_FILE, (int)name_len, name);
        return 0;
    }
    const char *value_end = why;
    while (value_end > value && value_end[-1] == ' ') value_end--;
    printf("| `%.*s` | ", (int)name_len, name);
    put_value(value, (size_t)(value_end - value));
    printf(" | %.*s |\n", (int)(end - why) - 3, why + 3);
    return 1;
}

int put_limits(void) {
    char line[512];
    FILE *file = fopen(LIMITS_FILE, "r");
    int good = 1;
    if (file == NULL) {
        perror(LIMITS_FILE);
        return 0;
    }
    while (good && fgets(line, sizeof line, file) != NULL) good = put_section(line) || put_limit(line);
    fclose(file);
    return good;
}

int put_daily(void) {
    printf("| what | at most a day |\n|---|---|\n");
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        const struct sn_meter_facts *facts = sn_meter((enum sn_meter)i);
        if (facts->day == 0) continue;
        printf("| %s | ", facts->words);
        put_grouped(facts->day);
        printf(" |\n");
    }
    return 1;
}

int put_bounds(void) {
    static const char *const words[] = {[SN_BOUND_OPERATIONS] = "operations of a run",
                                        [SN_BOUND_CONCURRENCY] = "calls in flight",
                                        [SN_BOUND_RATE_PER_S] = "operations a second at any time"};
    printf("| at most |");
    for (size_t i = 0; i < SN_BOUNDS_LEN; i++) printf(" `%s` |", sn_bounds_name((enum sn_bounds)i));
    printf("\n|---|---|---|\n");
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
        printf("| %s |", words[k]);
        for (size_t i = 0; i < SN_BOUNDS_LEN; i++) {
            printf(" ");
            put_grouped((unsigned long long)sn_bound((enum sn_bounds)i, (enum sn_bound)k));
            printf(" |");
        }
        printf("\n");
    }
    return 1;
}
