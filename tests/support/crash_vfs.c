#include "tests/support/crash_vfs.h"

#include "common/invariant.h"
#include "common/rng.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 64, PATH_SIZE = 512, SECTOR_SIZE = 512 };

/* A write, or a truncation (bytes NULL: to `offset`), that is not durable yet. */
struct change {
    size_t offset, size;
    uint8_t *bytes;
};

struct image {
    size_t size;
    uint8_t *bytes;
};

/* A file as the disk has it, and what the system has promised to write some time. */
struct disk_file {
    char path[PATH_SIZE];
    int fd; /* of our own: the file may lose its name */
    bool named, deleted;
    struct image durable;
    size_t change_count;
    struct change *changes;
};

struct crash_file {
    sqlite3_file base;
    struct disk_file *disk; /* NULL: a temporary file, of no interest */
    sqlite3_file *real;
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    struct disk_file files[FILES_MAX];
    size_t file_count;
    struct crash_plan plan;
    uint64_t operations, draws;
} disk;

/* ---- images ---- */

static void image_resize(struct image *image, size_t size)
{
    if (size > image->size) {
        image->bytes = realloc(image->bytes, size);
        INVARIANT(image->bytes);
        memset(image->bytes + image->size, 0, size - image->size);
    }
    image->size = size;
}

static void image_write(struct image *image, size_t offset, const uint8_t *bytes, size_t size)
{
    if (offset + size > image->size)
        image_resize(image, offset + size);
    memcpy(image->bytes + offset, bytes, size);
}

static void image_read(struct image *image, int fd)
{
    image_resize(image, (size_t)lseek(fd, 0, SEEK_END));
    INVARIANT(pread(fd, image->bytes, image->size, 0) == (ssize_t)image->size);
}

static void image_store(const struct image *image, int fd)
{
    INVARIANT(ftruncate(fd, 0) == 0);
    INVARIANT(pwrite(fd, image->bytes, image->size, 0) == (ssize_t)image->size);
}

static void change_apply(const struct change *change, struct image *image)
{
    if (change->bytes)
        image_write(image, change->offset, change->bytes, change->size);
    else
        image_resize(image, change->offset);
}

/* ---- the power goes ---- */

static bool chance(double probability)
{
    return rng_uniform((struct rng_place){disk.plan.seed, STREAM_TEST, (int64_t)disk.draws++, 0}, 0) < probability;
}

/* Sectors of the file, not of the write: a write may begin in the middle of one. */
static void change_tear(const struct change *change, struct image *image)
{
    for (size_t done = 0; done < change->size;) {
        size_t part = SECTOR_SIZE - (change->offset + done) % SECTOR_SIZE;
        part = part < change->size - done ? part : change->size - done;
        if (chance(0.5))
            image_write(image, change->offset + done, change->bytes + done, part);
        done += part;
    }
}

static void change_survive(const struct change *change, struct image *image)
{
    if (chance(0.4))
        change_apply(change, image);
    else if (change->bytes && chance(0.5))
        change_tear(change, image);
}

static void file_lose_power(struct disk_file *file)
{
    for (size_t i = 0; i < file->change_count; i++)
        change_survive(&file->changes[i], &file->durable);
    image_store(&file->durable, file->fd);
    if (!file->named && !file->deleted && chance(0.5))
        unlink(file->path);
}

static void file_come_back(const struct disk_file *file)
{
    if (access(file->path, F_OK) == 0 || !chance(0.5))
        return;
    int fd = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    INVARIANT(fd >= 0);
    image_store(&file->durable, fd);
    close(fd);
}

static _Noreturn void lose_power(void)
{
    for (size_t i = 0; i < disk.file_count; i++)
        file_lose_power(&disk.files[i]);
    for (size_t i = 0; i < disk.file_count; i++)
        if (disk.files[i].deleted && disk.files[i].named)
            file_come_back(&disk.files[i]);
    _exit(CRASH_EXIT_CODE);
}

/* Counts an operation; true when the fault of this kind strikes at it. */
static bool strikes(enum crash_kind kind)
{
    return disk.plan.kind == kind && disk.operations == disk.plan.operation;
}

