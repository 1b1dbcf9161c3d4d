#include "server/plot/figure_script.h"

#include <math.h>
#include <string.h>

enum {
    CATEGORY_COLORS = 8,
    SEQUENCE_KNOTS = 5,
    MARK_SHAPES = 12,
    LABELS_MAX = 17,
    LABELS_WIDE_MAX = 10,   /* with space between them */
    LABELS_SECOND_AXIS = 4, /* more of them beside a panel with an axis on top, which is higher */
    DASHES = 4,
    PIXELS_WIDE = 1200,
    PIXELS_KEY = 400, /* of these */
    PIXELS_PANEL = 460,
    PIXELS_SECOND_AXIS = 140,
    PIXELS_LABEL = 22,
    PIXELS_PER_INCH = 120
};

/* Okabe & Ito, "Color Universal Design" (2008), black last because it is the ink of the axes. */
static const uint32_t category_colors[CATEGORY_COLORS] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
                                                          0xe69f00, 0x56b4e9, 0xf0e442, 0x000000};

/* viridis (van der Walt & Smith, 2015) at 0, 0.22, 0.45, 0.67, 0.9: the last tenth is too light for white paper. */
static const uint8_t sequence_knots[SEQUENCE_KNOTS][3] = {
    {68, 1, 84}, {59, 81, 139}, {33, 144, 141}, {66, 190, 113}, {187, 223, 39}};

static const double arrow_length = 3.16;      /* tip over tail on a log axis; 1.5 on a straight one */
static const double second_axis_share = 0.13; /* of the width, for a second axis on the right */

/* gnuplot: circle, square, triangle, diamond, triangle upside down, pentagon; filled, then open. */
static const int mark_shapes[MARK_SHAPES] = {7, 5, 9, 13, 11, 15, 6, 4, 8, 12, 10, 14};

static uint32_t sequence_color(uint32_t index, uint32_t count)
{
    double place = count > 1 ? (double)index / (double)(count - 1) * (SEQUENCE_KNOTS - 1) : 0.0;
    int knot = place >= SEQUENCE_KNOTS - 1 ? SEQUENCE_KNOTS - 2 : (int)place;
    uint32_t color = 0;
    for (int c = 0; c < 3; c++) {
        double low = sequence_knots[knot][c], high = sequence_knots[knot + 1][c];
        color = color << 8 | (uint32_t)(low + (high - low) * (place - knot) + 0.5);
    }
    return color;
}

static uint32_t series_color(const struct figure_panel *panel, const struct figure_series *series)
{
    if (series->color == FIGURE_INK)
        return 0x000000;
    uint32_t count = panel->color_count > 0 ? panel->color_count : (uint32_t)panel->series_count;
    if (panel->ordered)
        return sequence_color(series->color < count ? series->color : count - 1, count);
    return category_colors[series->color % CATEGORY_COLORS];
}

void figure_write_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static const char *mark_style(enum figure_mark mark)
{
    static const char *const styles[] = {"lines",  "points",  "linespoints", "steps",
                                         "points", "vectors", "filledcurves"};
    return styles[mark];
}

static bool has_errors(const struct figure_series *series)
{
    for (size_t i = 0; series->y_error != NULL && i < series->count; i++)
        if (isfinite(series->y_error[i]))
            return true;
    return false;
}

/* Columns of x and y. */
static void write_place(const struct figure_series *series, FILE *out)
{
    if (series->y_shift != 0.0)
        fprintf(out, "4:($5+%.17g)", series->y_shift);
    else
        fputs("4:5", out);
}

static void write_rows(const struct figure_series *series, size_t first_row, FILE *out)
{
    fprintf(out, "    data every ::%zu::%zu using ", first_row, first_row + series->count - 1);
}

static void write_key(const struct figure_series *series, bool labelled, FILE *out)
{
    fprintf(out, labelled ? " title " : " notitle");
    if (labelled)
        figure_write_quoted(series->label, out);
}

