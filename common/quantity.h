/* quantity.h - the tables of observables (quantities.def: scalars; arrays.def: tables of rows) as data. */
#ifndef VITRINE_COMMON_QUANTITY_H
#define VITRINE_COMMON_QUANTITY_H

enum quantity_group {
    QUANTITY_GROUP_thermal,
    QUANTITY_GROUP_inherent,
    QUANTITY_GROUP_static,
    QUANTITY_GROUP_structure,
    QUANTITY_GROUP_dynamics,
    QUANTITY_GROUP_relaxation,
    QUANTITY_GROUP_COUNT
};

/* QUANTITY_energy_potential, ... in table order. */
enum quantity_id {
#define QUANTITY(group, name, symbol, unit, definition, reference) QUANTITY_##name,
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
    const char *reference; /* "" where the definition is all */
};

extern const struct quantity quantities[QUANTITY_COUNT];

const char *quantity_group_name(enum quantity_group group); /* "thermal", "inherent", "static", "structure", ... */
int quantity_group_size(enum quantity_group group);         /* how many scalars it has */

/* The quantity of that name, or NULL. */
const struct quantity *quantity_find(const char *name);

/* ARRAY_signatures, ... in table order. */
enum array_id {
#define ARRAY(group, name, columns, keys, units, definition, reference) ARRAY_##name,
#include "common/arrays.def"
#undef ARRAY
    ARRAY_COUNT
};

enum { ARRAY_COLUMNS_MAX = 16, ARRAY_WORD_SIZE = 24 };

struct array_quantity {
    enum quantity_group group;
    const char *name;
    const char *columns; /* names, separated by spaces */
    int keys;            /* so many of them, the first, say what a row is about */
    const char *units;   /* of the columns, separated by spaces */
    const char *definition;
    const char *reference;
};

extern const struct array_quantity array_quantities[ARRAY_COUNT];

/* The array of that name, or NULL. */
const struct array_quantity *array_find(const char *name);

int array_columns(enum array_id array); /* how many columns it has, at most ARRAY_COLUMNS_MAX */

/* Copies word `place` of a list that is separated by spaces (column names, units), "" beyond its end. */
void array_word(const char *words, int place, char out_word[ARRAY_WORD_SIZE]);

#endif
