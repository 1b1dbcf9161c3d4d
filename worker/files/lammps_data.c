#include "worker/files/configuration_read.h"

#include "common/mem.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { ROW_WORDS_MAX = 32, TYPES_MAX = 1000 };

/* What the header says, and what has been read so far. */
struct lammps_data {
    struct text *text;
    int64_t atoms, types; /* 0 = not said */
    double low[3], high[3];
    bool has_edge[3], has_atoms;
    struct configuration configuration;
    uint32_t *line_of; /* where each atom stands, [atoms] */
};

/* The next line that is more than blanks and a comment, cut before the comment. The first line of a data file is
 * always a comment, whatever it says. */
static bool next_content(struct text *text, struct text_line *out)
{
    while (text_next_line(text, out)) {
        if (out->number == 1)
            continue;
        const char *hash = memchr(out->start, '#', (size_t)(out->end - out->start));
        struct text_line cut = *out;
        struct text_word word;
        cut.end = hash ? hash : out->end;
        if (!text_next_word(&cut, &word))
            continue;
        out->end = cut.end;
        return true;
    }
    return false;
}

static bool words_are(const struct text_word *words, size_t count, const char *sentence)
{
    for (size_t i = 0; i < count; i++) {
        const size_t length = strcspn(sentence, " ");
        if (length != words[i].length || memcmp(words[i].start, sentence, length) != 0)
            return false;
        sentence += length + (sentence[length] == ' ');
    }
    return *sentence == '\0';
}

static enum status header_edge(struct lammps_data *data, const struct text_line *line, const struct text_word words[2],
                               int axis, struct error *err)
{
    enum status status = text_parse_real(data->text, line, words[0], "the box's lower face", &data->low[axis], err);
    if (status != STATUS_OK)
        return status;
    status = text_parse_real(data->text, line, words[1], "the box's upper face", &data->high[axis], err);
    if (status != STATUS_OK)
        return status;
    if (!(data->high[axis] > data->low[axis]) || !isfinite(data->high[axis] - data->low[axis]))
        return text_error(data->text, line, words[1], err, "the upper face of the box (%g) is not above the lower (%g)",
                          data->high[axis], data->low[axis]);
    data->has_edge[axis] = true;
    return STATUS_OK;
}

static enum status header_tilt(const struct lammps_data *data, const struct text_line *line,
                               const struct text_word words[3], struct error *err)
{
    for (int k = 0; k < 3; k++) {
        double tilt;
        enum status status = text_parse_real(data->text, line, words[k], "a tilt factor", &tilt, err);
        if (status != STATUS_OK)
            return status;
        if (tilt != 0.0)
            return text_error(
                data->text, line, words[k], err,
                "the box is triclinic (tilt %g): only orthorhombic boxes are understood; change the box in "
                "LAMMPS with 'change_box all ortho'",
                tilt);
    }
    return STATUS_OK;
}

static enum status header_count(struct lammps_data *data, const struct text_line *line, struct text_word word,
                                const char *what, int64_t most, int64_t *out, struct error *err)
{
    int64_t value;
    enum status status = text_parse_whole(data->text, line, word, what, &value, err);
    if (status != STATUS_OK)
        return status;
    if (*out)
        return text_error(data->text, line, word, err, "%s is given twice", what);
    if (value < 1 || value > most)
        return text_error(data->text, line, word, err, "%s is %" PRId64 ", not in 1 .. %" PRId64, what, value, most);
    *out = value;
    return STATUS_OK;
}

