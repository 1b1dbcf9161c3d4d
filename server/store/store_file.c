#include "server/store/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static enum status path_error(int os_errno, const char *path, const char *what, struct error *err)
{
    enum status status = os_errno == ENOENT || os_errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO;
    return error_set_errno(err, status, os_errno, "cannot %s '%s'", what, path);
}

static enum status too_long(const char *path, struct error *err)
{
    return error_set(err, STATUS_LIMIT, "the path '%.100s...' has more than %d bytes", path, STORE_PATH_SIZE - 1);
}

static enum status resolve_existing(const char *path, char out_path[STORE_PATH_SIZE], struct error *err)
{
    char *resolved = realpath(path, NULL);
    if (!resolved)
        return path_error(errno, path, "open", err);
    int size = snprintf(out_path, STORE_PATH_SIZE, "%s", resolved);
    free(resolved);
    return size < STORE_PATH_SIZE ? STATUS_OK : too_long(path, err);
}

static enum status resolve_new(const char *path, char out_path[STORE_PATH_SIZE], struct error *err)
{
    struct stat found;
    if (lstat(path, &found) == 0)
        return error_set(err, STATUS_CONFLICT, "'%s' exists already", path);
    char folder[STORE_PATH_SIZE], name[STORE_PATH_SIZE], resolved[STORE_PATH_SIZE];
    if (snprintf(folder, sizeof folder, "%s", path) >= STORE_PATH_SIZE)
        return too_long(path, err);
    snprintf(name, sizeof name, "%s", path);
    enum status status = resolve_existing(dirname(folder), resolved, err);
    if (status != STATUS_OK)
        return status;
    return snprintf(out_path, STORE_PATH_SIZE, "%s/%s", resolved, basename(name)) < STORE_PATH_SIZE
               ? STATUS_OK
               : too_long(path, err);
}

enum status file_resolve(const char *path, bool is_new, char out_path[STORE_PATH_SIZE], struct error *err)
{
    return is_new ? resolve_new(path, out_path, err) : resolve_existing(path, out_path, err);
}

/* File systems whose other clients do not see our shared memory or locks. FUSE is among them because sshfs, glusterfs
 * and s3fs are FUSE, and nothing tells them from a local one. */
static const struct {
    uint32_t magic;
    const char *name;
} network_systems[] = {
    {NFS_SUPER_MAGIC, "nfs"},   {0xff534d42, "cifs"},     {0xfe534d42, "smb2"},  {SMB_SUPER_MAGIC, "smb"},
    {V9FS_MAGIC, "9p"},         {AFS_SUPER_MAGIC, "afs"}, {AFS_FS_MAGIC, "afs"}, {CEPH_SUPER_MAGIC, "ceph"},
    {CODA_SUPER_MAGIC, "coda"}, {NCP_SUPER_MAGIC, "ncp"}, {0x65735546, "fuse"},  {0x0bd00bd0, "lustre"},
    {0x47504653, "gpfs"},       {0x19830326, "beegfs"},   {0x01161970, "gfs2"},  {0x7461636f, "ocfs2"},
    {0xaad7aaea, "panfs"},      {0x20030528, "orangefs"},
};

const char *file_network_name(uint32_t type)
{
    for (size_t i = 0; i < sizeof network_systems / sizeof network_systems[0]; i++)
        if (type == network_systems[i].magic)
            return network_systems[i].name;
    return NULL;
}

enum status file_check_system(const char *path, struct error *err)
{
    char folder[STORE_PATH_SIZE];
    struct statfs system;
    snprintf(folder, sizeof folder, "%s", path);
    if (statfs(dirname(folder), &system) != 0)
        return path_error(errno, path, "find the file system of", err);
    const char *network = file_network_name((uint32_t)system.f_type);
    if (network)
        return error_set(err, STATUS_INVALID,
                         "cannot open '%s': disk is on %s, which sqlite's WAL does not support; keep the database on a "
                         "local disk",
                         path, network);
    return STATUS_OK;
}

enum status file_check(const char *path, struct file_identity *out_file, struct error *err)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return path_error(errno, path, "open", err);
    if (!S_ISREG(found.st_mode))
        return error_set(err, STATUS_INVALID, "'%s' is a %s, not a database", path,
                         S_ISDIR(found.st_mode) ? "directory" : "device or pipe");
    if (found.st_size == 0)
        return error_set(err, STATUS_CORRUPT, "'%s' is empty, not a results database", path);
    if (found.st_nlink > 1)
        return error_set(
            err, STATUS_INVALID,
            "'%s' has %ju names (hard links); its WAL belongs to one of them, so the others would read and "
            "write past it",
            path, (uintmax_t)found.st_nlink);
    *out_file = (struct file_identity){found.st_dev, found.st_ino};
    return STATUS_OK;
}

enum status file_lock(const char *path, int *out_fd, struct error *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return path_error(errno, path, "open for writing", err);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *out_fd = fd;
        return STATUS_OK;
    }
    int os_errno = errno;
    close(fd);
    if (os_errno != EWOULDBLOCK)
        return path_error(os_errno, path, "lock", err);
    return error_set(err, STATUS_CONFLICT, "'%s' belongs to another coordinator that is running", path);
}

bool file_identify(const char *path, const char *suffix, struct file_identity *out_file)
{
    char name[STORE_PATH_SIZE + 8];
    struct stat found;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    if (stat(name, &found) != 0)
        return false;
    *out_file = (struct file_identity){found.st_dev, found.st_ino};
    return true;
}

bool file_is_same(const char *path, const char *suffix, const struct file_identity *file)
{
    struct file_identity now;
    return file_identify(path, suffix, &now) && now.device == file->device && now.inode == file->inode;
}

static enum status sync_folder(const char *path, struct error *err)
{
    char folder[STORE_PATH_SIZE];
    snprintf(folder, sizeof folder, "%s", path);
    int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return path_error(errno, path, "open the folder of", err);
    int failed = fsync(fd) != 0 ? errno : 0;
    close(fd);
    return failed ? path_error(failed, path, "make durable the folder of", err) : STATUS_OK;
}

/* link() refuses a name that is taken; rename() would replace the file. */
enum status file_publish(const char *made, const char *path, struct error *err)
{
    if (link(made, path) != 0)
        return errno == EEXIST ? error_set(err, STATUS_CONFLICT, "'%s' exists already", path)
                               : path_error(errno, path, "create", err);
    if (unlink(made) != 0)
        return path_error(errno, made, "remove", err);
    return sync_folder(path, err);
}
