/* aging.c - pair distributions at the beginning and at the end of a run: of all pairs, from the stored counts, and
 * around icosahedra, from stored inherent structures. Figure 2 of the paper.
 *
 * Early is the first tenth of what is there, late the last, or a whole segment, for that is what counts are summed
 * over; all of the coldest isotherm that was asked for. The sub-distributions are of icosahedral atoms with one
 * another and with their large and small neighbours that are not icosahedral (pdf_ico_classes of the worker),
 *
 *     g_ab(r) = counts_ab V / (sum over frames of N_a N_b  4 pi/3 (r2^3 - r1^3)),   a = b: N_a^2 / 2,
 *
 * so that it tends to 1 where a and b are not correlated; the numbers N of a frame are its own. */
#include "server/cmd/pictures/pictures.h"

#include "common/mem.h"
#include "server/analysis/pdf_normalise.h"
#include "server/cmd/pictures/frames.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { AGES = 2, CLASS_PAIRS = 3, FRAMES_OF_AGE_MAX = 16 };
static const char *const age_names[AGES] = {"early", "late"};
static const double share_of_age = 0.1;
static const double pi = 3.14159265358979323846;

/* Steps of the two ages: after the first, up to the last. */
struct age {
    int64_t first, last;
};

static enum status take_progress(void *context, const struct replica_progress *row, struct error *err)
{
    int64_t *reached = context;
    (void)err;
    reached[row->ensemble.value] =
        row->step_last > reached[row->ensemble.value] ? row->step_last : reached[row->ensemble.value];
    return STATUS_OK;
}

static enum status find_ages(const struct picture_source *source, struct age out[AGES], struct error *err)
{
    const struct selected *item = source->items;
    int64_t *reached = mem_alloc_array(item->campaign->ensemble_count, sizeof *reached);
    if (reached == NULL)
        return mem_error(err, "a picture");
    enum status status = store_visit_progress(source->store, item->id, take_progress, reached, err);
    const int64_t first = item->filter.step_first > 0 ? item->filter.step_first : 0;
    const int64_t end = reached[item->ensemble.value];
    const int64_t last = item->filter.step_last < end ? item->filter.step_last : end;
    const int64_t segment = item->spec->segment_steps;
    int64_t tenth = (int64_t)(share_of_age * (double)(last - first));
    if (tenth < segment && last - first >= 2 * segment)
        tenth = segment;
    out[0] = (struct age){first, first + tenth};
    out[1] = (struct age){last - tenth, last};
    mem_free(reached);
    return status;
}

/* --- All pairs ---------------------------------------------------------------------------------------------------- */

struct all_drawing {
    const struct selected *item;
    struct figure_panel *panel;
    int age;
};

static struct figure_series *add_curve(struct figure_panel *panel, uint32_t bins, double bin, int age)
{
    struct figure_series *line = figure_add_series(panel, bins, false);
    for (uint32_t b = 0; line != NULL && b < bins; b++)
        line->x[b] = ((double)b + 0.5) * bin;
    if (line != NULL) {
        line->color = (uint32_t)age;
        line->shape = 0;
    }
    return line;
}

static enum status draw_all_pairs(void *context, const struct pdf_sum *row, struct error *err)
{
    const struct all_drawing *drawing = context;
    const struct system_spec *system = &drawing->item->spec->system;
    const struct pdf_composition composition = {system->atoms, system->atoms_small, system->volume_per_atom};
    if (row->kind != CONFIGURATION_INHERENT)
        return STATUS_OK;
    double *g = mem_alloc_array((size_t)row->bins * PDF_CURVES, sizeof *g);
    struct figure_series *line = g != NULL ? add_curve(drawing->panel, row->bins, row->bin, drawing->age) : NULL;
    if (line == NULL) {
        mem_free(g);
        return mem_error(err, "a picture");
    }
    pdf_normalise(&composition, row->frames, row->bin, row->bins, row->counts, g);
    memcpy(line->y, g + (size_t)(PDF_CURVES - 1) * row->bins, row->bins * sizeof *g);
    picture_set_text(line->label, sizeof line->label, "%s: %llu structure%s", age_names[drawing->age],
                     (unsigned long long)row->frames, row->frames == 1 ? "" : "s");
    mem_free(g);
    return STATUS_OK;
}

