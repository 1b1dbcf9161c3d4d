/* time.c - potential and inherent energy, icosahedral content and what crystals there are against time: of each replica
 * where nothing is exchanged (isotherms, hybrids, quenches), of each rung of a ladder. Figure 1a of the paper, for an
 * isotherm. */
#include "server/cmd/pictures/pictures.h"

#include "common/mem.h"
#include "server/cmd/pictures/lines.h"

/* More lines than that are told apart by temperature only. */
enum { LINES_NAMED_MAX = 12 };

static const double scale_of_many = 0.6;  /* of their width */
static const double crystal_shown = 0.05; /* of the atoms, in the largest one: less is in every liquid */

struct time_line {
    struct sample_place place;
    uint32_t color, shape;
    double scale;
    char label[FIGURE_LABEL_SIZE]; /* empty: not in the key */
};

static enum status draw_line(const struct picture_source *source, const struct time_line *line, size_t lines,
                             enum quantity_id quantity, bool labelled, struct figure_panel *panel, struct error *err)
{
    enum status status = lines_draw(source->samples, source->items, line->place, quantity, lines, panel, err);
    if (status != STATUS_OK)
        return status;
    struct figure_series *drawn = &panel->series[panel->series_count - 1];
    drawn->color = line->color;
    drawn->shape = line->shape;
    drawn->scale = line->scale;
    if (labelled)
        picture_set_text(drawn->label, sizeof drawn->label, "%s", line->label);
    return STATUS_OK;
}

/* Where nothing is exchanged between replicas: one line each, coloured by temperature where there are several. */
static size_t list_replicas(const struct selected *item, struct time_line *lines)
{
    size_t count = 0;
    for (uint32_t r = 0; r < item->campaign->replica_count; r++) {
        const struct replica_spec *replica = &item->campaign->replicas[r];
        if (!selected_has_replica(item, (struct replica_id){r}) || !selected_has_rung(item, replica->rung_first))
            continue;
        struct time_line *line = &lines[count++];
        line->place = (struct sample_place){STORE_ANY, r};
        line->color = item->spec->rung_count > 1 ? replica->rung_first.value : replica->copy;
        line->shape = item->spec->rung_count > 1 ? replica->copy : 0;
        picture_set_text(line->label, sizeof line->label, "%s = %.4g, replica %u",
                         item->spec->mode == MODE_QUENCH ? "from T" : "T",
                         item->spec->temperatures[replica->rung_first.value], r);
    }
    return count;
}

/* One colour and one name a temperature, which its first line has. */
static void gather_by_temperature(const struct selected *item, struct time_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t rung = item->campaign->replicas[lines[i].place.replica].rung_first.value;
        size_t first = 0, members = 0;
        lines[i].color = rung;
        lines[i].shape = 0;
        lines[i].scale = scale_of_many;
        lines[i].label[0] = '\0';
        for (size_t k = count; k-- > 0;)
            if (item->campaign->replicas[lines[k].place.replica].rung_first.value == rung) {
                first = k;
                members++;
            }
        if (first == i)
            picture_set_text(lines[i].label, sizeof lines[i].label, "%s = %.4g: %zu replica%s",
                             item->spec->mode == MODE_QUENCH ? "from T" : "T", item->spec->temperatures[rung], members,
                             members == 1 ? "" : "s");
    }
}

/* Those of a ladder: its rungs. */
static size_t list_rungs(const struct selected *item, struct time_line *lines)
{
    size_t count = 0;
    for (uint32_t r = 0; r < item->spec->rung_count; r++) {
        if (!selected_has_rung(item, (struct rung_id){r}))
            continue;
        struct time_line *line = &lines[count++];
        line->place = (struct sample_place){r, item->filter.replica};
        line->color = r;
        picture_set_text(line->label, sizeof line->label, "T = %.4g", item->spec->temperatures[r]);
    }
    return count;
}

struct time_row {
    enum quantity_id quantity;
    const char *title, *label;
};

