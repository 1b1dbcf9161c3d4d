/* process.h - real processes for the integration tests: started, watched, killed by id, always within a time limit. */
#ifndef VITRINE_TESTS_SUPPORT_PROCESS_H
#define VITRINE_TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* A directory of the test's own, removed with all it holds when the test's process exits. Static storage. */
const char *process_test_dir(void);

/* Starts argv[0] (NULL-terminated argv) with standard output and error going to `log_path` (appended; NULL = nowhere).
 * The child gets SIGKILL when the test's process dies, so a failing test leaves nothing behind. */
pid_t process_start(const char *const argv[], const char *log_path);

/* Exit code of the child, 128 + signal if it was killed; -1 when it still runs after `seconds`. */
int process_wait(pid_t pid, double seconds);

bool process_is_running(pid_t pid);

/* Runs to the end and returns the exit code, or -1 after `seconds` (the child is killed then). Standard output goes
 * to *out_text (may be NULL; free it), standard error to `log_path`. */
int process_run(const char *const argv[], double seconds, char **out_text, const char *log_path);

/* The n-th (from 0) child process of `pid` whose command name is `name`; 0 when there is none. */
pid_t process_child(pid_t pid, const char *name, int n);

void process_sleep(double seconds);
double process_now(void); /* monotonic, seconds */

/* The whole of a text file, "" when it is not there. Free it. */
char *process_read_file(const char *path);

#endif