static void write_style(const struct figure_panel *panel, const struct figure_series *series, FILE *out)
{
    const double scale = series->scale > 0.0 ? series->scale : 1.0;
    fprintf(out, " with %s lc rgb \"#%06x\"", mark_style(series->mark), series_color(panel, series));
    if (series->mark == MARK_OPEN)
        fprintf(out, " pt 6 ps %.3g*dot", 1.1 * scale);
    if (series->mark == MARK_POINTS || series->mark == MARK_LINE_POINTS)
        fprintf(out, " pt %d ps %.3g*dot", mark_shapes[series->shape % MARK_SHAPES],
                (series->count > 400 ? 0.6 : 1.1) * scale);
    if (series->mark != MARK_POINTS && series->mark != MARK_OPEN)
        fprintf(out, " lw %.3g", 2.0 * scale);
    if (series->mark == MARK_LINE)
        fprintf(out, " dt %u", 1 + series->shape % DASHES);
}

/* Bars are drawn apart from points, because a point without a known error is still a point. */
static void write_plot_series(const struct figure_panel *panel, const struct figure_series *series, size_t first_row,
                              bool labelled, FILE *out)
{
    uint32_t color = series_color(panel, series);
    if (series->mark == MARK_BAND) {
        write_rows(series, first_row, out);
        fprintf(out, "4:($5-$6):($5+$6) with filledcurves lc rgb \"#%06x\" fs transparent solid 0.2 noborder", color);
        write_key(series, labelled, out);
        return;
    }
    if (has_errors(series)) {
        write_rows(series, first_row, out);
        write_place(series, out);
        fprintf(out, ":6 with yerrorbars lc rgb \"#%06x\" pt 0 lw 1.5 notitle, \\\n", color);
    }
    write_rows(series, first_row, out);
    write_place(series, out);
    if (series->mark == MARK_ARROW)
        fputs(panel->x_log ? ":(2.16*$4):(0)" : ":(0.5*$4):(0)", out);
    write_style(panel, series, out);
    write_key(series, labelled, out);
}

static void write_setting(const char *setting, const char *text, FILE *out)
{
    fprintf(out, "  set %s ", setting);
    figure_write_quoted(text, out);
    fputc('\n', out);
}

static bool is_near_zero(double bottom, double top)
{
    const double near = 0.25;
    return bottom <= near * top;
}

/* Fractions do where their range, drawn from its own bottom, would leave little below it, or less than nothing. */
static bool starts_at_zero(const struct figure_panel *panel)
{
    double top = -(double)INFINITY, bottom = (double)INFINITY;
    for (size_t s = 0; panel->y_fraction && s < panel->series_count; s++)
        for (size_t i = 0; i < panel->series[s].count; i++) {
            top = fmax(top, panel->series[s].y[i]);
            bottom = fmin(bottom, panel->series[s].y[i]);
        }
    return panel->y_from_zero || is_near_zero(bottom, top);
}

static bool x_starts_at_zero(const struct figure_panel *panel)
{
    double right = -(double)INFINITY, left = (double)INFINITY;
    for (size_t s = 0; panel->x_fraction && s < panel->series_count; s++)
        for (size_t i = 0; i < panel->series[s].count; i++) {
            right = fmax(right, panel->series[s].x[i]);
            left = fmin(left, panel->series[s].x[i]);
        }
    return is_near_zero(left, right);
}

/* Energies find their own range, which bands do not widen; rungs are shown with half a rung around them. */
static void write_y_range(const struct figure_panel *panel, FILE *out)
{
    double top = 0.0, bottom = (double)INFINITY, high = -(double)INFINITY;
    const bool from_zero = starts_at_zero(panel);
    bool banded = false;
    for (size_t s = 0; s < panel->series_count; s++) {
        banded |= panel->series[s].mark == MARK_BAND;
        for (size_t i = 0; i < panel->series[s].count && panel->series[s].mark != MARK_BAND; i++) {
            const double y = panel->series[s].y[i] + panel->series[s].y_shift;
            top = fmax(top, y);
            high = fmax(high, y);
            bottom = fmin(bottom, y);
        }
    }
    if (banded && high > bottom)
        fprintf(out, "  set yrange [%.6g:%.6g]\n  set ytics autofreq\n", bottom - 0.03 * (high - bottom),
                high + 0.03 * (high - bottom));
    else if (panel->y_whole)
        fprintf(out, "  set yrange [-0.5:%.1f]\n  set ytics 1\n", top + 0.5);
    else
        fprintf(out, "  set yrange [%s:%s]\n  set ytics autofreq\n", from_zero ? "0" : "*",
                panel->y_fraction && top > 0.95 ? "1.05"
                : from_zero && top <= 0.0       ? "1"
                                                : "*");
}

