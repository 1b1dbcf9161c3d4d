/* quantity.h - the table of scalar observables (quantities.def) as data. */
#ifndef VITRINE_COMMON_QUANTITY_H
#define VITRINE_COMMON_QUANTITY_H

enum quantity_group { QUANTITY_GROUP_thermal, QUANTITY_GROUP_inherent, QUANTITY_GROUP_static, QUANTITY_GROUP_COUNT };

/* QUANTITY_energy_potential, ... in table order. */
enum quantity_id {
#define QUANTITY(group, name, symbol, unit, definition) QUANTITY_##name,
#include "common/quantities.def"
#undef QUANTITY
    QUANTITY_COUNT
};

struct quantity {
    enum quantity_group group;
    const char *name; /* the column, the --json key */
    const char *symbol;
    const char *unit;
    const char *definition;
};

extern const struct quantity quantities[QUANTITY_COUNT];

const char *quantity_group_name(enum quantity_group group); /* "thermal", "inherent", "static" */
int quantity_group_size(enum quantity_group group);         /* how many scalars it has */

/* The quantity of that name, or NULL. */
const struct quantity *quantity_find(const char *name);

#endif
