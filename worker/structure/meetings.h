/* meetings.h - pairs (a, b) where atom b stands later near to where atom a stood before: what strings and the
 * collective overlap are made of. Periodic images count; cells make it fast. */
#ifndef VITRINE_WORKER_STRUCTURE_MEETINGS_H
#define VITRINE_WORKER_STRUCTURE_MEETINGS_H

#include "worker/md/configuration.h"

/* Called for each pair, in an order that depends on positions only; a == b where an atom stayed. */
typedef void meetings_visitor(void *context, uint32_t before, uint32_t after);

/* Positions of both in [0, box), sigma, [count]; pairs nearer than `radius` (sigma). */
struct meetings {
    const double *box;
    uint32_t count;
    double *const *before, *const *after;
    double radius;
};

enum status meetings_visit(const struct meetings *meetings, meetings_visitor *visitor, void *context,
                           struct error *err) MUST_CHECK;

#endif
