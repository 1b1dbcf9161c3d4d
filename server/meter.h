/* meter.h - how fast something counts up, over the last seconds. */
#ifndef VITRINE_SERVER_METER_H
#define VITRINE_SERVER_METER_H

#include "common/clock.h"
#include <stdint.h>

enum { METER_POINTS = 16 };

struct meter {
    uint32_t count; /* of points ever taken */
    struct meter_point {
        struct mono_ns time;
        double value;
    } points[METER_POINTS];
};

void meter_add(struct meter *meter, struct mono_ns time, double value);
double meter_rate(const struct meter *meter); /* per second, from the oldest point kept to the newest; 0 before two */

#endif
