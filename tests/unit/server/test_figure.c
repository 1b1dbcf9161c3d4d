/* Pictures as data and as gnuplot scripts; gnuplot itself is only run where it is installed. */
#include "server/plot/figure.h"

#include "common/mem.h"
#include "server/plot/figure_circles.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
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

static __attribute__((noinline)) char *text_of(const struct figure *figure, writer *write)
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
    cr_assert_not_null(strstr(text, "panel,series,label,x,y,y_error,kind\n0,0,\"T = 0.600\",0,-7,0.02"));
    cr_assert_not_null(strstr(text, "1,2,\"replica 2\",19,0,,steps\n"));
    free(text);
}

/* A number alone does not say whether it is a value or the end of an interval. */
Test(figure, csv_says_what_the_numbers_are)
{
    struct figure figure = {.name = "kinds", .panel_count = 1};
    static const struct {
        enum figure_mark mark;
        const char *kind, *row;
    } rows[] = {{MARK_LINE, "", "0,0,\"\",1,0,,line\n"},
                {MARK_OPEN, "", "0,1,\"\",1,0,,open_points\n"},
                {MARK_ARROW, "", "0,2,\"\",1,0,,lower_bound\n"},
                {MARK_BAND, "", "0,3,\"\",1,0,,band\n"},
                {MARK_LINE, "T_f", "0,4,\"\",1,0,,T_f\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct figure_series *series = figure_add_series(&figure.panels[0], 1, false);
        series->mark = rows[i].mark;
        series->x[0] = 1.0;
        snprintf(series->kind, sizeof series->kind, "%s", rows[i].kind);
    }
    char *text = text_of(&figure, figure_write_csv);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_not_null(strstr(text, rows[i].row), "%s", rows[i].row);
    free(text);
    figure_finish(&figure);
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
    cr_assert_not_null(strstr(text, "ps 1.1*dot notitle"), "as large in all kinds of files");
    cr_assert_lt(strstr(text, "dot = kind eq \"svg\" ? 0.55 : 1.0"), strstr(text, "ps 1.1*dot"));
    cr_assert_null(strstr(text, "yerrorbars"));
    free(text);
    figure_finish(&figure);
}

/* A name for the CSV, a line of the key without points, thin and thick lines. */
Test(figure, names_may_stand_in_the_key_alone_or_in_the_data_alone)
{
    struct figure figure = {.name = "keys", .panel_count = 1};
    figure_add_series(&figure.panels[0], 1, false);
    figure_add_series(&figure.panels[0], 0, false);
    struct figure_series *series = figure.panels[0].series;
    series[0].key = KEY_HIDDEN;
    series[0].scale = 0.5;
    series[0].x[0] = 1.0;
    series[1].key = KEY_ALONE;
    snprintf(series[0].label, sizeof series[0].label, "in the data");
    snprintf(series[1].label, sizeof series[1].label, "in the key");
    char *script = text_of(&figure, figure_write_script), *csv = text_of(&figure, figure_write_csv);
    cr_expect_not_null(strstr(script, "lw 1 dt 1 notitle"));
    cr_expect_not_null(strstr(script, "keyentry with lines lc rgb \"#d55e00\" lw 2 dt 2 title \"in the key\""));
    cr_expect_null(strstr(script, "in the data"));
    cr_expect_not_null(strstr(csv, "0,0,\"in the data\",1,0,,line\n"));
    cr_expect_null(strstr(csv, "in the key"));
    free(script);
    free(csv);
    figure_finish(&figure);
}

/* Of forty names every third is shown, or the picture grows. */
Test(figure, a_whole_key_makes_the_picture_higher)
{
    struct figure figure = {.name = "long", .panel_count = 1};
    for (int s = 0; s < 40; s++) {
        struct figure_series *series = figure_add_series(&figure.panels[0], 1, false);
        snprintf(series->label, sizeof series->label, "name %d", s);
    }
    char *part = text_of(&figure, figure_write_script);
    figure.panels[0].key_whole = true;
    char *whole = text_of(&figure, figure_write_script);
    cr_expect_eq(count_of(part, " title \"name "), 14);
    cr_expect_eq(count_of(whole, " title \"name "), 40);
    cr_expect_not_null(strstr(part, "pngcairo size 1200,520 "));
    cr_expect_not_null(strstr(whole, "pngcairo size 1200,1026 "));
    free(part);
    free(whole);
    figure_finish(&figure);
}

/* The picture moves a line; the data do not know. */
Test(figure, a_line_set_off_is_itself_in_the_data)
{
    struct figure figure = {.name = "off", .panel_count = 1};
    struct figure_series *series = figure_add_series(&figure.panels[0], 1, false);
    series->x[0] = series->y[0] = 2.0;
    series->y_shift = 0.25;
    char *script = text_of(&figure, figure_write_script), *csv = text_of(&figure, figure_write_csv);
    cr_expect_not_null(strstr(script, "using 4:($5+0.25) with"));
    cr_expect_not_null(strstr(csv, "\"\",2,2,,"));
    free(script);
    free(csv);
    figure_finish(&figure);
}

Test(figure, a_fraction_near_zero_begins_there_and_no_other)
{
    static const struct {
        double low, high;
        const char *range;
    } rows[] = {{0.0, 0.05, "set yrange [0:*]"},
                {0.2, 0.9, "set yrange [0:*]"},
                {0.5, 0.6, "set yrange [*:*]"},
                {0.1, 1.0, "set yrange [0:1.05]"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct figure figure = {.name = "fraction", .panel_count = 1};
        struct figure_series *series = figure_add_series(&figure.panels[0], 2, false);
        figure.panels[0].y_fraction = figure.panels[0].x_fraction = true;
        series->y[0] = series->x[0] = rows[i].low;
        series->y[1] = series->x[1] = rows[i].high;
        char *script = text_of(&figure, figure_write_script);
        cr_expect_not_null(strstr(script, rows[i].range), "%g", rows[i].low);
        cr_expect_not_null(strstr(script, i == 2 ? "set xrange [*:*]" : "set xrange [0:*]"), "%g", rows[i].low);
        free(script);
        figure_finish(&figure);
    }
}

Test(figure, names_may_stand_on_the_right_in_place_of_numbers)
{
    struct figure figure = {.name = "names", .panel_count = 1};
    struct figure_panel *panel = &figure.panels[0];
    struct figure_series *series = figure_add_series(panel, 2, false);
    series->x[1] = 1.0;
    series->y[1] = 2.0;
    panel->y_fraction = true;
    panel->y2_tick_count = 2;
    panel->y2_ticks[0] = (struct figure_tick){0.0, "0.93"};
    panel->y2_ticks[1] = (struct figure_tick){2.0, "0.767"};
    char *script = text_of(&figure, figure_write_script);
    cr_expect_not_null(strstr(script, "set y2tics nomirror out (\"0.93\" 0, \"0.767\" 2)\n"));
    cr_expect_not_null(strstr(script, "set yrange [0:2.1"));
    cr_expect_not_null(strstr(script, "set y2range [0:2.1"));
    free(script);
    figure_finish(&figure);
}

/* A key that lay over the panel left a white hole in it. */
Test(figure, a_long_name_makes_the_picture_wider_not_the_panel_narrower)
{
    struct figure figure = {.name = "wide", .panel_count = 1};
    struct figure_series *series = figure_add_series(&figure.panels[0], 1, false);
    snprintf(series->label, sizeof series->label, "small-67: slope -0.313 (-0.597 .. -0.0292)");
    char *wide = text_of(&figure, figure_write_script);
    snprintf(series->label, sizeof series->label, "T = 0.7, replica 1");
    char *usual = text_of(&figure, figure_write_script);
    cr_expect_not_null(strstr(wide, "pngcairo size 1377,520 "));
    cr_expect_not_null(strstr(wide, "set rmargin at screen 0.581\n"), "42 letters of 11 pixels and a sample of 115");
    cr_expect_not_null(strstr(usual, "pngcairo size 1200,520 "));
    free(wide);
    free(usual);
    figure_finish(&figure);
}

/* Its place beside the name on the right has to be seen, and one place alone needs some room. */
Test(figure, an_axis_on_the_right_holds_places_as_they_are_and_as_they_are_drawn)
{
    struct figure figure = {.name = "places", .panel_count = 1};
    struct figure_panel *panel = &figure.panels[0];
    struct figure_series *series = figure_add_series(panel, 2, false);
    series->y[0] = 10.0;
    series->y[1] = 20.0;
    panel->y2_factor = 1.0;
    series->y_shift = 10.0;
    char *off = text_of(&figure, figure_write_script);
    cr_expect_not_null(strstr(off, "set yrange [9:31]"));
    series->y_shift = 0.0;
    series->y[1] = 10.0;
    char *one = text_of(&figure, figure_write_script);
    cr_expect_not_null(strstr(one, "set yrange [9.875:10.125]"));
    free(off);
    free(one);
    figure_finish(&figure);
}

Test(figure, empty_panels_say_so)
{
    struct figure figure = {.name = "empty", .panel_count = 1};
    char *text = text_of(&figure, figure_write_script);
    cr_assert_not_null(strstr(text, "no data"));
    free(text);
}

static char *read_whole(const char *path, size_t *out_size)
{
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in);
    char *bytes = calloc(1, 1 << 22);
    *out_size = fread(bytes, 1, (1 << 22) - 1, in);
    fclose(in);
    return bytes;
}

static bool holds(const char *bytes, size_t size, const char *text)
{
    return memmem(bytes, size, text, strlen(text)) != NULL;
}

Test(figure, a_band_is_filled_and_does_not_widen_the_range)
{
    struct figure figure = {.name = "band", .panel_count = 1};
    struct figure_series *points = figure_add_series(&figure.panels[0], 2, false);
    points->mark = MARK_POINTS;
    points->y[1] = 1.0;
    struct figure_series *band = figure_add_series(&figure.panels[0], 2, true);
    band->mark = MARK_BAND;
    band->color = FIGURE_INK;
    band->y_error[0] = band->y_error[1] = 100.0;
    char *text = text_of(&figure, figure_write_script);
    cr_assert_not_null(strstr(text, "($5-$6):($5+$6) with filledcurves lc rgb \"#000000\""));
    cr_assert_not_null(strstr(text, "set yrange [-0.03:1.03]"));
    free(text);
    figure_finish(&figure);
}

/* What the worker has projected goes to gnuplot as it is. */
Test(figure, a_scene_is_painted_from_far_to_near_in_its_groups)
{
    static const struct scene_group groups[] = {{"dots", SCENE_DOTS, 0x336699, 1.0},
                                                {NULL, SCENE_STICKS, 0xff0000, 2.0}};
    static const char rows[] = "panel,group,depth,x,y,dx,dy,radius\n0,0,0.5,1,2,0,0,0.1\n";
    struct figure figure = {.name = "scene", .panel_count = 1};
    figure.scene = (struct figure_scene){mem_copy(rows, sizeof rows), sizeof rows - 1, groups, 2};
    char *csv = text_of(&figure, figure_write_csv), *script = text_of(&figure, figure_write_script);
    cr_assert_str_eq(csv, rows);
    cr_assert(!figure_is_empty(&figure));
    cr_assert_eq(count_of(script, "with circles"), 8);
    cr_assert_eq(count_of(script, "with vectors arrowstyle variable"), 8);
    cr_assert_eq(count_of(script, "keyentry"), 1) /* one of the groups has a label */;
    cr_assert_not_null(strstr(script, "set style arrow 16 nohead lc rgb \"#ff0000\" lw 2"));
    cr_assert_lt(strstr(script, "in_slab($3,0)"), strstr(script, "in_slab($3,7)"));
    free(csv);
    free(script);
    figure_finish(&figure);
}

/* A picture of a scene is as wide as its panels and its key. */
Test(figure, a_scene_leaves_no_room_that_its_key_does_not_need)
{
    static const struct scene_group brief[] = {{"atoms", SCENE_DOTS, 0x336699, 1.0}},
                                    wordy[] = {{"moved by less than 0.3 sigma", SCENE_DOTS, 0x336699, 1.0}};
    static const char rows[] = "panel,group,depth,x,y,dx,dy,radius\n0,0,0.5,1,2,0,0,0.1\n";
    struct figure figure = {.name = "scene", .panel_count = 1};
    figure.scene = (struct figure_scene){mem_copy(rows, sizeof rows), sizeof rows - 1, brief, 1};
    memset(figure.title, 'm', 90);
    char *narrow = text_of(&figure, figure_write_script);
    figure.scene.groups = wordy;
    char *wide = text_of(&figure, figure_write_script);
    cr_expect_not_null(strstr(narrow, "pngcairo size 860,760 "));
    cr_expect_not_null(strstr(wide, "pngcairo size 1113,760 "));
    cr_expect_not_null(strstr(narrow, "noenhanced font \",13.4\""), "the title has to shrink");
    free(narrow);
    free(wide);
    figure_finish(&figure);
}

/* As gnuplot 5.4 writes a filled circle with its outline; `flat`: an ellipse. */
static void write_polygon(double x, double y, double radius, double flat, FILE *out)
{
    enum { CORNERS = 120 };
    fprintf(out,
            "\t<g stroke='none' shape-rendering='crispEdges'>\n\t\t<polygon fill = 'rgb(156, 200,  25)' points = '");
    for (int i = 0; i < CORNERS; i++)
        fprintf(out, "%.2f,%.2f%s", x + radius * cos(i * 0.0523599), y - flat * radius * sin(i * 0.0523599),
                i % 16 == 15 ? "\n" : " ");
    fprintf(out, "'/>\n\t</g>\n\t<path stroke='rgb( 96,  96,  96)'  d='M%.2f,%.2f ", x + radius, y);
    for (int i = 1; i < CORNERS; i++)
        fprintf(out, "L%.2f,%.2f%s", x + radius * cos(i * 0.0523599), y - flat * radius * sin(i * 0.0523599),
                i % 8 == 7 ? "\n\t\t" : " ");
    fprintf(out, "L%.2f,%.2f Z  '/>", x + radius, y);
}

static char *shortened(double flat)
{
    char *text = NULL;
    size_t size = 0;
    struct error err = {0};
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "<svg>\n<g fill=\"none\">\n");
    write_polygon(228.17, 387.3, 7.08, flat, out);
    write_polygon(30.0, 40.0, 1.5, 1.0, out);
    fprintf(out, "\t<path d='M1,2 L3,4 '/></g>\n</svg>\n");
    fclose(out);
    char *svg = mem_copy(text, size + 1);
    free(text);
    cr_assert_eq(figure_circles_shorten(&svg, &size, &err), STATUS_OK);
    cr_assert_eq(size, strlen(svg));
    return svg;
}

