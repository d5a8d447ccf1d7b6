#include "sentinel/base/time.h"

#include "sentinel/base/limits.h"

#define DAY_S INT64_C(86400)
#define DAY_US (DAY_S * SN_SECOND_US)
/* The years that four digits can write, 0000-01-01 … 9999-12-31, as instants [MIN_US, END_US). */
#define MIN_US (INT64_C(-719528) * DAY_US)
#define END_US (INT64_C(2932897) * DAY_US)

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/* Days since 1970-01-01.  The year begins in March here, so that the leap day is its last and months have a rule
 * (Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct sn_civil sn_civil_from_us(int64_t at_us) {
    int64_t days = floor_div(at_us, DAY_US);
    int64_t rest_us = at_us % DAY_US;
    if (rest_us < 0) rest_us += DAY_US;
    int64_t second = rest_us / SN_SECOND_US;

    int64_t shifted = days + 719468;
    int64_t era = floor_div(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 = March */
    int64_t weekday = (days + 4) % 7;            /* 1970-01-01 was a Thursday */
    return (struct sn_civil){
        .year = (int)(era * 400 + year_of_era + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
        .hour = (int)(second / 3600),
        .minute = (int)(second / 60 % 60),
        .second = (int)(second % 60),
        .micro = (int)(rest_us % SN_SECOND_US),
        .weekday = (int)(weekday < 0 ? weekday + 7 : weekday),
    };
}

int64_t sn_civil_to_us(const struct sn_civil *civil) {
    int64_t days = days_from_civil(civil->year, civil->month, civil->day);
    int64_t second = civil->hour * INT64_C(3600) + civil->minute * INT64_C(60) + civil->second;
    return (days * DAY_S + second) * SN_SECOND_US + civil->micro;
}

static void format_digits(char *out, int value, int digits) {
    for (int i = digits - 1; i >= 0; i--, value /= 10) out[i] = (char)('0' + value % 10);
}

void sn_put_iso(struct sn_writer *w, int64_t at_us) {
    if (at_us < MIN_US || at_us >= END_US) {
        sn_put_text(w, "-");
        return;
    }
    struct sn_civil civil = sn_civil_from_us(at_us);
    char text[] = "0000-00-00T00:00:00.000Z";
    format_digits(text, civil.year, 4);
    format_digits(text + 5, civil.month, 2);
    format_digits(text + 8, civil.day, 2);
    format_digits(text + 11, civil.hour, 2);
    format_digits(text + 14, civil.minute, 2);
    format_digits(text + 17, civil.second, 2);
    format_digits(text + 20, civil.micro / 1000, 3);
    sn_put_text(w, text);
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* A number of exactly `digits` digits from `low` to `high`; anything else spoils the reader. */
static int number(struct sn_reader *r, int digits, int low, int high) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
        uint8_t c = sn_get_u8(r);
        if (c < '0' || c > '9') r->bad = true;
        value = value * 10 + (c - '0');
    }
    if (value < low || value > high) r->bad = true;
    return r->bad ? low : value;
}

static void expect(struct sn_reader *r, uint8_t upper, uint8_t lower) {
    uint8_t c = sn_get_u8(r);
    if (c != upper && c != lower) r->bad = true;
}

static bool next_is_digit(const struct sn_reader *r) {
    return sn_reader_left(r) > 0 && r->data[r->pos] >= '0' && r->data[r->pos] <= '9';
}

/* Digits after the point, in µs; what is finer is cut off. */
static int fraction_us(struct sn_reader *r) {
    int value = 0;
    int unit = 100000;
    if (!next_is_digit(r)) r->bad = true;
    for (; next_is_digit(r); unit /= 10) value += (sn_get_u8(r) - '0') * unit;
    return value;
}

/* Z, or hours and minutes that local time is ahead of UTC. */
static int64_t offset_us(struct sn_reader *r) {
    uint8_t c = sn_get_u8(r);
    if (c == 'Z' || c == 'z') return 0;
    if (c != '+' && c != '-') r->bad = true;
    int hours = number(r, 2, 0, 23);
    expect(r, ':', ':');
    int64_t ahead_us = (hours * 60 + number(r, 2, 0, 59)) * 60 * SN_SECOND_US;
    return c == '-' ? -ahead_us : ahead_us;
}

/* A leap second (":60") is refused: Unix time has no instant for it. */
enum sn_status sn_iso_parse(const char *text, size_t len, int64_t *at_us) {
    struct sn_reader reader = sn_reader(text, len), *r = &reader;
    struct sn_civil civil = {0};
    civil.year = number(r, 4, 0, 9999);
    expect(r, '-', '-');
    civil.month = number(r, 2, 1, 12);
    expect(r, '-', '-');
    civil.day = number(r, 2, 1, days_in_month(civil.year, civil.month));
    expect(r, 'T', 't');
    civil.hour = number(r, 2, 0, 23);
    expect(r, ':', ':');
    civil.minute = number(r, 2, 0, 59);
    expect(r, ':', ':');
    civil.second = number(r, 2, 0, 59);
    if (sn_reader_left(r) > 0 && r->data[r->pos] == '.') {
        sn_get_u8(r);
        civil.micro = fraction_us(r);
    }
    int64_t ahead_us = offset_us(r);
    if (r->bad || sn_reader_left(r) > 0) return SN_E_FORMAT;

    int64_t instant_us = sn_civil_to_us(&civil) - ahead_us;
    if (instant_us < MIN_US || instant_us >= END_US) return SN_E_FORMAT; /* the offset led out of the four digits */
    *at_us = instant_us;
    return SN_OK;
}
