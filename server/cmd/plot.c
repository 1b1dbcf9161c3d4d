/* plot.c - vitrine plot: pictures as PNG, SVG and PDF, each with its data as CSV beside it. */
#include "common/mem.h"
#include "server/cmd/origin_describe.h"
#include "server/cmd/pictures/picture.h"
#include "server/cmd/verbs.h"
#include <string.h>

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

/* What to draw, and where to. */
struct drawing {
    const struct reading *reading;
    struct sample_cache *samples;
    const struct selected_list *list;
    const struct plot_options *options;
    const char *command;
    const char *const *wanted; /* [wanted_count] names; 0: all pictures */
    int wanted_count;
    uint32_t drawn;
};

static enum status write_figure(struct drawing *drawing, const struct picture_source *source, struct figure *figure,
                                struct error *err)
{
    const struct plot_options *options = drawing->options;
    enum status status =
        origin_describe(drawing->reading->store, source->items, source->count, drawing->command, &figure->origin, err);
    if (status == STATUS_OK)
        status = figure_draw(figure, options->out, options->keep_script, err);
    if (status != STATUS_OK)
        return status;
    printf("%s/%s.png .svg .pdf .csv%s\n", options->out, figure->name, options->keep_script ? " .gp" : "");
    drawing->drawn++;
    return STATUS_OK;
}

static enum status draw_picture(struct drawing *drawing, const struct picture *picture,
                                const struct picture_source *source, struct error *err)
{
    struct figure *figure = mem_alloc_array(1, sizeof *figure);
    if (figure == NULL)
        return mem_error(err, "a picture");
    enum status status = picture->draw(source, figure, err);
    if (status == STATUS_OK && !figure_is_empty(figure))
        status = write_figure(drawing, source, figure, err);
    figure_finish(figure);
    mem_free(figure);
    return status;
}

static enum status draw_sources(struct drawing *drawing, const struct picture *picture, struct error *err)
{
    struct selected *room = mem_alloc_array(drawing->list->count, sizeof *room);
    struct picture_source source;
    enum status status = room != NULL ? STATUS_OK : mem_error(err, "a picture");
    for (size_t next = 0; status == STATUS_OK && picture_next_source(picture, drawing->list, &next, room, &source);) {
        source.store = drawing->reading->store;
        source.samples = drawing->samples;
        source.reading = drawing->reading;
        source.frame = drawing->options->frame;
        status = draw_picture(drawing, picture, &source, err);
    }
    mem_free(room);
    return status;
}

static bool is_wanted(const struct drawing *drawing, const struct picture *picture)
{
    for (int i = 0; i < drawing->wanted_count; i++)
        if (strcmp(drawing->wanted[i], picture->name) == 0)
            return true;
    return drawing->wanted_count == 0;
}

static enum status draw_all(struct drawing *drawing, struct error *err)
{
    enum status status = STATUS_OK;
    for (const struct picture *const *picture = picture_table; status == STATUS_OK && *picture != NULL; picture++)
        if (is_wanted(drawing, *picture))
            status = draw_sources(drawing, *picture, err);
    if (status == STATUS_OK && drawing->drawn == 0)
        return error_set(err, STATUS_NOT_FOUND,
                         "there is nothing to draw: the rows that these pictures show are not there (yet)");
    return status;
}

static enum status check_names(const struct drawing *drawing, struct error *err)
{
    for (int i = 0; i < drawing->wanted_count; i++)
        if (!picture_exists(drawing->wanted[i])) {
            char known[ERROR_MESSAGE_SIZE / 2];
            picture_list_names(known, sizeof known);
            return error_set(err, STATUS_USAGE, "there is no picture '%s'; there are %s", drawing->wanted[i], known);
        }
    return STATUS_OK;
}

static enum status show_plots(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct arguments *arguments = question->arguments;
    const struct plot_options *options = question->options;
    struct selected_list list;
    struct drawing drawing = {.reading = reading,
                              .list = &list,
                              .options = options,
                              .command = question->command,
                              .wanted = arguments->words + 1,
                              .wanted_count = arguments->count - 1};
    enum status status = check_names(&drawing, err);
    if (status == STATUS_OK)
        status = output_make_folder(options->out, err);
    if (status == STATUS_OK)
        status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    status = sample_cache_create(reading, picture_quantities, PICTURE_QUANTITIES, &drawing.samples, err);
    if (status == STATUS_OK)
        status = draw_all(&drawing, err);
    sample_cache_destroy(&drawing.samples);
    selected_list_finish(&list);
    return status;
}

static enum status run_plot(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct plot_options options = {.out = "."};
    return question_run(verb, argc, argv, &options, NULL, show_plots, err);
}

const struct verb verb_plot = {
    .name = "plot",
    .summary = "Draw pictures (PNG, SVG, PDF) with their data (CSV) from stored rows",
    .arguments = "DB [PICTURE]...",
    .notes =
        "All pictures for which there are rows, or those that are named. Drawn by gnuplot; colours are safe for the\n"
        "colour-blind; each file says in its metadata which campaign, specs and command it comes from. The CSV:\n"
        "panel, series, label, x, y, y_error, kind; kind says what x and y are (points, line, a lower_bound of x, a\n"
        "band from y - y_error to y + y_error). PICTURE is",
    .print_choices = picture_print_choices,
    .examples = "vitrine plot glass.db\n"
                "vitrine plot glass.db trajectory --out pictures --keep-script\n"
                "vitrine plot glass.db time --ensemble isotherms --from 0\n"
                "vitrine plot crystals.db eos --frame glass.xyz",
    .options = plot_specs,
    .run = run_plot,
};
