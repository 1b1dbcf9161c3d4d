#include "server/ballast.h"

#include <fcntl.h>
#include <unistd.h>

void ballast_take(struct ballast *ballast)
{
    if (!ballast->path || ballast->held)
        return;
    const int fd = open(ballast->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    ballast->held = posix_fallocate(fd, 0, BALLAST_SIZE) == 0;
    close(fd);
    if (!ballast->held)
        unlink(ballast->path);
}

bool ballast_drop(struct ballast *ballast)
{
    const bool held = ballast->held;
    if (held)
        unlink(ballast->path);
    ballast->held = false;
    return held;
}
