#include "worker/spool.h"

#include "common/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* "VTRS" and a version, u64 frames, u64 size of each, their bytes, digest of all that. */
#define MAGIC (UINT64_C(1) << 32 | 0x53525456)

enum { HEAD_SIZE = 16, NAME_SIZE = 128 };

static const char ending[] = ".result", name_new[] = "new";

struct spool {
    int dir; /* locked */
    uint32_t files;
    uint64_t bytes;
};

static bool is_result(const char *name)
{
    const size_t size = strlen(name);
    return size > sizeof ending - 1 && strcmp(name + size - (sizeof ending - 1), ending) == 0;
}

/* Of the database, the segment and its input: the same result has the same name. */
static void name_of(const struct wire_result *result, char out[NAME_SIZE])
{
    char input[DIGEST_TEXT_SIZE];
    uint64_t lineage;
    memcpy(&lineage, result->lineage.bytes, sizeof lineage);
    digest_to_text(&result->result.input, input);
    snprintf(out, NAME_SIZE, "%016" PRIx64 "-%" PRIu32 "-%" PRIu32 "-%" PRId64 "-%.16s%s", lineage,
             result->campaign.value, result->result.replica.value, result->result.segment.value, input, ending);
}

static uint64_t file_size(const struct spool *spool, const char *name)
{
    struct stat status;
    return fstatat(spool->dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? (uint64_t)status.st_size : 0;
}

/* -- the folder -----------------------------------------------------------------------------------------------------
 */

/* Its own descriptor, since closedir closes it. */
static DIR *open_listing(const struct spool *spool)
{
    const int fd = openat(spool->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && !listing)
        close(fd);
    return listing;
}

static enum status measure(struct spool *spool, struct error *err)
{
    DIR *listing = open_listing(spool);
    if (!listing)
        return error_set_errno(err, STATUS_IO, errno, "cannot list the spool");
    for (const struct dirent *entry; (entry = readdir(listing));)
        if (is_result(entry->d_name)) {
            spool->files++;
            spool->bytes += file_size(spool, entry->d_name);
        }
    closedir(listing);
    return STATUS_OK;
}

enum status spool_open(const char *dir, struct spool **out_spool, struct error *err)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, STATUS_IO, errno, "cannot make the spool '%s'", dir);
    struct spool *spool = mem_alloc_array(1, sizeof *spool);
    if (!spool)
        return mem_error(err, "the spool");
    enum status status = STATUS_OK;
    spool->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (spool->dir < 0)
        status = error_set_errno(err, STATUS_IO, errno, "cannot open the spool '%s'", dir);
    else if (flock(spool->dir, LOCK_EX | LOCK_NB) != 0)
        status = error_set(err, STATUS_CONFLICT, "the spool '%s' belongs to another worker: each wants its own", dir);
    else
        status = measure(spool, err);
    if (status != STATUS_OK) {
        spool_close(&spool);
        return status;
    }
    *out_spool = spool;
    return STATUS_OK;
}

void spool_close(struct spool **spool)
{
    if (!spool || !*spool)
        return;
    if ((*spool)->dir >= 0)
        close((*spool)->dir);
    mem_free(*spool);
    *spool = NULL;
}

static void remove_file(struct spool *spool, const char *name)
{
    const uint64_t size = file_size(spool, name);
    if (unlinkat(spool->dir, name, 0) != 0)
        return;
    spool->files -= spool->files > 0;
    spool->bytes -= size < spool->bytes ? size : spool->bytes;
}

/* -- numbers, little-endian -----------------------------------------------------------------------------------------
 */

