#include "worker/files/configuration_read.h"

#include "common/mem.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { COLUMNS_MAX = 256 };

/* A frame as its comment line describes it. Columns count from 0; -1 = there is none. */
struct xyz_frame {
    struct text *text;
    int64_t atoms;
    double origin[3];
    bool has_lattice;
    int column_pos, column_species, column_type, column_id;
    size_t columns;
    struct configuration configuration;
    uint32_t *line_of; /* [atoms] */
};

/* The count line of frame `frame`. `found` = false at the end of the file. */
static enum status parse_count(struct text *text, uint32_t frame, int64_t *out_atoms, bool *found, struct error *err)
{
    struct text_line line;
    struct text_word words[2] = {0};
    size_t count;
    do {
        *found = text_next_line(text, &line);
        if (!*found)
            return STATUS_OK;
        count = text_words(&line, words, 2);
    } while (count == 0 && frame > 0);
    enum status status =
        count == 1 ? text_parse_whole(text, &line, words[0], "the atom count", out_atoms, err) : STATUS_INVALID;
    if (status != STATUS_OK)
        return text_error(text, &line, words[0], err,
                          frame
                              ? "expected the atom count of frame %u: has the frame before it more rows than its count?"
                              : "expected the atom count of frame %u, alone in the first line",
                          frame);
    if (*out_atoms < 1 || *out_atoms > SNAPSHOT_ATOMS_MAX)
        return text_error(text, &line, words[0], err, "the atom count is %" PRId64 ", not in 1 .. %d", *out_atoms,
                          SNAPSHOT_ATOMS_MAX);
    return STATUS_OK;
}

/* One key=value of the comment line. Values may be quoted by " or ', or stand in {} or []. A key alone is true. */
struct pair {
    struct text_word key, value;
};

static char closing(char opening)
{
    switch (opening) {
    case '"':
    case '\'':
        return opening;
    case '{':
        return '}';
    case '[':
        return ']';
    default:
        return '\0';
    }
}

static enum status next_value(const struct text *text, struct text_line *line, struct text_word *out, struct error *err)
{
    const char *start = line->cursor;
    const char close = start < line->end ? closing(*start) : '\0';
    if (!close) {
        const char *c = start;
        while (c < line->end && *c != ' ' && *c != '\t')
            c++;
        *out = (struct text_word){start, (size_t)(c - start)};
        line->cursor = c;
        return STATUS_OK;
    }
    const char *end = memchr(start + 1, close, (size_t)(line->end - start - 1));
    if (!end)
        return text_error(text, line, (struct text_word){start, 1}, err, "the quote %c is not closed by %c", *start,
                          close);
    *out = (struct text_word){start + 1, (size_t)(end - start - 1)};
    line->cursor = end + 1;
    return STATUS_OK;
}

/* The next pair; key.length is 0 at the end of the line. */
static enum status next_pair(const struct text *text, struct text_line *line, struct pair *out, struct error *err)
{
    *out = (struct pair){0};
    while (line->cursor < line->end && (*line->cursor == ' ' || *line->cursor == '\t'))
        line->cursor++;
    const char *start = line->cursor;
    if (start < line->end && closing(*start)) {
        enum status status = next_value(text, line, &out->key, err);
        if (status != STATUS_OK)
            return status;
    } else {
        const char *c = start;
        while (c < line->end && *c != '=' && *c != ' ' && *c != '\t')
            c++;
        out->key = (struct text_word){start, (size_t)(c - start)};
        line->cursor = c;
    }
    if (line->cursor == line->end || *line->cursor != '=')
        return STATUS_OK;
    line->cursor++;
    return next_value(text, line, &out->value, err);
}

static bool key_is(struct text_word key, const char *name)
{
    return strlen(name) == key.length && strncasecmp(key.start, name, key.length) == 0;
}

/* A value of exactly `count` words, separated by blanks or commas. */
static size_t split_value(struct text_word value, struct text_word *words, size_t max)
{
    size_t count = 0;
    const char *c = value.start, *end = value.start + value.length;
    while (c < end) {
        while (c < end && (*c == ' ' || *c == '\t' || *c == ','))
            c++;
        const char *start = c;
        while (c < end && *c != ' ' && *c != '\t' && *c != ',')
            c++;
        if (c > start && count++ < max)
            words[count - 1] = (struct text_word){start, (size_t)(c - start)};
    }
    return count;
}

