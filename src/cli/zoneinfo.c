/* The system's time zones: TZDIR, else the usual folder. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/schedule/tzif.h"

#define USUAL "/usr/share/zoneinfo"
#define FILE_BYTES_MAX 262144 /* the largest is below 4 KB */

static const char *folder(void) {
    const char *named = getenv("TZDIR");
    return named != NULL && named[0] != 0 ? named : USUAL;
}

static bool read_file(FILE *file, struct sn_cli_text *data) {
    data->data = malloc(FILE_BYTES_MAX);
    if (data->data == NULL) return false;
    data->len = fread(data->data, 1, FILE_BYTES_MAX, file);
    return !ferror(file) && data->len < FILE_BYTES_MAX;
}

bool sn_cli_zone_open(const char *name, struct sn_cli_text *data) {
    *data = (struct sn_cli_text){0};
    if (name == NULL || strcmp(name, "UTC") == 0) return true;
    char path[4096];
    if (!sn_zone_name_valid(name, strlen(name))) {
        sn_cli_say("--timezone: expected a name such as Europe/Berlin, got \"%s\".", name);
        return false;
    }
    snprintf(path, sizeof path, "%s/%s", folder(), name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        const char *reason = strerror(errno);
        snprintf(path, sizeof path, "%s/Etc/UTC", folder());
        FILE *any = fopen(path, "rb");
        if (any != NULL) {
            fclose(any);
            sn_cli_say("--timezone: there is no zone \"%s\" in %s.", name, folder());
        } else {
            sn_cli_say(
                "--timezone: this system has no time zone data in %s (%s); it comes with the package tzdata, or set "
                "TZDIR.",
                folder(), reason);
        }
        return false;
    }
    bool read = read_file(file, data);
    fclose(file);
    if (!read) {
        sn_cli_say("--timezone: \"%s\" is not a zone.", name);
        free(data->data);
        data->data = NULL;
    }
    return read;
}

bool sn_cli_zone_read(const char *name, const struct sn_cli_text *data, int64_t from_s, struct sn_zone *zone) {
    if (data->data == NULL) {
        sn_zone_fixed(zone, 0);
        return true;
    }
    enum sn_status status = sn_tzif_read(data->data, data->len, from_s, SN_ZONE_END_S, zone);
    if (status == SN_OK) return true;
    sn_cli_say("--timezone: \"%s\" in %s is not a zone that can be read: %s.", name, folder(), sn_status_text(status));
    return false;
}