static enum status draw_row(const struct picture_source *source, const struct time_line *lines, size_t count,
                            const struct time_row *row, struct figure *figure, struct error *err)
{
    const struct selected *item = source->items;
    const bool is_first = figure->panel_count == 0;
    struct figure_panel *panel = picture_add_panel(figure, row->title, picture_clock(item->spec).label, row->label);
    enum status status = STATUS_OK;
    panel->ordered = item->spec->rung_count > 1;
    panel->color_count = panel->ordered ? item->spec->rung_count : 0;
    panel->y_fraction = row->quantity != QUANTITY_energy_potential && row->quantity != QUANTITY_energy_inherent;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = draw_line(source, &lines[i], count, row->quantity, is_first, panel, err);
    return status;
}

/* Does any of the lines ever get there? */
static enum status find_crystal(const struct picture_source *source, const struct time_line *lines, size_t count,
                                enum quantity_id quantity, bool *out_found, struct error *err)
{
    bool found = false;
    for (size_t i = 0; !found && i < count; i++) {
        struct sample_series series;
        enum status status =
            sample_cache_series(source->samples, source->items, lines[i].place, quantity, &series, err);
        if (status != STATUS_OK)
            return status;
        for (size_t k = 0; !found && k < series.count; k++)
            found = series.values[k] > crystal_shown;
    }
    *out_found = found;
    return STATUS_OK;
}

static enum status draw_lines(const struct picture_source *source, const struct time_line *lines, size_t count,
                              struct figure *figure, struct error *err)
{
    const struct time_row always[] = {
        {QUANTITY_energy_potential, "potential energy", "U/N (epsilon)"},
        {QUANTITY_energy_inherent, "inherent energy", picture_energy_label},
        {QUANTITY_ico_fraction, "icosahedral content", "fraction of atoms <0,0,12,0>"},
    };
    static const struct time_row crystals[] = {
        {QUANTITY_laves_largest, "largest Laves cluster", "fraction of atoms"},
        {QUANTITY_close_packed_largest, "largest close-packed cluster of large atoms", "fraction of atoms"},
        {QUANTITY_b2_largest, "largest B2 cluster", "fraction of atoms"},
    };
    enum status status = STATUS_OK;
    for (size_t q = 0; status == STATUS_OK && q < sizeof always / sizeof *always; q++)
        status = draw_row(source, lines, count, &always[q], figure, err);
    for (size_t q = 0; status == STATUS_OK && q < sizeof crystals / sizeof *crystals; q++) {
        bool found = false;
        status = find_crystal(source, lines, count, crystals[q].quantity, &found, err);
        if (status == STATUS_OK && found)
            status = draw_row(source, lines, count, &crystals[q], figure, err);
    }
    return status;
}

static enum status draw_time(const struct picture_source *source, struct figure *figure, struct error *err)
{
    const struct selected *item = source->items;
    struct time_line *lines = mem_alloc_array(item->campaign->replica_count + item->spec->rung_count, sizeof *lines);
    if (lines == NULL)
        return mem_error(err, "a picture");
    picture_name(figure, item->campaign, item->spec->name, "time");
    picture_set_text(figure->title, sizeof figure->title, "%s / %s: %s (%s potential)", item->campaign->name,
                     item->spec->name,
                     item->spec->mode == MODE_TEMPERING ? "rungs of the ladder" : "replicas against time",
                     cut_names[item->spec->system.cut]);
    size_t count = item->spec->mode == MODE_TEMPERING ? list_rungs(item, lines) : list_replicas(item, lines);
    if (item->spec->mode != MODE_TEMPERING && count > LINES_NAMED_MAX)
        gather_by_temperature(item, lines, count);
    enum status status = draw_lines(source, lines, count, figure, err);
    mem_free(lines);
    return status;
}

const struct picture picture_time = {
    .name = "time",
    .summary = "potential and inherent energy, icosahedral content and crystals against time",
    .scope = PICTURE_OF_ENSEMBLE,
    .modes = PICTURE_STATES | PICTURE_QUENCHES,
    .draw = draw_time,
};
