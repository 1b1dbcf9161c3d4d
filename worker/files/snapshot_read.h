/* snapshot_read.h - a snapshot from a file of its bytes (common/snapshot.h). */
#ifndef VITRINE_WORKER_FILES_SNAPSHOT_READ_H
#define VITRINE_WORKER_FILES_SNAPSHOT_READ_H

#include "common/snapshot.h"
#include <stdbool.h>

/* "-" is standard input. Initialises `out`. STATUS_NOT_FOUND, STATUS_IO, or what snapshot_decode says, with the path in
 * front. */
enum status snapshot_read(const char *path, struct snapshot *out, struct error *err) MUST_CHECK;

/* The file is there and begins as the bytes of a snapshot do; false for "-", which can be read once only. */
bool snapshot_is_file(const char *path);

#endif
