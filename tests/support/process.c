#include "tests/support/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char test_dir[64];
static pid_t test_dir_owner;

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_test_dir(void)
{
    if (test_dir_owner == getpid())
        nftw(test_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *process_test_dir(void)
{
    if (test_dir_owner == getpid())
        return test_dir;
    strcpy(test_dir, "/tmp/vitrine-test-XXXXXX");
    if (!mkdtemp(test_dir)) {
        perror("mkdtemp");
        abort();
    }
    test_dir_owner = getpid();
    atexit(remove_test_dir);
    return test_dir;
}

double process_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void process_sleep(double seconds)
{
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

/* In the child: where output goes, then the program. Never returns. */
static void become(const char *const argv[], int out_fd, int err_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    int in_fd = open("/dev/null", O_RDONLY);
    dup2(in_fd, STDIN_FILENO);
    dup2(out_fd, STDOUT_FILENO);
    dup2(err_fd, STDERR_FILENO);
    execv(argv[0], (char *const *)argv);
    fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static int open_log(const char *log_path)
{
    return open(log_path ? log_path : "/dev/null", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

pid_t process_start(const char *const argv[], const char *log_path)
{
    int log_fd = open_log(log_path);
    pid_t pid = fork();
    if (pid == 0)
        become(argv, log_fd, log_fd);
    close(log_fd);
    return pid;
}

static int exit_code(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_wait(pid_t pid, double seconds)
{
    for (double end = process_now() + seconds;;) {
        int status;
        if (waitpid(pid, &status, WNOHANG) == pid)
            return exit_code(status);
        if (process_now() >= end)
            return -1;
        process_sleep(0.01);
    }
}

bool process_is_running(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

char *process_read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t size = 0, room = 4096;
    char *text = malloc(room + 1);
    while (file) {
        size_t got = fread(text + size, 1, room - size, file);
        size += got;
        if (got == 0)
            break;
        if (size == room)
            text = realloc(text, (room *= 2) + 1);
    }
    if (file)
        fclose(file);
    text[size] = '\0';
    return text;
}

int process_run(const char *const argv[], double seconds, char **out_text, const char *log_path)
{
    char out_path[128];
    snprintf(out_path, sizeof out_path, "%s/stdout-%d", process_test_dir(), (int)getpid());
    int out_fd = open(out_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), log_fd = open_log(log_path);
    pid_t pid = fork();
    if (pid == 0)
        become(argv, out_fd, log_fd);
    close(out_fd);
    close(log_fd);
    int code = process_wait(pid, seconds);
    if (code < 0) {
        kill(pid, SIGKILL);
        process_wait(pid, 10.0);
    }
    if (out_text)
        *out_text = process_read_file(out_path);
    return code;
}

/* Parent and command name of a process, from /proc/<pid>/stat: "pid (name) state parent ...". */
static bool read_stat(pid_t pid, char name[64], pid_t *out_parent)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t got = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[got] = '\0';
    char *open_bracket = strchr(line, '('), *close_bracket = strrchr(line, ')');
    int parent;
    if (!open_bracket || !close_bracket || sscanf(close_bracket + 1, " %*c %d", &parent) != 1)
        return false;
    snprintf(name, 64, "%.*s", (int)(close_bracket - open_bracket - 1), open_bracket + 1);
    *out_parent = parent;
    return true;
}

pid_t process_child(pid_t pid, const char *name, int n)
{
    DIR *proc = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *entry; !found && (entry = readdir(proc));) {
        char command[64];
        pid_t candidate = atoi(entry->d_name), parent;
        if (candidate > 0 && read_stat(candidate, command, &parent) && parent == pid &&
            strncmp(command, name, 15) == 0 && n-- == 0)
            found = candidate;
    }
    closedir(proc);
    return found;
}
