#include "common/quantity.h"

#include <stddef.h>
#include <string.h>

const struct quantity quantities[QUANTITY_COUNT] = {
#define QUANTITY(group, name, symbol, unit, definition) {QUANTITY_GROUP_##group, #name, symbol, unit, definition},
#include "common/quantities.def"
#undef QUANTITY
};

const char *quantity_group_name(enum quantity_group group)
{
    static const char *const names[QUANTITY_GROUP_COUNT] = {"thermal", "inherent", "static"};
    return names[group];
}

int quantity_group_size(enum quantity_group group)
{
    int size = 0;
    for (int i = 0; i < QUANTITY_COUNT; i++)
        size += quantities[i].group == group;
    return size;
}

const struct quantity *quantity_find(const char *name)
{
    for (int i = 0; i < QUANTITY_COUNT; i++)
        if (strcmp(quantities[i].name, name) == 0)
            return &quantities[i];
    return NULL;
}