/* Counts of what an atomic system has none of: bonds, angles, bodies and their types. */
static enum status header_other(const struct lammps_data *data, const struct text_line *line,
                                const struct text_word *words, size_t count, struct error *err)
{
    static const char *const known[] = {
        "bonds",          "angles",     "dihedrals", "impropers", "bond types", "angle types",        "dihedral types",
        "improper types", "ellipsoids", "lines",     "triangles", "bodies",     "extra bond per atom"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int64_t value;
        if (!words_are(words + 1, count - 1, known[i]))
            continue;
        enum status status = text_parse_whole(data->text, line, words[0], known[i], &value, err);
        if (status == STATUS_OK && value != 0)
            status = text_error(data->text, line, words[0], err,
                                "the file has %s: only atom_style atomic is understood", known[i]);
        return status;
    }
    return text_error(data->text, line, words[0], err,
                      data->has_atoms ? "a row that belongs to no section: is there one more than the header says?"
                                      : "neither a header line nor a section that a LAMMPS data file has");
}

static enum status parse_header_line(struct lammps_data *data, const struct text_line *line,
                                     const struct text_word *words, size_t count, struct error *err)
{
    static const char *const edges[3] = {"xlo xhi", "ylo yhi", "zlo zhi"};
    if (words_are(words + 1, count - 1, "atoms"))
        return header_count(data, line, words[0], "the number of atoms", SNAPSHOT_ATOMS_MAX, &data->atoms, err);
    if (words_are(words + 1, count - 1, "atom types"))
        return header_count(data, line, words[0], "the number of atom types", TYPES_MAX, &data->types, err);
    for (int k = 0; k < 3; k++)
        if (count == 4 && words_are(words + 2, 2, edges[k]))
            return header_edge(data, line, words, k, err);
    if (count == 6 && words_are(words + 3, 3, "xy xz yz"))
        return header_tilt(data, line, words, err);
    if (words_are(words + count - 1, 1, "avec") || words_are(words + count - 1, 1, "abc"))
        return text_error(data->text, line, words[0], err,
                          "general triclinic boxes are not understood: only orthorhombic ones");
    return header_other(data, line, words, count, err);
}

/* The next row of a section, or an error that says how far the section came. */
static enum status next_row(struct lammps_data *data, const char *section, int64_t row, int64_t rows,
                            struct text_line *out, struct error *err)
{
    if (!next_content(data->text, out))
        return error_at(err, data->text->path, data->text->line, 1, STATUS_INVALID,
                        "the file ends after %" PRId64 " of %" PRId64
                        " rows of section '%s': it was cut short, or the header is wrong",
                        row, rows, section);
    struct text_line look = *out;
    struct text_word word;
    if (text_next_word(&look, &word) && isalpha((unsigned char)word.start[0]) &&
        !isdigit((unsigned char)word.start[0]) && !text_word_is(word, "nan") && !text_word_is(word, "inf"))
        return text_error(data->text, out, word, err,
                          "section '%s' has %" PRId64 " rows where the header says %" PRId64, section, row, rows);
    return STATUS_OK;
}

/* Positions relative to the lower corner, wrapped. */
static enum status set_position(struct lammps_data *data, const struct text_line *line, const struct text_word words[3],
                                uint32_t atom, struct error *err)
{
    static const char *const names[3] = {"x", "y", "z"};
    for (int k = 0; k < 3; k++) {
        double x;
        enum status status = text_parse_real(data->text, line, words[k], names[k], &x, err);
        if (status != STATUS_OK)
            return status;
        const double box = data->configuration.box[k];
        x -= data->low[k];
        if (!(fabs(x) < 0x1p31 * box))
            return text_error(data->text, line, words[k], err, "%s lies more than 2^31 boxes away", names[k]);
        data->configuration.position[k][atom] = configuration_wrap(x, box);
    }
    return STATUS_OK;
}

