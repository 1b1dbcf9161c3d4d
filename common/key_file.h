/* key_file.h - the keys of one party (CURVE: Curve25519), in a file that only its owner can read.
 *
 * A worker's or an administrator's file holds its own secret and the coordinator's public key: all it takes to connect.
 * It is text, five lines:
 *
 *     vitrine-key 1
 *     role worker
 *     name node7
 *     secret 64 hexadecimal digits
 *     coordinator 64 hexadecimal digits
 *
 * The public key follows from the secret. There is no default key, and none in this program. */
#ifndef VITRINE_COMMON_KEY_FILE_H
#define VITRINE_COMMON_KEY_FILE_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    KEY_SIZE = 32,
    KEY_TEXT_SIZE = 2 * KEY_SIZE + 1,
    KEY_NAME_SIZE = 64, /* also the name of a host (WIRE_NAME_SIZE) */
};

struct key {
    uint8_t bytes[KEY_SIZE];
};

enum key_role { KEY_COORDINATOR, KEY_WORKER, KEY_ADMIN, KEY_ROLE_COUNT };
extern const char *const key_role_names[KEY_ROLE_COUNT];

struct key_file {
    enum key_role role;
    char name[KEY_NAME_SIZE]; /* of the host, for a worker */
    struct key secret, open;  /* open: the public one */
    struct key coordinator;   /* its public key */
};

/* Draws a secret. */
enum status key_file_draw(enum key_role role, const char *name, struct key_file *out_file,
                          struct error *err) MUST_CHECK;

/* STATUS_NOT_FOUND without a file; STATUS_INVALID when somebody other than its owner may read it, when it belongs to
 * neither this user nor root, or when it is no key file of `role`. */
enum status key_file_read(const char *path, enum key_role role, struct key_file *out_file,
                          struct error *err) MUST_CHECK;

/* A new file, 0600 from its first moment; STATUS_CONFLICT when it exists. */
enum status key_file_write(const char *path, const struct key_file *file, struct error *err) MUST_CHECK;

void key_file_forget(struct key_file *file); /* zeroes it for good */

/* 1 .. 63 of A-Z a-z 0-9 . _ -, the first one a letter or digit: a name of a file too. */
bool key_name_is_valid(const char *name);

bool key_equal(const struct key *a, const struct key *b);
void key_to_text(const struct key *key, char out[KEY_TEXT_SIZE]);
bool key_from_text(const char *text, struct key *out_key); /* exactly 64 hexadecimal digits */

/* Whether only its owner, this user or root, may do what `forbidden` (bits of a mode) lets others do; says why not. */
enum status key_check_owner(int fd, const char *path, unsigned forbidden, struct error *err) MUST_CHECK;

#endif