static void put_u64(uint8_t *out, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get_u64(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

/* -- a file ---------------------------------------------------------------------------------------------------------
 */

static bool write_all(int fd, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        const ssize_t written = write(fd, at, size);
        if (written <= 0)
            return false;
        at += written;
        size -= (size_t)written;
    }
    return true;
}

static bool write_frames(int fd, const struct wire_frames *frames)
{
    uint8_t head[HEAD_SIZE + 8 * WIRE_FRAMES_MAX];
    struct digest_state state;
    put_u64(head, MAGIC);
    put_u64(head + 8, frames->count);
    for (size_t i = 0; i < frames->count; i++)
        put_u64(head + HEAD_SIZE + 8 * i, frames->frame[i].size);
    const size_t head_size = HEAD_SIZE + 8 * frames->count;
    digest_init(&state);
    digest_add_bytes(&state, head, head_size);
    bool good = write_all(fd, head, head_size);
    for (size_t i = 0; i < frames->count && good; i++) {
        digest_add_bytes(&state, frames->frame[i].bytes, frames->frame[i].size);
        good = write_all(fd, frames->frame[i].bytes, frames->frame[i].size);
    }
    const struct digest digest = digest_finish(&state);
    return good && write_all(fd, digest.bytes, DIGEST_SIZE) && fsync(fd) == 0;
}

static enum status write_file(struct spool *spool, const char *name, const struct wire_frames *frames,
                              struct error *err)
{
    const int fd = openat(spool->dir, name_new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot write to the spool");
    bool good = write_frames(fd, frames);
    const int code = errno;
    good &= close(fd) == 0;
    if (good && renameat(spool->dir, name_new, spool->dir, name) == 0)
        return STATUS_OK;
    unlinkat(spool->dir, name_new, 0);
    return error_set_errno(err, STATUS_IO, code, "cannot write to the spool");
}

enum status spool_put(struct spool *spool, const struct wire_result *result, struct error *err)
{
    const struct wire_message message = {.type = WIRE_RESULT, .result = *result};
    char name[NAME_SIZE];
    struct wire_frames frames;
    enum status status = wire_encode(&message, &frames, err);
    if (status != STATUS_OK)
        return status;
    uint64_t size = HEAD_SIZE + 8 * frames.count + DIGEST_SIZE;
    for (size_t i = 0; i < frames.count; i++)
        size += frames.frame[i].size;
    name_of(result, name);
    remove_file(spool, name); /* of an earlier time: the same */
    if (spool->files >= SPOOL_FILES_MAX || spool->bytes + size > SPOOL_BYTES_MAX)
        status = error_set(err, STATUS_LIMIT, "the spool is full: %" PRIu32 " results, %" PRIu64 " bytes", spool->files,
                           spool->bytes);
    else
        status = write_file(spool, name, &frames, err);
    wire_frames_finish(&frames);
    if (status == STATUS_OK) {
        spool->files++;
        spool->bytes += size;
    }
    return status;
}

void spool_drop(struct spool *spool, const struct wire_result *result)
{
    char name[NAME_SIZE];
    name_of(result, name);
    remove_file(spool, name);
}

/* -- what is there --------------------------------------------------------------------------------------------------
 */

/* The whole of a file (mem_free); NULL when it cannot be had. */
static uint8_t *read_file(const struct spool *spool, const char *name, size_t *out_size)
{
    const uint64_t size = file_size(spool, name);
    const int fd = openat(spool->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    uint8_t *bytes = fd >= 0 && size > 0 && size <= SPOOL_BYTES_MAX ? mem_alloc_array(size, 1) : NULL;
    size_t done = 0;
    for (ssize_t got; bytes && done < size && (got = read(fd, bytes + done, size - done)) > 0;)
        done += (size_t)got;
    if (fd >= 0)
        close(fd);
    if (bytes && done == size) {
        *out_size = size;
        return bytes;
    }
    mem_free(bytes);
    return NULL;
}

/* Views of the frames in a file's bytes. */
static bool parse_file(const uint8_t *bytes, size_t size, struct wire_frames_view *out)
{
    if (size < HEAD_SIZE + DIGEST_SIZE || get_u64(bytes) != MAGIC)
        return false;
    const struct digest digest = digest_of_bytes(bytes, size - DIGEST_SIZE);
    const uint64_t count = get_u64(bytes + 8);
    if (memcmp(digest.bytes, bytes + size - DIGEST_SIZE, DIGEST_SIZE) != 0 || count > WIRE_FRAMES_MAX ||
        size < HEAD_SIZE + 8 * count + DIGEST_SIZE)
        return false;
    size_t at = HEAD_SIZE + 8 * (size_t)count, left = size - DIGEST_SIZE - at;
    *out = (struct wire_frames_view){.count = (size_t)count};
    for (size_t i = 0; i < count; i++) {
        const uint64_t frame = get_u64(bytes + HEAD_SIZE + 8 * i);
        if (frame > left)
            return false;
        out->frame[i] = (struct wire_frame_view){bytes + at, (size_t)frame};
        at += (size_t)frame;
        left -= (size_t)frame;
    }
    return left == 0;
}

static bool decode_file(const uint8_t *bytes, size_t size, struct wire_message *out)
{
    struct wire_frames_view view;
    if (!parse_file(bytes, size, &view) || wire_decode(&view, out, NULL) != STATUS_OK)
        return false;
    if (out->type == WIRE_RESULT && out->result.status == STATUS_OK)
        return true;
    wire_message_finish(out);
    return false;
}

/* false when it was not whole, and is gone. */
static bool visit_file(struct spool *spool, const char *name, spool_visitor *visit, void *context)
{
    struct wire_message message;
    size_t size = 0;
    uint8_t *bytes = read_file(spool, name, &size);
    const bool is_whole = bytes && decode_file(bytes, size, &message);
    mem_free(bytes);
    if (!is_whole)
        remove_file(spool, name);
    else if (!visit(context, &message.result))
        wire_message_finish(&message);
    return is_whole;
}

enum status spool_visit(struct spool *spool, spool_visitor *visit, void *context, uint32_t *out_bad, struct error *err)
{
    DIR *listing = open_listing(spool);
    if (!listing)
        return error_set_errno(err, STATUS_IO, errno, "cannot list the spool");
    *out_bad = 0;
    for (const struct dirent *entry; (entry = readdir(listing));)
        if (is_result(entry->d_name))
            *out_bad += !visit_file(spool, entry->d_name, visit, context);
    closedir(listing);
    return STATUS_OK;
}
