/* cloud.h - the inherent structures of some ensembles as points (icosahedral content, energy), and the straight line
 * through them with its band. */
#ifndef VITRINE_SERVER_CMD_PICTURES_CLOUD_H
#define VITRINE_SERVER_CMD_PICTURES_CLOUD_H

#include "server/analysis/trajectory_fit.h"
#include "server/cmd/pictures/picture.h"

/* One ensemble's part of a cloud; the samples are the cache's. */
enum { CLOUD_CRYSTALS = 3 };
struct cloud_part {
    struct sample_set set;
    size_t ico, energy, crystals[CLOUD_CRYSTALS]; /* columns of its runs */
};

struct cloud {
    struct sample_cache *cache; /* borrowed */
    size_t count, room;
    struct cloud_part *parts; /* [count] */
};

/* Adds the samples of an ensemble; all from one cache. */
enum status cloud_read(struct cloud *cloud, struct sample_cache *cache, const struct selected *item,
                       struct error *err) MUST_CHECK;
void cloud_finish(struct cloud *cloud); /* NULL and zeroed are fine */

/* The points whose rung is `rung`, or all of them for STORE_ANY, as a series of points: at most PICTURE_POINTS_MAX,
 * every k-th of more. */
enum status cloud_draw(const struct cloud *cloud, int64_t rung, struct figure_panel *panel,
                       struct error *err) MUST_CHECK;

/* A run with a crystal that holds so much of its atoms is glass no more. */
extern const double cloud_crystal_max; /* 0.1 */

/* The line of trajectory_fit.h through the samples of each replica up to its first crystal, over their range of
 * content, with the band in which the line lies at each content with a probability of 95 %. *out_drawn: there was
 * enough to fit, and the slope differs from zero at that level; if not, nothing is drawn. */
enum status cloud_draw_fit(const struct cloud *cloud, uint32_t color, struct figure_panel *panel,
                           struct trajectory_fit *out_fit, bool *out_drawn, struct error *err) MUST_CHECK;

#endif