static void count_operation(void)
{
    disk.operations++;
}

/* ---- files ---- */

static struct change *add_change(struct disk_file *file)
{
    file->changes = realloc(file->changes, (file->change_count + 1) * sizeof *file->changes);
    INVARIANT(file->changes);
    return &file->changes[file->change_count++];
}

static void file_note_write(struct disk_file *file, const void *bytes, size_t size, size_t offset)
{
    uint8_t *copy = malloc(size);
    INVARIANT(copy);
    memcpy(copy, bytes, size);
    *add_change(file) = (struct change){offset, size, copy};
}

static void file_make_durable(struct disk_file *file)
{
    for (size_t i = 0; i < file->change_count; i++) {
        change_apply(&file->changes[i], &file->durable);
        free(file->changes[i].bytes);
    }
    file->change_count = 0;
    file->named = true; /* the unix VFS syncs the folder of a new WAL or journal; the store that of a new database */
}

static struct disk_file *find_file(const char *path)
{
    for (size_t i = 0; i < disk.file_count; i++)
        if (!disk.files[i].deleted && strcmp(disk.files[i].path, path) == 0)
            return &disk.files[i];
    return NULL;
}

static struct disk_file *know_file(const char *path, bool existed)
{
    struct disk_file *file = find_file(path);
    if (file)
        return file;
    INVARIANT(disk.file_count < FILES_MAX);
    file = &disk.files[disk.file_count++];
    *file = (struct disk_file){.fd = open(path, O_RDWR | O_CLOEXEC), .named = existed};
    INVARIANT(file->fd >= 0);
    snprintf(file->path, sizeof file->path, "%s", path);
    image_read(&file->durable, file->fd); /* what was there before is taken as durable */
    return file;
}

static struct crash_file *as_crash(sqlite3_file *file)
{
    return (struct crash_file *)file;
}

static sqlite3_file *as_real(sqlite3_file *file)
{
    return as_crash(file)->real;
}

static bool is_too_long(sqlite3_file *real, sqlite3_int64 end)
{
    sqlite3_int64 size = 0;
    return real->pMethods->xFileSize(real, &size) == SQLITE_OK && end > size;
}

static int crash_close(sqlite3_file *file)
{
    sqlite3_file *real = as_real(file);
    return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int crash_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset)
{
    return as_real(file)->pMethods->xRead(as_real(file), bytes, size, offset);
}

static int crash_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    sqlite3_file *real = as_real(file);
    struct disk_file *on_disk = as_crash(file)->disk;
    if (!on_disk)
        return real->pMethods->xWrite(real, bytes, size, offset);
    count_operation();
    if (strikes(CRASH_WRITE_ERROR))
        return SQLITE_IOERR_WRITE;
    if (disk.plan.kind == CRASH_FULL && disk.operations >= disk.plan.operation && is_too_long(real, offset + size))
        return SQLITE_FULL;
    file_note_write(on_disk, bytes, (size_t)size, (size_t)offset);
    if (strikes(CRASH_POWER))
        lose_power();
    return real->pMethods->xWrite(real, bytes, size, offset);
}

static int crash_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = as_real(file);
    if (!as_crash(file)->disk)
        return real->pMethods->xTruncate(real, size);
    count_operation();
    if (strikes(CRASH_WRITE_ERROR))
        return SQLITE_IOERR_TRUNCATE;
    *add_change(as_crash(file)->disk) = (struct change){.offset = (size_t)size};
    if (strikes(CRASH_POWER))
        lose_power();
    return real->pMethods->xTruncate(real, size);
}

/* Power goes before the sync: after it is before the next operation. */
static int crash_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = as_real(file);
    if (!as_crash(file)->disk)
        return real->pMethods->xSync(real, flags);
    count_operation();
    if (strikes(CRASH_SYNC_ERROR))
        return SQLITE_IOERR_FSYNC;
    if (strikes(CRASH_POWER))
        lose_power();
    file_make_durable(as_crash(file)->disk);
    return SQLITE_OK; /* the machine that runs the test keeps its power */
}

