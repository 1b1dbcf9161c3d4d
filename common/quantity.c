#include "common/quantity.h"

#include <stddef.h>
#include <string.h>

const struct quantity quantities[QUANTITY_COUNT] = {
#define QUANTITY(group, name, symbol, unit, definition, reference)                                                     \
    {QUANTITY_GROUP_##group, #name, symbol, unit, definition, reference},
#include "common/quantities.def"
#undef QUANTITY
};

const struct array_quantity array_quantities[ARRAY_COUNT] = {
#define ARRAY(group, name, columns, keys, units, definition, reference)                                                \
    {QUANTITY_GROUP_##group, #name, columns, keys, units, definition, reference},
#include "common/arrays.def"
#undef ARRAY
};

const char *quantity_group_name(enum quantity_group group)
{
    static const char *const names[QUANTITY_GROUP_COUNT] = {"thermal",   "inherent", "static",
                                                            "structure", "dynamics", "relaxation"};
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

const struct array_quantity *array_find(const char *name)
{
    for (int i = 0; i < ARRAY_COUNT; i++)
        if (strcmp(array_quantities[i].name, name) == 0)
            return &array_quantities[i];
    return NULL;
}

int array_columns(enum array_id array)
{
    int columns = 1;
    for (const char *c = array_quantities[array].columns; *c; c++)
        columns += *c == ' ';
    return columns;
}

void array_word(const char *words, int place, char out_word[ARRAY_WORD_SIZE])
{
    for (; place > 0 && *words; place--) {
        words += strcspn(words, " ");
        words += *words == ' ';
    }
    const size_t length = strcspn(words, " "), kept = length < ARRAY_WORD_SIZE - 1 ? length : ARRAY_WORD_SIZE - 1;
    memcpy(out_word, words, kept);
    out_word[kept] = '\0';
}
