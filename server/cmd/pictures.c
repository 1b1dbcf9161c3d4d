#include "server/cmd/pictures.h"

#include "common/mem.h"
#include "server/analysis/pdf_normalise.h"
#include "server/cmd/estimates.h"
#include "server/cmd/quench_read.h"
#include <math.h>
#include <stdarg.h>
#include <string.h>

static void set_text(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void set_text(char *out, size_t size, const char *fmt, ...)
{
    va_list values;
    va_start(values, fmt);
    vsnprintf(out, size, fmt, values);
    va_end(values);
}

static struct figure_panel *add_panel(struct figure *figure, const char *title, const char *x_label,
                                      const char *y_label)
{
    struct figure_panel *panel = &figure->panels[figure->panel_count++];
    *panel = (struct figure_panel){0};
    set_text(panel->title, sizeof panel->title, "%s", title);
    set_text(panel->x_label, sizeof panel->x_label, "%s", x_label);
    set_text(panel->y_label, sizeof panel->y_label, "%s", y_label);
    return panel;
}

static void name_figure(struct figure *figure, const struct campaign *campaign, const char *ensemble, const char *what)
{
    set_text(figure->name, sizeof figure->name, "%s-%s%s%s", campaign->name, ensemble, *ensemble != '\0' ? "-" : "",
             what);
}

/* --- Against time ------------------------------------------------------------------------------------------------- */

/* Means of blocks of `size` samples; the last block may be shorter. */
static struct figure_series *add_blocks(struct figure_panel *panel, const struct store_series *series, double time_unit,
                                        struct error *err)
{
    size_t size = (series->count + PICTURE_POINTS_MAX - 1) / PICTURE_POINTS_MAX;
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

struct time_line {
    struct store_filter filter;
    uint32_t color, shape;
    char label[FIGURE_LABEL_SIZE];
};

static enum status draw_line(struct store *store, const struct time_line *line, enum quantity_id quantity,
                             double time_unit, bool labelled, struct figure_panel *panel, struct error *err)
{
    struct store_series series;
    enum status status = store_read_series(store, &line->filter, quantity, &series, err);
    if (status != STATUS_OK)
        return status;
    struct figure_series *drawn = add_blocks(panel, &series, time_unit, err);
    store_series_finish(&series);
    if (drawn == NULL)
        return STATUS_NO_MEMORY;
    drawn->color = line->color;
    drawn->shape = line->shape;
    if (labelled)
        set_text(drawn->label, sizeof drawn->label, "%s", line->label);
    return STATUS_OK;
}

/* Where nothing is exchanged between replicas: one line each. */
static size_t list_replicas(const struct selected *item, struct time_line *lines)
{
    size_t count = 0;
    for (uint32_t r = 0; r < item->campaign->replica_count; r++) {
        const struct replica_spec *replica = &item->campaign->replicas[r];
        if (!selected_has_replica(item, (struct replica_id){r}) || !selected_has_rung(item, replica->rung_first))
            continue;
        struct time_line *line = &lines[count++];
        line->filter = item->filter;
        line->filter.replica = r;
        line->color = replica->rung_first.value;
        line->shape = replica->copy;
        set_text(line->label, sizeof line->label, "%s = %.4g, replica %u",
                 item->spec->mode == MODE_QUENCH ? "from T" : "T", item->spec->temperatures[replica->rung_first.value],
                 r);
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
        line->filter = item->filter;
        line->filter.rung = r;
        line->color = r;
        set_text(line->label, sizeof line->label, "T = %.4g", item->spec->temperatures[r]);
    }
    return count;
}

static enum status draw_lines(struct store *store, const struct selected *item, const struct time_line *lines,
                              size_t count, struct figure *figure, struct error *err)
{
    static const enum quantity_id shown[] = {QUANTITY_energy_potential, QUANTITY_energy_inherent,
                                             QUANTITY_ico_fraction};
    static const char *const titles[] = {"potential energy", "inherent energy", "icosahedral content"};
    static const char *const labels[] = {"U/N (epsilon)", "e_{IS} (epsilon per atom)", "fraction of atoms <0,0,12,0>"};
    bool clock = item->spec->mode == MODE_ISOTHERM || item->spec->mode == MODE_QUENCH;
    enum status status = STATUS_OK;
    for (size_t q = 0; q < sizeof shown / sizeof *shown; q++) {
        struct figure_panel *panel = add_panel(figure, titles[q], clock ? "time (tau)" : "step (no clock)", labels[q]);
        panel->ordered = true;
        panel->color_count = item->spec->rung_count;
        for (size_t i = 0; status == STATUS_OK && i < count; i++)
            status = draw_line(store, &lines[i], shown[q], clock ? item->spec->dynamics.dt : 1.0, q == 0, panel, err);
    }
    return status;
}

enum status picture_time(struct store *store, const struct selected *item, struct figure *figure, struct error *err)
{
    struct time_line *lines = mem_alloc_array(item->campaign->replica_count + item->spec->rung_count, sizeof *lines);
    if (lines == NULL)
        return mem_error(err, "a picture");
    name_figure(figure, item->campaign, item->spec->name, "time");
    set_text(figure->title, sizeof figure->title, "%s / %s: %s (%s potential)", item->campaign->name, item->spec->name,
             item->spec->mode == MODE_TEMPERING ? "rungs of the ladder" : "replicas against time",
             cut_names[item->spec->system.cut]);
    size_t count = item->spec->mode == MODE_TEMPERING ? list_rungs(item, lines) : list_replicas(item, lines);
    enum status status = draw_lines(store, item, lines, count, figure, err);
    mem_free(lines);
    return status;
}

/* --- Energy against icosahedra ------------------------------------------------------------------------------------ */

/* Place of a temperature among all of the campaign's, for colours that mean the same in every ensemble. */
static uint32_t temperature_rank(const struct campaign *campaign, double temperature, uint32_t *out_count)
{
    double below = -1.0, next;
    uint32_t rank = 0;
    *out_count = 0;
    do {
        next = (double)INFINITY;
        for (uint32_t e = 0; e < campaign->ensemble_count; e++)
            for (uint32_t r = 0; r < campaign->ensembles[e].rung_count; r++) {
                double t = campaign->ensembles[e].temperatures[r];
                next = t > below && t < next ? t : next;
            }
        rank += next < temperature;
        *out_count += isfinite(next);
        below = next;
    } while (isfinite(next));
    return rank;
}

static enum status add_cloud(struct store *store, const struct selected *item, uint32_t rung,
                             struct figure_panel *panel, struct error *err)
{
    struct store_filter filter = item->filter;
    struct store_series energy = {0}, ico = {0};
    filter.rung = rung;
    enum status status = store_read_series(store, &filter, QUANTITY_energy_inherent, &energy, err);
    if (status == STATUS_OK)
        status = store_read_series(store, &filter, QUANTITY_ico_fraction, &ico, err);
    if (status == STATUS_OK) {
        size_t count = energy.count < ico.count ? energy.count : ico.count;
        struct figure_series *cloud = figure_add_series(panel, count, false);
        status = cloud != NULL ? STATUS_OK : mem_error(err, "a picture");
        for (size_t i = 0; cloud != NULL && i < count; i++) {
            cloud->x[i] = ico.values[i];
            cloud->y[i] = energy.values[i];
        }
    }
    store_series_finish(&energy);
    store_series_finish(&ico);
    return status;
}

static enum status add_mean_point(struct store *store, const struct selected *item, uint32_t rung,
                                  struct figure_panel *panel, struct error *err)
{
    struct timeseries_mean energy, ico;
    enum status status = estimate_rung(store, item, (struct rung_id){rung}, QUANTITY_energy_inherent, &energy, err);
    if (status == STATUS_OK)
        status = estimate_rung(store, item, (struct rung_id){rung}, QUANTITY_ico_fraction, &ico, err);
    if (status != STATUS_OK)
        return status;
    struct figure_series *point = figure_add_series(panel, energy.count > 0 && ico.count > 0 ? 1 : 0, true);
    if (point == NULL)
        return mem_error(err, "a picture");
    if (point->count > 0) {
        point->x[0] = ico.mean;
        point->y[0] = energy.mean;
        point->y_error[0] = estimate_error(&energy);
    }
    return STATUS_OK;
}

/* The last series of a panel is coloured by temperature and points. */
static void mark_by_temperature(struct figure_panel *panel, const struct selected *item, uint32_t rung, bool labelled)
{
    struct figure_series *series = &panel->series[panel->series_count - 1];
    series->mark = MARK_POINTS;
    series->shape = item->ensemble.value;
    series->color = temperature_rank(item->campaign, item->spec->temperatures[rung], &panel->color_count);
    if (labelled)
        set_text(series->label, sizeof series->label, "T = %.4g %s", item->spec->temperatures[rung], item->spec->name);
}

static enum status add_rung_to_trajectory(struct store *store, const struct selected *item, uint32_t rung,
                                          struct figure *figure, struct error *err)
{
    enum status status = add_cloud(store, item, rung, &figure->panels[0], err);
    if (status != STATUS_OK)
        return status;
    mark_by_temperature(&figure->panels[0], item, rung, true);
    if ((status = add_mean_point(store, item, rung, &figure->panels[1], err)) == STATUS_OK)
        mark_by_temperature(&figure->panels[1], item, rung, false);
    return status;
}

enum status picture_trajectory(struct store *store, const struct selected_list *list, struct campaign_id id,
                               struct figure *figure, struct error *err)
{
    static const char x_label[] = "icosahedral content (fraction of atoms <0,0,12,0>)";
    static const char y_label[] = "e_{IS} (epsilon per atom)";
    enum status status = STATUS_OK;
    add_panel(figure, "every inherent structure", x_label, y_label)->ordered = true;
    add_panel(figure, "means at each temperature", x_label, y_label)->ordered = true;
    for (size_t i = 0; i < list->count; i++) {
        const struct selected *item = &list->items[i];
        if (item->id.value != id.value || item->spec->mode == MODE_QUENCH || item->spec->mode == MODE_EOS)
            continue;
        name_figure(figure, item->campaign, "", "trajectory");
        set_text(figure->title, sizeof figure->title, "%s: inherent energy against icosahedral content (%s potential)",
                 item->campaign->name, cut_names[item->spec->system.cut]);
        for (uint32_t r = 0; status == STATUS_OK && r < item->spec->rung_count; r++)
            if (selected_has_rung(item, (struct rung_id){r}))
                status = add_rung_to_trajectory(store, item, r, figure, err);
    }
    return status;
}

/* --- Pair distributions ------------------------------------------------------------------------------------------- */

struct pdf_drawing {
    const struct selected *item;
    enum configuration_kind kind;
    struct figure *figure;
};

/* Beyond r_max nothing new is seen; bins that end below the first contact are empty. */
static enum status add_curve(const struct pdf_drawing *drawing, const struct pdf_sum *row, int curve, const double *g,
                             struct error *err)
{
    struct figure_panel *panel = &drawing->figure->panels[curve];
    struct figure_series *line = figure_add_series(panel, row->bins, false);
    if (line == NULL)
        return mem_error(err, "a picture");
    for (uint32_t b = 0; b < row->bins; b++) {
        line->x[b] = ((double)b + 0.5) * row->bin;
        line->y[b] = g[(size_t)curve * row->bins + b];
    }
    line->color = row->rung.value;
    line->shape = 0;
    if (curve == 0)
        set_text(line->label, sizeof line->label, "T = %.4g (%llu frames)", row->temperature,
                 (unsigned long long)row->frames);
    return STATUS_OK;
}

static enum status draw_pdf(void *context, const struct pdf_sum *row, struct error *err)
{
    const struct pdf_drawing *drawing = context;
    const struct system_spec *system = &drawing->item->spec->system;
    struct pdf_composition composition = {system->atoms, system->atoms_small, system->volume_per_atom};
    if (row->kind != drawing->kind)
        return STATUS_OK;
    double *g = mem_alloc_array((size_t)row->bins * PDF_CURVES, sizeof *g);
    if (g == NULL)
        return mem_error(err, "a picture");
    pdf_normalise(&composition, row->frames, row->bin, row->bins, row->counts, g);
    enum status status = STATUS_OK;
    for (int curve = 0; status == STATUS_OK && curve < PDF_PAIRS; curve++)
        status = add_curve(drawing, row, curve, g, err);
    mem_free(g);
    return status;
}

enum status picture_pdf(struct store *store, const struct selected *item, enum configuration_kind kind,
                        struct figure *figure, struct error *err)
{
    static const char *const titles[PDF_PAIRS] = {"large - large", "large - small", "small - small"};
    static const char *const labels[PDF_PAIRS] = {"g_{LL}", "g_{LS}", "g_{SS}"};
    struct pdf_drawing drawing = {item, kind, figure};
    name_figure(figure, item->campaign, item->spec->name,
                kind == CONFIGURATION_INHERENT ? "pdf-inherent" : "pdf-thermal");
    set_text(figure->title, sizeof figure->title, "%s / %s: pair distributions of %s configurations",
             item->campaign->name, item->spec->name, configuration_names[kind]);
    for (int p = 0; p < PDF_PAIRS; p++) {
        struct figure_panel *panel = add_panel(figure, titles[p], "r (sigma)", labels[p]);
        panel->ordered = true;
        panel->color_count = item->spec->rung_count;
        panel->y_from_zero = true;
    }
    return store_visit_pdfs(store, &item->filter, draw_pdf, &drawing, err);
}

/* --- Quenches ----------------------------------------------------------------------------------------------------- */

static enum status add_quench_points(const struct quench_curves *curves, struct figure_panel *panel, struct error *err)
{
    struct figure_series *line = figure_add_series(panel, curves->bins.count, true);
    if (line == NULL)
        return mem_error(err, "a picture");
    line->mark = MARK_LINE_POINTS;
    line->count = 0;
    for (size_t bin = 0; bin < curves->bins.count; bin++) {
        const struct quench_point point = quench_curves_point(curves, bin);
        if (point.replicas == 0)
            continue;
        line->x[line->count] = point.temperature;
        line->y[line->count] = point.mean;
        line->y_error[line->count++] = point.standard_error;
    }
    return STATUS_OK;
}

static enum status draw_quench(const struct quench_data *data, struct figure *figure, struct error *err)
{
    static const struct {
        enum quench_shown shown;
        const char *title, *label;
    } rows[] = {
        {QUENCH_ENERGY, "potential energy", "U/N (epsilon)"},
        {QUENCH_INHERENT, "inherent energy", "e_{IS} (epsilon per atom)"},
        {QUENCH_ICO, "icosahedral content", "fraction of atoms <0,0,12,0>"},
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof rows / sizeof *rows; i++) {
        struct figure_panel *panel = add_panel(figure, rows[i].title, "T (epsilon/k_B)", rows[i].label);
        status = add_quench_points(&data->curves[rows[i].shown], panel, err);
    }
    return status;
}

enum status picture_quench(struct store *store, const struct selected *item, struct figure *figure, struct error *err)
{
    const struct ensemble_spec *spec = item->spec;
    struct quench_data data;
    enum status status = quench_read(store, item, quench_bin_width, &data, err);
    if (status != STATUS_OK)
        return status;
    name_figure(figure, item->campaign, spec->name, "quench");
    set_text(figure->title, sizeof figure->title, "%s / %s: %.3g per step, %zu replicas (%s potential)",
             item->campaign->name, spec->name, (spec->temperature_end - spec->temperatures[0]) / (double)spec->steps,
             data.replicas, cut_names[spec->system.cut]);
    status = draw_quench(&data, figure, err);
    quench_data_finish(&data);
    return status;
}

/* --- Exchange ----------------------------------------------------------------------------------------------------- */

static enum status draw_acceptance(struct store *store, const struct selected *item, struct figure_panel *panel,
                                   struct error *err)
{
    uint32_t pairs = item->spec->rung_count - 1;
    const double *temperatures = item->spec->temperatures;
    struct timeseries_mean *means = mem_alloc_array(pairs, sizeof *means);
    struct figure_series *line = means != NULL ? figure_add_series(panel, pairs, true) : NULL;
    enum status status = line != NULL ? estimate_acceptance(store, item, means, err) : mem_error(err, "a picture");
    for (uint32_t p = 0; status == STATUS_OK && p < pairs; p++) {
        line->x[p] = (temperatures[p] + temperatures[p + 1]) / 2.0;
        line->y[p] = means[p].count > 0 ? means[p].mean : (double)NAN;
        line->y_error[p] = estimate_error(&means[p]);
        line->mark = MARK_LINE_POINTS;
    }
    mem_free(means);
    return status;
}

/* Rows come replica by replica; a line is known when its replica ends. */
struct walk_drawing {
    const struct selected *item;
    struct figure_panel *panel;
    struct figure_series *line;
    struct replica_id replica;
    size_t used, room;
};

static void end_walk_line(struct walk_drawing *drawing)
{
    if (drawing->line != NULL)
        drawing->line->count = drawing->used;
}

static enum status draw_walk_row(void *context, const struct walk_row *row, struct error *err)
{
    struct walk_drawing *drawing = context;
    if (drawing->line == NULL || row->replica.value != drawing->replica.value) {
        end_walk_line(drawing);
        drawing->line = figure_add_series(drawing->panel, drawing->room, false);
        if (drawing->line == NULL)
            return mem_error(err, "a picture");
        drawing->line->mark = MARK_STEPS;
        drawing->replica = row->replica;
        drawing->used = 0;
        set_text(drawing->line->label, sizeof drawing->line->label, "replica %u", row->replica.value);
    }
    if (drawing->used == drawing->room)
        return error_set(err, STATUS_CORRUPT, "replica %u has more segments than planned", row->replica.value);
    drawing->line->x[drawing->used] = (double)row->segment.value;
    drawing->line->y[drawing->used++] = row->rung.value;
    return STATUS_OK;
}

static enum status draw_walk(struct store *store, const struct selected *item, struct figure_panel *panel,
                             struct error *err)
{
    struct walk_drawing drawing = {.item = item, .panel = panel};
    drawing.room = (size_t)campaign_production_segments(item->campaign, item->ensemble);
    panel->y_whole = true;
    enum status status = store_visit_walk(store, item->id, item->ensemble, draw_walk_row, &drawing, err);
    end_walk_line(&drawing);
    return status;
}

enum status picture_exchanges(struct store *store, const struct selected *item, struct figure *figure,
                              struct error *err)
{
    name_figure(figure, item->campaign, item->spec->name, "exchanges");
    set_text(figure->title, sizeof figure->title, "%s / %s: replica exchange", item->campaign->name, item->spec->name);
    struct figure_panel *acceptance = add_panel(figure, "accepted share of each pair",
                                                "temperature between the pair (epsilon/k_B)", "accepted share");
    acceptance->y_from_zero = true;
    enum status status = draw_acceptance(store, item, acceptance, err);
    if (status != STATUS_OK)
        return status;
    return draw_walk(store, item, add_panel(figure, "walk of the replicas", "segment", "rung (0 = coldest)"), err);
}
