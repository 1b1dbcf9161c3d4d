#include "common/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium/core.h>
#include <sodium/crypto_box.h>
#include <sodium/crypto_scalarmult.h>
#include <sodium/utils.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_SIZE = 512 };

const char *const key_role_names[KEY_ROLE_COUNT] = {"coordinator", "worker", "admin"};

bool key_name_is_valid(const char *name)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t size = strlen(name);
    return size > 0 && size < KEY_NAME_SIZE && strspn(name, alphabet) == size && !strchr("._-", name[0]);
}

bool key_equal(const struct key *a, const struct key *b)
{
    return sodium_memcmp(a->bytes, b->bytes, KEY_SIZE) == 0;
}

void key_to_text(const struct key *key, char out[KEY_TEXT_SIZE])
{
    sodium_bin2hex(out, KEY_TEXT_SIZE, key->bytes, KEY_SIZE);
}

bool key_from_text(const char *text, struct key *out_key)
{
    struct key key;
    size_t size;
    if (strlen(text) != KEY_TEXT_SIZE - 1 ||
        sodium_hex2bin(key.bytes, KEY_SIZE, text, KEY_TEXT_SIZE - 1, NULL, &size, NULL) != 0 || size != KEY_SIZE)
        return false;
    *out_key = key;
    return true;
}

enum status key_file_draw(enum key_role role, const char *name, struct key_file *out_file, struct error *err)
{
    struct key_file file = {.role = role};
    if (sodium_init() < 0 || crypto_box_keypair(file.open.bytes, file.secret.bytes) != 0)
        return error_set(err, STATUS_IO, "cannot draw a key: libsodium does not start");
    snprintf(file.name, sizeof file.name, "%s", name);
    *out_file = file;
    return STATUS_OK;
}

void key_file_forget(struct key_file *file)
{
    sodium_memzero(file, sizeof *file);
}

enum status key_check_owner(int fd, const char *path, unsigned forbidden, struct error *err)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot look at '%s'", path);
    if (!S_ISREG(stat.st_mode))
        return error_set(err, STATUS_INVALID, "'%s' is not a plain file", path);
    if (stat.st_uid != geteuid() && stat.st_uid != 0)
        return error_set(err, STATUS_INVALID, "'%s' belongs to user %u, who is neither this one (%u) nor root", path,
                         (unsigned)stat.st_uid, (unsigned)geteuid());
    if (stat.st_mode & forbidden)
        return error_set(err, STATUS_INVALID, "'%s' has mode %04o: others may %s it; chmod %s", path,
                         (unsigned)(stat.st_mode & 07777), stat.st_mode & forbidden & 044 ? "read" : "write",
                         forbidden & 044 ? "600" : "go-w");
    return STATUS_OK;
}

/* "secret 0123..." after its keyword, up to the end of the line; NULL when the line is not that. */
static char *take_line(char **text, const char *keyword)
{
    const size_t size = strlen(keyword);
    char *line = *text, *end = strchr(line, '\n');
    if (!end || strncmp(line, keyword, size) != 0 || line[size] != ' ')
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line + size + 1;
}

static bool take_key(char **text, const char *keyword, struct key *out_key)
{
    const char *value = take_line(text, keyword);
    return value && key_from_text(value, out_key);
}

static bool take_role(char **text, enum key_role *out_role)
{
    const char *value = take_line(text, "role");
    for (int role = 0; value && role < KEY_ROLE_COUNT; role++)
        if (strcmp(value, key_role_names[role]) == 0) {
            *out_role = (enum key_role)role;
            return true;
        }
    return false;
}

static bool parse(char *text, struct key_file *file)
{
    const char *version = take_line(&text, "vitrine-key");
    if (!version || strcmp(version, "1") != 0 || !take_role(&text, &file->role))
        return false;
    const char *name = take_line(&text, "name");
    if (!name || !key_name_is_valid(name))
        return false;
    snprintf(file->name, sizeof file->name, "%s", name);
    return take_key(&text, "secret", &file->secret) && take_key(&text, "coordinator", &file->coordinator) &&
           *text == '\0' && crypto_scalarmult_base(file->open.bytes, file->secret.bytes) == 0;
}

static enum status read_text(int fd, const char *path, char text[TEXT_SIZE], struct error *err)
{
    const ssize_t size = read(fd, text, TEXT_SIZE - 1);
    if (size < 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot read '%s'", path);
    text[size] = '\0';
    return STATUS_OK;
}

enum status key_file_read(const char *path, enum key_role role, struct key_file *out_file, struct error *err)
{
    char text[TEXT_SIZE];
    struct key_file file = {0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set_errno(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot open the key '%s'",
                               path);
    enum status status = key_check_owner(fd, path, 077, err);
    if (status == STATUS_OK)
        status = read_text(fd, path, text, err);
    close(fd);
    if (status != STATUS_OK)
        return error_context(err, "key");
    const bool is_good = parse(text, &file);
    sodium_memzero(text, sizeof text);
    if (!is_good)
        status = error_set(err, STATUS_INVALID, "'%s' is not a key file of 'vitrine keys create'", path);
    else if (file.role != role)
        status = error_set(err, STATUS_INVALID, "'%s' is the key of '%s', of role %s: one of role %s is wanted here",
                           path, file.name, key_role_names[file.role], key_role_names[role]);
    else
        *out_file = file;
    key_file_forget(&file);
    return status;
}

static enum status write_text(int fd, const char *path, const char *text, struct error *err)
{
    const size_t size = strlen(text);
    if (write(fd, text, size) != (ssize_t)size || fsync(fd) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot write '%s'", path);
    return STATUS_OK;
}

enum status key_file_write(const char *path, const struct key_file *file, struct error *err)
{
    char text[TEXT_SIZE], secret[KEY_TEXT_SIZE], coordinator[KEY_TEXT_SIZE];
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(err, errno == EEXIST ? STATUS_CONFLICT : STATUS_IO, errno, "cannot make the key '%s'",
                               path);
    key_to_text(&file->secret, secret);
    key_to_text(&file->coordinator, coordinator);
    snprintf(text, sizeof text, "vitrine-key 1\nrole %s\nname %s\nsecret %s\ncoordinator %s\n",
             key_role_names[file->role], file->name, secret, coordinator);
    enum status status = write_text(fd, path, text, err);
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret, sizeof secret);
    close(fd);
    if (status != STATUS_OK)
        unlink(path);
    return status;
}