/* A little room around points; lines run from edge to edge. */
static void write_offsets(const struct figure_panel *panel, FILE *out)
{
    bool points = false;
    for (size_t s = 0; s < panel->series_count; s++)
        points |= panel->series[s].mark == MARK_POINTS || panel->series[s].mark == MARK_LINE_POINTS;
    fprintf(out, "  set offsets graph %s, graph %s, graph 0.04, graph %s\n",
            points && !panel->x_log && !x_starts_at_zero(panel) ? "0.03" : "0", points && !panel->x_log ? "0.03" : "0",
            starts_at_zero(panel) ? "0" : "0.04");
}

static bool is_drawn(const struct figure_panel *panel, double x, double y)
{
    return isfinite(x) && isfinite(y) && (x > 0.0 || !panel->x_log);
}

struct extent {
    double x_low, x_high, y_low, y_high;
};

/* Of all points, where they are and where they are drawn, and of arrows to their tips. False without a point. */
static bool find_extent(const struct figure_panel *panel, struct extent *out)
{
    struct extent extent = {(double)INFINITY, (double)-INFINITY, (double)INFINITY, (double)-INFINITY};
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct figure_series *series = &panel->series[s];
        for (size_t i = 0; i < series->count; i++) {
            if (!is_drawn(panel, series->x[i], series->y[i]))
                continue;
            extent.x_low = fmin(extent.x_low, series->x[i]);
            extent.x_high = fmax(extent.x_high, (series->mark == MARK_ARROW ? arrow_length : 1.0) * series->x[i]);
            extent.y_low = fmin(extent.y_low, series->y[i] + fmin(0.0, series->y_shift));
            extent.y_high = fmax(extent.y_high, series->y[i] + fmax(0.0, series->y_shift));
        }
    }
    *out = extent;
    return extent.x_low <= extent.x_high;
}

static bool has_right_axis(const struct figure_panel *panel)
{
    return panel->y2_factor > 0.0 || panel->y2_tick_count > 0;
}

static void write_right_axis(const struct figure_panel *panel, const struct extent *extent, double margin, FILE *out)
{
    const double range = extent->y_high - extent->y_low;
    const double room = range > 0.0 ? 0.05 * range : 0.0125 * fabs(extent->y_high);
    const double low = starts_at_zero(panel) ? 0.0 : extent->y_low - room, high = extent->y_high + room;
    const double factor = panel->y2_tick_count > 0 ? 1.0 : panel->y2_factor;
    fprintf(out, "  set yrange [%.17g:%.17g]\n  set y2range [%.17g:%.17g]\n", low, high, low * factor, high * factor);
    fprintf(out, "  set y2tics nomirror out");
    for (uint32_t t = 0; t < panel->y2_tick_count; t++) {
        fputs(t == 0 ? " (" : ", ", out);
        figure_write_quoted(panel->y2_ticks[t].text, out);
        fprintf(out, " %.17g%s", panel->y2_ticks[t].at, t + 1 == panel->y2_tick_count ? ")" : "");
    }
    fprintf(out, "%s\n  set rmargin at screen %.3f\n  set key at screen 0.99, graph 1\n",
            panel->y2_tick_count > 0 ? "" : " autofreq", margin - second_axis_share);
    write_setting("y2label", panel->y2_label, out);
}

/* The same lengths in other units on top and on the right: both axes get the same range, one of them times a factor. */
static void write_second_axes(const struct figure_panel *panel, double margin, FILE *out)
{
    struct extent extent;
    fprintf(out,
            "  set border 3\n  unset x2tics\n  unset y2tics\n  unset x2label\n  unset y2label\n"
            "  set key outside right top\n  unset logscale x2\n  set xrange [%s:*]\n  set x2range [*:*]\n  set y2range "
            "[*:*]\n  set rmargin at screen %.3f\n",
            x_starts_at_zero(panel) ? "0" : "*", margin);
    if (!(panel->x2_factor > 0.0 || has_right_axis(panel)) || !find_extent(panel, &extent))
        return;
    fprintf(out, "  set border 15\n");
    if (panel->x2_factor > 0.0 && panel->x_log) {
        const double low = extent.x_low / 1.3, high = extent.x_high * 1.3;
        fprintf(out, "  set xrange [%.17g:%.17g]\n  set x2range [%.17g:%.17g]\n", low, high, low * panel->x2_factor,
                high * panel->x2_factor);
        fprintf(out, "  set logscale x2\n  set x2tics nomirror out\n  set format x2 \"10^{%%T}\"\n");
        write_setting("x2label", panel->x2_label, out);
    }
    if (has_right_axis(panel))
        write_right_axis(panel, &extent, margin, out);
}

