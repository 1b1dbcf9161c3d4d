/* descriptors.h - file descriptors as a process gets them from whoever started it. */
#ifndef VITRINE_COMMON_DESCRIPTORS_H
#define VITRINE_COMMON_DESCRIPTORS_H

#include "common/error.h"
#include <stdint.h>

/* Opens /dev/null for each of standard input, output and error that is closed: the next file to be opened would get its
 * number, and a line of log would land in a database. Standard output cannot be written to then: results that nobody
 * got are a failure. First thing in main; aborts when it cannot be done. */
void descriptors_open_standard(void);

/* Raises the limit as far as is allowed; STATUS_LIMIT when fewer than `least` remain. libzmq aborts the process when it
 * gets none, and spins when it cannot accept a connection, so this is found out before. */
enum status descriptors_check(unsigned least, struct error *err) MUST_CHECK;

uint64_t descriptors_limit(void); /* how many this process may have */
uint64_t descriptors_count(void); /* how many it has, by /proc; 0 where that cannot be seen */

#endif
