#include "server/cmd/pictures/frames.h"

#include "common/mem.h"
#include "server/process.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* --- Which -------------------------------------------------------------------------------------------------------- */

static enum status take_frame(void *context, const struct frame_row *row, struct error *err)
{
    struct frame_list *list = context;
    if (row->kind != CONFIGURATION_INHERENT)
        return STATUS_OK;
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? 256 : 2 * list->room;
        struct frame_name *frames = mem_resize_array(list->frames, list->room, room, sizeof *frames);
        if (frames == NULL)
            return mem_error(err, "a list of frames");
        list->frames = frames;
        list->room = room;
    }
    list->frames[list->count++] = (struct frame_name){row->replica, row->step};
    return STATUS_OK;
}

uint32_t frames_coldest_rung(const struct selected *item)
{
    uint32_t coldest = UINT32_MAX;
    for (uint32_t r = 0; r < item->spec->rung_count; r++)
        if (selected_has_rung(item, (struct rung_id){r}) &&
            (coldest == UINT32_MAX || item->spec->temperatures[r] < item->spec->temperatures[coldest]))
            coldest = r;
    return coldest;
}

enum status frames_list(struct store *store, const struct selected *item, struct frame_list *out, struct error *err)
{
    struct store_filter filter = item->filter;
    struct frame_list list = {0};
    filter.rung = frames_coldest_rung(item);
    enum status status = store_visit_frames(store, &filter, take_frame, &list, err);
    if (status != STATUS_OK) {
        frame_list_finish(&list);
        return status;
    }
    *out = list;
    return STATUS_OK;
}

void frame_list_finish(struct frame_list *list)
{
    if (list == NULL)
        return;
    mem_free(list->frames);
    *list = (struct frame_list){0};
}

size_t frames_of_first_replica(const struct frame_list *list)
{
    size_t count = 0;
    while (count < list->count && list->frames[count].replica.value == list->frames[0].replica.value)
        count++;
    return count;
}

/* --- What the worker says of them --------------------------------------------------------------------------------- */

static void path_of(const char *directory, size_t index, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/%zu.snapshot", directory, index);
}

static enum status write_bytes(const char *path, const uint8_t *bytes, size_t size, struct error *err)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    const bool failed = fwrite(bytes, 1, size, out) != size;
    if (fclose(out) != 0 || failed)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    return STATUS_OK;
}

static enum status write_frame(struct store *store, const struct selected *item, const struct frame_name *frame,
                               const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t size;
    enum status status =
        store_get_frame(store, item->id, frame->replica, frame->step, CONFIGURATION_INHERENT, &bytes, &size, err);
    if (status != STATUS_OK)
        return status;
    status = write_bytes(path, bytes, size, err);
    mem_free(bytes);
    return status;
}

static enum status run_worker(const char *const words[], const char *directory, size_t count, char **out_text,
                              size_t *out_size, struct error *err)
{
    enum { WORDS_MAX = 8 };
    char worker[PATH_MAX];
    const char *argv[1 + WORDS_MAX + FRAME_FILES_MAX + 1] = {worker};
    size_t argc = 1;
    char(*paths)[PATH_MAX] = mem_alloc_array(count, sizeof *paths);
    if (paths == NULL)
        return mem_error(err, "the names of frames");
    for (; *words != NULL && argc <= WORDS_MAX; words++)
        argv[argc++] = *words;
    for (size_t i = 0; i < count; i++) {
        path_of(directory, i, paths[i]);
        argv[argc++] = paths[i];
    }
    enum status status = process_find_worker(worker, err);
    if (status == STATUS_OK)
        status = process_capture(argv, NULL, 0, out_text, out_size, err);
    mem_free(paths);
    return status;
}

enum status frames_ask(struct store *store, const struct selected *item, const char *const words[],
                       const struct frame_name *frames, size_t count, char **out_text, size_t *out_size,
                       struct error *err)
{
    char directory[PATH_MAX], path[PATH_MAX];
    const char *temporary = getenv("TMPDIR");
    if (count > FRAME_FILES_MAX)
        return error_set(err, STATUS_LIMIT, "%zu frames are more than the %d of one picture", count, FRAME_FILES_MAX);
    snprintf(directory, sizeof directory, "%s/vitrine-frames-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(directory) == NULL)
        return error_set_errno(err, STATUS_IO, errno, "cannot make the folder '%s'", directory);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        path_of(directory, i, path);
        status = write_frame(store, item, &frames[i], path, err);
    }
    if (status == STATUS_OK)
        status = run_worker(words, directory, count, out_text, out_size, err);
    for (size_t i = 0; i < count; i++) {
        path_of(directory, i, path);
        unlink(path);
    }
    rmdir(directory);
    return status;
}
