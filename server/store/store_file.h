/* store_file.h - the database as a file: where it really is, on what, and who owns it.
 *
 * The owner lock is flock() on the database's own inode. Not on a file beside it: a lock file is found by name, and two
 * names (a hard link, a file moved while in use) would give two owners of one database. Not fcntl(): those locks belong
 * to SQLite, and a process loses them all when it closes any descriptor of the file; for that reason the lock's
 * descriptor is closed last, after SQLite's. The kernel drops the lock with the process, however it dies. */
#ifndef VITRINE_SERVER_STORE_STORE_FILE_H
#define VITRINE_SERVER_STORE_STORE_FILE_H

#include "server/store/store_sql.h"

/* Resolves symbolic links of a path whose file exists (or, for a new file, whose folder exists). */
enum status file_resolve(const char *path, bool is_new, char out_path[STORE_PATH_SIZE], struct error *err) MUST_CHECK;

/* The name of a network file system by statfs()'s f_type; NULL for any other. */
const char *file_network_name(uint32_t type);

/* Refuses network file systems, on which WAL does not work. */
enum status file_check_system(const char *path, struct error *err) MUST_CHECK;

/* A regular file that is not empty and has one name only; fills out_file. */
enum status file_check(const char *path, struct file_identity *out_file, struct error *err) MUST_CHECK;

/* Takes the owner lock; STATUS_CONFLICT when another process has it. The descriptor is the caller's. */
enum status file_lock(const char *path, int *out_fd, struct error *err) MUST_CHECK;

/* The file is still the one that was opened; `suffix` is "" or "-wal". */
bool file_is_same(const char *path, const char *suffix, const struct file_identity *file);

/* Identity of the file now; false when there is none. */
bool file_identify(const char *path, const char *suffix, struct file_identity *out_file);

/* Gives a finished file its name, which must be free (STATUS_CONFLICT), in one step, durably. */
enum status file_publish(const char *made, const char *path, struct error *err) MUST_CHECK;

#endif