static bool is_in_key(const struct figure_series *series)
{
    return series->label[0] != '\0' && series->key != KEY_HIDDEN && (series->count > 0 || series->key == KEY_ALONE);
}

static size_t count_labels(const struct figure_panel *panel)
{
    size_t labels = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        labels += is_in_key(&panel->series[s]);
    return labels;
}

/* So many labels share one line of the key's room that only every stride-th is shown. */
static size_t label_stride(const struct figure_panel *panel)
{
    return panel->key_whole ? 1 : count_labels(panel) / LABELS_MAX + 1;
}

/* What a whole key needs beyond the height of its panel. */
static int key_pixels(const struct figure_panel *panel)
{
    const int room = LABELS_MAX + (panel->x2_factor > 0.0 ? LABELS_SECOND_AXIS : 0);
    const int labels = (int)count_labels(panel);
    return panel->key_whole && labels > room ? PIXELS_LABEL * (labels - room) : 0;
}

static void write_all_series(const struct figure_panel *panel, size_t first_row, FILE *out)
{
    const char *comma = "  plot \\\n";
    const size_t stride = label_stride(panel);
    size_t labels = 0;
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct figure_series *series = &panel->series[s];
        const bool labelled = is_in_key(series) && labels++ % stride == 0;
        if (series->count == 0 && !labelled)
            continue;
        fputs(comma, out);
        comma = ", \\\n";
        if (series->count > 0) {
            write_plot_series(panel, series, first_row, labelled, out);
        } else {
            fprintf(out, "    keyentry");
            write_style(panel, series, out);
            write_key(series, true, out);
        }
        first_row += series->count;
    }
    fputc('\n', out);
}

static size_t longest_label(const struct figure *figure)
{
    size_t longest = 0;
    for (uint32_t p = 0; p < figure->panel_count; p++)
        for (size_t s = 0; s < figure->panels[p].series_count; s++) {
            const struct figure_series *series = &figure->panels[p].series[s];
            const size_t length = is_in_key(series) ? strlen(series->label) : 0;
            longest = length > longest ? length : longest;
        }
    return longest;
}

/* Pixels for the longest label of the key and its sample. */
static int key_room(size_t longest)
{
    enum { CHARACTER = 11, SAMPLE = 115, NO_LABEL = 55, ROOM_MAX = 900 };
    const int room = longest > 0 ? CHARACTER * (int)(longest < ROOM_MAX ? longest : ROOM_MAX) + SAMPLE : NO_LABEL;
    return room < ROOM_MAX ? room : ROOM_MAX;
}

/* A key that would leave little to the panels makes the picture wider. */
static int pixels_wide(const struct figure *figure)
{
    const int room = key_room(longest_label(figure));
    return PIXELS_WIDE + (room > PIXELS_KEY ? room - PIXELS_KEY : 0);
}

/* In shares of the width. */
static double right_margin(const struct figure *figure)
{
    return 1.0 - (double)key_room(longest_label(figure)) / pixels_wide(figure);
}

/* gnuplot takes every letter for a wide one, 13 pixels where 11 do, and leaves the grid out under the key that would
 * come of it: this takes so much off again, in such letters. */
static double key_width(size_t longest)
{
    return -0.15 * (double)longest;
}

static void write_panel(const struct figure *figure, const struct figure_panel *panel, size_t first_row, FILE *out)
{
    const size_t longest = longest_label(figure);
    write_setting("title", panel->title, out);
    write_setting("xlabel", panel->x_label, out);
    write_setting("ylabel", panel->y_label, out);
    fprintf(out, panel->x_log ? "  set logscale x\n  set format x \"10^{%%T}\"\n"
                              : "  unset logscale x\n  set format x \"%%h\"\n");
    write_y_range(panel, out);
    write_second_axes(panel, right_margin(figure), out);
    write_offsets(panel, out);
    const size_t wide_max = LABELS_WIDE_MAX + (panel->x2_factor > 0.0 ? LABELS_SECOND_AXIS : 0);
    fprintf(out, "  set key spacing %s width %.1f\n", count_labels(panel) > wide_max ? "0.8" : "1.2",
            key_width(longest));
    if (figure_panel_points(panel) > 0)
        write_all_series(panel, first_row, out);
    else
        fprintf(out, "  set label 1 \"no data\" at graph 0.5,0.5 center\n"
                     "  plot [0:1][0:1] NaN notitle\n  unset label 1\n");
}

