#include "common/campaign_node.h"

#include "common/mem.h"

#include <string.h>

enum { NODES_PER_BLOCK = 128 };

/* Nodes point at one another, so they never move: they are handed out from blocks. */
struct node_block {
    struct node_block *next;
    uint32_t used;
    struct node nodes[NODES_PER_BLOCK];
};

static struct node *take_node(struct node_tree *tree)
{
    if (!tree->blocks || tree->blocks->used == NODES_PER_BLOCK) {
        struct node_block *block = mem_alloc_array(1, sizeof *block);
        if (!block)
            return NULL;
        block->next = tree->blocks;
        tree->blocks = block;
    }
    return &tree->blocks->nodes[tree->blocks->used++];
}

static void append_child(struct node *parent, struct node *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

struct node *node_add(struct node_tree *tree, struct node *parent, enum node_kind kind, struct text_place place,
                      const char *text, size_t size)
{
    struct node *node = take_node(tree);
    if (!node)
        return NULL;
    *node = (struct node){.kind = kind, .place = place, .size = size, .parent = parent};
    if (kind == NODE_SCALAR) {
        node->text = mem_alloc_array(size + 1, 1);
        if (!node->text)
            return NULL;
        memcpy(node->text, text, size);
    }
    if (parent)
        append_child(parent, node);
    else
        tree->root = node;
    return node;
}

void node_tree_finish(struct node_tree *tree)
{
    while (tree->blocks) {
        struct node_block *block = tree->blocks;
        for (uint32_t i = 0; i < block->used; i++)
            mem_free(block->nodes[i].text);
        tree->blocks = block->next;
        mem_free(block);
    }
    tree->root = NULL;
}

const struct node *node_find(const struct node *mapping, const char *key)
{
    if (!mapping || mapping->kind != NODE_MAPPING)
        return NULL;
    for (const struct node *name = mapping->first; name && name->next; name = name->next->next)
        if (name->kind == NODE_SCALAR && strcmp(name->text, key) == 0)
            return name->next;
    return NULL;
}

const struct node *node_child(const struct node *list, uint32_t index)
{
    const struct node *child = list->first;
    while (child && index-- > 0)
        child = child->next;
    return child;
}
