/* export.c - vitrine export: frames as extended XYZ, LAMMPS data or dumps, tables as CSV.
 *
 * The server never touches a coordinate: the bytes of a frame go through `vitrine-worker convert`. */
#include "common/mem.h"
#include "server/cmd/exchanges.h"
#include "server/cmd/frame_choice.h"
#include "server/cmd/pdf.h"
#include "server/cmd/samples.h"
#include "server/cmd/verbs.h"
#include "server/process.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct export_options {
    struct selection selection;
    const char *out, *format, *where;
    bool frames, csv;
};

static const struct option_spec export_specs[] = {
    OPTION("frames", NULL, OPTION_FLAG, export_options, frames, "stored configurations, one file each"),
    OPTION("format", "NAME", OPTION_TEXT, export_options, format,
           "of frames: xyz (extended XYZ, default), data or dump (LAMMPS)"),
    OPTION("where", "SQL", OPTION_TEXT, export_options, where, "only frames of which this condition is true"),
    OPTION("csv", NULL, OPTION_FLAG, export_options, csv, "samples.csv, exchanges.csv, pdf.csv"),
    OPTION("out", "DIR", OPTION_TEXT, export_options, out, "where the files go; made when it is not there (default .)"),
    SELECTION_OPTIONS(export_options, selection),
    OPTION_END,
};

/* Writes a whole file, or says why not. */
static enum status write_file(const char *path, const char *text, size_t size, struct error *err)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    bool failed = fwrite(text, 1, size, out) != size;
    if (fclose(out) != 0 || failed)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    return STATUS_OK;
}

/* --- Frames ------------------------------------------------------------------------------------------------------- */

enum { LABELS_SIZE = 512 };

struct frame_export {
    struct store *store;
    const struct selected *item;
    const char *directory;
    char worker[PATH_MAX];
    const char *format;
    const struct frame_choice *choice; /* NULL: all */
    uint64_t count;
};

/* Where a frame comes from, for the comment line of extended XYZ. */
static void format_labels(const struct frame_export *export, const struct frame_row *row, char out[LABELS_SIZE])
{
    snprintf(out, LABELS_SIZE, "campaign=\"%s\" ensemble=\"%s\" replica=%u rung=%u temperature=%.17g configuration=%s",
             export->item->campaign->name, export->item->spec->name, row->replica.value, row->rung.value,
             row->temperature_set, configuration_names[row->kind]);
}

static enum status convert(const struct frame_export *export, const struct frame_row *row, const uint8_t *bytes,
                           size_t size, const char *path, struct error *err)
{
    char labels[LABELS_SIZE];
    format_labels(export, row, labels);
    const char *potential = potential_names[export->item->spec->system.potential];
    const char *argv[] = {export->worker, "convert", "-",        "--format", export->format,
                          "--potential",  potential, "--labels", labels,     NULL};
    char *text;
    size_t text_size;
    enum status status = process_capture(argv, bytes, size, &text, &text_size, err);
    if (status != STATUS_OK)
        return status;
    status = write_file(path, text, text_size, err);
    mem_free(text);
    return status;
}

static enum status export_frame(void *context, const struct frame_row *row, struct error *err)
{
    struct frame_export *export = context;
    char path[PATH_MAX];
    uint8_t *bytes;
    size_t size;
    if (!selected_has_replica(export->item, row->replica) ||
        (export->choice && !frame_choice_has(export->choice, export->item->id, row)))
        return STATUS_OK;
    snprintf(path, sizeof path, "%s/%s-%s-replica%u-step%" PRId64 "-%s.%s", export->directory,
             export->item->campaign->name, export->item->spec->name, row->replica.value, row->step,
             configuration_names[row->kind], export->format);
    enum status status =
        store_get_frame(export->store, export->item->id, row->replica, row->step, row->kind, &bytes, &size, err);
    if (status != STATUS_OK)
        return status;
    status = convert(export, row, bytes, size, path, err);
    mem_free(bytes);
    export->count += status == STATUS_OK;
    return status;
}

static enum status visit_frames(const struct reading *reading, const struct selected_list *list,
                                struct frame_export *export, struct error *err)
{
    enum status status = process_find_worker(export->worker, err);
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++) {
        export->item = &list->items[i];
        status = store_visit_frames(reading->store, &export->item->filter, export_frame, export, err);
    }
    if (status == STATUS_OK)
        printf("%" PRIu64 " frames in %s\n", export->count, export->directory);
    return status;
}

