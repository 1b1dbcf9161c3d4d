/* report.c - vitrine report: one page of HTML that says what a campaign is, how far it is and what it gave.
 *
 * Self-contained: pictures are SVG elements of the page, and nothing is fetched from anywhere. The pictures are those
 * of `vitrine plot` that need no coordinates, so that it takes seconds; the tables have error bars (estimates.h). */
#include "common/mem.h"
#include "server/cmd/estimates.h"
#include "server/cmd/html.h"
#include "server/cmd/origin_describe.h"
#include "server/cmd/pictures/picture.h"
#include "server/cmd/ttt_picture.h"
#include "server/cmd/ttt_print.h"
#include "server/cmd/verbs.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct report_options {
    struct selection selection;
    const char *out;
};

static const struct option_spec report_specs[] = {
    OPTION("out", "FILE", OPTION_TEXT, report_options, out,
           "where the page goes (default CAMPAIGN.html; - is standard output)"),
    SELECTION_OPTIONS(report_options, selection),
    OPTION_END,
};

/* One campaign on its way to a page. */
struct page {
    const struct reading *reading;
    struct sample_cache *samples;
    const struct selected *items; /* [count], all of one campaign */
    size_t count;
    const char *command;
    FILE *out;
};

/* --- Head --------------------------------------------------------------------------------------------------------- */

static const char style[] =
    "body{font:16px/1.5 'DejaVu Sans',system-ui,sans-serif;color:#1a1a1a;max-width:84rem;margin:2rem auto;padding:0 "
    "1rem}"
    "h1{font-size:1.7rem;margin-bottom:0}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid #ccc}"
    "table{border-collapse:collapse;font-size:.8rem;margin:.8rem 0}caption{text-align:left;color:#555}"
    "th,td{padding:.15rem .5rem;text-align:right;border-bottom:1px solid #e4e4e4;white-space:nowrap}"
    "th{font-weight:600;background:#f4f4f4;white-space:normal}td:first-child,th:first-child{text-align:left}"
    "figure{margin:1.5rem 0}svg{max-width:100%;height:auto}code,pre{font-family:'DejaVu Sans "
    "Mono',monospace;font-size:.8rem}"
    "pre{background:#f6f6f6;padding:.7rem;overflow-x:auto}.wide{overflow-x:auto}.quiet{color:#555}"
    "@media print{h2{break-after:avoid}figure{break-inside:avoid}}";

