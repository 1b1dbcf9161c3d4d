/* time.c - potential and inherent energy and icosahedral content against time: of each replica where nothing is
 * exchanged (isotherms, hybrids, quenches), of each rung of a ladder. Figure 1a of the paper, for an isotherm. */
#include "server/cmd/pictures/pictures.h"

#include "common/mem.h"
#include "server/cmd/pictures/lines.h"

struct time_line {
    int64_t rung, replica; /* not both STORE_ANY */
    uint32_t color, shape;
    char label[FIGURE_LABEL_SIZE];
};

static enum status draw_line(const struct picture_source *source, const struct time_line *line,
                             enum quantity_id quantity, bool labelled, struct figure_panel *panel, struct error *err)
{
    enum status status = lines_draw(source->samples, source->items, line->rung, line->replica, quantity, panel, err);
    if (status != STATUS_OK)
        return status;
    struct figure_series *drawn = &panel->series[panel->series_count - 1];
    drawn->color = line->color;
    drawn->shape = line->shape;
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
        line->rung = STORE_ANY;
        line->replica = r;
        line->color = item->spec->rung_count > 1 ? replica->rung_first.value : replica->copy;
        line->shape = item->spec->rung_count > 1 ? replica->copy : 0;
        picture_set_text(line->label, sizeof line->label, "%s = %.4g, replica %u",
                         item->spec->mode == MODE_QUENCH ? "from T" : "T",
                         item->spec->temperatures[replica->rung_first.value], r);
    }
    return count;
}

/* Those of a ladder: its rungs. */
static size_t list_rungs(const struct selected *item, struct time_line *lines)
{
    size_t count = 0;
    for (uint32_t r = 0; r < item->spec->rung_count; r++) {
        if (!selected_has_rung(item, (struct rung_id){r}))
            continue;
        struct time_line *line = &lines[count++];
        line->rung = r;
        line->replica = item->filter.replica;
        line->color = r;
        picture_set_text(line->label, sizeof line->label, "T = %.4g", item->spec->temperatures[r]);
    }
    return count;
}

static enum status draw_lines(const struct picture_source *source, const struct time_line *lines, size_t count,
                              struct figure *figure, struct error *err)
{
    static const enum quantity_id shown[] = {QUANTITY_energy_potential, QUANTITY_energy_inherent,
                                             QUANTITY_ico_fraction};
    static const char *const titles[] = {"potential energy", "inherent energy", "icosahedral content"};
    const char *const labels[] = {"U/N (epsilon)", picture_energy_label, "fraction of atoms <0,0,12,0>"};
    const struct selected *item = source->items;
    const struct picture_clock clock = picture_clock(item->spec);
    enum status status = STATUS_OK;
    for (size_t q = 0; q < sizeof shown / sizeof *shown; q++) {
        struct figure_panel *panel = picture_add_panel(figure, titles[q], clock.label, labels[q]);
        panel->ordered = item->spec->rung_count > 1;
        panel->color_count = panel->ordered ? item->spec->rung_count : 0;
        for (size_t i = 0; status == STATUS_OK && i < count; i++)
            status = draw_line(source, &lines[i], shown[q], q == 0, panel, err);
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
    enum status status = draw_lines(source, lines, count, figure, err);
    mem_free(lines);
    return status;
}

const struct picture picture_time = {
    .name = "time",
    .summary = "potential and inherent energy and icosahedral content against time",
    .scope = PICTURE_OF_ENSEMBLE,
    .modes = PICTURE_STATES | PICTURE_QUENCHES,
    .draw = draw_time,
};
