#include "server/net/keys.h"

#include "common/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_SIZE = 256 };

static const char list_name[] = "allowed", own_name[] = "coordinator.key", list_head[] = "vitrine-allowed 1\n";

static enum status join(const char *dir, const char *name, const char *ending, char out[PATH_MAX], struct error *err)
{
    if (snprintf(out, PATH_MAX, "%s/%s%s", dir, name, ending) >= PATH_MAX)
        return error_set(err, STATUS_INVALID, "the path '%.64s...' is too long", dir);
    return STATUS_OK;
}

/* -- reading the list -----------------------------------------------------------------------------------------------
 */

static int compare_entries(const void *a, const void *b)
{
    const struct allowed *left = a, *right = b;
    return memcmp(left->key.bytes, right->key.bytes, KEY_SIZE);
}

void allow_list_finish(struct allow_list *list)
{
    if (!list)
        return;
    mem_free(list->entries);
    *list = (struct allow_list){0};
}

const struct allowed *allow_list_find(const struct allow_list *list, const struct key *key)
{
    const struct allowed wanted = {.key = *key};
    const struct allowed *found =
        list->count ? bsearch(&wanted, list->entries, list->count, sizeof wanted, compare_entries) : NULL;
    return found && !found->is_revoked ? found : NULL;
}

/* "worker node7 HEX allowed 1795737600000000" */
static bool parse_line(const char *line, struct allowed *out)
{
    char role[16], state[16], hex[KEY_TEXT_SIZE];
    struct allowed entry = {0};
    int used = 0;
    if (sscanf(line, "%15s %63s %64s %15s %" SCNd64 "\n%n", role, entry.name, hex, state, &entry.changed.value,
               &used) != 5 ||
        line[used] != '\0' || !key_name_is_valid(entry.name) || !key_from_text(hex, &entry.key))
        return false;
    entry.role = strcmp(role, key_role_names[KEY_ADMIN]) == 0 ? KEY_ADMIN : KEY_WORKER;
    entry.is_revoked = strcmp(state, "revoked") == 0;
    *out = entry;
    return strcmp(role, key_role_names[entry.role]) == 0 && (entry.is_revoked || strcmp(state, "allowed") == 0);
}

static enum status add_entry(struct allow_list *list, const struct allowed *entry, struct error *err)
{
    if (list->count == KEYS_MAX)
        return error_set(err, STATUS_LIMIT, "more than %d keys", KEYS_MAX);
    if ((list->count & (list->count - 1)) == 0) { /* room for a power of two */
        const uint32_t room = list->count ? 2 * list->count : 1;
        struct allowed *entries = mem_resize_array(list->entries, list->count, room, sizeof *entries);
        if (!entries)
            return mem_error(err, "the list of keys");
        list->entries = entries;
    }
    list->entries[list->count++] = *entry;
    return STATUS_OK;
}

static enum status parse_list(FILE *file, const char *path, struct allow_list *list, struct error *err)
{
    char line[LINE_SIZE];
    if (!fgets(line, sizeof line, file) || strcmp(line, list_head) != 0)
        return error_set(err, STATUS_INVALID, "'%s' is not a list of 'vitrine keys'", path);
    for (uint32_t number = 2; fgets(line, sizeof line, file); number++) {
        struct allowed entry;
        if (!parse_line(line, &entry))
            return error_at(err, path, number, 1, STATUS_INVALID, "not a line of a list of keys");
        enum status status = add_entry(list, &entry, err);
        if (status != STATUS_OK)
            return status;
    }
    if (ferror(file))
        return error_set(err, STATUS_IO, "cannot read '%s'", path);
    if (list->count)
        qsort(list->entries, list->count, sizeof *list->entries, compare_entries);
    return STATUS_OK;
}

