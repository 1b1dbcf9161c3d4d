/* keys.h - the folder of keys: who may connect to this coordinator, and as what.
 *
 *     DIR/coordinator.key   the coordinator's own secret (0600)
 *     DIR/allowed           the allow-list: public keys, one line each; a revoked one stays, for the record
 *     DIR/NAME.key          a party's file, until it is moved to its host (0600)
 *
 * The list is replaced whole, by rename, so whoever reads it reads all of one version. A running coordinator looks at
 * it several times a second: a revocation needs no connection to it. Keys are per host: the name of a worker's key is
 * the name of its host, whatever the worker says of itself. */
#ifndef VITRINE_SERVER_NET_KEYS_H
#define VITRINE_SERVER_NET_KEYS_H

#include "common/clock.h"
#include "common/key_file.h"

enum { KEYS_MAX = 65536 };

struct allowed {
    enum key_role role;
    bool is_revoked;
    char name[KEY_NAME_SIZE];
    struct key key;
    struct wall_us changed;
};

/* Sorted by key. */
struct allow_list {
    uint32_t count;
    struct allowed *entries; /* owned */
};

/* Makes the folder (0700) and the coordinator's key if they are not there, then a key for `name`, which must not have
 * one that is allowed, and writes its file to `out_path` (NULL: DIR/NAME.key). */
enum status keys_create(const char *dir, enum key_role role, const char *name, const char *out_path,
                        struct error *err) MUST_CHECK;
/* STATUS_NOT_FOUND when no key of that name is allowed. */
enum status keys_revoke(const char *dir, const char *name, struct error *err) MUST_CHECK;

enum status keys_read_own(const char *dir, struct key_file *out_file, struct error *err) MUST_CHECK;
enum status allow_list_read(const char *dir, struct allow_list *out_list, struct error *err) MUST_CHECK;
void allow_list_finish(struct allow_list *list); /* NULL and zeroed are fine */

/* Entry of a key that is not revoked; NULL. Borrowed. */
const struct allowed *allow_list_find(const struct allow_list *list, const struct key *key);

/* What tells one version of the list from another. */
struct allow_list_version {
    uint64_t device, inode;
    int64_t modified_ns, size;
};
enum status allow_list_look(const char *dir, struct allow_list_version *out_version, struct error *err) MUST_CHECK;

#endif
