/* campaign_value.h - one value of a campaign file from its text, by the type, words and range of its key. */
#ifndef VITRINE_COMMON_CAMPAIGN_VALUE_H
#define VITRINE_COMMON_CAMPAIGN_VALUE_H

#include "common/campaign_table.h"

enum { CAMPAIGN_WHY_SIZE = 256 };

/* Stores `text` at the key's offset in `target`, the struct of its section; quoted: it stood in quotes. Returns false
 * and says why, and stores nothing, where the key cannot have it. Not for mappings and lists. */
bool campaign_value_store(const struct campaign_key *key, const char *text, bool quoted, void *target,
                          char why[CAMPAIGN_WHY_SIZE]);

#endif
