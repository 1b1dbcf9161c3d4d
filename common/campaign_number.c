#include "common/campaign_number.h"

#include "common/invariant.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *p)
{
    while (is_digit(*p))
        p++;
    return p;
}

/* Where the number that starts at `text` ends by the grammar of the header; `text` itself when there is none. */
static const char *number_end(const char *text)
{
    const char *p = text + (*text == '-');
    if (!is_digit(*p))
        return text;
    p = *p == '0' ? p + 1 : skip_digits(p);
    if (p[0] == '.' && is_digit(p[1]))
        p = skip_digits(p + 1);
    if (*p == 'e' || *p == 'E') {
        const char *exponent = p + 1 + (p[1] == '+' || p[1] == '-');
        if (is_digit(*exponent))
            p = skip_digits(exponent);
    }
    return p;
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcasecmp(text, *words) == 0)
            return true;
    return false;
}

/* Why `text` is not a number, given where the grammar stopped. */
static const char *explain(const char *text, const char *end)
{
    static const char *const not_finite[] = {"nan", ".nan", "inf", ".inf", "-inf", "-.inf", "+.inf", "infinity", NULL};
    static const char *const booleans[] = {"yes", "no", "on", "off", "true", "false", NULL};
    if (*text == '\0')
        return "it is empty";
    if (is_one_of(text, not_finite))
        return "it must be finite";
    if (is_one_of(text, booleans))
        return "it is a truth value";
    if (end[0] == ',')
        return "the decimal sign is a point";
    if (end[0] == '_')
        return "digits are not grouped";
    if (text[0] == '+')
        return "leave the plus sign out";
    if (text[0] == '.' || (text[0] == '-' && text[1] == '.'))
        return "write a digit before the point";
    if (end[0] == '.')
        return "write a digit after the point";
    if (end > text && end[-1] == '0' && (end[0] == 'x' || end[0] == 'o' || end[0] == 'b'))
        return "numbers are decimal";
    if (end > text && end[-1] == '0' && is_digit(end[0]))
        return "leave the leading zero out";
    if (end > text)
        return "something follows the number; units are fixed and not written";
    return "digits are expected";
}

/* strtod rounds correctly, so the same text gives the same bits everywhere. The programs never call setlocale, and the
 * invariant holds them to it. */
static const char *convert(const char *text, const char *end, double *out_value)
{
    char *stop;
    errno = 0;
    double value = strtod(text, &stop);
    INVARIANT(stop == end);
    if (!isfinite(value))
        return "it is too large for a double";
    if (errno == ERANGE)
        return "it is too small for a double";
    *out_value = value;
    return NULL;
}

const char *campaign_number_real(const char *text, double *out_value)
{
    const char *end = number_end(text);
    if (end == text || *end != '\0')
        return explain(text, end);
    return convert(text, end, out_value);
}

/* Digits alone, to the last one: a seed has up to 19. */
static const char *plain_whole(const char *text, int64_t *out_value)
{
    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno == ERANGE)
        return "it is too large (the largest whole number is 9223372036854775807)";
    *out_value = value;
    return NULL;
}

static const char *whole_of_real(double value, int64_t *out_value)
{
    if (value != floor(value))
        return "it must be a whole number";
    if (fabs(value) >= 0x1p53) /* neighbours of the written number give the same double */
        return "from 9007199254740992 on, a number is written with all its digits";
    *out_value = (int64_t)value;
    return NULL;
}

const char *campaign_number_whole(const char *text, int64_t *out_value)
{
    double value;
    const char *why = campaign_number_real(text, &value);
    if (why)
        return why;
    return strpbrk(text, ".eE") ? whole_of_real(value, out_value) : plain_whole(text, out_value);
}

static double byte_unit(const char *unit)
{
    static const struct {
        const char *name;
        double bytes;
    } units[] = {{"B", 1},        {"kB", 1e3},     {"MB", 1e6},     {"GB", 1e9},    {"TB", 1e12},
                 {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].bytes;
    return 0.0;
}

const char *campaign_number_bytes(const char *text, int64_t *out_value)
{
    char number[64];
    const char *blank = strchr(text, ' ');
    if (!blank) {
        const char *end = number_end(text);
        if (end > text && byte_unit(end) > 0.0)
            return "put a blank between number and unit";
        return campaign_number_whole(text, out_value);
    }
    size_t size = (size_t)(blank - text);
    double unit = byte_unit(blank + 1), value;
    if (unit == 0.0)
        return "the unit is B, kB, MB, GB, TB, KiB, MiB, GiB or TiB";
    if (size >= sizeof number)
        return "it has too many digits";
    memcpy(number, text, size);
    number[size] = '\0';
    const char *why = campaign_number_real(number, &value);
    return why ? why : whole_of_real(rint(value * unit), out_value);
}
