/* campaign_node.h - a YAML file as a tree of values that know where they stand. Bounded in depth and size. */
#ifndef VITRINE_COMMON_CAMPAIGN_NODE_H
#define VITRINE_COMMON_CAMPAIGN_NODE_H

#include "common/campaign_report.h"
#include <stdbool.h>
#include <stddef.h>

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAPPING };

/* A mapping's children are key, value, key, value. Nodes live as long as their tree. */
struct node {
    enum node_kind kind;
    struct text_place place;
    bool quoted;    /* a scalar in quotes */
    bool refused;   /* an error has been reported for it: do not judge it again */
    uint32_t count; /* children */
    char *text;     /* NODE_SCALAR: ends in a zero byte */
    size_t size;
    struct node *parent, *next;
    struct node *first, *last; /* children */
};

struct node_block;

struct node_tree {
    struct node *root; /* NULL if the file was empty or broken */
    struct node_block *blocks;
};

/* Reads YAML (UTF-8, one document, no anchors, aliases, tags or merge keys). What is wrong goes to the report, and its
 * nodes are marked refused. False when the file could not be read to its end: the tree is then not worth judging.
 * Implemented in campaign_load.c, the one file that knows libyaml. */
bool campaign_parse(struct campaign_report *report, struct node_tree *out_tree);

/* A new child of `parent` (NULL: the root), or NULL without memory. The text is copied. */
struct node *node_add(struct node_tree *tree, struct node *parent, enum node_kind kind, struct text_place place,
                      const char *text, size_t size);
void node_tree_finish(struct node_tree *tree);

/* The value of a key in a mapping, or NULL; NULL too when `mapping` is NULL or no mapping. */
const struct node *node_find(const struct node *mapping, const char *key);

/* The i-th child. */
const struct node *node_child(const struct node *list, uint32_t index);

#endif
