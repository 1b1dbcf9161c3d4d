/* Pictures as data and as gnuplot scripts; gnuplot itself is only run where it is installed. */
#include "server/plot/figure.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two panels: eight ordered lines with errors, three named walks. */
static void make_figure(struct figure *figure)
{
    *figure = (struct figure){.name = "test", .title = "first-light: \"quotes\" and ico content", .panel_count = 2};
    struct figure_panel *lines = &figure->panels[0], *walks = &figure->panels[1];
    *lines =
        (struct figure_panel){.title = "energy", .x_label = "t (tau)", .y_label = "U/N (epsilon)", .ordered = true};
    *walks = (struct figure_panel){.title = "walk", .x_label = "round", .y_label = "rung", .y_whole = true};
    for (int s = 0; s < 8; s++) {
        struct figure_series *series = figure_add_series(lines, 20, s % 2 == 0);
        cr_assert_not_null(series);
        snprintf(series->label, sizeof series->label, "T = %.3f", 0.6 + 0.025 * s);
        series->mark = s % 2 == 0 ? MARK_LINE_POINTS : MARK_LINE;
        for (int i = 0; i < 20; i++) {
            series->x[i] = i;
            series->y[i] = -7.0 + 0.1 * s - 0.01 * i;
            if (series->y_error != NULL)
                series->y_error[i] = 0.02;
        }
    }
    for (int s = 0; s < 3; s++) {
        struct figure_series *series = figure_add_series(walks, 20, false);
        cr_assert_not_null(series);
        snprintf(series->label, sizeof series->label, "replica %d", s);
        series->mark = MARK_STEPS;
        for (int i = 0; i < 20; i++) {
            series->x[i] = i;
            series->y[i] = (s + i / 4) % 3;
        }
    }
}

typedef void writer(const struct figure *figure, FILE *out);

static char *text_of(const struct figure *figure, writer *write)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    write(figure, out);
    fclose(out);
    return text;
}

static char *write_text(writer *write)
{
    struct figure figure;
    make_figure(&figure);
    char *text = text_of(&figure, write);
    figure_finish(&figure);
    return text;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

Test(figure, csv_has_one_line_for_every_point)
{
    char *text = write_text(figure_write_csv);
    cr_assert_eq(count_of(text, "\n"), 1 + 8 * 20 + 3 * 20);
    cr_assert_not_null(strstr(text, "panel,series,label,x,y,y_error\n0,0,\"T = 0.600\",0,-7,0.02"));
    cr_assert_not_null(strstr(text, "1,2,\"replica 2\",19,0,\n"));
    free(text);
}

Test(figure, script_draws_every_series_from_its_own_rows)
{
    char *text = write_text(figure_write_script);
    cr_assert_eq(count_of(text, "data every"), 11 + 4) /* four have error bars */;
    cr_assert_not_null(strstr(text, "every ::0::19 "));
    cr_assert_not_null(strstr(text, "every ::200::219 "));
    cr_assert_not_null(strstr(text, "\\\"quotes\\\""));
    free(text);
}

Test(figure, ordered_series_run_from_dark_to_light)
{
    char *text = write_text(figure_write_script);
    cr_assert_not_null(strstr(text, "#440154"));
    cr_assert_not_null(strstr(text, "#bbdf27"));
    free(text);
}

Test(figure, points_without_known_errors_are_drawn_without_bars)
{
    struct figure figure = {.name = "bare", .panel_count = 1};
    struct figure_series *series = figure_add_series(&figure.panels[0], 1, true);
    series->mark = MARK_POINTS;
    series->y_error[0] = (double)NAN;
    char *text = text_of(&figure, figure_write_script);
    cr_assert_not_null(strstr(text, "with points"));
    cr_assert_null(strstr(text, "yerrorbars"));
    free(text);
    figure_finish(&figure);
}

Test(figure, empty_panels_say_so)
{
    struct figure figure = {.name = "empty", .panel_count = 1};
    char *text = text_of(&figure, figure_write_script);
    cr_assert_not_null(strstr(text, "no data"));
    free(text);
}

Test(figure, gnuplot_draws_png_and_svg_beside_the_data)
{
    char directory[] = "/tmp/vitrine-figure-XXXXXX";
    static const char *const endings[] = {"csv", "gp", "png", "svg"};
    struct figure figure;
    struct error err = {0};
    cr_assert_not_null(mkdtemp(directory));
    make_figure(&figure);
    enum status status = figure_draw(&figure, directory, true, &err);
    figure_finish(&figure);
    if (status == STATUS_NOT_FOUND)
        cr_skip_test("gnuplot is not installed");
    cr_assert_eq(status, STATUS_OK, "%s", err.message);
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        struct stat facts;
        snprintf(path, sizeof path, "%s/test.%s", directory, endings[i]);
        cr_assert_eq(stat(path, &facts), 0);
        cr_assert_gt(facts.st_size, 200);
        if (getenv("VITRINE_KEEP") == NULL)
            unlink(path);
    }
    rmdir(directory);
}
