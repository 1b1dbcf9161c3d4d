/* pdf.c - g_LL, g_LS and g_SS at each temperature of an ensemble, those of them whose atoms are there. */
#include "server/cmd/pictures/pictures.h"

#include "common/mem.h"
#include "server/analysis/pdf_normalise.h"

enum { PAIR_LL = 0, PAIR_SS = 2 };

/* Where both of the pair are atoms of the ensemble. */
static bool has_pair(const struct system_spec *system, int pair)
{
    const bool large = system->atoms_small<system->atoms, small = system->atoms_small> 0;
    return (large || pair == PAIR_SS) && (small || pair == PAIR_LL);
}

struct pdf_drawing {
    const struct selected *item;
    enum configuration_kind kind;
    struct figure *figure;
};

/* Beyond r_max nothing new is seen; bins that end below the first contact are empty. */
static enum status add_curve(const struct pdf_drawing *drawing, const struct pdf_sum *row, int curve, uint32_t place,
                             const double *g, struct error *err)
{
    struct figure_panel *panel = &drawing->figure->panels[place];
    struct figure_series *line = figure_add_series(panel, row->bins, false);
    if (line == NULL)
        return mem_error(err, "a picture");
    for (uint32_t b = 0; b < row->bins; b++) {
        line->x[b] = ((double)b + 0.5) * row->bin;
        line->y[b] = g[(size_t)curve * row->bins + b];
    }
    line->color = row->rung.value;
    line->shape = 0;
    if (place == 0)
        picture_set_text(line->label, sizeof line->label, "T = %.4g (%llu frames)", row->temperature,
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
    uint32_t place = 0;
    for (int curve = 0; status == STATUS_OK && curve < PDF_PAIRS; curve++)
        if (has_pair(system, curve))
            status = add_curve(drawing, row, curve, place++, g, err);
    mem_free(g);
    return status;
}

static enum status draw_kind(const struct picture_source *source, enum configuration_kind kind, struct figure *figure,
                             struct error *err)
{
    static const char *const titles[PDF_PAIRS] = {"large - large", "large - small", "small - small"};
    static const char *const labels[PDF_PAIRS] = {"g_{LL}", "g_{LS}", "g_{SS}"};
    const struct selected *item = source->items;
    struct pdf_drawing drawing = {item, kind, figure};
    picture_name(figure, item->campaign, item->spec->name,
                 kind == CONFIGURATION_INHERENT ? "pdf-inherent" : "pdf-thermal");
    picture_set_text(figure->title, sizeof figure->title, "%s / %s: pair distributions of %s configurations",
                     item->campaign->name, item->spec->name, configuration_names[kind]);
    for (int p = 0; p < PDF_PAIRS; p++) {
        if (!has_pair(&item->spec->system, p))
            continue;
        struct figure_panel *panel = picture_add_panel(figure, titles[p], "r (sigma)", labels[p]);
        panel->ordered = true;
        panel->color_count = item->spec->rung_count;
        panel->y_from_zero = true;
    }
    return store_visit_pdfs(source->store, &item->filter, draw_pdf, &drawing, err);
}

static enum status draw_thermal(const struct picture_source *source, struct figure *figure, struct error *err)
{
    return draw_kind(source, CONFIGURATION_THERMAL, figure, err);
}

static enum status draw_inherent(const struct picture_source *source, struct figure *figure, struct error *err)
{
    return draw_kind(source, CONFIGURATION_INHERENT, figure, err);
}

/* One pair distribution for all of a ramp would say nothing: states only. */
const struct picture picture_pdf_thermal = {
    .name = "pdf",
    .summary = "pair distribution functions at each temperature, of thermal configurations",
    .scope = PICTURE_OF_ENSEMBLE,
    .modes = PICTURE_STATES,
    .draw = draw_thermal,
};

const struct picture picture_pdf_inherent = {
    .name = "pdf",
    .summary = "the same of inherent structures",
    .scope = PICTURE_OF_ENSEMBLE,
    .modes = PICTURE_STATES,
    .draw = draw_inherent,
};