static enum status draw_all(const struct picture_source *source, const struct age ages[AGES],
                            struct figure_panel *panel, struct error *err)
{
    enum status status = STATUS_OK;
    for (int age = 0; status == STATUS_OK && age < AGES; age++) {
        struct all_drawing drawing = {source->items, panel, age};
        struct store_filter filter = source->items->filter;
        filter.step_first = ages[age].first + 1;
        filter.step_last = ages[age].last;
        filter.rung = frames_coldest_rung(source->items);
        status = store_visit_pdfs(source->store, &filter, draw_all_pairs, &drawing, err);
    }
    return status;
}

/* --- Around icosahedra -------------------------------------------------------------------------------------------- */

static const struct {
    const char *counts, *a, *b; /* keys of `vitrine analyze --json` */
    const char *title;
} class_pairs[CLASS_PAIRS] = {
    {"counts_ico_ico", "ico", "ico", "icosahedral - icosahedral"},
    {"counts_ico_large", "ico", "large", "icosahedral - its large neighbours"},
    {"counts_ico_small", "ico", "small", "icosahedral - its small neighbours"},
};

/* Sums over the frames of one age. */
struct ico_sums {
    uint32_t frames, bins;
    double bin, volume;
    double pairs[CLASS_PAIRS];   /* N_a N_b, or N_a^2 / 2 */
    double *counts[CLASS_PAIRS]; /* [bins] */
};

static void ico_sums_finish(struct ico_sums *sums)
{
    for (int p = 0; p < CLASS_PAIRS; p++)
        mem_free(sums->counts[p]);
    *sums = (struct ico_sums){0};
}

static enum status begin_sums(struct ico_sums *sums, const json_t *analysis, size_t bins, double bin, struct error *err)
{
    sums->bins = (uint32_t)bins;
    sums->bin = bin;
    sums->volume = json_number_value(json_object_get(analysis, "volume"));
    for (int p = 0; p < CLASS_PAIRS; p++)
        if ((sums->counts[p] = mem_alloc_array(bins, sizeof *sums->counts[p])) == NULL)
            return mem_error(err, "pair counts");
    return STATUS_OK;
}

static enum status add_analysis(struct ico_sums *sums, const json_t *analysis, double bin, struct error *err)
{
    const json_t *found = json_object_get(analysis, "ico_pdf");
    const size_t bins = json_array_size(json_object_get(found, class_pairs[0].counts));
    enum status status = STATUS_OK;
    if (bins == 0)
        return error_set(err, STATUS_CORRUPT, "'vitrine-worker analyze --json' gave no ico_pdf");
    if (sums->frames == 0 && (status = begin_sums(sums, analysis, bins, bin, err)) != STATUS_OK)
        return status;
    for (int p = 0; p < CLASS_PAIRS; p++) {
        const double a = json_number_value(json_object_get(found, class_pairs[p].a));
        const double b = json_number_value(json_object_get(found, class_pairs[p].b));
        const json_t *counts = json_object_get(found, class_pairs[p].counts);
        sums->pairs[p] += strcmp(class_pairs[p].a, class_pairs[p].b) == 0 ? a * a / 2.0 : a * b;
        for (uint32_t n = 0; n < sums->bins; n++)
            sums->counts[p][n] += json_number_value(json_array_get(counts, n));
    }
    sums->frames++;
    return STATUS_OK;
}

static enum status add_frame(const struct picture_source *source, const struct frame_name *frame, struct ico_sums *sums,
                             struct error *err)
{
    const double bin = source->items->spec->sampling.pdf_bin;
    char width[32], *text;
    size_t size;
    snprintf(width, sizeof width, "%.17g", bin);
    const char *words[] = {"analyze", "--json", "--pdf-bin", width, NULL};
    enum status status = frames_ask(source->store, source->items, words, frame, 1, &text, &size, err);
    if (status != STATUS_OK)
        return status;
    json_t *analysis = json_loadb(text, size, 0, NULL);
    mem_free(text);
    status = add_analysis(sums, analysis, bin, err);
    json_decref(analysis);
    return status;
}

static bool is_in(const struct age *age, const struct frame_name *frame)
{
    return frame->step > age->first && frame->step <= age->last;
}

/* Every k-th of the frames of an age, when there are more than are needed. */
static enum status sum_frames(const struct picture_source *source, const struct frame_list *list, const struct age *age,
                              struct ico_sums *sums, struct error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += is_in(age, &list->frames[i]);
    const size_t stride = (count + FRAMES_OF_AGE_MAX - 1) / FRAMES_OF_AGE_MAX;
    enum status status = STATUS_OK;
    for (size_t i = 0, seen = 0; status == STATUS_OK && i < list->count; i++)
        if (is_in(age, &list->frames[i]) && seen++ % stride == 0)
            status = add_frame(source, &list->frames[i], sums, err);
    return status;
}

