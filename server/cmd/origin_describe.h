/* origin_describe.h - where a picture's rows come from, in words for its metadata. */
#ifndef VITRINE_SERVER_CMD_ORIGIN_DESCRIBE_H
#define VITRINE_SERVER_CMD_ORIGIN_DESCRIBE_H

#include "server/cmd/reading.h"
#include "server/plot/origin.h"

/* `vitrine VERB ...`, as it was typed. */
void origin_command(int argc, char *const argv[], char *out, size_t size);

/* Program and version; the campaign with its seed; of each ensemble the mode, the hash of its spec and how many of its
 * segments were stored. All items are of one campaign. */
enum status origin_describe(struct store *store, const struct selected *items, size_t count, const char *command,
                            struct origin *out, struct error *err) MUST_CHECK;

#endif
