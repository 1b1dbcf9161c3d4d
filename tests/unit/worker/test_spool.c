#include "worker/spool.h"

#include "tests/support/process.h"
#include "tests/support/wire_samples.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *folder(void)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/spool", process_test_dir());
    return path;
}

static struct wire_message sample_result(void)
{
    for (int i = 0; i < WIRE_SAMPLE_COUNT; i++)
        if (strcmp(wire_sample_name(i), "result") == 0)
            return wire_sample_make(i);
    cr_fatal("there is no sample of a result");
}

static struct spool *open_spool(void)
{
    struct spool *spool = NULL;
    struct error err = {0};
    cr_assert(eq(int, spool_open(folder(), &spool, &err), STATUS_OK), "%s", err.message);
    return spool;
}

struct found {
    int count;
    struct digest output;
    struct lease_token token;
};

static bool note(void *context, struct wire_result *result)
{
    struct found *found = context;
    found->count++;
    found->output = result->result.output;
    found->token = result->token;
    return false; /* not taken */
}

static struct found look(struct spool *spool, uint32_t bad_expected)
{
    struct found found = {0};
    uint32_t bad;
    cr_assert(eq(int, spool_visit(spool, note, &found, &bad, NULL), STATUS_OK));
    cr_expect(eq(u32, bad, bad_expected));
    return found;
}

/* Path of the only result in the folder. */
static const char *only_file(void)
{
    static char path[512];
    DIR *dir = opendir(folder());
    for (const struct dirent *entry; (entry = readdir(dir));)
        if (strstr(entry->d_name, ".result"))
            snprintf(path, sizeof path, "%s/%s", folder(), entry->d_name);
    closedir(dir);
    return path;
}

Test(spool, what_one_process_keeps_the_next_one_finds_until_it_is_dropped)
{
    struct wire_message message = sample_result();
    struct spool *spool = open_spool();
    cr_assert(eq(int, spool_put(spool, &message.result, NULL), STATUS_OK));
    cr_assert(eq(int, spool_put(spool, &message.result, NULL), STATUS_OK), "again");
    spool_close(&spool);
    spool = open_spool();
    const struct found found = look(spool, 0);
    cr_expect(eq(int, found.count, 1));
    cr_expect(digest_equal(&found.output, &message.result.result.output));
    cr_expect(eq(u64, found.token.value, message.result.token.value));
    spool_drop(spool, &message.result);
    cr_expect(eq(int, look(spool, 0).count, 0));
    spool_close(&spool);
    wire_message_finish(&message);
}

Test(spool, it_belongs_to_one_worker)
{
    struct spool *spool = open_spool(), *second = NULL;
    struct error err = {0};
    cr_expect(eq(int, spool_open(folder(), &second, &err), STATUS_CONFLICT));
    spool_close(&spool);
    cr_expect(eq(int, spool_open(folder(), &second, &err), STATUS_OK));
    spool_close(&second);
}

Test(spool, a_flipped_byte_or_a_cut_file_is_thrown_away)
{
    struct wire_message message = sample_result();
    struct spool *spool = open_spool();
    cr_assert(eq(int, spool_put(spool, &message.result, NULL), STATUS_OK));
    const int fd = open(only_file(), O_RDWR);
    const off_t size = lseek(fd, 0, SEEK_END);
    const off_t places[] = {0, 5, 9, 20, size / 2, size - 1};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        uint8_t byte;
        cr_assert(eq(int, spool_put(spool, &message.result, NULL), STATUS_OK));
        const int flipped = open(only_file(), O_RDWR);
        cr_assert(eq(int, (int)pread(flipped, &byte, 1, places[i]), 1));
        byte ^= 0x10;
        cr_assert(eq(int, (int)pwrite(flipped, &byte, 1, places[i]), 1));
        close(flipped);
        cr_expect(eq(int, look(spool, 1).count, 0), "byte %lld", (long long)places[i]);
        cr_expect(eq(int, look(spool, 0).count, 0), "and it is gone");
    }
    const off_t lengths[] = {0, 1, 15, 40, size - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        cr_assert(eq(int, spool_put(spool, &message.result, NULL), STATUS_OK));
        cr_assert(eq(int, truncate(only_file(), lengths[i]), 0));
        cr_expect(eq(int, look(spool, 1).count, 0), "%lld bytes", (long long)lengths[i]);
    }
    close(fd);
    spool_close(&spool);
    wire_message_finish(&message);
}

Test(spool, it_is_bounded)
{
    struct wire_message message = sample_result();
    struct spool *spool = open_spool();
    struct error err = {0};
    char path[512];
    for (int i = 0; i < SPOOL_FILES_MAX; i++) {
        snprintf(path, sizeof path, "%s/%d.result", folder(), i);
        close(open(path, O_WRONLY | O_CREAT, 0600));
    }
    spool_close(&spool);
    spool = open_spool();
    cr_expect(eq(int, spool_put(spool, &message.result, &err), STATUS_LIMIT));
    cr_expect(strstr(err.message, "the spool is full") != NULL, "%s", err.message);
    spool_close(&spool);
    wire_message_finish(&message);
}
