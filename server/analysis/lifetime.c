#include "server/analysis/lifetime.h"

#include <math.h>

bool lifetime_is_event(const struct lifetime *lifetime)
{
    return isfinite(lifetime->high);
}

double lifetime_date(const struct lifetime *lifetime)
{
    return lifetime_is_event(lifetime) ? lifetime->high : lifetime->low;
}

size_t lifetime_count_events(const struct lifetime *lifetimes, size_t count)
{
    size_t events = 0;
    for (size_t i = 0; i < count; i++)
        events += lifetime_is_event(&lifetimes[i]);
    return events;
}

double lifetime_total_time(const struct lifetime *lifetimes, size_t count)
{
    double total = 0.0;
    for (size_t i = 0; i < count; i++)
        total += lifetime_date(&lifetimes[i]);
    return total;
}

static bool is_lawful(const struct lifetime *one)
{
    return one->low >= 0.0 && isfinite(one->low) && one->high >= one->low && lifetime_date(one) > 0.0 &&
           isfinite(one->horizon) && one->horizon >= one->low && one->horizon > 0.0;
}

enum status lifetime_check(const struct lifetime *lifetimes, size_t count, struct error *err)
{
    if (count == 0)
        return error_set(err, STATUS_INVALID, "no lifetimes to estimate from");
    for (size_t i = 0; i < count; i++)
        if (!is_lawful(&lifetimes[i]))
            return error_set(err, STATUS_INVALID, "lifetime %zu is not one: (%g, %g] watched for %g steps", i,
                             lifetimes[i].low, lifetimes[i].high, lifetimes[i].horizon);
    return STATUS_OK;
}
