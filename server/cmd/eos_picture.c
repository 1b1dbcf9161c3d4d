#include "server/cmd/eos_picture.h"

#include "common/mem.h"
#include "common/text.h"
#include "server/process.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the atoms of a configuration ---- */

static enum status take_atoms(const json_t *atoms, struct eos_scatter *out, struct error *err)
{
    const size_t count = json_array_size(atoms);
    if (count == 0)
        return error_set(err, STATUS_CORRUPT, "vitrine-worker analyze names no atoms");
    out->volumes = mem_alloc_array(count, sizeof *out->volumes);
    out->energies = mem_alloc_array(count, sizeof *out->energies);
    out->is_small = mem_alloc_array(count, sizeof *out->is_small);
    if (!out->volumes || !out->energies || !out->is_small)
        return mem_error(err, "the atoms of a configuration");
    for (size_t i = 0; i < count; i++) {
        const json_t *atom = json_array_get(atoms, i);
        out->volumes[i] = json_number_value(json_object_get(atom, "volume"));
        out->energies[i] = json_number_value(json_object_get(atom, "energy"));
        out->is_small[i] = json_integer_value(json_object_get(atom, "type")) == 2;
    }
    out->count = count;
    return STATUS_OK;
}

/* `path` "-": the text on its standard input. */
static enum status analyze(const struct system_spec *system, const char *worker, const char *path, const char *text,
                           size_t size, struct eos_scatter *out, struct error *err)
{
    char cutoff[32], *answer;
    size_t answer_size;
    snprintf(cutoff, sizeof cutoff, "%.17g", system->cutoff);
    const char *argv[] = {worker,        "analyze",
                          path,          "--json",
                          "--potential", potential_names[system->potential],
                          "--cut",       cut_names[system->cut],
                          "--cutoff",    cutoff,
                          NULL};
    enum status status = process_capture(argv, text, size, &answer, &answer_size, err);
    if (status != STATUS_OK)
        return status;
    json_t *found = json_loadb(answer, answer_size, 0, NULL);
    mem_free(answer);
    status = take_atoms(json_object_get(found, "per_atom"), out, err);
    json_decref(found);
    return status;
}

/* A frame of the database, as its name says. */
struct frame_name {
    struct campaign_id campaign;
    struct replica_id replica;
    int64_t step;
};

/* False: it is no such name, but may be a file's. */
static bool read_whole(const char *text, char end, int64_t *out, const char **out_rest)
{
    char *rest;
    errno = 0;
    *out = strtoll(text, &rest, 10);
    *out_rest = rest;
    return errno == 0 && rest != text && *rest == end;
}

static bool parse_frame_name(const struct reading *reading, const struct selected *item, const char *where,
                             struct frame_name *out)
{
    const char *slash = strchr(where, '/'), *rest = slash ? slash + 1 : where;
    int64_t replica;
    out->campaign = item->id;
    for (uint32_t c = 0; slash && c < reading->campaign_count; c++)
        if (strlen(reading->campaigns[c].name) == (size_t)(slash - where) &&
            strncmp(reading->campaigns[c].name, where, (size_t)(slash - where)) == 0) {
            out->campaign.value = c + 1;
            slash = NULL;
        }
    if (slash || !read_whole(rest, ':', &replica, &rest) || replica < 0 || replica > UINT32_MAX)
        return false;
    out->replica.value = (uint32_t)replica;
    return read_whole(rest + 1, '\0', &out->step, &rest);
}

static enum status analyze_frame(const struct reading *reading, const struct selected *item, const char *worker,
                                 const struct frame_name *name, struct eos_scatter *out, struct error *err)
{
    const char *argv[] = {worker, "convert", "-", NULL};
    uint8_t *bytes;
    size_t size, text_size;
    char *text;
    enum status status = store_get_frame(reading->store, name->campaign, name->replica, name->step,
                                         CONFIGURATION_INHERENT, &bytes, &size, err);
    if (status == STATUS_NOT_FOUND)
        status = store_get_frame(reading->store, name->campaign, name->replica, name->step, CONFIGURATION_THERMAL,
                                 &bytes, &size, err);
    if (status != STATUS_OK)
        return status;
    status = process_capture(argv, bytes, size, &text, &text_size, err);
    mem_free(bytes);
    if (status != STATUS_OK)
        return status;
    status = analyze(&item->spec->system, worker, "-", text, text_size, out, err);
    mem_free(text);
    return status;
}

enum status eos_scatter_read(const struct reading *reading, const struct selected *item, const char *where,
                             struct eos_scatter *out, struct error *err)
{
    struct frame_name name;
    char worker[PATH_MAX];
    *out = (struct eos_scatter){0};
    enum status status = process_find_worker(worker, err);
    if (status == STATUS_OK)
        status = parse_frame_name(reading, item, where, &name)
                     ? analyze_frame(reading, item, worker, &name, out, err)
                     : analyze(&item->spec->system, worker, where, NULL, 0, out, err);
    if (status == STATUS_OK)
        return STATUS_OK;
    eos_scatter_finish(out);
    return error_context(err, "--frame %s", where);
}

void eos_scatter_finish(struct eos_scatter *scatter)
{
    if (!scatter)
        return;
    mem_free(scatter->volumes);
    mem_free(scatter->energies);
    mem_free(scatter->is_small);
    *scatter = (struct eos_scatter){0};
}

