/* verb_run.h - a verb of vitrine-worker run in the test's process, its output caught. */
#ifndef VITRINE_TESTS_SUPPORT_VERB_RUN_H
#define VITRINE_TESTS_SUPPORT_VERB_RUN_H

/* Runs verb(argc, argv) (words ends with NULL) with standard output in a temporary file, whose path is returned (static
 * storage until the next call; the caller unlinks it). */
const char *verb_run(int (*verb)(int argc, char **argv), const char *const words[], int *out_exit);

#endif
