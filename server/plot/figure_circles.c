#include "server/plot/figure_circles.h"

#include "common/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CORNERS_MIN = 24, CORNERS_MAX = 1024 }; /* fewer would not be taken for a circle by eye */

static const double tolerance = 0.05; /* pixels: gnuplot writes hundredths */

struct corners {
    size_t count;
    double x[CORNERS_MAX], y[CORNERS_MAX];
};

struct circle {
    double x, y, radius; /* pixels */
    uint32_t fill, stroke;
};

/* --- Reading ------------------------------------------------------------------------------------------------------ */

/* Each takes what stands at *at and moves it behind that; false, and nothing moved that matters, when it is not there.
 */
static bool take(const char **at, const char *word)
{
    const size_t length = strlen(word);
    *at += strspn(*at, " \t\n");
    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

/* 'rgb(156, 200, 225)'; each part is followed by one sign. */
static bool take_color(const char **at, uint32_t *out_rgb)
{
    uint32_t rgb = 0;
    if (!take(at, "'rgb("))
        return false;
    for (int part = 0; part < 3; part++) {
        char *end;
        const unsigned long value = strtoul(*at, &end, 10);
        if (end == *at || value > 0xff || *end != ",,)"[part])
            return false;
        rgb = rgb << 8 | (uint32_t)value;
        *at = end + 1;
    }
    *out_rgb = rgb;
    return take(at, "'");
}

static bool take_corner(const char **at, struct corners *out)
{
    char *end;
    if (out->count == CORNERS_MAX)
        return false;
    const double x = strtod(*at, &end);
    if (end == *at || *end != ',')
        return false;
    const char *second = end + 1;
    const double y = strtod(second, &end);
    if (end == second)
        return false;
    out->x[out->count] = x;
    out->y[out->count++] = y;
    *at = end;
    return true;
}

/* 'x,y x,y ... ' */
static bool take_points(const char **at, struct corners *out)
{
    out->count = 0;
    if (!take(at, "'"))
        return false;
    while (!take(at, "'"))
        if (!take_corner(at, out))
            return false;
    return true;
}

/* 'Mx,y Lx,y ... Z ' */
static bool take_path(const char **at, struct corners *out)
{
    out->count = 0;
    if (!take(at, "'M") || !take_corner(at, out))
        return false;
    while (take(at, "L"))
        if (!take_corner(at, out))
            return false;
    return take(at, "Z") && take(at, "'");
}

/* --- Circles ------------------------------------------------------------------------------------------------------ */

static bool is_on(const struct corners *corners, const struct circle *circle)
{
    for (size_t i = 0; i < corners->count; i++)
        if (fabs(hypot(corners->x[i] - circle->x, corners->y[i] - circle->y) - circle->radius) > tolerance)
            return false;
    return corners->count >= CORNERS_MIN;
}

static bool find_circle(const struct corners *corners, struct circle *circle)
{
    double left = (double)INFINITY, right = -(double)INFINITY, top = (double)INFINITY, bottom = -(double)INFINITY;
    for (size_t i = 0; i < corners->count; i++) {
        left = fmin(left, corners->x[i]);
        right = fmax(right, corners->x[i]);
        top = fmin(top, corners->y[i]);
        bottom = fmax(bottom, corners->y[i]);
    }
    circle->x = (left + right) / 2.0;
    circle->y = (top + bottom) / 2.0;
    circle->radius = (right - left) / 2.0;
    return is_on(corners, circle);
}

static const char group_begin[] = "<g stroke='none' shape-rendering='crispEdges'>";

/* A filled polygon and the path around it, both one circle. */
static bool take_circle(const char **at, struct circle *out)
{
    struct corners corners;
    const char *here = *at;
    if (!take(&here, group_begin) || !take(&here, "<polygon fill = ") || !take_color(&here, &out->fill) ||
        !take(&here, "points = ") || !take_points(&here, &corners) || !take(&here, "/>") || !take(&here, "</g>"))
        return false;
    if (!find_circle(&corners, out))
        return false;
    if (!take(&here, "<path stroke=") || !take_color(&here, &out->stroke) || !take(&here, "d=") ||
        !take_path(&here, &corners) || !take(&here, "/>") || !is_on(&corners, out))
        return false;
    *at = here;
    return true;
}

static void write_short(const char *svg, FILE *out)
{
    for (const char *next; (next = strstr(svg, group_begin)) != NULL;) {
        struct circle circle;
        fwrite(svg, 1, (size_t)(next - svg), out);
        svg = next;
        if (take_circle(&svg, &circle)) {
            fprintf(out, "<circle cx='%.2f' cy='%.2f' r='%.2f' fill='#%06x' stroke='#%06x'/>\n", circle.x, circle.y,
                    circle.radius, circle.fill, circle.stroke);
            continue;
        }
        fputs(group_begin, out);
        svg += sizeof group_begin - 1;
    }
    fputs(svg, out);
}

enum status figure_circles_shorten(char **svg, size_t *size, struct error *err)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return mem_error(err, "a picture");
    write_short(*svg, out);
    const bool failed = ferror(out);
    char *copy = fclose(out) == 0 && !failed ? mem_copy(text, length + 1) : NULL;
    free(text);
    if (copy == NULL)
        return mem_error(err, "a picture");
    mem_free(*svg);
    *svg = copy;
    *size = length;
    return STATUS_OK;
}
