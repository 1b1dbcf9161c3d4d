#include "worker/identity.h"

#include <sched.h>
#include <sodium/randombytes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_host(char *out, size_t size)
{
    if (gethostname(out, size) != 0)
        snprintf(out, size, "unknown");
    out[size - 1] = '\0';
}

/* "model name	: A CPU" -> "A CPU" */
static void read_cpu(char *out, size_t size)
{
    char line[512];
    snprintf(out, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strncmp(line, "model name", 10) == 0 ? strstr(line, ": ") : NULL;
        if (!value)
            continue;
        snprintf(out, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
        break;
    }
    if (file)
        fclose(file);
}

void identity_fill(struct wire_hello *hello)
{
    randombytes_buf(hello->worker.bytes, sizeof hello->worker.bytes);
    read_host(hello->host, sizeof hello->host);
    read_cpu(hello->cpu, sizeof hello->cpu);
    snprintf(hello->build, sizeof hello->build, "%s", VITRINE_VERSION);
}

int identity_cpus(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    const int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}