Test(figure, circles_in_an_svg_are_circles)
{
    char *svg = shortened(1.0);
    cr_expect_str_eq(svg, "<svg>\n<g fill=\"none\">\n"
                          "\t<circle cx='228.17' cy='387.30' r='7.08' fill='#9cc819' stroke='#606060'/>\n"
                          "\t<circle cx='30.00' cy='40.00' r='1.50' fill='#9cc819' stroke='#606060'/>\n"
                          "\t<path d='M1,2 L3,4 '/></g>\n</svg>\n");
    mem_free(svg);
}

Test(figure, what_is_no_circle_stays_as_it_is)
{
    char *svg = shortened(0.9);
    cr_expect_eq(count_of(svg, "<circle"), 1);
    cr_expect_eq(count_of(svg, "<polygon"), 1);
    cr_expect_eq(count_of(svg, " Z  '/>"), 1);
    cr_expect_not_null(strstr(svg, "<polygon fill = 'rgb(156, 200,  25)' points = '235.25,387.30 235.24,386.97"));
    mem_free(svg);
}

/* Atoms of a scene, drawn: what gnuplot of this machine writes is understood. */
Test(figure, the_svg_of_a_scene_has_a_short_element_an_atom)
{
    char directory[] = "/tmp/vitrine-figure-XXXXXX";
    static const char *const endings[] = {"csv", "png", "svg", "pdf"};
    static const struct scene_group groups[] = {{NULL, SCENE_STICKS, 0x808080, 1.0},
                                                {"dots", SCENE_DOTS, 0x336699, 1.0}};
    static const char rows[] = "panel,group,depth,x,y,dx,dy,radius\n0,0,0,0,0,9,9,0\n0,0,0,9,9,-9,0,0\n"
                               "0,1,0.1,1,2,0,0,0.1\n0,1,0.1,5,5,0,0,0.3\n0,1,0.9,6,4,0,0,0.3\n";
    struct figure figure = {.name = "test", .panel_count = 1};
    struct error err = {0};
    cr_assert_not_null(mkdtemp(directory));
    figure.scene = (struct figure_scene){mem_copy(rows, sizeof rows), sizeof rows - 1, groups, 2};
    enum status status = figure_draw(&figure, directory, false, &err);
    figure_finish(&figure);
    if (status == STATUS_NOT_FOUND)
        cr_skip_test("gnuplot is not installed");
    cr_assert_eq(status, STATUS_OK, "%s", err.message);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[128];
        size_t size;
        snprintf(path, sizeof path, "%s/test.%s", directory, endings[i]);
        char *bytes = read_whole(path, &size);
        if (strcmp(endings[i], "svg") == 0) {
            cr_expect_eq(count_of(bytes, "<circle cx='"), 3);
            cr_expect_eq(count_of(bytes, "<polygon"), 0);
        }
        free(bytes);
        unlink(path);
    }
    rmdir(directory);
}

