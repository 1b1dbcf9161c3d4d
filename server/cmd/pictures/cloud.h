/* cloud.h - the inherent structures of some ensembles as points (icosahedral content, energy), and the straight line
 * through them with its band. */
#ifndef VITRINE_SERVER_CMD_PICTURES_CLOUD_H
#define VITRINE_SERVER_CMD_PICTURES_CLOUD_H

#include "server/analysis/trajectory_fit.h"
#include "server/cmd/pictures/picture.h"

/* Samples stand replica by replica, each in order of steps. */
struct cloud {
    size_t count, room;
    double *ico, *energy; /* [count]; 1, epsilon per atom */
    uint32_t *replica;    /* [count]; told apart over all ensembles of a campaign */
    uint32_t *rung;       /* [count] */
};

/* Adds the samples of an ensemble. */
enum status cloud_read(struct cloud *cloud, struct store *store, const struct selected *item,
                       struct error *err) MUST_CHECK;
void cloud_finish(struct cloud *cloud); /* NULL and zeroed are fine */

/* The points first .. last - 1 whose rung is `rung`, or all of them for STORE_ANY, as a series of points: at most
 * PICTURE_POINTS_MAX, every k-th of more. */
enum status cloud_draw(const struct cloud *cloud, size_t first, size_t last, int64_t rung, struct figure_panel *panel,
                       struct error *err) MUST_CHECK;

/* The line of trajectory_fit.h through the cloud, over its range of content, with the band in which the line lies at
 * each content with a probability of 95 %. *out_drawn: there was enough to fit, and the slope differs from zero at that
 * level; if not, nothing is drawn. */
enum status cloud_draw_fit(const struct cloud *cloud, uint32_t color, struct figure_panel *panel,
                           struct trajectory_fit *out_fit, bool *out_drawn, struct error *err) MUST_CHECK;

#endif
