/* What can go wrong in a simulated world, and which bugs are planted in it. */
#include <stdio.h>

#include "sentinel/sim/faults.h"
#include "sentinel/sim/models.h"
#include "tables.h"

int put_faults(void) {
    printf("| word | what happens |\n|---|---|\n");
    for (int i = 0; i < SN_FAULTS_LEN; i++)
        printf("| `%s` | %s |\n", sn_fault_name((enum sn_fault)i), sn_fault_about((enum sn_fault)i));
    return 1;
}

int put_models(void) {
    struct sn_models usual = sn_models_default();
    printf("| word | ms | what takes so long | where the figure is from |\n|---|---|---|---|\n");
    for (int i = 0; i < SN_MODELS_LEN; i++) {
        enum sn_model model = (enum sn_model)i;
        printf("| `%s` | %g", sn_model_name(model), usual.of[i].ms);
        if (sn_model_form(model) == SN_MODEL_ANSWER) printf(":%g", usual.of[i].p99_ms);
        printf(" | %s | %s |\n", sn_model_about(model), sn_model_source(model));
    }
    return 1;
}

int put_planted(void) {
    printf("| bug | what is wrong |\n|---|---|\n");
    for (int i = SN_PLANT_NONE + 1; i < SN_PLANTS_LEN; i++)
        printf("| %s | %s |\n", sn_plant_name((enum sn_plant)i), sn_plant_about((enum sn_plant)i));
    return 1;
}
