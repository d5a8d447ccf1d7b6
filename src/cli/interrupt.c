#include "cli.h"

#include <signal.h>
#include <time.h>

static volatile sig_atomic_t interrupts;

static void count(int signal_number) {
    (void)signal_number;
    if (interrupts < 100) interrupts++;
}

void sn_cli_interrupt_watch(void) {
    struct sigaction action = {.sa_handler = count};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int sn_cli_interrupts(void) {
    return interrupts;
}

int64_t sn_cli_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
