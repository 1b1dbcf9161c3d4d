/* crew.h - the same work on each of many things, by as many threads as there are cores, each with a connection of its
 * own to the database. */
#ifndef VITRINE_SERVER_CMD_CREW_H
#define VITRINE_SERVER_CMD_CREW_H

#include "server/cmd/reading.h"

enum { CREW_MAX = 16 }; /* threads */

/* One of the threads. */
struct crew_hand {
    size_t number; /* below CREW_MAX: for memory that is used again */
    struct store *store;
};

/* Called for each thing from 0 on, from several threads at once, for no thing twice. */
typedef enum status crew_do(void *context, const struct crew_hand *hand, size_t thing, struct error *err);

/* Of several failures that of the first thing is returned, whichever thread came upon it. */
enum status crew_work(const struct reading *reading, size_t count, crew_do *act, void *context,
                      struct error *err) MUST_CHECK;

#endif