/* ---- the figure ---- */

/* Energies above this are not drawn: compressed crystals would flatten all the rest. */
static double energy_shown_max(const struct eos_data *data)
{
    double highest = -HUGE_VAL;
    for (uint32_t p = 0; p < data->spec->phase_count; p++) {
        const struct eos_minimum minimum = eos_curve_minimum(&data->curves[p]);
        if (isfinite(minimum.energy))
            highest = fmax(highest, minimum.energy);
    }
    return isfinite(highest) ? highest + 1.5 : HUGE_VAL;
}

static struct figure_series *add_series(struct figure_panel *panel, size_t count, enum figure_mark mark, uint32_t color,
                                        const char *label)
{
    struct figure_series *series = figure_add_series(panel, count, false);
    if (!series)
        return NULL;
    series->mark = mark;
    series->color = color;
    text_print(series->label, sizeof series->label, "%s", label);
    return series;
}

static enum status add_curve(const struct eos_data *data, uint32_t p, double energy_max, struct figure_panel *panel,
                             struct error *err)
{
    const struct eos_curve *curve = &data->curves[p];
    size_t count = 0;
    for (size_t i = 0; i < curve->count; i++)
        count += curve->energies[i] <= energy_max;
    struct figure_series *line = add_series(panel, count, MARK_LINE, p, data->spec->phases[p].name);
    if (!line)
        return mem_error(err, "a picture");
    line->shape = p / 8; /* colours come again, dashes tell them apart */
    for (size_t i = 0, n = 0; i < curve->count; i++)
        if (curve->energies[i] <= energy_max) {
            line->x[n] = curve->volumes[i];
            line->y[n++] = curve->energies[i];
        }
    return STATUS_OK;
}

/* The two phases, joined by the line on which mixtures of them lie, and the mixture. */
static enum status add_answer(const struct eos_data *data, const struct eos_answer *answer, struct figure_panel *panel,
                              struct error *err)
{
    const struct eos_pair *pair = &answer->pair;
    char label[FIGURE_LABEL_SIZE];
    snprintf(label, sizeof label, "two phases: E = %.4f", pair->energy);
    struct figure_series *line = add_series(panel, 3, MARK_LINE_POINTS, data->spec->phase_count, label);
    if (!line)
        return mem_error(err, "a picture");
    line->x[0] = pair->volume_a;
    line->y[0] = pair->energy_a;
    line->x[1] = pair->fraction_a * pair->volume_a + (1.0 - pair->fraction_a) * pair->volume_b;
    line->y[1] = pair->energy;
    line->x[2] = pair->volume_b;
    line->y[2] = pair->energy_b;
    return STATUS_OK;
}

static enum status add_scatter(const struct eos_scatter *scatter, bool small, uint32_t color,
                               struct figure_panel *panel, struct error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < scatter->count; i++)
        count += scatter->is_small[i] == small;
    struct figure_series *cloud = add_series(panel, count, MARK_POINTS, color, small ? "small atoms" : "large atoms");
    if (!cloud)
        return mem_error(err, "a picture");
    for (size_t i = 0, n = 0; i < scatter->count; i++)
        if (scatter->is_small[i] == small) {
            cloud->x[n] = scatter->volumes[i];
            cloud->y[n++] = scatter->energies[i];
        }
    return STATUS_OK;
}

static enum status draw(const struct eos_data *data, const struct eos_answer *answer, const struct eos_scatter *scatter,
                        struct figure *figure, struct error *err)
{
    struct figure_panel *panel = &figure->panels[figure->panel_count++];
    *panel = (struct figure_panel){.x_label = "V (sigma^3 per atom)", .y_label = "E (epsilon per atom)"};
    text_print(panel->title, sizeof panel->title, "%s",
               scatter ? "crystals, and the atoms of one configuration" : "crystals");
    const double energy_max = energy_shown_max(data);
    enum status status = STATUS_OK;
    for (int small = 0; scatter && status == STATUS_OK && small < 2; small++)
        status = add_scatter(scatter, small, data->spec->phase_count + 1 + (uint32_t)small, panel, err);
    for (uint32_t p = 0; status == STATUS_OK && p < data->spec->phase_count; p++)
        status = add_curve(data, p, energy_max, panel, err);
    if (status == STATUS_OK && answer->is_found)
        status = add_answer(data, answer, panel, err);
    return status;
}

enum status eos_picture(struct store *store, const struct selected *item, const struct eos_scatter *scatter,
                        struct figure *figure, struct error *err)
{
    const struct ensemble_spec *spec = item->spec;
    const struct eos_question question = {0};
    struct eos_answer answer = {0};
    struct error why = {0};
    struct eos_data data;
    enum status status = eos_read(store, item, &data, err);
    if (status != STATUS_OK)
        return status;
    snprintf(figure->name, sizeof figure->name, "%s-%s-eos", item->campaign->name, spec->name);
    snprintf(figure->title, sizeof figure->title, "%s / %s: static energies (%s potential, %s crystals)",
             item->campaign->name, spec->name, cut_names[spec->system.cut], eos_geometry_names[spec->eos.geometry]);
    error_ignore(eos_ask(&data, &question, &answer, &why), "curves that are not that far are drawn without it");
    status = draw(&data, &answer, scatter, figure, err);
    eos_data_finish(&data);
    return status;
}
