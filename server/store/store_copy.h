/* store_copy.h - a consistent copy of a database that may be in use: one file, to be kept elsewhere or opened again. */
#ifndef VITRINE_SERVER_STORE_STORE_COPY_H
#define VITRINE_SERVER_STORE_STORE_COPY_H

#include "server/store/store.h"

/* Copies the state of one moment by SQLite's backup, while a coordinator goes on; checks its pages and every campaign
 * (store_verify); then gives it its name, durably. STATUS_CONFLICT when `path` exists, STATUS_CORRUPT when the copy
 * does not tell one story: then there is no copy. It has no WAL until it is opened for writing. */
enum status store_copy(struct store *store, const char *path, struct error *err) MUST_CHECK;

#endif
