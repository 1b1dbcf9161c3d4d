#include "common/descriptors.h"

#include "common/invariant.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void descriptors_open_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            INVARIANT(open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) == fd); /* the lowest that is free */
}

enum status descriptors_check(unsigned least, struct error *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot find the limit of open files");
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_cur < least)
        return error_set(err, STATUS_LIMIT, "only %llu files may be open, %u are needed: raise the limit (ulimit -n)",
                         (unsigned long long)limit.rlim_cur, least);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot raise the limit of open files");
    return STATUS_OK;
}

uint64_t descriptors_limit(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (uint64_t)limit.rlim_cur : 0;
}

/* Linux 6.2 and later give the number as the size of the folder; a look at each of 10,000 takes some 10 ms. */
uint64_t descriptors_count(void)
{
    uint64_t count = 0;
    struct stat folder;
    if (stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0)
        return (uint64_t)folder.st_size;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count > 3 ? count - 3 : 0; /* ".", ".." and the look itself */
}
