/* frames.h - stored inherent structures for pictures that need coordinates: their bytes go to vitrine-worker in files
 * of a folder of their own, and what it says comes back as text. The server looks at neither. */
#ifndef VITRINE_SERVER_CMD_PICTURES_FRAMES_H
#define VITRINE_SERVER_CMD_PICTURES_FRAMES_H

#include "server/cmd/pictures/picture.h"
#include <limits.h>

struct frame_name {
    struct replica_id replica;
    int64_t step;
};

/* In order of replica and step. */
struct frame_list {
    size_t count, room;
    struct frame_name *frames;
};

/* The coldest rung that was asked for; UINT32_MAX when none was. */
uint32_t frames_coldest_rung(const struct selected *item);

/* The inherent structures of an ensemble's coldest rung that was asked for. */
enum status frames_list(struct store *store, const struct selected *item, struct frame_list *out,
                        struct error *err) MUST_CHECK;
void frame_list_finish(struct frame_list *list); /* NULL and zeroed are fine */

/* The frames of the first replica, which stand together at the list's beginning: how many. */
size_t frames_of_first_replica(const struct frame_list *list);

enum { FRAME_FILES_MAX = 64 };

/* Runs `vitrine-worker WORDS... FILE...` on the frames, `words` ended by NULL; what it wrote to its output is returned
 * (mem_free; zero-terminated). */
enum status frames_ask(struct store *store, const struct selected *item, const char *const words[],
                       const struct frame_name *frames, size_t count, char **out_text, size_t *out_size,
                       struct error *err) MUST_CHECK;

#endif
