/* ttt.c - vitrine ttt: events on isotherms, transformation times with their uncertainty, and the diagram. */
#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/origin_describe.h"
#include "server/cmd/ttt_json.h"
#include "server/cmd/ttt_picture.h"
#include "server/cmd/ttt_print.h"
#include "server/cmd/verbs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct ttt_verb_options {
    struct selection selection;
    struct output_options output;
    struct order_options order;
    const char *out;
    struct option_f64 melting, glass;
    struct option_i64 large;
    bool keep_script;
};

static const struct option_spec ttt_specs[] = {
    ORDER_OPTIONS(ttt_verb_options, order),
    OPTION("Tf", "T", OPTION_F64, ttt_verb_options, glass,
           "glass transition: unit of T, and where the contours of mean ico begin (default: the campaign's)"),
    OPTION("melting", "T", OPTION_F64, ttt_verb_options, melting, "T_m, which closes the contours at the top"),
    OPTION("large", "N", OPTION_I64, ttt_verb_options, large,
           "boxes of N atoms and more get an Avrami fit of their Laves and close-packed atoms (default 10000)"),
    OPTION("out", "DIR", OPTION_TEXT, ttt_verb_options, out,
           "draw the diagram into this folder, made when it is not there, with all numbers as JSON beside it"),
    OPTION("keep-script", NULL, OPTION_FLAG, ttt_verb_options, keep_script, "keep the gnuplot script, to change it"),
    SELECTION_OPTIONS(ttt_verb_options, selection),
    OUTPUT_OPTIONS(ttt_verb_options, output),
    OPTION_END,
};

static enum status check_options(const void *given, struct error *err)
{
    const struct ttt_verb_options *options = given;
    if (options->melting.given && !(options->melting.value > 0.0))
        return error_set(err, STATUS_USAGE, "--melting %g: a temperature is above 0", options->melting.value);
    if (options->glass.given && !(options->glass.value > 0.0))
        return error_set(err, STATUS_USAGE, "--Tf %g: a temperature is above 0", options->glass.value);
    if (options->large.given && (options->large.value < 1 || options->large.value > UINT32_MAX))
        return error_set(err, STATUS_USAGE, "--large wants a number of atoms");
    return output_check(&options->output, err);
}

static enum status make_request(const struct ttt_verb_options *options, struct ttt_request *request, struct error *err)
{
    const struct ttt_order_request order = order_options_request(&options->order);
    *request = (struct ttt_request){
        .glass_temperature = options->glass.given ? options->glass.value : 0.0,
        .atoms_of_volume_min = options->large.given ? (uint32_t)options->large.value : TTT_ATOMS_OF_VOLUME_MIN,
    };
    return ttt_order_find(&order, &request->order, err);
}

/* ---- which ensembles ---- */

/* Of what was selected by name everything must be an isotherm; else what is none is left out, and told. */
static enum status keep_isotherms(const struct ttt_verb_options *options, struct selected_list *list, struct error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct ensemble_spec *spec = list->items[i].spec;
        if (spec->mode == MODE_ISOTHERM)
            list->items[kept++] = list->items[i];
        else if (options->selection.ensemble)
            return error_set(err, STATUS_INVALID,
                             "ensemble '%s' is '%s': only isotherms carry a clock, and time is what a diagram shows",
                             spec->name, mode_names[spec->mode]);
        else
            fprintf(stderr, "left out: ensemble '%s' is '%s', and only isotherms carry a clock\n", spec->name,
                    mode_names[spec->mode]);
    }
    list->count = kept;
    if (kept == 0)
        return error_set(err, STATUS_INVALID, "there is no ensemble of isotherms here: only these carry a clock");
    return STATUS_OK;
}

/* ---- files ---- */

static enum status save_json(const struct ttt_results *results, const char *directory, const char *name,
                             struct error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.json", directory, name);
    FILE *out = fopen(path, "w");
    if (!out)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    enum status status = json_print(ttt_to_json(results), out, err);
    if (fclose(out) != 0 && status == STATUS_OK)
        status = error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    return status;
}

/* What is drawn where, and what its metadata say. */
struct drawing {
    const struct reading *reading;
    const struct ttt_verb_options *options;
    const char *command;
};

/* All ensembles of the first one's campaign are named. */
static enum status put_origin(const struct ttt_results *results, const struct drawing *drawing, struct figure *figure,
                              struct error *err)
{
    const struct selected *items = results->items;
    size_t count = 1;
    while (count < results->count && items[count].id.value == items[0].id.value)
        count++;
    return origin_describe(drawing->reading->store, items, count, drawing->command, &figure->origin, err);
}

