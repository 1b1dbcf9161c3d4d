#include "server/core/list.h"

#include "common/invariant.h"

void list_init(struct list *list)
{
    *list = (struct list){INDEX_NONE, INDEX_NONE, 0};
}

void list_append(struct list *list, struct link *links, uint32_t item)
{
    INVARIANT(!links[item].listed);
    links[item] = (struct link){INDEX_NONE, list->last, true};
    if (list->last == INDEX_NONE)
        list->first = item;
    else
        links[list->last].next = item;
    list->last = item;
    list->count++;
}

void list_remove(struct list *list, struct link *links, uint32_t item)
{
    struct link *link = &links[item];
    if (!link->listed)
        return;
    if (link->prev == INDEX_NONE)
        list->first = link->next;
    else
        links[link->prev].next = link->next;
    if (link->next == INDEX_NONE)
        list->last = link->prev;
    else
        links[link->next].prev = link->prev;
    link->listed = false;
    list->count--;
}
