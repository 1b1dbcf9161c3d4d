/* pictures.h - the pictures of `vitrine plot`: figures made from the rows of a database.
 *
 * Each fills a zeroed figure, which the caller finishes (figure_finish), on failure too. Long series are shown as means
 * of blocks, at most PICTURE_POINTS_MAX a line. */
#ifndef VITRINE_SERVER_CMD_PICTURES_H
#define VITRINE_SERVER_CMD_PICTURES_H

#include "server/cmd/reading.h"
#include "server/plot/figure.h"

enum { PICTURE_POINTS_MAX = 2000 };

/* Potential and inherent energy and icosahedral content against time: of each rung of a ladder (no clock: steps), else
 * of each replica; isotherms and quenches have a physical clock. */
enum status picture_time(struct store *store, const struct selected *item, struct figure *figure,
                         struct error *err) MUST_CHECK;

/* Inherent energy against icosahedral content: every measurement of one campaign, and the means of its rungs. */
enum status picture_trajectory(struct store *store, const struct selected_list *list, struct campaign_id id,
                               struct figure *figure, struct error *err) MUST_CHECK;

/* g_LL, g_LS and g_SS at each temperature of an ensemble, of one kind of configuration. */
enum status picture_pdf(struct store *store, const struct selected *item, enum configuration_kind kind,
                        struct figure *figure, struct error *err) MUST_CHECK;

/* Potential and inherent energy and icosahedral content against the set temperature of a quench: means over replicas
 * with their errors. */
enum status picture_quench(struct store *store, const struct selected *item, struct figure *figure,
                           struct error *err) MUST_CHECK;

/* Acceptance of each pair, and the walk of the replicas, of a ladder. */
enum status picture_exchanges(struct store *store, const struct selected *item, struct figure *figure,
                              struct error *err) MUST_CHECK;

#endif
