#include "server/cmd/pictures/picture.h"

#include "common/mem.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char picture_ico_label[] = "icosahedral content (fraction of atoms <0,0,12,0>)";
const char picture_energy_label[] = "e_{IS} (epsilon per atom)";

const enum quantity_id picture_quantities[PICTURE_QUANTITIES] = {
    QUANTITY_energy_potential, QUANTITY_pressure,      QUANTITY_energy_inherent,
    QUANTITY_ico_fraction,     QUANTITY_laves_largest, QUANTITY_close_packed_largest,
    QUANTITY_b2_largest,
};

bool picture_exists(const char *name)
{
    for (const struct picture *const *picture = picture_table; *picture != NULL; picture++)
        if (strcmp((*picture)->name, name) == 0)
            return true;
    return false;
}

/* Pictures of one name stand together; the first one names them. */
static bool is_first_of_name(const struct picture *const *picture)
{
    return picture == picture_table || strcmp(picture[-1]->name, picture[0]->name) != 0;
}

void picture_list_names(char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (const struct picture *const *picture = picture_table; *picture != NULL && used < size; picture++)
        if (is_first_of_name(picture))
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", (*picture)->name);
}

void picture_print_choices(FILE *out)
{
    for (const struct picture *const *picture = picture_table; *picture != NULL; picture++)
        fprintf(out, "  %-14s %s\n", is_first_of_name(picture) ? (*picture)->name : "", (*picture)->summary);
}

static bool suits(const struct picture *picture, const struct selected *item)
{
    return picture->modes & 1U << item->spec->mode;
}

bool picture_next_source(const struct picture *picture, const struct selected_list *list, size_t *next,
                         struct selected *room, struct picture_source *out)
{
    size_t count = 0;
    while (*next < list->count && !suits(picture, &list->items[*next]))
        ++*next;
    if (*next == list->count)
        return false;
    const struct campaign_id campaign = list->items[*next].id;
    do {
        if (suits(picture, &list->items[*next]))
            room[count++] = list->items[*next];
        ++*next;
    } while (picture->scope == PICTURE_OF_CAMPAIGN && *next < list->count &&
             list->items[*next].id.value == campaign.value);
    *out = (struct picture_source){.items = room, .count = count};
    return true;
}

void picture_set_text(char *out, size_t size, const char *fmt, ...)
{
    va_list values;
    va_start(values, fmt);
    vsnprintf(out, size, fmt, values);
    va_end(values);
}

void picture_name(struct figure *figure, const struct campaign *campaign, const char *ensemble, const char *what)
{
    picture_set_text(figure->name, sizeof figure->name, "%s-%s%s%s", campaign->name, ensemble,
                     *ensemble != '\0' ? "-" : "", what);
}

struct figure_panel *picture_add_panel(struct figure *figure, const char *title, const char *x_label,
                                       const char *y_label)
{
    struct figure_panel *panel = &figure->panels[figure->panel_count++];
    *panel = (struct figure_panel){0};
    picture_set_text(panel->title, sizeof panel->title, "%s", title);
    picture_set_text(panel->x_label, sizeof panel->x_label, "%s", x_label);
    picture_set_text(panel->y_label, sizeof panel->y_label, "%s", y_label);
    return panel;
}

struct picture_clock picture_clock(const struct ensemble_spec *spec)
{
    static const int64_t steps_for_us = 100000000;    /* from 0.1 us on */
    static const int64_t steps_for_millions = 100000; /* so many digits side by side touch one another */
    if (spec->mode != MODE_ISOTHERM && spec->mode != MODE_QUENCH)
        return spec->steps >= steps_for_millions ? (struct picture_clock){1e-6, "10^6 steps (no clock)"}
                                                 : (struct picture_clock){1.0, "step (no clock)"};
    if (spec->steps >= steps_for_us)
        return (struct picture_clock){1e-9, "time (us: 10^9 steps)"};
    return (struct picture_clock){spec->dynamics.dt, "time (tau)"};
}

static size_t points_of_line(size_t lines)
{
    const size_t share = PICTURE_POINTS_PANEL / lines;
    return share > PICTURE_POINTS_MAX ? PICTURE_POINTS_MAX : share < PICTURE_POINTS_MIN ? PICTURE_POINTS_MIN : share;
}

struct figure_series *picture_add_blocks(struct figure_panel *panel, const struct sample_series *series, size_t lines,
                                         double time_unit, struct error *err)
{
    const size_t points = points_of_line(lines), size = (series->count + points - 1) / points;
    size_t blocks = size > 0 ? (series->count + size - 1) / size : 0;
    struct figure_series *line = figure_add_series(panel, blocks, false);
    if (line == NULL) {
        error_ignore(mem_error(err, "a picture"), "the caller sees NULL");
        return NULL;
    }
    for (size_t b = 0; b < blocks; b++) {
        size_t first = b * size, last = first + size < series->count ? first + size : series->count;
        for (size_t i = first; i < last; i++) {
            line->x[b] += (double)series->steps[i] * time_unit / (double)(last - first);
            line->y[b] += series->values[i] / (double)(last - first);
        }
    }
    line->mark = MARK_LINE;
    return line;
}

bool picture_has_compositions(const struct picture_source *source)
{
    const struct system_spec *first = &source->items[0].spec->system;
    bool differ = false;
    for (size_t i = 1; i < source->count; i++) {
        const struct system_spec *system = &source->items[i].spec->system;
        differ |= (uint64_t)system->atoms_small * first->atoms != (uint64_t)first->atoms_small * system->atoms;
    }
    return differ;
}