static enum status parse_reals(const struct text *text, const struct text_line *line, struct pair pair, size_t count,
                               double *out, struct error *err)
{
    struct text_word words[9];
    const size_t found = split_value(pair.value, words, 9);
    if (found != count)
        return text_error(text, line, pair.key, err, "'%.*s' has %zu numbers, not %zu", (int)pair.key.length,
                          pair.key.start, found, count);
    for (size_t i = 0; i < count; i++) {
        enum status status = text_parse_real(text, line, words[i], "the value", &out[i], err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status parse_lattice(struct xyz_frame *frame, const struct text_line *line, struct pair pair, double box[3],
                                 struct error *err)
{
    double lattice[9];
    enum status status = parse_reals(frame->text, line, pair, 9, lattice, err);
    if (status != STATUS_OK)
        return status;
    for (int k = 0; k < 3; k++) {
        box[k] = lattice[4 * k];
        if (!(box[k] > 0.0))
            return text_error(frame->text, line, pair.value, err, "box edge %g is not above 0", box[k]);
    }
    for (int n = 0; n < 9; n++)
        if (n % 4 && fabs(lattice[n]) > 1e-12 * box[n / 3])
            return text_error(
                frame->text, line, pair.value, err,
                "the box is triclinic (Lattice element %d is %g): only orthorhombic boxes along x, y, z are "
                "understood",
                n + 1, lattice[n]);
    frame->has_lattice = true;
    return STATUS_OK;
}

static enum status check_periodic(const struct xyz_frame *frame, const struct text_line *line, struct pair pair,
                                  struct error *err)
{
    struct text_word words[3];
    const size_t count = split_value(pair.value, words, 3);
    if (count != 3 && count != 1)
        return text_error(frame->text, line, pair.key, err, "pbc has %zu values, not 3", count);
    for (size_t k = 0; k < count; k++)
        if (!key_is(words[k], "T") && !key_is(words[k], "true") && !text_word_is(words[k], "1"))
            return text_error(frame->text, line, words[k], err,
                              "the box is not periodic along axis %zu (pbc '%.*s'): only boxes with pbc=\"T T T\" are "
                              "understood",
                              k + 1, (int)(words[k].length < 16 ? words[k].length : 16), words[k].start);
    return STATUS_OK;
}

/* The next part of a:b:c. */
static bool next_part(struct text_word *rest, struct text_word *out)
{
    if (rest->length == 0)
        return false;
    const char *colon = memchr(rest->start, ':', rest->length);
    const size_t length = colon ? (size_t)(colon - rest->start) : rest->length;
    *out = (struct text_word){rest->start, length};
    const size_t eaten = length + (colon != NULL);
    rest->start += eaten;
    rest->length -= eaten;
    return true;
}

static enum status place_column(struct xyz_frame *frame, const struct text_line *line, struct text_word name, char kind,
                                int64_t width, struct error *err)
{
    const struct {
        const char *name, *kinds;
        int64_t width;
        int *column;
    } known[] = {
        {"pos", "R", 3, &frame->column_pos},
        {"species", "S", 1, &frame->column_species},
        {"type", "IS", 1, &frame->column_type},
        {"id", "I", 1, &frame->column_id},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!text_word_is(name, known[i].name))
            continue;
        if (*known[i].column >= 0)
            return text_error(frame->text, line, name, err, "property '%s' stands twice", known[i].name);
        if (!strchr(known[i].kinds, kind) || width != known[i].width)
            return text_error(frame->text, line, name, err, "property '%s' must be %s:%c:%" PRId64 ", not %c:%" PRId64,
                              known[i].name, known[i].name, known[i].kinds[0], known[i].width, kind, width);
        *known[i].column = (int)frame->columns;
    }
    frame->columns += (size_t)width;
    return STATUS_OK;
}

/* name:kind:width repeated; kinds are S(tring), R(eal), I(nteger), L(ogical). */
static enum status parse_properties(struct xyz_frame *frame, const struct text_line *line, struct text_word value,
                                    struct error *err)
{
    struct text_word name, kind, width;
    frame->columns = 0;
    while (next_part(&value, &name)) {
        int64_t count;
        if (!next_part(&value, &kind) || !next_part(&value, &width) || kind.length != 1 || !strchr("SRIL", *kind.start))
            return text_error(frame->text, line, name, err,
                              "Properties is not a list of name:kind:width with kinds S, R, I, L (for example "
                              "species:S:1:pos:R:3)");
        enum status status = text_parse_whole(frame->text, line, width, "the width of a property", &count, err);
        if (status != STATUS_OK)
            return status;
        if (count < 1 || frame->columns + (size_t)count > COLUMNS_MAX)
            return text_error(frame->text, line, width, err,
                              "the width of a property is %" PRId64 " (1 .. %d columns in all)", count, COLUMNS_MAX);
        if ((status = place_column(frame, line, name, *kind.start, count, err)) != STATUS_OK)
            return status;
    }
    if (frame->column_pos < 0)
        return text_error(frame->text, line, name, err, "Properties has no positions (pos:R:3)");
    if (frame->column_species < 0 && frame->column_type < 0)
        return text_error(frame->text, line, name, err,
                          "Properties has neither species:S:1 (L or S) nor type:I:1 (1 = large, 2 = small)");
    return STATUS_OK;
}

static enum status parse_comment(struct xyz_frame *frame, struct text_line *line, double box[3], struct error *err)
{
    static const char usual[] = "species:S:1:pos:R:3";
    struct text_word properties = {usual, sizeof usual - 1};
    struct pair pair;
    enum status status;
    for (;;) {
        if ((status = next_pair(frame->text, line, &pair, err)) != STATUS_OK)
            return status;
        if (pair.key.length == 0 && line->cursor == line->end)
            break;
        if (key_is(pair.key, "lattice"))
            status = parse_lattice(frame, line, pair, box, err);
        else if (key_is(pair.key, "pbc"))
            status = check_periodic(frame, line, pair, err);
        else if (key_is(pair.key, "origin"))
            status = parse_reals(frame->text, line, pair, 3, frame->origin, err);
        else if (key_is(pair.key, "properties"))
            properties = pair.value;
        if (status != STATUS_OK)
            return status;
    }
    if (!frame->has_lattice)
        return text_error(frame->text, line, (struct text_word){0}, err,
                          "no Lattice=\"Lx 0 0 0 Ly 0 0 0 Lz\" in the comment line: the box is not known");
    return parse_properties(frame, line, properties, err);
}

/* 1 or L: large; 2 or S: small; false for anything else. */
static bool type_of_word(struct text_word word, uint8_t *out)
{
    const bool large = text_word_is(word, "1") || text_word_is(word, "L");
    const bool small = text_word_is(word, "2") || text_word_is(word, "S");
    if (large || small)
        *out = large ? ATOM_LARGE : ATOM_SMALL;
    return large || small;
}

static enum status parse_type(struct xyz_frame *frame, const struct text_line *line, const struct text_word *words,
                              uint32_t atom, struct error *err)
{
    const struct text_word word = words[frame->column_type >= 0 ? frame->column_type : frame->column_species];
    uint8_t type, species;
    if (!type_of_word(word, &type))
        return text_error(frame->text, line, word, err,
                          "'%.*s' is no atom type: types are 1 or L (large) and 2 or S (small)",
                          (int)(word.length < 32 ? word.length : 32), word.start);
    if (frame->column_type >= 0 && frame->column_species >= 0 && type_of_word(words[frame->column_species], &species) &&
        species != type)
        return text_error(frame->text, line, word, err, "type %d contradicts species '%.*s'", type + 1,
                          (int)words[frame->column_species].length, words[frame->column_species].start);
    frame->configuration.type[atom] = type;
    return STATUS_OK;
}

static enum status parse_position(struct xyz_frame *frame, const struct text_line *line, const struct text_word *words,
                                  uint32_t atom, struct error *err)
{
    static const char *const names[3] = {"x", "y", "z"};
    for (int k = 0; k < 3; k++) {
        const struct text_word word = words[frame->column_pos + k];
        const double box = frame->configuration.box[k];
        double x;
        enum status status = text_parse_real(frame->text, line, word, names[k], &x, err);
        if (status != STATUS_OK)
            return status;
        x -= frame->origin[k];
        if (!(fabs(x) < 0x1p31 * box))
            return text_error(frame->text, line, word, err, "%s lies more than 2^31 boxes away", names[k]);
        frame->configuration.position[k][atom] = configuration_wrap(x, box);
    }
    return STATUS_OK;
}

static enum status parse_row(struct xyz_frame *frame, struct text_line *line, uint32_t atom, struct error *err)
{
    struct text_word words[COLUMNS_MAX] = {0};
    const size_t count = text_words(line, words, COLUMNS_MAX);
    if (count != frame->columns)
        return text_error(frame->text, line, words[0], err,
                          "row %u of %" PRId64 " has %zu columns, Properties says %zu", atom + 1, frame->atoms, count,
                          frame->columns);
    frame->line_of[atom] = line->number;
    frame->configuration.id[atom] = (int64_t)atom + 1;
    enum status status;
    if (frame->column_id >= 0 && (status = text_parse_whole(frame->text, line, words[frame->column_id], "the atom id",
                                                            &frame->configuration.id[atom], err)) != STATUS_OK)
        return status;
    if ((status = parse_type(frame, line, words, atom, err)) != STATUS_OK)
        return status;
    return parse_position(frame, line, words, atom, err);
}

static enum status short_file(const struct text *text, int64_t row, int64_t rows, struct error *err)
{
    return error_at(err, text->path, text->line, 1, STATUS_INVALID,
                    "the file ends after %" PRId64 " of %" PRId64 " atoms: it was cut short, or the count is wrong",
                    row, rows);
}

static enum status parse_rows(struct xyz_frame *frame, struct error *err)
{
    for (int64_t row = 0; row < frame->atoms; row++) {
        struct text_line line;
        if (!text_next_line(frame->text, &line))
            return short_file(frame->text, row, frame->atoms, err);
        enum status status = parse_row(frame, &line, (uint32_t)row, err);
        if (status != STATUS_OK)
            return status;
    }
    return configuration_check_ids(frame->text, &frame->configuration, frame->line_of, err);
}

/* The comment line and the rows; the count has been read. */
static enum status parse_frame(struct xyz_frame *frame, struct error *err)
{
    struct text_line line;
    double box[3];
    if (!text_next_line(frame->text, &line))
        return short_file(frame->text, 0, frame->atoms, err);
    enum status status = parse_comment(frame, &line, box, err);
    if (status != STATUS_OK)
        return status;
    if ((status = configuration_init(&frame->configuration, (uint32_t)frame->atoms, err)) != STATUS_OK)
        return status;
    memcpy(frame->configuration.box, box, sizeof box);
    frame->line_of = mem_alloc_array((size_t)frame->atoms, sizeof *frame->line_of);
    if (!frame->line_of)
        return mem_error(err, "atom lines");
    return parse_rows(frame, err);
}

static enum status skip_frame(struct text *text, int64_t atoms, struct error *err)
{
    struct text_line line;
    for (int64_t row = -1; row < atoms; row++)
        if (!text_next_line(text, &line))
            return short_file(text, row < 0 ? 0 : row, atoms, err);
    return STATUS_OK;
}

/* After the last frame that is read only another frame may follow, or nothing. */
static enum status check_next_frame(struct text *text, uint32_t frame, struct error *err)
{
    int64_t atoms;
    bool found;
    return parse_count(text, frame, &atoms, &found, err);
}

enum status extended_xyz_parse(struct text *text, uint32_t frame, struct configuration *out, struct error *err)
{
    struct xyz_frame parsed = {
        .text = text, .column_pos = -1, .column_species = -1, .column_type = -1, .column_id = -1};
    for (uint32_t n = 0;; n++) {
        bool found;
        enum status status = parse_count(text, n, &parsed.atoms, &found, err);
        if (status != STATUS_OK)
            return status;
        if (!found)
            return error_at(err, text->path, text->line ? text->line : 1, 1, STATUS_INVALID,
                            n ? "there is no frame %u: the file has %u (the first is 0)" : "the file is empty", frame,
                            n);
        if (n == frame)
            break;
        if ((status = skip_frame(text, parsed.atoms, err)) != STATUS_OK)
            return status;
    }
    enum status status = parse_frame(&parsed, err);
    if (status == STATUS_OK)
        status = check_next_frame(text, frame + 1, err);
    mem_free(parsed.line_of);
    if (status != STATUS_OK) {
        configuration_finish(&parsed.configuration);
        return status;
    }
    *out = parsed.configuration;
    return STATUS_OK;
}
