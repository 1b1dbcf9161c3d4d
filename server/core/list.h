/* list.h - doubly linked lists of array items by index: membership without memory, order without addresses.
 *
 * The links stand in an array beside the items, one array per family of lists; an item is in at most one list of a
 * family. All operations are O(1). */
#ifndef VITRINE_SERVER_CORE_LIST_H
#define VITRINE_SERVER_CORE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#define INDEX_NONE UINT32_MAX

struct link {
    uint32_t next, prev; /* INDEX_NONE at the ends */
    bool listed;
};

struct list {
    uint32_t first, last;
    uint32_t count;
};

void list_init(struct list *list);
void list_append(struct list *list, struct link *links, uint32_t item); /* must not be listed */
void list_remove(struct list *list, struct link *links, uint32_t item); /* nothing if it is not listed */

#endif
