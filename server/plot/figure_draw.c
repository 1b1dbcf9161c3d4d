/* figure_draw.c - figures as files: gnuplot is run on the data, and its files are told where they come from. */
#include "server/plot/figure_script.h"

#include "common/mem.h"
#include "server/plot/figure_circles.h"
#include "server/process.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Files -------------------------------------------------------------------------------------------------------- */

typedef void figure_writer(const struct figure *figure, FILE *out);

static void path_of(const struct figure *figure, const char *directory, const char *ending, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/%s.%s", directory, figure->name, ending);
}

static enum status close_written(FILE *out, const char *path, struct error *err)
{
    int failed = ferror(out);
    if (fclose(out) != 0 || failed)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    return STATUS_OK;
}

static enum status write_file(const struct figure *figure, const char *directory, const char *ending,
                              figure_writer *write, struct error *err)
{
    char path[PATH_MAX];
    path_of(figure, directory, ending, path);
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    write(figure, out);
    return close_written(out, path, err);
}

/* Zero-terminated, returned (mem_free). */
static enum status read_file(const char *path, char **out_bytes, size_t *out_size, struct error *err)
{
    FILE *in = fopen(path, "r");
    if (in == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot read '%s'", path);
    fseek(in, 0, SEEK_END);
    long size = ftell(in);
    rewind(in);
    char *bytes = size >= 0 ? mem_alloc_array((size_t)size + 1, 1) : NULL;
    bool whole = bytes != NULL && fread(bytes, 1, (size_t)size, in) == (size_t)size;
    fclose(in);
    if (!whole) {
        mem_free(bytes);
        return error_set(err, STATUS_IO, "cannot read '%s'", path);
    }
    *out_bytes = bytes;
    *out_size = (size_t)size;
    return STATUS_OK;
}

static enum status replace_file(const char *path, const char *bytes, size_t size, struct error *err)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    fwrite(bytes, 1, size, out);
    return close_written(out, path, err);
}

/* --- Gnuplot ------------------------------------------------------------------------------------------------------ */

/* It is run in the figure's folder, so that the kept script works there too. */
static enum status run_gnuplot(const struct figure *figure, const char *directory, const char *kinds, struct error *err)
{
    char *text = NULL, *output = NULL;
    size_t size = 0, output_size = 0;
    FILE *script = open_memstream(&text, &size);
    if (script == NULL)
        return mem_error(err, "a plot script");
    fprintf(script, "cd ");
    figure_write_quoted(directory, script);
    fputc('\n', script);
    figure_write_script_of(figure, kinds, script);
    fclose(script);
    const char *argv[] = {"gnuplot", "-", NULL};
    enum status status = process_capture(argv, text, size, &output, &output_size, err);
    free(text);
    mem_free(output);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_NOT_FOUND,
                         "gnuplot is not installed (Debian: apt install gnuplot-nox); the data "
                         "are in '%s/%s.csv'",
                         directory, figure->name);
    return status;
}

typedef enum status origin_putter(const struct origin *origin, const char *title, char **bytes, size_t *size,
                                  struct error *err);

static enum status finish_svg(const struct origin *origin, const char *title, char **bytes, size_t *size,
                              struct error *err)
{
    enum status status = figure_circles_shorten(bytes, size, err);
    return status == STATUS_OK ? origin_put_svg(origin, title, bytes, size, err) : status;
}

static enum status put_origin(const struct figure *figure, const char *directory, const char *ending,
                              origin_putter *put, struct error *err)
{
    char path[PATH_MAX], *bytes;
    size_t size;
    path_of(figure, directory, ending, path);
    enum status status = read_file(path, &bytes, &size, err);
    if (status != STATUS_OK)
        return status;
    if ((status = put(&figure->origin, figure->title, &bytes, &size, err)) == STATUS_OK)
        status = replace_file(path, bytes, size, err);
    else
        status = error_context(err, "'%s'", path);
    mem_free(bytes);
    return status;
}

enum status figure_draw(const struct figure *figure, const char *directory, bool keep_script, struct error *err)
{
    static const struct {
        const char *ending;
        origin_putter *put;
    } kinds[] = {{"png", origin_put_png}, {"svg", finish_svg}, {"pdf", origin_put_pdf}};
    enum status status = write_file(figure, directory, "csv", figure_write_csv, err);
    if (status == STATUS_OK && keep_script)
        status = write_file(figure, directory, "gp", figure_write_script, err);
    if (status == STATUS_OK)
        status = run_gnuplot(figure, directory, "png svg pdf", err);
    for (size_t k = 0; status == STATUS_OK && k < sizeof kinds / sizeof *kinds; k++)
        status = put_origin(figure, directory, kinds[k].ending, kinds[k].put, err);
    return status;
}

/* --- Inline ------------------------------------------------------------------------------------------------------- */

/* Without what stands before the element: a declaration and a document type belong to files. */
static void drop_prologue(char *svg, size_t *size)
{
    const char *start = strstr(svg, "<svg");
    if (start == NULL)
        return;
    *size -= (size_t)(start - svg);
    memmove(svg, start, *size + 1);
}

static enum status draw_in(const struct figure *figure, const char *directory, char **out_svg, size_t *out_size,
                           struct error *err)
{
    char path[PATH_MAX];
    enum status status = write_file(figure, directory, "csv", figure_write_csv, err);
    if (status == STATUS_OK)
        status = run_gnuplot(figure, directory, "svg", err);
    path_of(figure, directory, "svg", path);
    if (status == STATUS_OK)
        status = read_file(path, out_svg, out_size, err);
    unlink(path);
    path_of(figure, directory, "csv", path);
    unlink(path);
    return status;
}

enum status figure_draw_inline(const struct figure *figure, char **out_svg, size_t *out_size, struct error *err)
{
    char directory[PATH_MAX];
    const char *temporary = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/vitrine-figure-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(directory) == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot make the folder '%s'", directory);
    enum status status = draw_in(figure, directory, out_svg, out_size, err);
    rmdir(directory);
    if (status != STATUS_OK)
        return status;
    drop_prologue(*out_svg, out_size);
    if ((status = finish_svg(&figure->origin, figure->title, out_svg, out_size, err)) != STATUS_OK)
        mem_free(*out_svg);
    return status;
}
