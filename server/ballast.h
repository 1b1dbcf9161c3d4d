/* ballast.h - disk space kept for the way out.
 *
 * A coordinator that is told to stop while the disk is full could store nothing of what its workers bring home. So it
 * keeps some MiB in a file beside the database while it runs, and gives them up then. */
#ifndef VITRINE_SERVER_BALLAST_H
#define VITRINE_SERVER_BALLAST_H

#include <stdbool.h>

enum { BALLAST_SIZE = 16 << 20 };

struct ballast {
    const char *path; /* borrowed; NULL = none is kept */
    bool held;
};

/* Takes the space if it is not held yet; what cannot be had now is asked for again at the next call. */
void ballast_take(struct ballast *ballast);

/* Gives it up; false when there was none. */
bool ballast_drop(struct ballast *ballast);

#endif
