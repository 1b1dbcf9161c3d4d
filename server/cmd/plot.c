/* plot.c - vitrine plot: pictures as PNG and SVG, each with its data as CSV beside it. */
#include "server/cmd/eos_picture.h"
#include "server/cmd/pictures.h"
#include "server/cmd/verbs.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct plot_options {
    struct selection selection;
    const char *out, *frame;
    bool keep_script;
};

static const struct option_spec plot_specs[] = {
    OPTION("out", "DIR", OPTION_TEXT, plot_options, out,
           "where the pictures go; made when it is not there (default .)"),
    OPTION("frame", "WHERE", OPTION_TEXT, plot_options, frame,
           "eos: also local energies and volumes, of a file or of a stored frame, REPLICA:STEP"),
    OPTION("keep-script", NULL, OPTION_FLAG, plot_options, keep_script, "keep the gnuplot scripts, to change them"),
    SELECTION_OPTIONS(plot_options, selection),
    OPTION_END,
};

enum picture {
    PICTURE_TIME,
    PICTURE_TRAJECTORY,
    PICTURE_PDF,
    PICTURE_EXCHANGES,
    PICTURE_QUENCH,
    PICTURE_EOS,
    PICTURE_COUNT
};
static const char *const picture_names[PICTURE_COUNT] = {"time", "trajectory", "pdf", "exchanges", "quench", "eos"};

/* What to draw, and where to. */
struct drawing {
    const struct reading *reading;
    const struct selected_list *list;
    const struct plot_options *options;
    bool wanted[PICTURE_COUNT];
};

/* Draws and finishes the figure, unless making it failed or it has no data. */
static enum status finish_picture(const struct drawing *drawing, struct figure *figure, enum status made,
                                  struct error *err)
{
    enum status status = made;
    if (status == STATUS_OK && figure_point_count(figure) > 0) {
        status = figure_draw(figure, drawing->options->out, drawing->options->keep_script, err);
        if (status == STATUS_OK)
            printf("%s/%s.png .svg .csv%s\n", drawing->options->out, figure->name,
                   drawing->options->keep_script ? " .gp" : "");
    }
    figure_finish(figure);
    return status;
}

static enum status draw_eos(const struct drawing *drawing, const struct selected *item, struct error *err)
{
    const char *where = drawing->options->frame;
    struct eos_scatter scatter = {0};
    struct figure figure = {0};
    enum status status = where ? eos_scatter_read(drawing->reading, item, where, &scatter, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    status = eos_picture(drawing->reading->store, item, where ? &scatter : NULL, &figure, err);
    eos_scatter_finish(&scatter);
    return finish_picture(drawing, &figure, status, err);
}

static enum status draw_ensemble(const struct drawing *drawing, const struct selected *item, struct error *err)
{
    struct store *store = drawing->reading->store;
    struct figure figure = {0};
    enum status status = STATUS_OK;
    if (item->spec->mode == MODE_EOS)
        return drawing->wanted[PICTURE_EOS] ? draw_eos(drawing, item, err) : STATUS_OK;
    if (drawing->wanted[PICTURE_TIME])
        status = finish_picture(drawing, &figure, picture_time(store, item, &figure, err), err);
    bool has_state = item->spec->mode != MODE_QUENCH; /* one pair distribution for all of a ramp says nothing */
    for (int k = 0; has_state && drawing->wanted[PICTURE_PDF] && status == STATUS_OK && k < CONFIGURATION_KIND_COUNT;
         k++)
        status =
            finish_picture(drawing, &figure, picture_pdf(store, item, (enum configuration_kind)k, &figure, err), err);
    if (drawing->wanted[PICTURE_EXCHANGES] && status == STATUS_OK && item->spec->mode == MODE_TEMPERING)
        status = finish_picture(drawing, &figure, picture_exchanges(store, item, &figure, err), err);
    if (drawing->wanted[PICTURE_QUENCH] && status == STATUS_OK && item->spec->mode == MODE_QUENCH)
        status = finish_picture(drawing, &figure, picture_quench(store, item, &figure, err), err);
    return status;
}

static enum status draw_all(const struct drawing *drawing, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < drawing->list->count; i++)
        status = draw_ensemble(drawing, &drawing->list->items[i], err);
    for (uint32_t c = 1; drawing->wanted[PICTURE_TRAJECTORY] && status == STATUS_OK; c++) {
        struct figure figure = {0};
        if (c > drawing->reading->campaign_count)
            break;
        status = finish_picture(
            drawing, &figure,
            picture_trajectory(drawing->reading->store, drawing->list, (struct campaign_id){c}, &figure, err), err);
    }
    return status;
}

static enum status choose_pictures(const struct arguments *arguments, bool wanted[PICTURE_COUNT], struct error *err)
{
    for (int p = 0; p < PICTURE_COUNT; p++)
        wanted[p] = arguments->count == 1;
    for (int i = 1; i < arguments->count; i++) {
        int p = 0;
        while (p < PICTURE_COUNT && strcmp(arguments->words[i], picture_names[p]) != 0)
            p++;
        if (p == PICTURE_COUNT)
            return error_set(err, STATUS_USAGE,
                             "there is no picture '%s'; there are time, trajectory, pdf, exchanges, quench, eos",
                             arguments->words[i]);
        wanted[p] = true;
    }
    return STATUS_OK;
}

static enum status make_directory(const char *path, struct error *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return STATUS_OK;
    return error_set_errno(err, STATUS_IO, errno, "cannot make the folder '%s'", path);
}

static enum status show_plots(const struct reading *reading, const struct arguments *arguments,
                              const struct plot_options *options, struct error *err)
{
    struct selected_list list;
    struct drawing drawing = {.reading = reading, .list = &list, .options = options};
    enum status status = choose_pictures(arguments, drawing.wanted, err);
    if (status == STATUS_OK)
        status = make_directory(options->out, err);
    if (status == STATUS_OK)
        status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    status = draw_all(&drawing, err);
    selected_list_finish(&list);
    return status;
}

static enum status run_plot(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct plot_options options = {.out = "."};
    struct arguments arguments;
    struct reading reading;
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, &options, &arguments, err);
    if (status == STATUS_OK)
        status = reading_open(arguments.words[0], &reading, err);
    if (status != STATUS_OK)
        return status;
    status = show_plots(&reading, &arguments, &options, err);
    reading_finish(&reading);
    return status;
}

const struct verb verb_plot = {
    .name = "plot",
    .summary = "Draw pictures (PNG, SVG) with their data (CSV): energies, icosahedra, PDFs, exchanges",
    .arguments = "DB [PICTURE]...",
    .notes = "PICTURE is one or more of\n"
             "  time        potential and inherent energy and icosahedral content against time\n"
             "  trajectory  inherent energy against icosahedral content\n"
             "  pdf         pair distribution functions at each temperature\n"
             "  exchanges   acceptance of each pair, and the walk of the replicas\n"
             "  quench      potential and inherent energy and icosahedral content against the temperature of a quench\n"
             "  eos         static energies of crystals against volume, with the two-phase minimum\n"
             "and all of them when none is named. Drawn by gnuplot; colours are safe for the colour-blind.",
    .examples = "vitrine plot glass.db\n"
                "vitrine plot glass.db trajectory --out pictures --keep-script\n"
                "vitrine plot glass.db time --ensemble isotherms --from 0\n"
                "vitrine plot crystals.db eos --frame glass.xyz",
    .options = plot_specs,
    .run = run_plot,
};
