#include "server/meter.h"

void meter_add(struct meter *meter, struct mono_ns time, double value)
{
    meter->points[meter->count++ % METER_POINTS] = (struct meter_point){time, value};
}

double meter_rate(const struct meter *meter)
{
    if (meter->count < 2)
        return 0.0;
    const struct meter_point *newest = &meter->points[(meter->count - 1) % METER_POINTS];
    const struct meter_point *oldest = &meter->points[meter->count < METER_POINTS ? 0 : meter->count % METER_POINTS];
    double seconds = (double)(newest->time.value - oldest->time.value) * 1e-9;
    return seconds > 0.0 ? (newest->value - oldest->value) / seconds : 0.0;
}
