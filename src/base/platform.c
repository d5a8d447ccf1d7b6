#include "sentinel/base/platform.h"

#include "sentinel/base/bytes.h"

#include "sentinel/base/limits.h"

static const struct {
    const char *name;
    uint32_t calls, cpu_us;
} platforms[] = {
#define SN_X(name, text, calls, cpu_us) {text, calls, cpu_us},
    SN_PLATFORM_LIST(SN_X)
#undef SN_X
};

const char *sn_platform_name(enum sn_platform platform) {
    return platforms[platform].name;
}

bool sn_platform_find(const char *name, size_t len, enum sn_platform *platform) {
    for (size_t i = 0; i < SN_PLATFORMS_LEN; i++) {
        if (!sn_span_is((struct sn_span){(const uint8_t *)name, len}, platforms[i].name)) continue;
        *platform = (enum sn_platform)i;
        return true;
    }
    return false;
}

uint32_t sn_platform_calls(enum sn_platform platform) {
    return platforms[platform].calls;
}

uint32_t sn_platform_slice_calls(enum sn_platform platform) {
    uint32_t by_calls = platforms[platform].calls / 10 * 9;
    uint32_t by_cpu = platforms[platform].cpu_us / 2 / SN_CALL_CPU_US;
    return by_calls < by_cpu ? by_calls : by_cpu;
}