Test(figure, gnuplot_draws_files_that_say_where_they_come_from)
{
    char directory[] = "/tmp/vitrine-figure-XXXXXX";
    static const char *const endings[] = {"csv", "gp", "png", "svg", "pdf"};
    struct figure figure;
    struct error err = {0};
    cr_assert_not_null(mkdtemp(directory));
    make_figure(&figure);
    figure.origin = (struct origin){"vitrine 9.9", "campaign <first>\nspec 00ff", "vitrine plot (all)"};
    enum status status = figure_draw(&figure, directory, true, &err);
    figure_finish(&figure);
    if (status == STATUS_NOT_FOUND)
        cr_skip_test("gnuplot is not installed");
    cr_assert_eq(status, STATUS_OK, "%s", err.message);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[128];
        size_t size;
        snprintf(path, sizeof path, "%s/test.%s", directory, endings[i]);
        char *bytes = read_whole(path, &size);
        cr_assert_gt(size, 200);
        cr_expect(i == 0 || holds(bytes, size, "vitrine 9.9"), "%s", path);
        cr_expect(i == 0 || holds(bytes, size, "spec 00ff"), "%s", path);
        free(bytes);
        if (getenv("VITRINE_KEEP") == NULL)
            unlink(path);
    }
    rmdir(directory);
}