static void write_panels(const struct figure *figure, FILE *out)
{
    size_t row = 0;
    for (uint32_t p = 0; p < figure->panel_count; p++) {
        write_panel(figure, &figure->panels[p], row, out);
        row += figure_panel_points(&figure->panels[p]);
    }
}

/* --- The whole ---------------------------------------------------------------------------------------------------- */

static void write_comment(const char *text, FILE *out)
{
    fprintf(out, "# ");
    for (; *text != '\0'; text++)
        fprintf(out, *text == '\n' ? "\n# " : "%c", *text);
    fputc('\n', out);
}

static void write_origin(const struct figure *figure, FILE *out)
{
    fprintf(out, "# Run in the folder of %s.csv: gnuplot %s.gp\n", figure->name, figure->name);
    if (figure->origin.creator[0] == '\0')
        return;
    write_comment(figure->origin.creator, out);
    write_comment(figure->origin.source, out);
    write_comment(figure->origin.command, out);
}

/* PDF is vector graphics of the same shape; its points are those of print. */
static void write_terminals(int wide, int high, FILE *out)
{
    fprintf(out,
            "  if (kind eq \"png\") { set terminal pngcairo size %d,%d font \"DejaVu Sans,15\" background "
            "\"#ffffff\" }\n",
            wide, high);
    fprintf(out,
            "  if (kind eq \"svg\") { set terminal svg size %d,%d font \"DejaVu Sans,15\" background \"#ffffff\" }\n",
            wide, high);
    fprintf(out, "  if (kind eq \"pdf\") { set terminal pdfcairo size %.2fin,%.2fin font \"DejaVu Sans,11\" }\n",
            (double)wide / PIXELS_PER_INCH, (double)high / PIXELS_PER_INCH);
}

/* Smaller letters where it would be wider than the picture. */
static double title_size(const char *title, int wide)
{
    const double size = 18.0, letter = 12.4, room = wide - 30; /* pixels a letter at that size */
    const double width = letter * (double)strlen(title);
    return width > room ? size * room / width : size;
}

void figure_write_script_of(const struct figure *figure, const char *kinds, FILE *out)
{
    const bool scene = figure->scene.text != NULL;
    const int wide = scene ? figure_scene_width(figure) : pixels_wide(figure);
    int high = scene ? FIGURE_SCENE_HEIGHT : PIXELS_PANEL * (int)figure->panel_count + 60;
    for (uint32_t p = 0; p < figure->panel_count; p++)
        high += (figure->panels[p].x2_factor > 0.0 ? PIXELS_SECOND_AXIS : 0) + key_pixels(&figure->panels[p]);
    write_origin(figure, out);
    fprintf(out, "data = \"%s.csv\"\n", figure->name);
    fprintf(out, "set encoding utf8\nset datafile separator \",\"\nset datafile columnheaders\n"
                 "set border 3 lw 1.2\nset tics nomirror out\nset grid back lt 1 lc rgb \"#dddddd\" lw 1\n"
                 "set key outside right top noenhanced spacing 1.2\nset lmargin 12\nset bars 0.6\n");
    fprintf(out, "do for [kind in \"%s\"] {\n", kinds);
    write_terminals(wide, high, out);
    fprintf(out, "  dot = kind eq \"svg\" ? 0.55 : 1.0 # its points are larger than the others'\n");
    fprintf(out, "  set output \"%s.\".kind\n", figure->name);
    fprintf(out, "  set multiplot layout %u,%u title ", scene ? 1 : figure->panel_count,
            scene ? figure->panel_count : 1);
    figure_write_quoted(figure->title, out);
    fprintf(out, " noenhanced font \",%.3g\"\n", title_size(figure->title, wide));
    if (scene)
        figure_write_scene(figure, out);
    else
        write_panels(figure, out);
    fprintf(out, "  unset multiplot\n  set output\n}\n");
}

void figure_write_script(const struct figure *figure, FILE *out)
{
    figure_write_script_of(figure, "png svg pdf", out);
}
