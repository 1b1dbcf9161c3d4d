/* campaign_docs.h - what the table of keys says, in three forms: for editors, for readers, for beginners. The first two
 * are committed in schemas/, and a test holds them to the table; `ninja -C build update-schemas` writes them anew. */
#ifndef VITRINE_COMMON_CAMPAIGN_DOCS_H
#define VITRINE_COMMON_CAMPAIGN_DOCS_H

#include <stdio.h>

/* schemas/campaign.schema.json: JSON Schema, draft 7. */
void campaign_write_schema(FILE *out);

/* schemas/campaign.md: every key with unit, range, default and meaning. */
void campaign_write_reference(FILE *out);

/* A campaign file that runs, with every key and what it means: `vitrine init`. */
void campaign_write_example(FILE *out);

#endif
