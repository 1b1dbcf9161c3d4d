/* figure_scene.c - scenes: dots, sticks and arrows, painted slab by slab from far to near, what is far paler. */
#include "server/plot/figure_script.h"

#include <string.h>

enum { SLABS = 8, PANEL_WIDTH = 680, KEY_SAMPLE = 125, KEY_LETTER = 11 };

/* Pixels for the longest label and its sample. */
static int key_width(const struct figure_scene *scene)
{
    size_t longest = 0;
    for (uint32_t g = 0; g < scene->group_count; g++)
        if (scene->groups[g].label != NULL && strlen(scene->groups[g].label) > longest)
            longest = strlen(scene->groups[g].label);
    return KEY_SAMPLE + KEY_LETTER * (int)longest;
}

int figure_scene_width(const struct figure *figure)
{
    return PANEL_WIDTH * (int)figure->panel_count + key_width(&figure->scene);
}

/* Towards white, by up to seven tenths for what is farthest. */
static uint32_t in_fog(uint32_t rgb, int slab)
{
    const double kept = 0.3 + 0.7 * (slab + 1.0) / SLABS;
    uint32_t color = 0;
    for (int shift = 16; shift >= 0; shift -= 8)
        color = color << 8 | (uint32_t)(255.0 - (255.0 - (rgb >> shift & 0xff)) * kept + 0.5);
    return color;
}

/* One arrow style and one colour for each group in each slab, counted from 1. */
static void write_styles(const struct figure_scene *scene, FILE *out)
{
    fprintf(out, "  array color[%u]\n", scene->group_count * SLABS);
    for (uint32_t g = 0; g < scene->group_count; g++)
        for (int slab = 0; slab < SLABS; slab++) {
            const struct scene_group *group = &scene->groups[g];
            const uint32_t style = g * SLABS + (uint32_t)slab + 1, rgb = in_fog(group->rgb, slab);
            if (group->shape == SCENE_DOTS)
                fprintf(out, "  color[%u] = 0x%06x\n", style, rgb);
            else
                fprintf(out, "  set style arrow %u %s lc rgb \"#%06x\" lw %g\n", style,
                        group->shape == SCENE_ARROWS ? "head filled size 0.15,20" : "nohead", rgb, group->width);
        }
}

/* Sticks first, so that atoms stand before the bonds that end in them. */
static void write_slab(uint32_t panel, int slab, FILE *out)
{
    fprintf(out,
            "    data using ($1==%u && $8==0 && in_slab($3,%d) ? $4 : NaN):5:6:7:(int($2)*%d+%d) with vectors "
            "arrowstyle variable notitle, \\\n",
            panel, slab, SLABS, slab + 1);
    fprintf(out,
            "    data using ($1==%u && $8>0 && in_slab($3,%d) ? $4 : NaN):5:8:(color[int($2)*%d+%d]) with circles "
            "fs solid 1.0 border lc rgb \"#606060\" lw 0.4 lc rgb variable notitle",
            panel, slab, SLABS, slab + 1);
}

static void write_key(const struct scene_group *group, FILE *out)
{
    fprintf(out, ", \\\n    keyentry with %s lc rgb \"#%06x\"",
            group->shape == SCENE_DOTS ? "points pt 7 ps 1.5*dot" : "lines", group->rgb);
    if (group->shape != SCENE_DOTS)
        fprintf(out, " lw %g", group->width < 2.0 ? 2.0 : group->width);
    fprintf(out, " title ");
    figure_write_quoted(group->label, out);
}

static void write_scene_panel(const struct figure *figure, uint32_t panel, FILE *out)
{
    const struct figure_scene *scene = &figure->scene;
    const char *comma = "  plot \\\n";
    fprintf(out, "  set title ");
    figure_write_quoted(figure->panels[panel].title, out);
    fprintf(out, " noenhanced\n");
    for (int slab = 0; slab < SLABS; slab++) {
        fputs(comma, out);
        write_slab(panel, slab, out);
        comma = ", \\\n";
    }
    for (uint32_t g = 0; panel + 1 == figure->panel_count && g < scene->group_count; g++)
        if (scene->groups[g].label != NULL)
            write_key(&scene->groups[g], out);
    fputc('\n', out);
}

void figure_write_scene(const struct figure *figure, FILE *out)
{
    const double width = figure_scene_width(figure);
    fprintf(out, "  in_slab(d, k) = (d*%d >= k || k == 0) && (d*%d < k+1 || k == %d)\n", SLABS, SLABS, SLABS - 1);
    fprintf(out, "  stats data using ($2==0 ? $4 : NaN):($2==0 ? $5 : NaN) name \"frame\" nooutput\n"
                 "  set xrange [frame_min_x-0.8:frame_max_x+0.8]\n  set yrange [frame_min_y-0.8:frame_max_y+0.8]\n");
    write_styles(&figure->scene, out);
    fprintf(out, "  unset border\n  unset tics\n  unset grid\n  set size ratio -1\n  set key noenhanced\n");
    for (uint32_t p = 0; p < figure->panel_count; p++) {
        fprintf(out, "  set lmargin at screen %.4f\n  set rmargin at screen %.4f\n", (PANEL_WIDTH * p + 20.0) / width,
                (PANEL_WIDTH * (p + 1.0) - 20.0) / width);
        fprintf(out, "  set key at screen %.4f,0.85 left top reverse Left\n",
                (width - key_width(&figure->scene) + 10.0) / width);
        write_scene_panel(figure, p, out);
    }
}
