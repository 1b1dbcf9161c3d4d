/* picture.h - one picture of `vitrine plot`: a row in picture_table.c and a file that defines it, with the function
 * that makes its figure from the rows of a database.
 *
 * A picture fills a zeroed figure, which the caller finishes (figure_finish), on failure too. A figure without points
 * has nothing to show and is not drawn. */
#ifndef VITRINE_SERVER_CMD_PICTURES_PICTURE_H
#define VITRINE_SERVER_CMD_PICTURES_PICTURE_H

#include "server/cmd/reading.h"
#include "server/cmd/sample_cache.h"
#include "server/plot/figure.h"

/* What is drawn: one ensemble, or the ensembles of one campaign. */
struct picture_source {
    struct store *store;
    struct sample_cache *samples;
    const struct reading *reading;
    const char *frame;            /* as --frame has it; NULL: none */
    const struct selected *items; /* [count], at least one; those of the picture's modes */
    size_t count;
};

enum picture_scope { PICTURE_OF_ENSEMBLE, PICTURE_OF_CAMPAIGN };

enum {
    PICTURE_ISOTHERMS = 1 << MODE_ISOTHERM,
    PICTURE_LADDERS = 1 << MODE_TEMPERING,
    PICTURE_HYBRIDS = 1 << MODE_HYBRID,
    PICTURE_QUENCHES = 1 << MODE_QUENCH,
    PICTURE_CRYSTALS = 1 << MODE_EOS,
    PICTURE_STATES = PICTURE_ISOTHERMS | PICTURE_LADDERS | PICTURE_HYBRIDS /* constant temperatures */
};

struct picture {
    const char *name;    /* as it is asked for; a name may stand for several pictures */
    const char *summary; /* what it shows, for the help */
    enum picture_scope scope;
    bool needs_frames; /* takes vitrine-worker, and seconds */
    bool has_section;  /* a report draws it with the numbers of the same results */
    unsigned modes;    /* of the ensembles that it is a picture of */
    enum status (*draw)(const struct picture_source *source, struct figure *figure, struct error *err);
};

extern const struct picture *const picture_table[]; /* ended by NULL */

bool picture_exists(const char *name);
void picture_list_names(char *out, size_t size); /* "time, trajectory, ..." */
void picture_print_choices(FILE *out);           /* names and what they show, for the help */

/* The next thing of the list that this picture is drawn of, from place *next (0 at first) on: an ensemble of the
 * picture's modes, or all of them of one campaign. `room` has as many places as the list, and holds the items of the
 * source. False when there is none any more. Store, samples, reading and frame
 * are the caller's to fill in. */
bool picture_next_source(const struct picture *picture, const struct selected_list *list, size_t *next,
                         struct selected *room, struct picture_source *out);

/* --- What pictures share ------------------------------------------------------------------------------------------ */

/* What pictures and the means beside them ask of the samples: for sample_cache_create. */
enum { PICTURE_QUANTITIES = 7 };
extern const enum quantity_id picture_quantities[PICTURE_QUANTITIES];

/* Of a line or a cloud, and of the lines of a panel together as long as each keeps PICTURE_POINTS_MIN. */
enum { PICTURE_POINTS_MAX = 2000, PICTURE_POINTS_MIN = 200, PICTURE_POINTS_PANEL = 20000 };

void picture_set_text(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The file name of a figure: campaign-ensemble-what. `ensemble` may be "". */
void picture_name(struct figure *figure, const struct campaign *campaign, const char *ensemble, const char *what);

struct figure_panel *picture_add_panel(struct figure *figure, const char *title, const char *x_label,
                                       const char *y_label);

/* The unit of times of an ensemble that lasts `steps`: microseconds for long ones, tau for others, steps where there is
 * no clock. A time is steps times `unit`. */
struct picture_clock {
    double unit;
    const char *label; /* of the axis */
};
struct picture_clock picture_clock(const struct ensemble_spec *spec);

/* A line of one quantity in the panel, one of `lines` there; NULL without memory: means of equal blocks of a series
 * that is too long, and no line when it is empty. */
struct figure_series *picture_add_blocks(struct figure_panel *panel, const struct sample_series *series, size_t lines,
                                         double time_unit, struct error *err);

bool picture_has_compositions(const struct picture_source *source); /* more than one */

extern const char picture_ico_label[], picture_energy_label[]; /* of axes, with units */

#endif
