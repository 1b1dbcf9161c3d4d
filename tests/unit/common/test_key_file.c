#include "common/key_file.h"

#include "tests/support/process.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", process_test_dir(), name);
    return path;
}

static struct key_file draw(const char *name)
{
    struct key_file file;
    struct error err = {0};
    cr_assert(eq(int, key_file_draw(KEY_WORKER, name, &file, &err), STATUS_OK), "%s", err.message);
    file.coordinator = file.open;
    return file;
}

Test(key_file, what_was_written_is_read_and_only_its_owner_may_read_it)
{
    const struct key_file written = draw("node7");
    struct key_file read = {0};
    struct error err = {0};
    struct stat status;
    umask(0);
    cr_assert(eq(int, key_file_write(path_of("a"), &written, &err), STATUS_OK), "%s", err.message);
    cr_assert(eq(int, stat(path_of("a"), &status), 0));
    cr_expect(eq(int, (int)(status.st_mode & 0777), 0600));
    cr_assert(eq(int, key_file_read(path_of("a"), KEY_WORKER, &read, &err), STATUS_OK), "%s", err.message);
    cr_expect(eq(int, memcmp(&read, &written, sizeof read), 0));
    cr_expect(eq(int, key_file_write(path_of("a"), &written, &err), STATUS_CONFLICT));
}

Test(key_file, no_two_keys_are_alike)
{
    const struct key_file a = draw("a"), b = draw("b");
    cr_expect(not(key_equal(&a.secret, &b.secret)));
    cr_expect(not(key_equal(&a.open, &a.secret)));
}

Test(key_file, one_that_others_may_read_is_refused)
{
    const struct key_file written = draw("node7");
    struct key_file read;
    struct error err = {0};
    cr_assert(eq(int, key_file_write(path_of("a"), &written, &err), STATUS_OK));
    const mode_t modes[] = {0640, 0604, 0620, 0601};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        cr_assert(eq(int, chmod(path_of("a"), modes[i]), 0));
        cr_expect(eq(int, key_file_read(path_of("a"), KEY_WORKER, &read, &err), STATUS_INVALID), "%o", modes[i]);
        cr_expect(strstr(err.message, "chmod 600") != NULL, "%s", err.message);
    }
}

Test(key_file, a_key_of_another_role_is_refused)
{
    const struct key_file written = draw("node7");
    struct key_file read;
    struct error err = {0};
    cr_assert(eq(int, key_file_write(path_of("a"), &written, &err), STATUS_OK));
    cr_expect(eq(int, key_file_read(path_of("a"), KEY_ADMIN, &read, &err), STATUS_INVALID));
    cr_expect(strstr(err.message, "role admin is wanted") != NULL, "%s", err.message);
    cr_expect(eq(int, key_file_read(path_of("none"), KEY_ADMIN, &read, &err), STATUS_NOT_FOUND));
}

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static char bad_texts[][256] = {
    "",
    "vitrine-key 1\n",
    "vitrine-key 2\nrole worker\nname a\nsecret " HEX "\ncoordinator " HEX "\n",
    "vitrine-key 1\nrole boss\nname a\nsecret " HEX "\ncoordinator " HEX "\n",
    "vitrine-key 1\nrole worker\nname ../a\nsecret " HEX "\ncoordinator " HEX "\n",
    "vitrine-key 1\nrole worker\nname a\nsecret " HEX "0\ncoordinator " HEX "\n",
    "vitrine-key 1\nrole worker\nname a\nsecret 0" HEX "\ncoordinator " HEX "\n",
    "vitrine-key 1\nrole worker\nname a\nsecret " HEX "\ncoordinator " HEX,
    "vitrine-key 1\nrole worker\nname a\nsecret " HEX "\ncoordinator " HEX "\nmore\n",
};

ParameterizedTestParameters(key_file, what_is_no_key_file_is_refused)
{
    return cr_make_param_array(char[256], bad_texts, sizeof bad_texts / sizeof *bad_texts);
}

ParameterizedTest(char text[256], key_file, what_is_no_key_file_is_refused)
{
    struct key_file read;
    struct error err = {0};
    const int fd = open(path_of("bad"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(eq(sz, (size_t)write(fd, text, strlen(text)), strlen(text)));
    close(fd);
    cr_expect(eq(int, key_file_read(path_of("bad"), KEY_WORKER, &read, &err), STATUS_INVALID), "%s", text);
    cr_expect(strstr(err.message, "is not a key file") != NULL, "%s", err.message);
}

Test(key_file, a_folder_or_a_fifo_is_no_key)
{
    struct key_file read;
    struct error err = {0};
    cr_expect(eq(int, key_file_read(process_test_dir(), KEY_WORKER, &read, &err), STATUS_INVALID), "%s", err.message);
    cr_assert(eq(int, mkfifo(path_of("fifo"), 0600), 0));
    cr_expect(eq(int, key_file_read(path_of("fifo"), KEY_WORKER, &read, &err), STATUS_INVALID), "%s", err.message);
}

Test(key_file, names)
{
    cr_expect(key_name_is_valid("node7.cluster-2_a"));
    static const char *const bad[] = {"", "a b", "../x", ".hidden", "-x", "a/b", "a\nb", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(not(key_name_is_valid(bad[i])), "%s", bad[i]);
    char longest[KEY_NAME_SIZE + 1];
    memset(longest, 'a', KEY_NAME_SIZE);
    longest[KEY_NAME_SIZE] = '\0';
    cr_expect(not(key_name_is_valid(longest)));
    cr_expect(key_name_is_valid(longest + 1));
}
