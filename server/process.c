#include "server/process.h"

#include "common/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_program(const char *path)
{
    return access(path, X_OK) == 0;
}

/* `directory` + "/" + `rest`, when such a program exists. */
static bool find_in(const char *directory, const char *rest, char out_path[PATH_MAX])
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", directory, rest) >= (int)sizeof path || !is_program(path))
        return false;
    memcpy(out_path, path, sizeof path);
    return true;
}

static bool find_beside(char out_path[PATH_MAX])
{
    char self[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    if (size <= 0)
        return false;
    self[size] = '\0';
    *strrchr(self, '/') = '\0';
    return find_in(self, "vitrine-worker", out_path) || find_in(self, "../worker/vitrine-worker", out_path);
}

static bool find_in_path(char out_path[PATH_MAX])
{
    const char *list = getenv("PATH");
    while (list != NULL && *list != '\0') {
        char directory[PATH_MAX];
        size_t size = strcspn(list, ":");
        snprintf(directory, sizeof directory, "%.*s", (int)size, list);
        if (size > 0 && find_in(directory, "vitrine-worker", out_path))
            return true;
        list += size + (list[size] == ':');
    }
    return false;
}

enum status process_find_worker(char out_path[PATH_MAX], struct error *err)
{
    const char *named = getenv("VITRINE_WORKER");
    if (find_beside(out_path))
        return STATUS_OK;
    if (named != NULL && is_program(named)) {
        snprintf(out_path, PATH_MAX, "%s", named);
        return STATUS_OK;
    }
    if (find_in_path(out_path))
        return STATUS_OK;
    return error_set(err, STATUS_NOT_FOUND,
                     "cannot find 'vitrine-worker' beside vitrine, in VITRINE_WORKER or in PATH");
}

/* --- Capture ------------------------------------------------------------------------------------------------------ */

struct pipes {
    int in[2], out[2], complaint[2]; /* [0] read, [1] write */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void pipes_close(struct pipes *pipes)
{
    for (int i = 0; i < 2; i++) {
        close_fd(&pipes->in[i]);
        close_fd(&pipes->out[i]);
        close_fd(&pipes->complaint[i]);
    }
}

static enum status pipes_open(struct pipes *pipes, struct error *err)
{
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(pipes->in, O_CLOEXEC) == 0 && pipe2(pipes->out, O_CLOEXEC) == 0 &&
        pipe2(pipes->complaint, O_CLOEXEC) == 0)
        return STATUS_OK;
    error_set_errno(err, STATUS_IO, errno, "cannot make a pipe");
    pipes_close(pipes);
    return STATUS_IO;
}

enum { EXIT_NO_PROGRAM = 127 };

static _Noreturn void become(const char *const argv[], const struct pipes *pipes)
{
    dup2(pipes->in[0], STDIN_FILENO);
    dup2(pipes->out[1], STDOUT_FILENO);
    dup2(pipes->complaint[1], STDERR_FILENO);
    execvp(argv[0], (char *const *)argv);
    _exit(EXIT_NO_PROGRAM);
}

struct capture {
    char *text;
    size_t size, room;
    char complaint[ERROR_MESSAGE_SIZE / 2];
    size_t complaint_size;
};

static enum status take_output(struct capture *capture, int *fd, struct error *err)
{
    if (capture->room - capture->size < 2) {
        size_t room = capture->room == 0 ? 65536 : 2 * capture->room;
        char *text = room <= PROCESS_OUTPUT_MAX ? mem_resize_array(capture->text, capture->room, room, 1) : NULL;
        if (text == NULL)
            return error_set(err, STATUS_LIMIT, "the output of a program is longer than %zu bytes", capture->room);
        capture->text = text;
        capture->room = room;
    }
    ssize_t got = read(*fd, capture->text + capture->size, capture->room - capture->size - 1);
    if (got > 0)
        capture->size += (size_t)got;
    else if (got == 0 || errno != EINTR)
        close_fd(fd);
    return STATUS_OK;
}

/* Keeps the beginning, drops the rest. */
static void take_complaint(struct capture *capture, int *fd)
{
    char room[4096];
    ssize_t got = read(*fd, room, sizeof room);
    if (got == 0 || (got < 0 && errno != EINTR)) {
        close_fd(fd);
        return;
    }
    size_t left = sizeof capture->complaint - 1 - capture->complaint_size;
    size_t take = got < 0 ? 0 : (size_t)got < left ? (size_t)got : left;
    memcpy(capture->complaint + capture->complaint_size, room, take);
    capture->complaint_size += take;
}

struct feed {
    const char *bytes;
    size_t left;
};

/* A program that does not read all of its input is no error here; its exit code says. */
static void give_input(struct feed *feed, int *fd)
{
    ssize_t put = feed->left > 0 ? write(*fd, feed->bytes, feed->left) : 0;
    if (put < 0 && errno != EINTR && errno != EAGAIN)
        feed->left = 0;
    if (put > 0) {
        feed->bytes += put;
        feed->left -= (size_t)put;
    }
    if (feed->left == 0)
        close_fd(fd);
}

static enum status exchange_bytes(struct pipes *pipes, struct feed feed, struct capture *capture, struct error *err)
{
    if (fcntl(pipes->in[1], F_SETFL, O_NONBLOCK) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot feed a program");
    while (pipes->in[1] >= 0 || pipes->out[0] >= 0 || pipes->complaint[0] >= 0) {
        struct pollfd fds[3] = {
            {pipes->in[1], POLLOUT, 0}, {pipes->out[0], POLLIN, 0}, {pipes->complaint[0], POLLIN, 0}};
        if (poll(fds, 3, -1) < 0 && errno != EINTR)
            return error_set_errno(err, STATUS_IO, errno, "cannot wait for a program");
        if (fds[0].revents != 0)
            give_input(&feed, &pipes->in[1]);
        if (fds[2].revents != 0)
            take_complaint(capture, &pipes->complaint[0]);
        enum status status = fds[1].revents != 0 ? take_output(capture, &pipes->out[0], err) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status judge_exit(pid_t pid, const char *program, const struct capture *capture, struct error *err)
{
    int code = 0;
    while (waitpid(pid, &code, 0) < 0)
        if (errno != EINTR)
            return error_set_errno(err, STATUS_IO, errno, "cannot wait for '%s'", program);
    if (WIFEXITED(code) && WEXITSTATUS(code) == 0)
        return STATUS_OK;
    if (WIFEXITED(code) && WEXITSTATUS(code) == EXIT_NO_PROGRAM)
        return error_set(err, STATUS_NOT_FOUND, "cannot run '%s': there is no such program", program);
    int line = (int)strcspn(capture->complaint, "\n");
    return error_set(err, STATUS_IO, "'%s' failed (%s %d): %.*s", program, WIFEXITED(code) ? "exit code" : "signal",
                     WIFEXITED(code) ? WEXITSTATUS(code) : WTERMSIG(code), line, capture->complaint);
}

static enum status run_captured(const char *const argv[], struct pipes *pipes, struct feed feed,
                                struct capture *capture, struct error *err)
{
    pid_t pid = fork();
    if (pid < 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot start '%s'", argv[0]);
    if (pid == 0)
        become(argv, pipes);
    close_fd(&pipes->in[0]);
    close_fd(&pipes->out[1]);
    close_fd(&pipes->complaint[1]);
    enum status status = exchange_bytes(pipes, feed, capture, err);
    if (status != STATUS_OK)
        kill(pid, SIGKILL);
    enum status ended = judge_exit(pid, argv[0], capture, status == STATUS_OK ? err : NULL);
    return status != STATUS_OK ? status : ended;
}

enum status process_capture(const char *const argv[], const void *input, size_t input_size, char **out_text,
                            size_t *out_size, struct error *err)
{
    struct pipes pipes;
    struct capture capture = {0};
    enum status status = pipes_open(&pipes, err);
    if (status != STATUS_OK)
        return status;
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    status = run_captured(argv, &pipes, (struct feed){input, input_size}, &capture, err);
    signal(SIGPIPE, before);
    pipes_close(&pipes);
    if (status != STATUS_OK) {
        mem_free(capture.text);
        return status;
    }
    *out_text = capture.text; /* room was left for, and memory comes with, the final zero */
    *out_size = capture.size;
    return STATUS_OK;
}