static void write_head(const struct page *page)
{
    const struct campaign *campaign = page->items[0].campaign;
    fprintf(page->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Vitrine: ");
    html_write_text(campaign->name, page->out);
    fprintf(page->out, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
    html_write_text(campaign->name, page->out);
    fprintf(page->out,
            "</h1>\n<p class=\"quiet\">A campaign of %u ensemble%s and %u replicas, seed %" PRIu64
            ". Units are reduced Lennard-Jones: sigma, epsilon and mass of the large atoms, k<sub>B</sub> = 1; "
            "1 us = 10<sup>9</sup> steps. &plusmn; is one standard error that knows autocorrelation; ? means "
            "fewer than 16 independent samples.</p>\n",
            campaign->ensemble_count, campaign->ensemble_count == 1 ? "" : "s", campaign->replica_count,
            campaign->seed);
}

/* --- Tables ------------------------------------------------------------------------------------------------------- */

struct ensemble_progress_row {
    uint64_t done, total;
    int64_t step; /* reached by all of its replicas */
};

static enum status take_progress(void *context, const struct replica_progress *row, struct error *err)
{
    struct ensemble_progress_row *rows = context, *ensemble = &rows[row->ensemble.value];
    (void)err;
    ensemble->step = ensemble->total == 0 || row->step_last < ensemble->step ? row->step_last : ensemble->step;
    ensemble->done += row->segments_done;
    ensemble->total += row->segments_total;
    return STATUS_OK;
}

static void write_ensemble(const struct selected *item, const struct ensemble_progress_row *row, FILE *out)
{
    const struct ensemble_spec *spec = item->spec;
    fprintf(out, "<tr><td>");
    html_write_text(spec->name, out);
    fprintf(out,
            "</td><td>%s</td><td>%u</td><td>%u:%u</td><td>%.6g</td><td>%s, %s</td><td>%.4g</td><td>%s</td><td>%u</td>"
            "<td>%" PRIu32 "</td><td>%" PRId64 "</td><td>%" PRId64 "</td><td>%.1f %%</td></tr>\n",
            mode_names[spec->mode], spec->system.atoms, spec->system.atoms_small,
            spec->system.atoms - spec->system.atoms_small, spec->system.volume_per_atom,
            potential_names[spec->system.potential], cut_names[spec->system.cut], spec->dynamics.dt,
            thermostat_names[spec->dynamics.thermostat], spec->rung_count, spec->replicas_per_rung, row->step,
            spec->steps, row->total > 0 ? 100.0 * (double)row->done / (double)row->total : 0.0);
}

static enum status write_ensembles(const struct page *page, struct error *err)
{
    const struct campaign *campaign = page->items[0].campaign;
    struct ensemble_progress_row *rows = mem_alloc_array(campaign->ensemble_count, sizeof *rows);
    if (rows == NULL)
        return mem_error(err, "a report");
    enum status status = store_visit_progress(page->reading->store, page->items[0].id, take_progress, rows, err);
    fprintf(page->out,
            "<h2>Ensembles</h2>\n<div class=\"wide\"><table>\n<tr><th>ensemble</th><th>mode</th><th>atoms</th>"
            "<th>small:large</th><th>V/N (&sigma;&sup3;)</th><th>potential</th><th>dt (&tau;)</th>"
            "<th>thermostat</th><th>rungs</th><th>replicas a rung</th><th>step "
            "reached</th><th>of</th><th>done</th></tr>\n");
    for (size_t i = 0; status == STATUS_OK && i < page->count; i++)
        write_ensemble(&page->items[i], &rows[page->items[i].ensemble.value], page->out);
    fprintf(page->out, "</table></div>\n");
    mem_free(rows);
    return status;
}

/* What is told of each state are picture_quantities; all are behind `vitrine samples`. */
static enum status write_mean(const struct page *page, const struct selected *item, uint32_t rung,
                              enum quantity_id quantity, struct error *err)
{
    struct timeseries_mean mean;
    char text[NUMBER_TEXT_SIZE];
    enum status status = estimate_rung(page->samples, item, (struct rung_id){rung}, quantity, &mean, err);
    if (status != STATUS_OK)
        return status;
    if (mean.count > 0)
        number_format_measured(mean.mean, estimate_error(&mean), true, text);
    else
        snprintf(text, sizeof text, "-");
    fprintf(page->out, "<td>%s</td>", text);
    return STATUS_OK;
}

static enum status write_rung(const struct page *page, const struct selected *item, uint32_t rung, struct error *err)
{
    enum status status = STATUS_OK;
    fprintf(page->out, "<tr><td>");
    html_write_text(item->spec->name, page->out);
    fprintf(page->out, "</td><td>%.6g</td>", item->spec->temperatures[rung]);
    for (int q = 0; status == STATUS_OK && q < PICTURE_QUANTITIES; q++)
        status = write_mean(page, item, rung, picture_quantities[q], err);
    fprintf(page->out, "</tr>\n");
    return status;
}

/* A mean over a ramp is of no state, and static energies are none. */
static bool has_states(const struct selected *item)
{
    return PICTURE_STATES & 1U << item->spec->mode;
}

static enum status write_means(const struct page *page, struct error *err)
{
    enum status status = STATUS_OK;
    size_t states = 0;
    for (size_t i = 0; i < page->count; i++)
        states += has_states(&page->items[i]);
    if (states == 0)
        return STATUS_OK;
    fprintf(page->out, "<h2>Means of production</h2>\n<div class=\"wide\"><table>\n<tr><th>ensemble</th><th>T "
                       "(&epsilon;/k<sub>B</sub>)</th>");
    for (int q = 0; q < PICTURE_QUANTITIES; q++) {
        const struct quantity *quantity = &quantities[picture_quantities[q]];
        fprintf(page->out, "<th>%s (%s)</th>", quantity->name, quantity->unit);
    }
    fprintf(page->out, "</tr>\n");
    for (size_t i = 0; i < page->count; i++)
        for (uint32_t r = 0; has_states(&page->items[i]) && status == STATUS_OK && r < page->items[i].spec->rung_count;
             r++)
            if (selected_has_rung(&page->items[i], (struct rung_id){r}))
                status = write_rung(page, &page->items[i], r, err);
    fprintf(page->out, "</table></div>\n");
    return status;
}

/* --- Pictures ----------------------------------------------------------------------------------------------------- */

static enum status write_figure(const struct page *page, const struct figure *figure, struct error *err)
{
    char *svg;
    size_t size;
    enum status status = figure_draw_inline(figure, &svg, &size, err);
    if (status != STATUS_OK)
        return status;
    fprintf(page->out, "<figure>\n");
    fwrite(svg, 1, size, page->out);
    fprintf(page->out, "\n</figure>\n");
    mem_free(svg);
    return STATUS_OK;
}

static enum status write_picture(const struct page *page, const struct picture *picture,
                                 const struct picture_source *source, struct error *err)
{
    struct figure *figure = mem_alloc_array(1, sizeof *figure);
    if (figure == NULL)
        return mem_error(err, "a picture");
    enum status status = picture->draw(source, figure, err);
    if (status == STATUS_OK && !figure_is_empty(figure))
        status = write_figure(page, figure, err);
    figure_finish(figure);
    mem_free(figure);
    return status;
}

static enum status write_pictures(const struct page *page, struct error *err)
{
    struct selected *room = mem_alloc_array(page->count, sizeof *room);
    enum status status = room != NULL ? STATUS_OK : mem_error(err, "a report");
    fprintf(page->out, "<h2>Pictures</h2>\n");
    for (const struct picture *const *picture = picture_table; status == STATUS_OK && *picture != NULL; picture++) {
        const struct selected_list list = {page->count, (struct selected *)page->items};
        struct picture_source source;
        if ((*picture)->needs_frames || (*picture)->has_section)
            continue;
        for (size_t next = 0; status == STATUS_OK && picture_next_source(*picture, &list, &next, room, &source);) {
            source.store = page->reading->store;
            source.samples = page->samples;
            source.reading = page->reading;
            status = write_picture(page, *picture, &source, err);
        }
    }
    mem_free(room);
    return status;
}

/* --- Transformations ---------------------------------------------------------------------------------------------- */

/* A figure, given. */
static enum status write_given_figure(const struct page *page, struct figure *figure, enum status drawn,
                                      struct error *err)
{
    enum status status = drawn;
    if (status == STATUS_OK && !figure_is_empty(figure))
        status = write_figure(page, figure, err);
    figure_finish(figure);
    return status;
}

static enum status write_words(const struct page *page, const struct ttt_results *results, struct error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return mem_error(err, "a report");
    enum status status = ttt_print_text(results, out, err);
    fclose(out);
    fprintf(page->out, "<div class=\"wide\"><pre>");
    if (status == STATUS_OK)
        html_write_text(text, page->out);
    fprintf(page->out, "</pre></div>\n");
    free(text);
    return status;
}

static enum status write_results(const struct page *page, const struct ttt_results *results, struct error *err)
{
    struct figure figure = {0};
    enum status status = write_given_figure(page, &figure, ttt_picture(results, 0.0, &figure, err), err);
    if (status == STATUS_OK && ttt_has_compositions(results))
        status = write_given_figure(page, &figure, ttt_picture_map(results, &figure, err), err);
    return status == STATUS_OK ? write_words(page, results, err) : status;
}

static void write_quiet(const char *text, FILE *out)
{
    if (*text == '\0')
        return;
    fprintf(out, "<p class=\"quiet\">");
    html_write_text(text, out);
    fprintf(out, "</p>\n");
}

/* What has no results says so in the page: a report does not fail for it. */
static enum status write_found(const struct page *page, const struct selected_list *isotherms, FILE *left_out,
                               struct error *err)
{
    struct ttt_request request;
    struct ttt_results results;
    struct error why = {0};
    enum status status = ttt_request_default(&request, err);
    if (status != STATUS_OK)
        return status;
    request.samples = page->samples;
    status = ttt_results_compute(page->reading, isotherms, &request, 0.0, left_out, &results, &why);
    if (status == STATUS_OK) {
        status = write_results(page, &results, err);
        ttt_results_finish(&results);
        return status;
    }
    if (status == STATUS_NOT_FOUND || status == STATUS_INVALID) {
        write_quiet(why.message, page->out);
        return STATUS_OK;
    }
    *err = why;
    return status;
}

static enum status write_isotherms(const struct page *page, const struct selected_list *isotherms, struct error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *left_out = open_memstream(&text, &size);
    if (left_out == NULL)
        return mem_error(err, "a report");
    enum status status = write_found(page, isotherms, left_out, err);
    fclose(left_out);
    write_quiet(text, page->out);
    free(text);
    return status;
}

static enum status write_transformations(const struct page *page, struct error *err)
{
    struct selected_list isotherms = {0, mem_alloc_array(page->count, sizeof *isotherms.items)};
    if (isotherms.items == NULL)
        return mem_error(err, "a report");
    for (size_t i = 0; i < page->count; i++)
        if (page->items[i].spec->mode == MODE_ISOTHERM)
            isotherms.items[isotherms.count++] = page->items[i];
    enum status status = STATUS_OK;
    if (isotherms.count > 0) {
        fprintf(page->out, "<h2>When it transforms</h2>\n<p class=\"quiet\">Isotherms, by the default definition of "
                           "an event; <code>vitrine ttt</code> takes others.</p>\n");
        status = write_isotherms(page, &isotherms, err);
    }
    selected_list_finish(&isotherms);
    return status;
}

/* --- The page ----------------------------------------------------------------------------------------------------- */

static enum status write_origin(const struct page *page, struct error *err)
{
    struct origin origin;
    enum status status = origin_describe(page->reading->store, page->items, page->count, page->command, &origin, err);
    if (status != STATUS_OK)
        return status;
    fprintf(page->out, "<h2>Where this comes from</h2>\n<pre>");
    html_write_text(origin.source, page->out);
    fprintf(page->out, "\n");
    html_write_text(origin.creator, page->out);
    fprintf(page->out, "\n");
    html_write_text(origin.command, page->out);
    fprintf(page->out, "</pre>\n<p class=\"quiet\">A spec is the hash of all that can change a bit of an ensemble's "
                       "segments. <code>vitrine verify</code> gives the hash of the results.</p>\n</body>\n</html>\n");
    return STATUS_OK;
}

static enum status write_page(const struct page *page, struct error *err)
{
    write_head(page);
    enum status status = write_ensembles(page, err);
    if (status == STATUS_OK)
        status = write_means(page, err);
    if (status == STATUS_OK)
        status = write_transformations(page, err);
    if (status == STATUS_OK)
        status = write_pictures(page, err);
    return status == STATUS_OK ? write_origin(page, err) : status;
}

/* In memory first: a failure leaves no half page. */
static enum status save_page(struct page *page, const char *path, struct error *err)
{
    char *text = NULL;
    size_t size = 0;
    page->out = open_memstream(&text, &size);
    if (page->out == NULL)
        return mem_error(err, "a report");
    enum status status = write_page(page, err);
    fclose(page->out);
    if (status == STATUS_OK && strcmp(path, "-") == 0)
        fwrite(text, 1, size, stdout);
    else if (status == STATUS_OK)
        status = html_save(path, text, size, err);
    free(text);
    return status;
}

static enum status report_campaign(const struct question *question, const struct selected_list *list, size_t first,
                                   size_t count, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct report_options *options = question->options;
    struct page page = {.reading = reading, .items = &list->items[first], .count = count, .command = question->command};
    enum status status = sample_cache_create(reading, picture_quantities, PICTURE_QUANTITIES, &page.samples, err);
    if (status != STATUS_OK)
        return status;
    char path[CAMPAIGN_NAME_SIZE + 8];
    snprintf(path, sizeof path, "%s.html", page.items[0].campaign->name);
    const char *out = options->out != NULL ? options->out : path;
    status = save_page(&page, out, err);
    sample_cache_destroy(&page.samples);
    if (status == STATUS_OK && strcmp(out, "-") != 0)
        printf("%s\n", out);
    return status;
}

static enum status report_all(const struct question *question, struct error *err)
{
    const struct report_options *options = question->options;
    struct selected_list list;
    enum status status = reading_select(question->reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    const bool several = list.items[0].id.value != list.items[list.count - 1].id.value;
    if (several && options->out != NULL)
        status = error_set(err, STATUS_USAGE,
                           "--out is for one page, and there are several campaigns: choose with --campaign");
    for (size_t first = 0, end; status == STATUS_OK && first < list.count; first = end) {
        for (end = first; end < list.count && list.items[end].id.value == list.items[first].id.value;)
            end++;
        status = report_campaign(question, &list, first, end - first, err);
    }
    selected_list_finish(&list);
    return status;
}

static enum status run_report(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct report_options options = {0};
    return question_run(verb, argc, argv, &options, NULL, report_all, err);
}

const struct verb verb_report = {
    .name = "report",
    .summary = "Write one HTML page of a campaign: what it is, how far, means with error bars, pictures",
    .arguments = "DB",
    .notes =
        "The page is self-contained: it can be sent, kept and printed. Pictures that need coordinates are left to\n"
        "`vitrine plot`.",
    .examples = "vitrine report glass.db\n"
                "vitrine report farm.db --campaign glass --out glass.html",
    .options = report_specs,
    .run = run_report,
};