static double shell(double bin, uint32_t n)
{
    const double low = n * bin, high = (n + 1) * bin;
    return 4.0 / 3.0 * pi * (high * high * high - low * low * low);
}

/* panels [CLASS_PAIRS], NULL for neighbours that there are none of. */
static enum status draw_sums(const struct ico_sums *sums, int age, struct figure_panel *const *panels,
                             struct error *err)
{
    for (int p = 0; p < CLASS_PAIRS && sums->frames > 0; p++) {
        if (panels[p] == NULL)
            continue;
        struct figure_series *line = add_curve(panels[p], sums->bins, sums->bin, age);
        if (line == NULL)
            return mem_error(err, "a picture");
        for (uint32_t n = 0; n < sums->bins; n++)
            line->y[n] =
                sums->pairs[p] > 0.0 ? sums->counts[p][n] * sums->volume / (sums->pairs[p] * shell(sums->bin, n)) : 0.0;
        if (p == 0)
            picture_set_text(line->label, sizeof line->label, "%s: %u structure%s", age_names[age], sums->frames,
                             sums->frames == 1 ? "" : "s");
    }
    return STATUS_OK;
}

static enum status draw_around(const struct picture_source *source, const struct frame_list *list,
                               const struct age ages[AGES], struct figure *figure, struct error *err)
{
    const struct system_spec *system = &source->items->spec->system;
    const bool there[CLASS_PAIRS] = {true, system->atoms_small<system->atoms, system->atoms_small> 0};
    struct figure_panel *panels[CLASS_PAIRS] = {NULL};
    for (int p = 0; p < CLASS_PAIRS; p++)
        if (there[p]) {
            panels[p] = picture_add_panel(figure, class_pairs[p].title, "r (sigma)", "g(r)");
            panels[p]->y_from_zero = true;
        }
    enum status status = STATUS_OK;
    for (int age = 0; status == STATUS_OK && age < AGES; age++) {
        struct ico_sums sums = {0};
        status = sum_frames(source, list, &ages[age], &sums, err);
        if (status == STATUS_OK)
            status = draw_sums(&sums, age, panels, err);
        ico_sums_finish(&sums);
    }
    return status;
}

/* --- The picture -------------------------------------------------------------------------------------------------- */

static bool has_frames_of_both(const struct frame_list *list, const struct age ages[AGES])
{
    bool has[AGES] = {false, false};
    for (size_t i = 0; i < list->count; i++)
        for (int age = 0; age < AGES; age++)
            has[age] |= is_in(&ages[age], &list->frames[i]);
    return has[0] && has[1];
}

static enum status draw_aging(const struct picture_source *source, struct figure *figure, struct error *err)
{
    const struct selected *item = source->items;
    struct age ages[AGES];
    struct frame_list list = {0};
    const uint32_t rung = frames_coldest_rung(item);
    enum status status = rung == UINT32_MAX ? STATUS_OK : find_ages(source, ages, err);
    if (status != STATUS_OK || rung == UINT32_MAX)
        return status;
    picture_name(figure, item->campaign, item->spec->name, "aging");
    picture_set_text(figure->title, sizeof figure->title,
                     "%s / %s, T = %.4g: inherent structures, steps up to %lld and from %lld to %lld",
                     item->campaign->name, item->spec->name, item->spec->temperatures[rung], (long long)ages[0].last,
                     (long long)ages[1].first, (long long)ages[1].last);
    struct figure_panel *all = picture_add_panel(figure, "all pairs", "r (sigma)", "g(r)");
    all->y_from_zero = true;
    status = draw_all(source, ages, all, err);
    if (status == STATUS_OK)
        status = frames_list(source->store, item, &list, err);
    if (status == STATUS_OK && has_frames_of_both(&list, ages))
        status = draw_around(source, &list, ages, figure, err);
    frame_list_finish(&list);
    return status;
}

const struct picture picture_aging = {
    .name = "aging",
    .summary = "pair distributions of inherent structures early and late: of all atoms, and around icosahedra",
    .scope = PICTURE_OF_ENSEMBLE,
    .needs_frames = true,
    .modes = PICTURE_ISOTHERMS | PICTURE_HYBRIDS,
    .draw = draw_aging,
};
