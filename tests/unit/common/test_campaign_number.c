#include "common/campaign_number.h"

#include <criterion/criterion.h>

Test(campaign_number, reads_reals_to_the_last_bit)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {{"0", 0.0},     {"-1", -1.0},       {"0.767", 0.767},   {"2.5", 2.5},
                {"1e-6", 1e-6}, {"1.0E+3", 1000.0}, {"5.0e-5", 5.0e-5}, {"0.1000000000000000055511151231257827", 0.1},
                {"12.50", 12.5}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double value = -7.0;
        cr_expect_null(campaign_number_real(rows[i].text, &value), "%s", rows[i].text);
        cr_expect_eq(value, rows[i].value, "%s", rows[i].text);
    }
}

Test(campaign_number, refuses_all_but_plain_decimals)
{
    static const char *const texts[] = {
        "",      " ",     "nan", "-nan", "inf", "-.inf", "1e400", "-1e400", "1e-400", "0x10", "0b1",     "0o17", "010",
        "00",    "1_000", "1,5", "5x",   "5 ",  " 5",    ".5",    "5.",     "+5",     "--5",  "1e",      "1e+",  "e5",
        "1.5.2", "1:30",  "yes", "true", "~",   "null",  "0x1p3", "1 000",  "-",      "5%",   "0.5sigma"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double value = -7.0;
        cr_expect_not_null(campaign_number_real(texts[i], &value), "'%s'", texts[i]);
        cr_expect_eq(value, -7.0, "an output is written only on success: '%s'", texts[i]);
    }
}

Test(campaign_number, reads_whole_numbers_also_with_exponents)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {{"0", 0},        {"-3", -3},      {"100000", 100000},
                {"1e5", 100000}, {"2.5e3", 2500}, {"9223372036854775807", INT64_MAX},
                {"1.0", 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = -7;
        cr_expect_null(campaign_number_whole(rows[i].text, &value), "%s", rows[i].text);
        cr_expect_eq(value, rows[i].value, "%s", rows[i].text);
    }
}

Test(campaign_number, refuses_fractions_and_overflow_as_whole_numbers)
{
    static const char *const texts[] = {"0.5", "1e-1", "9223372036854775808", "1e19", "9007199254740993.0", "1e17"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t value = -7;
        cr_expect_not_null(campaign_number_whole(texts[i], &value), "'%s'", texts[i]);
        cr_expect_eq(value, -7);
    }
}

Test(campaign_number, reads_bytes_with_a_unit_apart)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {{"0", 0},
                {"1048576", 1048576},
                {"20 GB", 20000000000},
                {"512 MiB", 536870912},
                {"1.5 kB", 1500},
                {"2 TiB", 2199023255552},
                {"7 B", 7}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = -7;
        cr_expect_null(campaign_number_bytes(rows[i].text, &value), "%s", rows[i].text);
        cr_expect_eq(value, rows[i].value, "%s", rows[i].text);
    }
}

Test(campaign_number, refuses_bytes_without_sense)
{
    static const char *const texts[] = {"20GB", "20 Gb", "20  GB", "GB", "20 ", " GB", "1e300 TB", "nan GB", "5x"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t value;
        cr_expect_not_null(campaign_number_bytes(texts[i], &value), "'%s'", texts[i]);
    }
}
