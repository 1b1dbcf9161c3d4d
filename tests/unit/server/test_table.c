#include "server/cmd/table.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct column columns[] = {
    {"name", "name", NULL, COLUMN_TEXT, NULL},
    {"steps", "steps", NULL, COLUMN_INTEGER, NULL},
    {"temperature", "T", "eps/k_B", COLUMN_REAL, "%.3f"},
    {"energy", "U/N", "eps", COLUMN_MEASURED, NULL},
    {"done", "done", NULL, COLUMN_YESNO, NULL},
};

static const struct terminal utf8 = {.utf8 = true, .width = 80};
static const struct terminal ascii = {.utf8 = false, .width = 80};

static struct table *make_table(void)
{
    struct table *table = table_create(columns, 5);
    table_put_text(table, "Wahnström");
    table_put_integer(table, 12000);
    table_put_real(table, 0.6);
    table_put_measured(table, -7.03124, 0.00213);
    table_put_yesno(table, true);
    table_put_text(table, "a, \"b\"");
    table_put_integer(table, 5);
    table_put_real(table, NAN);
    table_put_unknown(table);
    table_put_yesno(table, false);
    return table;
}

static char *print_text(const struct table *table, const struct terminal *terminal)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(table_print_text(table, terminal, out, NULL), STATUS_OK);
    fclose(out);
    return text;
}

Test(table, text_is_aligned_by_code_points)
{
    struct table *table = make_table();
    char *text = print_text(table, &utf8);
    cr_assert_str_eq(text, "name       steps        T               U/N  done\n"
                           "                  eps/k_B               eps\n"
                           "Wahnström  12000    0.600  -7.0312 ± 0.0021   yes\n"
                           "a, \"b\"         5        -                 -    no\n");
    free(text);
    table_destroy(&table);
}

Test(table, terminals_without_utf8_get_ascii)
{
    struct table *table = make_table();
    char *text = print_text(table, &ascii);
    cr_assert_not_null(strstr(text, "-7.0312 +- 0.0021"));
    free(text);
    table_destroy(&table);
}

Test(table, csv_has_all_digits_and_an_error_column)
{
    struct table *table = make_table();
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(table_print_csv(table, out, NULL), STATUS_OK);
    fclose(out);
    cr_assert_str_eq(text, "name,steps,temperature,energy,energy_error,done\n"
                           "Wahnström,12000,0.59999999999999998,-7.0312400000000004,0.0021299999999999999,1\n"
                           "\"a, \"\"b\"\"\",5,,,,0\n");
    free(text);
    table_destroy(&table);
}

Test(table, streamed_csv_is_the_same_and_keeps_no_rows)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    static const struct column one[] = {{"x", "x", NULL, COLUMN_INTEGER, NULL}};
    struct table *table = table_create(one, 1);
    table_stream_csv(table, out);
    for (int i = 0; i < 3; i++)
        table_put_integer(table, i);
    cr_assert_eq(table_row_count(table), 0);
    cr_assert_eq(table_print_csv(table, out, NULL), STATUS_OK);
    fclose(out);
    cr_assert_str_eq(text, "x\n0\n1\n2\n");
    free(text);
    table_destroy(&table);
}

Test(table, json_has_null_for_what_is_not_known)
{
    struct table *table = make_table();
    json_t *rows = table_to_json(table);
    cr_assert_eq(json_array_size(rows), 2);
    char *text = json_dumps(json_array_get(rows, 1), JSON_COMPACT | JSON_PRESERVE_ORDER);
    cr_assert_str_eq(
        text, "{\"name\":\"a, \\\"b\\\"\",\"steps\":5,\"temperature\":null,\"energy\":null,\"energy_error\":null,"
              "\"done\":false}");
    free(text);
    json_decref(rows);
    table_destroy(&table);
}

struct number {
    double mean, error;
    const char *text;
};

static const struct number numbers[] = {
    {-7.03124, 0.00213, "-7.0312 ± 0.0021"}, {0.0712, 0.02, "0.071 ± 0.020"},
    {1234.5, 160.0, "1234 ± 160"},           {0.5, NAN, "0.5 ± ?"},
    {3.0, 0.0, "3.000000 ± 0.000000"},       {2.0, 0.0995, "2.000 ± 0.100"},
};

Test(table, means_show_two_digits_of_their_error)
{
    for (const struct number *number = numbers; number < numbers + sizeof numbers / sizeof *numbers; number++) {
        char text[NUMBER_TEXT_SIZE];
        number_format_measured(number->mean, number->error, true, text);
        cr_assert_str_eq(text, number->text);
    }
}
