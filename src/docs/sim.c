/* What can go wrong in a simulated world, and which bugs are planted in it. */
#include <stdio.h>

#include "sentinel/sim/faults.h"
#include "tables.h"

int put_faults(void) {
    printf("| word | what happens |\n|---|---|\n");
    for (int i = 0; i < SN_FAULTS_LEN; i++)
        printf("| `%s` | %s |\n", sn_fault_name((enum sn_fault)i), sn_fault_about((enum sn_fault)i));
    return 1;
}

int put_planted(void) {
    printf("| bug | what is wrong |\n|---|---|\n");
    for (int i = SN_PLANT_NONE + 1; i < SN_PLANTS_LEN; i++)
        printf("| %s | %s |\n", sn_plant_name((enum sn_plant)i), sn_plant_about((enum sn_plant)i));
    return 1;
}