enum status allow_list_read(const char *dir, struct allow_list *out_list, struct error *err)
{
    char path[PATH_MAX];
    enum status status = join(dir, list_name, "", path, err);
    if (status != STATUS_OK)
        return status;
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set_errno(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot read '%s'", path);
    struct allow_list list = {0};
    status = key_check_owner(fileno(file), path, 022, err);
    if (status == STATUS_OK)
        status = parse_list(file, path, &list, err);
    fclose(file);
    if (status == STATUS_OK)
        *out_list = list;
    else
        allow_list_finish(&list);
    return status;
}

enum status allow_list_look(const char *dir, struct allow_list_version *out_version, struct error *err)
{
    char path[PATH_MAX];
    struct stat stat_;
    enum status status = join(dir, list_name, "", path, err);
    if (status != STATUS_OK)
        return status;
    if (stat(path, &stat_) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot look at '%s'", path);
    *out_version = (struct allow_list_version){
        .device = stat_.st_dev,
        .inode = stat_.st_ino,
        .modified_ns = (int64_t)stat_.st_mtim.tv_sec * 1000000000 + stat_.st_mtim.tv_nsec,
        .size = stat_.st_size,
    };
    return STATUS_OK;
}

enum status keys_read_own(const char *dir, struct key_file *out_file, struct error *err)
{
    char path[PATH_MAX];
    enum status status = join(dir, own_name, "", path, err);
    return status == STATUS_OK ? key_file_read(path, KEY_COORDINATOR, out_file, err) : status;
}

/* -- changing it ----------------------------------------------------------------------------------------------------
 */

static void print_list(const struct allow_list *list, FILE *file)
{
    fputs(list_head, file);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct allowed *entry = &list->entries[i];
        char hex[KEY_TEXT_SIZE];
        key_to_text(&entry->key, hex);
        fprintf(file, "%s %s %s %s %" PRId64 "\n", key_role_names[entry->role], entry->name, hex,
                entry->is_revoked ? "revoked" : "allowed", entry->changed.value);
    }
}

/* Durable before it is there: a revocation must not be undone by a crash. */
static enum status write_list(const char *dir, int dir_fd, const struct allow_list *list, struct error *err)
{
    static const char name_new[] = "allowed.new";
    unlinkat(dir_fd, name_new, 0); /* of one that was killed */
    const int fd = openat(dir_fd, name_new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file)
        return error_set_errno(err, STATUS_IO, errno, "cannot write a list of keys in '%s'", dir);
    fchmod(fd, 0644); /* whatever the umask: it holds no secret */
    print_list(list, file);
    bool failed = fflush(file) != 0 || fsync(fd) != 0;
    failed |= fclose(file) != 0;
    if (failed || renameat(dir_fd, name_new, dir_fd, list_name) != 0 || fsync(dir_fd) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot write the list of keys in '%s'", dir);
    return STATUS_OK;
}

/* One at a time: the lock goes with the descriptor. */
static enum status lock_folder(const char *dir, int *out_fd, struct error *err)
{
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno,
                               "cannot open the folder of keys '%s'", dir);
    if (flock(fd, LOCK_EX) != 0) {
        close(fd);
        return error_set_errno(err, STATUS_IO, errno, "cannot lock '%s'", dir);
    }
    *out_fd = fd;
    return STATUS_OK;
}

static struct allowed *find_name(const struct allow_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (!list->entries[i].is_revoked && strcmp(list->entries[i].name, name) == 0)
            return &list->entries[i];
    return NULL;
}

/* The coordinator's own, made when there is none. */
static enum status get_own(const char *dir, struct key_file *out_own, struct error *err)
{
    char path[PATH_MAX];
    struct error absent;
    enum status status = keys_read_own(dir, out_own, &absent);
    if (status != STATUS_NOT_FOUND) {
        if (status != STATUS_OK && err)
            *err = absent;
        return status;
    }
    if ((status = join(dir, own_name, "", path, err)) != STATUS_OK ||
        (status = key_file_draw(KEY_COORDINATOR, "coordinator", out_own, err)) != STATUS_OK)
        return status;
    out_own->coordinator = out_own->open;
    return key_file_write(path, out_own, err);
}

static enum status get_list(const char *dir, struct allow_list *out_list, struct error *err)
{
    struct error absent;
    enum status status = allow_list_read(dir, out_list, &absent);
    if (status == STATUS_NOT_FOUND) {
        *out_list = (struct allow_list){0};
        return STATUS_OK;
    }
    if (status != STATUS_OK && err)
        *err = absent;
    return status;
}

/* The party's file first: a key that is allowed and that nobody has would be worse than the reverse. */
static enum status add_key(const char *dir, int dir_fd, const struct key_file *file, const char *path,
                           struct allow_list *list, struct error *err)
{
    struct allowed entry = {.role = file->role, .key = file->open, .changed = clock_wall()};
    memcpy(entry.name, file->name, sizeof entry.name);
    enum status status = key_file_write(path, file, err);
    if (status != STATUS_OK)
        return status;
    if ((status = add_entry(list, &entry, err)) == STATUS_OK)
        status = write_list(dir, dir_fd, list, err);
    if (status != STATUS_OK)
        unlink(path);
    return status;
}

static enum status create_locked(const char *dir, int dir_fd, enum key_role role, const char *name, const char *path,
                                 struct error *err)
{
    struct key_file own = {0}, file = {0};
    struct allow_list list = {0};
    enum status status = get_own(dir, &own, err);
    if (status == STATUS_OK)
        status = get_list(dir, &list, err);
    if (status == STATUS_OK && find_name(&list, name))
        status =
            error_set(err, STATUS_CONFLICT, "'%s' has a key already: revoke it first, or choose another name", name);
    if (status == STATUS_OK)
        status = key_file_draw(role, name, &file, err);
    file.coordinator = own.open;
    if (status == STATUS_OK)
        status = add_key(dir, dir_fd, &file, path, &list, err);
    allow_list_finish(&list);
    key_file_forget(&own);
    key_file_forget(&file);
    return status;
}

enum status keys_create(const char *dir, enum key_role role, const char *name, const char *out_path, struct error *err)
{
    char path[PATH_MAX];
    int fd;
    if (!key_name_is_valid(name) || strcmp(name, "coordinator") == 0)
        return error_set(err, STATUS_INVALID,
                         "'%.64s' cannot name a key: 1 .. %d of A-Z a-z 0-9 . _ - are wanted, and not 'coordinator'",
                         name, KEY_NAME_SIZE - 1);
    enum status status = join(dir, name, ".key", path, err);
    if (status != STATUS_OK)
        return status;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, STATUS_IO, errno, "cannot make the folder '%s'", dir);
    if ((status = lock_folder(dir, &fd, err)) != STATUS_OK)
        return status;
    status = create_locked(dir, fd, role, name, out_path ? out_path : path, err);
    close(fd);
    return status;
}

static enum status revoke_locked(const char *dir, int dir_fd, const char *name, struct error *err)
{
    struct allow_list list;
    enum status status = allow_list_read(dir, &list, err);
    if (status != STATUS_OK)
        return status;
    struct allowed *entry = find_name(&list, name);
    if (entry) {
        entry->is_revoked = true;
        entry->changed = clock_wall();
        status = write_list(dir, dir_fd, &list, err);
    } else {
        status = error_set(err, STATUS_NOT_FOUND, "no key of '%.64s' is allowed", name);
    }
    allow_list_finish(&list);
    return status;
}

enum status keys_revoke(const char *dir, const char *name, struct error *err)
{
    int fd;
    enum status status = lock_folder(dir, &fd, err);
    if (status != STATUS_OK)
        return status;
    status = revoke_locked(dir, fd, name, err);
    close(fd);
    return status;
}