static int crash_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return as_real(file)->pMethods->xFileSize(as_real(file), size);
}

static int crash_lock(sqlite3_file *file, int level)
{
    return as_real(file)->pMethods->xLock(as_real(file), level);
}

static int crash_unlock(sqlite3_file *file, int level)
{
    return as_real(file)->pMethods->xUnlock(as_real(file), level);
}

static int crash_check_reserved(sqlite3_file *file, int *result)
{
    return as_real(file)->pMethods->xCheckReservedLock(as_real(file), result);
}

static int crash_file_control(sqlite3_file *file, int code, void *argument)
{
    return as_real(file)->pMethods->xFileControl(as_real(file), code, argument);
}

static int crash_sector_size(sqlite3_file *file)
{
    return as_real(file)->pMethods->xSectorSize(as_real(file));
}

static int crash_characteristics(sqlite3_file *file)
{
    return as_real(file)->pMethods->xDeviceCharacteristics(as_real(file));
}

static int crash_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
    return as_real(file)->pMethods->xShmMap(as_real(file), page, size, extend, memory);
}

static int crash_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return as_real(file)->pMethods->xShmLock(as_real(file), offset, count, flags);
}

static void crash_shm_barrier(sqlite3_file *file)
{
    as_real(file)->pMethods->xShmBarrier(as_real(file));
}

static int crash_shm_unmap(sqlite3_file *file, int delete)
{
    return as_real(file)->pMethods->xShmUnmap(as_real(file), delete);
}

/* Version 2: without memory-mapped pages, whose writes nobody would see. */
static const sqlite3_io_methods crash_methods = {
    .iVersion = 2,
    .xClose = crash_close,
    .xRead = crash_read,
    .xWrite = crash_write,
    .xTruncate = crash_truncate,
    .xSync = crash_sync,
    .xFileSize = crash_file_size,
    .xLock = crash_lock,
    .xUnlock = crash_unlock,
    .xCheckReservedLock = crash_check_reserved,
    .xFileControl = crash_file_control,
    .xSectorSize = crash_sector_size,
    .xDeviceCharacteristics = crash_characteristics,
    .xShmMap = crash_shm_map,
    .xShmLock = crash_shm_lock,
    .xShmBarrier = crash_shm_barrier,
    .xShmUnmap = crash_shm_unmap,
};

/* ---- the VFS ---- */

static int crash_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    struct crash_file *crash = as_crash(file);
    const bool watched = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL);
    const bool existed = path && access(path, F_OK) == 0;
    *crash = (struct crash_file){.real = (sqlite3_file *)(crash + 1)};
    int code = disk.real->xOpen(disk.real, path, crash->real, flags, out_flags);
    if (code != SQLITE_OK)
        return code;
    crash->base.pMethods = &crash_methods;
    crash->disk = watched ? know_file(path, existed) : NULL;
    return SQLITE_OK;
}

static int crash_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    (void)vfs;
    struct disk_file *file = find_file(path);
    count_operation();
    if (strikes(CRASH_POWER))
        lose_power();
    int code = disk.real->xDelete(disk.real, path, sync_folder);
    if (file && code == SQLITE_OK) {
        file->deleted = true;
        file->named = file->named && !sync_folder;
    }
    return code;
}

void crash_vfs_install(void)
{
    disk.real = sqlite3_vfs_find("unix");
    INVARIANT(disk.real);
    disk.vfs = *disk.real;
    disk.vfs.zName = "crash";
    disk.vfs.szOsFile = (int)sizeof(struct crash_file) + disk.real->szOsFile;
    disk.vfs.xOpen = crash_open;
    disk.vfs.xDelete = crash_delete;
    INVARIANT(sqlite3_vfs_register(&disk.vfs, 1) == SQLITE_OK);
}

void crash_vfs_plan(struct crash_plan plan)
{
    disk.plan = plan;
    disk.operations = 0;
}

uint64_t crash_vfs_operations(void)
{
    return disk.operations;
}
