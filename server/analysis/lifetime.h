/* lifetime.h - what one isotherm says about when it transformed.
 *
 * Time is in steps since the clock started (any unit works: every estimate scales with it). A lifetime is an interval:
 *
 *     low <  T <= high   an event seen between two samples (low = 0: some time before the first)
 *     low == T == high   an event whose time is known exactly
 *     low <  T, high = INFINITY   none yet: censored at low
 *
 * `horizon` is how long the run was watched, event or not: the parametric bootstrap needs it to censor its made-up
 * runs as the real one would have been. */
#ifndef VITRINE_SERVER_ANALYSIS_LIFETIME_H
#define VITRINE_SERVER_ANALYSIS_LIFETIME_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>

struct lifetime {
    double low, high; /* steps; 0 <= low <= high, high > 0 */
    double horizon;   /* steps; finite, > 0, >= low */
};

bool lifetime_is_event(const struct lifetime *lifetime);

/* The time a single number is wanted for: an event is dated at the sample that first shows it, else censoring. */
double lifetime_date(const struct lifetime *lifetime);

size_t lifetime_count_events(const struct lifetime *lifetimes, size_t count);

/* Sum of the dates: the time at risk ("total time on test"). */
double lifetime_total_time(const struct lifetime *lifetimes, size_t count);

/* Refuses an empty list and any lifetime that breaks the rules above, naming its index. */
MUST_CHECK enum status lifetime_check(const struct lifetime *lifetimes, size_t count, struct error *err);

#endif