static enum status export_frames(const struct reading *reading, const struct selected_list *list,
                                 const struct export_options *options, struct error *err)
{
    struct frame_choice choice = {0};
    struct frame_export export = {.store = reading->store,
                                  .directory = options->out,
                                  .format = options->format,
                                  .choice = options->where ? &choice : NULL};
    enum status status = options->where ? frame_choice_read(reading->store, options->where, &choice, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = visit_frames(reading, list, &export, err);
    frame_choice_finish(&choice);
    return status;
}

/* --- Tables ------------------------------------------------------------------------------------------------------- */

static enum status write_exchanges(const struct reading *reading, const struct selected_list *list, FILE *out,
                                   struct error *err)
{
    struct table *pairs;
    enum status status = exchanges_make_pairs(reading, list, &pairs, err);
    if (status != STATUS_OK)
        return status;
    status = table_print_csv(pairs, out, err);
    table_destroy(&pairs);
    return status;
}

struct csv_file {
    const char *name;
    enum status (*write)(const struct reading *reading, const struct selected_list *list, FILE *out, struct error *err);
};

static const struct csv_file csv_files[] = {
    {"samples.csv", samples_write_csv}, {"exchanges.csv", write_exchanges}, {"pdf.csv", pdf_write_csv}};

static enum status export_csv_file(const struct reading *reading, const struct selected_list *list,
                                   const struct csv_file *file, const char *directory, struct error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, file->name);
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    enum status status = file->write(reading, list, out, err);
    if (fclose(out) != 0 && status == STATUS_OK)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    if (status == STATUS_OK)
        printf("%s\n", path);
    return status;
}

static enum status export_csv(const struct reading *reading, const struct selected_list *list, const char *directory,
                              struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t f = 0; status == STATUS_OK && f < sizeof csv_files / sizeof *csv_files; f++)
        status = export_csv_file(reading, list, &csv_files[f], directory, err);
    return status;
}

/* --- The verb ----------------------------------------------------------------------------------------------------- */

static enum status export_all(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct export_options *options = question->options;
    struct selected_list list;
    enum status status = output_make_folder(options->out, err);
    if (status == STATUS_OK)
        status = reading_select(reading, &options->selection, &list, err);
    if (status != STATUS_OK)
        return status;
    if (options->csv)
        status = export_csv(reading, &list, options->out, err);
    if (options->frames && status == STATUS_OK)
        status = export_frames(reading, &list, options, err);
    selected_list_finish(&list);
    return status;
}

static enum status check_options(const void *given, struct error *err)
{
    static const char *const known[] = {"xyz", "data", "dump"};
    const struct export_options *options = given;
    if (!options->frames && !options->csv)
        return error_set(err, STATUS_USAGE, "nothing to export: say --frames, --csv or both");
    for (size_t f = 0; f < sizeof known / sizeof *known; f++)
        if (strcmp(options->format, known[f]) == 0)
            return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--format wants xyz, data or dump, not '%s'", options->format);
}

static enum status run_export(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct export_options options = {.out = ".", .format = "xyz"};
    return question_run(verb, argc, argv, &options, check_options, export_all, err);
}

const struct verb verb_export = {
    .name = "export",
    .summary = "Write frames as extended XYZ, LAMMPS data or dumps, and tables as CSV",
    .arguments = "DB",
    .notes =
        "Frames are stored where the campaign's sample: has frame or frame_inherent. CSV has 17 digits, and the\n"
        "columns of `samples --all`, `exchanges` and `pdf`. The condition of --where may use campaign_name,\n"
        "ensemble_name, mode, replica, rung, segment, step, tau, us, kind (thermal or inherent), temperature_set, and\n"
        "every quantity that was sampled at the frame's step.",
    .examples = "vitrine export glass.db --frames --replica 8 --out frames\n"
                "vitrine export glass.db --frames --format dump --where \"kind = 'inherent' AND ico_fraction > 0.15\"\n"
                "vitrine export glass.db --csv --out tables",
    .options = export_specs,
    .run = run_export,
};
