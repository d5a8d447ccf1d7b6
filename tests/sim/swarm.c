/* Worlds by the hundred: each seed switches a random part of the faults on, and the auditor watches.
 *
 *     swarm SEED SEEDS PLAN…     speaks TAP; a world that breaks a promise is shown with the command that repeats it
 *     hunt SEED SEEDS PLAN…      the same source with planted bugs (-DSN_PLANTS): each must be found within so many seeds;
 *                                PLANT in the environment names the only one to hunt
 *
 * SEEDS 0 goes on until it is stopped. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sentinel/base/planted.h"
#include "sentinel/plan/plan.h"
#include "sentinel/sim/sim.h"

#define BATCH 50
#define REPORT_BYTES (2u << 20)

/* What a child that simulates tells: where it is, and what it found. */
struct progress {
    uint64_t seed;
    bool found;
    char what[300];
};

static struct progress *progress;
static char **plans;
static size_t plans_len;

static const char *plan_of(uint64_t seed) {
    return plans[seed % plans_len];
}

static enum sn_platform platform_of(uint64_t seed) {
    return seed % 7 == 0 ? SN_PLATFORM_FREE : SN_PLATFORM_PAID;
}

static void compile(const char *path, enum sn_platform platform, struct sn_writer *out) {
    static char json[65536];
    static _Alignas(16) uint8_t scratch[1 << 19];
    struct sn_arena arena;
    struct sn_plan_error error;
    struct sn_plan_owner owner = {
        .run_id = "00000000-0000-4000-8000-000000000000", .tenant = "default", .platform = platform};
    FILE *file = fopen(path, "r");
    size_t len = file != NULL ? fread(json, 1, sizeof json, file) : 0;
    if (file == NULL || ferror(file)) {
        perror(path);
        exit(2);
    }
    fclose(file);
    sn_arena_init(&arena, scratch, sizeof scratch);
    out->len = 0;
    if (sn_plan_compile(json, len, &owner, &arena, out, &error) == SN_OK) return;
    fprintf(stderr, "%s: %s at %s: expected %s\n", path, error.code, error.path, error.expected);
    exit(2);
}

#ifdef SN_PLANTS
enum sn_plant sn_planted;

/* Bugs that show the teeth of one rule: what others find of them does not count. */
static bool counts(const char *what) {
    static const struct {
        enum sn_plant plant;
        const char *rule;
    } rows[] = {
        {SN_PLANT_TURN_IGNORED, "more reports in a second"},
        {SN_PLANT_RETRIES_DROPPED, "keys left behind in the targets"},
        {SN_PLANT_SWEPT_SHORT, "keys left behind by a run that could not be read"},
        {SN_PLANT_LEFT_TO_SWEEP, "keys left behind by a run that had ended"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].plant == sn_planted) return strstr(what, rows[i].rule) != NULL;
    return true;
}
#else
static bool counts(const char *what) {
    return what != NULL;
}
#endif

/* One world.  True when a promise was broken; progress->what then says which. */
static bool breaks(uint64_t seed) {
    static _Alignas(16) uint8_t bytes[SN_PLAN_BYTES_MAX];
    static uint8_t report_bytes[REPORT_BYTES];
    struct sn_writer plan = sn_writer(bytes, sizeof bytes), report = sn_writer(report_bytes, sizeof report_bytes);
    struct sn_sim_options options = {.seed = seed, .faults = sn_faults_of_seed(seed), .target_mean_ms = 5};
    struct sn_sim_outcome outcome = {0};
    compile(plan_of(seed), platform_of(seed), &plan);
    enum sn_status status = sn_simulate(bytes, plan.len, &options, &report, &outcome);
    const char *what = NULL;
    if (status != SN_OK)
        what = sn_status_text(status);
    else if (outcome.violations > 0)
        what = outcome.first_violation;
    else if (!outcome.ended)
        what = "the run did not end";
    if (what == NULL || !counts(what)) return false;
    snprintf(progress->what, sizeof progress->what, "%s", what);
    return true;
}

/* In a child, since a broken machine stops at an assertion.  True when a seed of the range breaks a promise; that is
 * progress->seed. */
static bool search(uint64_t first, uint64_t end) {
    memset(progress, 0, sizeof *progress);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        for (progress->seed = first; progress->seed < end && !progress->found; progress->seed++) {
            if (!breaks(progress->seed)) continue;
            progress->found = true;
            break;
        }
        _exit(0);
    }
    int how = 0;
    if (child < 0 || waitpid(child, &how, 0) != child) {
        perror("fork");
        exit(2);
    }
    if (WIFSIGNALED(how)) {
        progress->found = true;
        snprintf(progress->what, sizeof progress->what, "the machine stopped at an assertion (signal %d)",
                 WTERMSIG(how));
    } else if (WEXITSTATUS(how) != 0) {
        exit(WEXITSTATUS(how));
    }
    return progress->found;
}

#ifdef SN_PLANTS
static int hunt(uint64_t seed, uint64_t seeds) {
    int missed = 0, hunted = 0;
    const char *only = getenv("PLANT");
    printf("# first seed %llu, at most %llu each\n", (unsigned long long)seed, (unsigned long long)seeds);
    for (int i = SN_PLANT_NONE + 1; i < SN_PLANTS_LEN; i++) {
        sn_planted = (enum sn_plant)i;
        if (only != NULL && strcmp(only, sn_plant_name(sn_planted)) != 0) continue;
        bool found = search(seed, seed + seeds);
        missed += !found;
        printf("%s %d - %s: %s\n", found ? "ok" : "not ok", ++hunted, sn_plant_name(sn_planted),
               sn_plant_about(sn_planted));
        if (found)
            printf("# found by seed %llu, number %llu: %s\n", (unsigned long long)progress->seed,
                   (unsigned long long)(progress->seed - seed + 1), progress->what);
        else
            printf("# not found by %llu seeds\n", (unsigned long long)seeds);
        fflush(stdout);
    }
    printf("1..%d\n", hunted);
    return missed > 0 || hunted == 0;
}
#else
static void show_command(void) {
    bool free = platform_of(progress->seed) == SN_PLATFORM_FREE;
    printf("# seed %llu: %s\n# repeat: build/sentinel simulate %s --seed %llu --faults swarm%s\n",
           (unsigned long long)progress->seed, progress->what, plan_of(progress->seed),
           (unsigned long long)progress->seed, free ? " --platform free" : "");
}

static int hunt(uint64_t seed, uint64_t seeds) {
    int broken = 0;
    uint64_t end = seeds > 0 ? seed + seeds : UINT64_MAX, batch = 0;
    printf("# first seed %llu\n", (unsigned long long)seed);
    for (uint64_t first = seed; first < end; batch++) {
        uint64_t last = end - first > BATCH ? first + BATCH : end;
        bool found = search(first, last);
        printf("%s %llu - worlds %llu to %llu\n", found ? "not ok" : "ok", (unsigned long long)batch + 1,
               (unsigned long long)first, (unsigned long long)(last - 1));
        if (found) show_command();
        broken += found;
        first = found ? progress->seed + 1 : last;
        fflush(stdout);
    }
    printf("1..%llu\n", (unsigned long long)batch);
    return broken > 0;
}
#endif

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "%s SEED SEEDS PLAN...\n", argv[0]);
        return 2;
    }
    plans = argv + 3;
    plans_len = (size_t)argc - 3;
    progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) {
        perror("mmap");
        return 2;
    }
    return hunt(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
}