static enum status check_images(struct lammps_data *data, const struct text_line *line, const struct text_word words[3],
                                struct error *err)
{
    for (int k = 0; k < 3; k++) {
        int64_t image;
        enum status status = text_parse_whole(data->text, line, words[k], "an image flag", &image, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status parse_atom(struct lammps_data *data, struct text_line *line, uint32_t atom, size_t *columns,
                              struct error *err)
{
    struct text_word words[ROW_WORDS_MAX] = {0};
    const size_t count = text_words(line, words, ROW_WORDS_MAX);
    if (count != 5 && count != 8)
        return text_error(
            data->text, line, words[0], err,
            "%zu columns: atom_style atomic has 5 (id type x y z) or 8 (with image flags); write the file "
            "with 'atom_style atomic', 'write_data FILE nocoeff'",
            count);
    if (*columns && *columns != count)
        return text_error(data->text, line, words[0], err, "%zu columns where the rows before have %zu", count,
                          *columns);
    *columns = count;
    int64_t id, type;
    enum status status;
    if ((status = text_parse_whole(data->text, line, words[0], "the atom id", &id, err)) != STATUS_OK ||
        (status = text_parse_whole(data->text, line, words[1], "the atom type", &type, err)) != STATUS_OK)
        return status;
    if (id < 1)
        return text_error(data->text, line, words[0], err, "the atom id is %" PRId64 ": ids start at 1", id);
    if (type < 1 || type > 2 || type > data->types)
        return text_error(data->text, line, words[1], err,
                          "atom type %" PRId64 ": types are 1 (large) and 2 (small), and the header declares %" PRId64,
                          type, data->types);
    data->configuration.id[atom] = id;
    data->configuration.type[atom] = type == 1 ? ATOM_LARGE : ATOM_SMALL;
    data->line_of[atom] = line->number;
    if (count == 8 && (status = check_images(data, line, words + 5, err)) != STATUS_OK)
        return status;
    return set_position(data, line, words + 2, atom, err);
}

/* "Atoms # atomic": what follows the hash names the style. */
static enum status check_style(const struct lammps_data *data, const struct text_line *line, const char *line_end,
                               struct error *err)
{
    struct text_line comment = *line;
    struct text_word style;
    comment.cursor = line->end < line_end ? line->end + 1 : line_end;
    comment.end = line_end;
    if (!text_next_word(&comment, &style) || text_word_is(style, "atomic"))
        return STATUS_OK;
    return text_error(data->text, line, style, err,
                      "atom style '%.*s': only 'atomic' is understood; write the file with 'atom_style atomic'",
                      (int)(style.length < 32 ? style.length : 32), style.start);
}

static enum status check_header(const struct lammps_data *data, const struct text_line *line, struct error *err)
{
    static const char *const edges[3] = {"xlo xhi", "ylo yhi", "zlo zhi"};
    const struct text_word nowhere = {0};
    if (!data->atoms)
        return text_error(data->text, line, nowhere, err,
                          "the header does not say how many atoms there are: '500 atoms'");
    if (!data->types)
        return text_error(data->text, line, nowhere, err,
                          "the header does not say how many atom types there are: '2 atom types'");
    for (int k = 0; k < 3; k++)
        if (!data->has_edge[k])
            return text_error(data->text, line, nowhere, err, "the header does not give the box edge '%s'", edges[k]);
    return STATUS_OK;
}

static enum status parse_atoms(struct lammps_data *data, const struct text_line *heading, struct error *err)
{
    if (data->has_atoms)
        return text_error(data->text, heading, (struct text_word){0}, err, "section 'Atoms' stands twice");
    enum status status = check_header(data, heading, err);
    if (status != STATUS_OK)
        return status;
    if ((status = configuration_init(&data->configuration, (uint32_t)data->atoms, err)) != STATUS_OK)
        return status;
    data->line_of = mem_alloc_array((size_t)data->atoms, sizeof *data->line_of);
    if (!data->line_of)
        return mem_error(err, "atom lines");
    for (int k = 0; k < 3; k++)
        data->configuration.box[k] = data->high[k] - data->low[k];
    data->has_atoms = true;
    size_t columns = 0;
    for (int64_t row = 0; row < data->atoms; row++) {
        struct text_line line;
        if ((status = next_row(data, "Atoms", row, data->atoms, &line, err)) != STATUS_OK ||
            (status = parse_atom(data, &line, (uint32_t)row, &columns, err)) != STATUS_OK)
            return status;
    }
    return configuration_check_ids(data->text, &data->configuration, data->line_of, err);
}

/* Rows of a number followed by reals: read for their form, not used. Rows of coefficients may hold words. */
static enum status skip_rows(struct lammps_data *data, const char *section, int64_t rows, size_t columns,
                             struct error *err)
{
    for (int64_t row = 0; row < rows; row++) {
        struct text_line line;
        struct text_word words[ROW_WORDS_MAX] = {0};
        enum status status = next_row(data, section, row, rows, &line, err);
        if (status != STATUS_OK)
            return status;
        const size_t count = text_words(&line, words, ROW_WORDS_MAX);
        if (columns && count != columns)
            return text_error(data->text, &line, words[0], err, "%zu columns in section '%s', which has %zu", count,
                              section, columns);
        for (size_t i = 0; i < columns; i++) {
            double value;
            if ((status = text_parse_real(data->text, &line, words[i], "the value", &value, err)) != STATUS_OK)
                return status;
        }
    }
    return STATUS_OK;
}

static enum status parse_section(struct lammps_data *data, const struct text_line *line, const char *line_end,
                                 const struct text_word *words, size_t count, struct error *err)
{
    if (words_are(words, count, "Atoms")) {
        enum status status = check_style(data, line, line_end, err);
        return status == STATUS_OK ? parse_atoms(data, line, err) : status;
    }
    if (words_are(words, count, "Masses"))
        return skip_rows(data, "Masses", data->types, 2, err);
    if (words_are(words, count, "Velocities"))
        return skip_rows(data, "Velocities", data->atoms, 4, err);
    if (words_are(words, count, "Pair Coeffs"))
        return skip_rows(data, "Pair Coeffs", data->types, 0, err);
    if (words_are(words, count, "PairIJ Coeffs"))
        return skip_rows(data, "PairIJ Coeffs", data->types * (data->types + 1) / 2, 0, err);
    return text_error(data->text, line, words[0], err,
                      "section '%.*s' is not understood: an atomic system has Masses, Atoms and Velocities",
                      (int)(words[0].length < 32 ? words[0].length : 32), words[0].start);
}

static const char *line_end_of(const struct text *text, const struct text_line *line)
{
    const char *end = text->bytes + text->size;
    const char *feed = memchr(line->start, '\n', (size_t)(end - line->start));
    const char *stop = feed ? feed : end;
    return stop > line->start && stop[-1] == '\r' ? stop - 1 : stop;
}

static enum status parse_lines(struct lammps_data *data, struct error *err)
{
    struct text_line line;
    while (next_content(data->text, &line)) {
        struct text_word words[ROW_WORDS_MAX];
        struct text_line walk = line;
        size_t count = text_words(&walk, words, ROW_WORDS_MAX);
        count = count < ROW_WORDS_MAX ? count : ROW_WORDS_MAX;
        const bool heading = isalpha((unsigned char)words[0].start[0]);
        enum status status = heading ? parse_section(data, &line, line_end_of(data->text, &line), words, count, err)
                                     : parse_header_line(data, &line, words, count, err);
        if (status != STATUS_OK)
            return status;
    }
    if (!data->has_atoms)
        return error_at(err, data->text->path, data->text->line ? data->text->line : 1, 1, STATUS_INVALID,
                        "no section 'Atoms': this is not a LAMMPS data file, or it was cut short");
    return STATUS_OK;
}

enum status lammps_data_parse(struct text *text, struct configuration *out, struct error *err)
{
    struct lammps_data data = {.text = text};
    enum status status = parse_lines(&data, err);
    mem_free(data.line_of);
    if (status != STATUS_OK) {
        configuration_finish(&data.configuration);
        return status;
    }
    *out = data.configuration;
    return STATUS_OK;
}
