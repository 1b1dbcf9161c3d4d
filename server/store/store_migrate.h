/* store_migrate.h - brings a database to the version of this program. Forward only; a migration that shipped is never
 * edited. */
#ifndef VITRINE_SERVER_STORE_STORE_MIGRATE_H
#define VITRINE_SERVER_STORE_STORE_MIGRATE_H

#include "common/error.h"

struct store;

struct migration {
    const char *name; /* "0001_initial" */
    const char *sql;
};

/* Entry i leads from version i to i + 1. Generated from schemas/store/. */
extern const struct migration store_migrations[];
extern const int store_migration_count;

enum { STORE_APPLICATION_ID = 0x56545231 }; /* "VTR1", in the file's header */

/* Applies what is missing, each migration in one transaction with its version number. */
enum status store_migrate(struct store *store, struct error *err) MUST_CHECK;

/* The sample tables have exactly the columns of quantities.def. */
enum status store_check_columns(struct store *store, struct error *err) MUST_CHECK;

/* STATUS_CORRUPT when the file is not a database of ours, STATUS_CONFLICT when it is newer than this program, or, for a
 * reader (which does not migrate), older. */
enum status store_check_version(struct store *store, struct error *err) MUST_CHECK;

#endif
