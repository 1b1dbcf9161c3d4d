/* glass.h - the T_f that a campaign file names by a quench ensemble, found in the rows of a database. */
#ifndef VITRINE_SERVER_CMD_GLASS_H
#define VITRINE_SERVER_CMD_GLASS_H

#include "common/campaign.h"
#include "server/store/store.h"

/* Where the glass line meets the liquid's curve, by the defaults of `vitrine quench`, in the mean over the quenches of
 * the ensemble, which must all be at their end. Borrows the store. */
struct glass_source glass_source_of(struct store *store);

#endif
