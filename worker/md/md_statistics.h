/* md_statistics.h - how the engine works, for benches and tests; nothing here decides anything. */
#ifndef VITRINE_WORKER_MD_MD_STATISTICS_H
#define VITRINE_WORKER_MD_MD_STATISTICS_H

#include <stdint.h>

struct md;

struct md_statistics {
    uint64_t entries; /* of the inner list now: a row against a cluster of eight, pairs of rows counted as two */
    uint64_t builds;  /* of the outer list since md_create */
    uint64_t prunes;  /* of the inner list since md_create */
};

struct md_statistics md_statistics(const struct md *md);

#endif
