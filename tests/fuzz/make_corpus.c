/* make_corpus.c - writes the first corpus: each sample message in the input format of fuzz_wire.c, and the snapshots
 * within them as inputs of fuzz_snapshot.c.
 *
 *     make_corpus tests/fuzz/corpus */
#include "common/invariant.h"
#include "common/wire.h"
#include "tests/support/wire_samples.h"

#include <stdio.h>

static FILE *create(const char *root, const char *target, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s", root, target, name);
    FILE *file = fopen(path, "wb");
    INVARIANT(file != NULL);
    return file;
}

static void write_message(const char *root, const char *name, const struct wire_frames *frames)
{
    FILE *file = create(root, "wire", name);
    fputc((int)frames->count, file);
    for (size_t i = 0; i + 1 < frames->count; i++) {
        fputc((int)(frames->frame[i].size & 255), file);
        fputc((int)(frames->frame[i].size >> 8), file);
    }
    for (size_t i = 0; i < frames->count; i++)
        fwrite(frames->frame[i].bytes, 1, frames->frame[i].size, file);
    INVARIANT(fclose(file) == 0);
}

int main(int argc, char **argv)
{
    INVARIANT(argc == 2);
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++) {
        struct wire_message message = wire_sample_make(i);
        struct wire_frames frames;
        INVARIANT(wire_encode(&message, &frames, NULL) == STATUS_OK);
        write_message(argv[1], wire_sample_name(i), &frames);
        if (frames.count > 1) {
            FILE *file = create(argv[1], "snapshot", wire_sample_name(i));
            fwrite(frames.frame[1].bytes, 1, frames.frame[1].size, file);
            INVARIANT(fclose(file) == 0);
        }
        wire_frames_finish(&frames);
        wire_message_finish(&message);
    }
    return 0;
}
