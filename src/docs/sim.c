/* What can go wrong in a simulated world, and which bugs are planted in it. */
#include <stdio.h>

#include "sentinel/base/planted.h"
#include "sentinel/sim/faults.h"
#include "tables.h"

int put_faults(void) {
    printf("| word | what happens |\n|---|---|\n");
    for (int i = 0; i < SN_FAULTS_LEN; i++)
        printf("| `%s` | %s |\n", sn_fault_name((enum sn_fault)i), sn_fault_about((enum sn_fault)i));
    return 1;
}

int put_planted(void) {
    static const struct {
        const char *name, *about;
    } bugs[] = {
#define SN_X(name, text, about) {text, about},
        SN_PLANT_LIST(SN_X)
#undef SN_X
    };
    printf("| bug | what is wrong |\n|---|---|\n");
    for (size_t i = 0; i < sizeof bugs / sizeof bugs[0]; i++) printf("| %s | %s |\n", bugs[i].name, bugs[i].about);
    return 1;
}