static enum status draw_figure(const struct ttt_results *results, struct figure *figure, enum status made,
                               const struct drawing *drawing, struct error *err)
{
    const struct ttt_verb_options *options = drawing->options;
    enum status status = made;
    if (status == STATUS_OK)
        status = put_origin(results, drawing, figure, err);
    if (status == STATUS_OK)
        status = figure_draw(figure, options->out, options->keep_script, err);
    figure_finish(figure);
    return status;
}

static enum status draw(const struct ttt_results *results, const struct drawing *drawing, struct error *err)
{
    const struct ttt_verb_options *options = drawing->options;
    struct figure figure = {0};
    enum status status = output_make_folder(options->out, err);
    if (status == STATUS_OK)
        status = ttt_picture(results, options->melting.value, &figure, err);
    if (status == STATUS_OK)
        status = save_json(results, options->out, figure.name, err);
    status = draw_figure(results, &figure, status, drawing, err);
    if (status == STATUS_OK && ttt_has_compositions(results))
        status = draw_figure(results, &figure, ttt_picture_map(results, &figure, err), drawing, err);
    return status;
}

/* ---- the verb ---- */

static enum status show_list(const struct drawing *drawing, const struct selected_list *list,
                             const struct ttt_request *request, struct error *err)
{
    const struct ttt_verb_options *options = drawing->options;
    struct ttt_results results;
    enum status status = ttt_results_compute(drawing->reading, list, request, options->melting.value,
                                             options->selection.ensemble ? NULL : stderr, &results, err);
    if (status != STATUS_OK)
        return status;
    status = ttt_print(&results, &options->output, err);
    if (status == STATUS_OK && options->out)
        status = draw(&results, drawing, err);
    ttt_results_finish(&results);
    return status;
}

static enum status show_ttt(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct ttt_verb_options *options = question->options;
    struct selected_list list;
    struct ttt_request request;
    enum status status = make_request(options, &request, err);
    if (status == STATUS_OK)
        status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    if ((status = keep_isotherms(options, &list, err)) == STATUS_OK)
        status = show_list(&(const struct drawing){reading, options, question->command}, &list, &request, err);
    selected_list_finish(&list);
    return status;
}

static enum status run_ttt(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct ttt_verb_options options = {0};
    return question_run(verb, argc, argv, &options, check_options, show_ttt, err);
}

const struct verb verb_ttt = {
    .name = "ttt",
    .summary = "Time-temperature-transformation diagram of isotherms, from stored samples",
    .arguments = "DB",
    .notes =
        "An event: the largest Laves, close-packed or B2 crystal holds 0.2 of the atoms in 5 samples on end, dated\n"
        "at the first of them; a dwell that the end of the record cuts short is censored at its crossing. Other\n"
        "rules need no new simulation. 50 % means: half the boxes of this size have transformed; where boxes are\n"
        "large, the half of their volume is told too. Isotherms without an event give a bound, never a number.\n"
        "What transforms in the ramp, and is still there at step 0, is counted apart; --from does not change what\n"
        "happened. Intervals are 95 %. Several ensembles are laid into one diagram, a colour each (of up to three\n"
        "with their contours at 1 and 99 %); two box sizes, and several compositions, are compared. Left out: what\n"
        "is no isotherm, has no sample after step 0 yet, or has runs that start from equal states; refused where\n"
        "it is asked for by name.\n"
        "JSON: results[] of {campaign, ensemble, definition, isotherms[], survival[], causes[], sensitivity[],\n"
        "runs[], below_glass[], volume[], ramps, diagram of {form, is_closed, law, shape, has_nose, nose_...,\n"
        "cooling_rate_50, cooling_is_truncated, points[]} or {reason}}, sizes[], compositions[]. CSV: the\n"
        "isotherms. In the CSV beside the picture `kind` says what x (steps) is: contour_1, _50, _99, with\n"
        "_outside beyond the data; band_low_50 ..., band_high_50 ..., the ends of its interval; t_50,\n"
        "t_50_interval where there is no diagram; t_50_lower_bound; transformed and censored runs; mean_ico_0.15\n"
        "..., ico_length_0.5 ..., when the mean gets there; volume_50; nose, nose_open; T_f, T_m. `label` is the\n"
        "ensemble where there are several.",
    .examples = "vitrine ttt glass.db --ensemble isotherms --out pictures\n"
                "vitrine ttt glass.db --order ico_fraction --threshold 0.2 --dwell 10 --json",
    .options = ttt_specs,
    .run = run_ttt,
};
