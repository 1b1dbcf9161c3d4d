#include "worker/files/configuration_read.h"

#include "common/mem.h"
#include "worker/files/snapshot_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool ends_with(const char *path, const char *ending)
{
    const size_t length = strlen(path), size = strlen(ending);
    return length >= size && strcmp(path + length - size, ending) == 0;
}

static bool is_named(const char *path, const char *const endings[])
{
    for (int i = 0; endings[i]; i++)
        if (ends_with(path, endings[i]))
            return true;
    return false;
}

/* Looks at two lines and leaves the text where it was. */
static bool looks_like_xyz(const struct text *text)
{
    struct text ahead = *text;
    struct text_line first, second;
    struct text_word word;
    int64_t count;
    if (!text_next_line(&ahead, &first) || !text_next_line(&ahead, &second) || !text_next_word(&first, &word) ||
        text_parse_whole(&ahead, &first, word, "", &count, NULL) != STATUS_OK || text_next_word(&first, &word))
        return false;
    return memmem(second.start, (size_t)(second.end - second.start), "attice=", 7) != NULL;
}

static bool is_xyz(const struct text *text)
{
    static const char *const xyz[] = {".xyz", ".extxyz", NULL}, *const data[] = {".data", ".lmp", ".lammps", NULL};
    if (is_named(text->path, xyz))
        return true;
    return !is_named(text->path, data) && looks_like_xyz(text);
}

static enum status no_frame(const char *path, const char *what, uint32_t frame, struct error *err)
{
    return error_set(err, STATUS_INVALID, "'%s' is a %s, which has one frame: there is no frame %u", path, what, frame);
}

static enum status read_snapshot(const char *path, struct configuration *out, struct error *err)
{
    struct snapshot snapshot;
    enum status status = snapshot_read(path, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = configuration_from_snapshot(&snapshot, out, err);
    snapshot_finish(&snapshot);
    return status;
}

enum status configuration_read(const char *path, uint32_t frame, struct configuration *out, struct error *err)
{
    struct text text;
    if (snapshot_is_file(path))
        return frame > 0 ? no_frame(path, "snapshot", frame, err) : read_snapshot(path, out, err);
    enum status status = text_open(&text, path, err);
    if (status != STATUS_OK)
        return status;
    if (is_xyz(&text))
        status = extended_xyz_parse(&text, frame, out, err);
    else if (frame > 0)
        status = no_frame(path, "LAMMPS data file", frame, err);
    else
        status = lammps_data_parse(&text, out, err);
    text_close(&text);
    return status;
}

struct id_line {
    int64_t id;
    uint32_t line;
};

static int compare_ids(const void *left, const void *right)
{
    const struct id_line *a = left, *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

enum status configuration_check_ids(const struct text *text, const struct configuration *configuration,
                                    const uint32_t *line_of, struct error *err)
{
    struct id_line *rows = mem_alloc_array(configuration->atoms, sizeof *rows);
    if (!rows)
        return mem_error(err, "atom ids");
    for (uint32_t i = 0; i < configuration->atoms; i++)
        rows[i] = (struct id_line){configuration->id[i], line_of[i]};
    qsort(rows, configuration->atoms, sizeof *rows, compare_ids);
    enum status status = STATUS_OK;
    for (uint32_t i = 1; i < configuration->atoms && status == STATUS_OK; i++)
        if (rows[i].id == rows[i - 1].id)
            status = error_at(err, text->path, rows[i].line, 1, STATUS_INVALID,
                              "atom id %" PRId64 " stands twice: line %u has it already", rows[i].id, rows[i - 1].line);
    mem_free(rows);
    return status;
}
