#include "server/net/keys.h"

#include "tests/support/process.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder(void)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/keys", process_test_dir());
    return path;
}

static enum status create(const char *name, struct error *err)
{
    return keys_create(folder(), KEY_WORKER, name, NULL, err);
}

static uint32_t count_allowed(void)
{
    struct allow_list list;
    struct error err = {0};
    uint32_t count = 0;
    cr_assert(eq(int, allow_list_read(folder(), &list, &err), STATUS_OK), "%s", err.message);
    for (uint32_t i = 0; i < list.count; i++)
        count += allow_list_find(&list, &list.entries[i].key) != NULL;
    allow_list_finish(&list);
    return count;
}

Test(keys, a_created_key_is_on_the_list_under_its_own_name)
{
    struct error err = {0};
    struct allow_list list;
    struct key_file file;
    char path[512];
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "node%d", i);
        cr_assert(eq(int, create(name, &err), STATUS_OK), "%s", err.message);
    }
    cr_assert(eq(int, allow_list_read(folder(), &list, &err), STATUS_OK));
    cr_expect(eq(u32, list.count, 40));
    snprintf(path, sizeof path, "%s/node17.key", folder());
    cr_assert(eq(int, key_file_read(path, KEY_WORKER, &file, &err), STATUS_OK), "%s", err.message);
    const struct allowed *found = allow_list_find(&list, &file.open);
    cr_assert(found != NULL);
    cr_expect(eq(int, strcmp(found->name, "node17"), 0));
    cr_expect(allow_list_find(&list, &file.secret) == NULL);
    allow_list_finish(&list);
    struct stat status;
    cr_assert(eq(int, stat(folder(), &status), 0));
    cr_expect(eq(int, (int)(status.st_mode & 0777), 0700));
}

Test(keys, all_files_name_the_same_coordinator)
{
    struct key_file own, file;
    char path[512];
    cr_assert(eq(int, create("a", NULL), STATUS_OK));
    cr_assert(eq(int, create("b", NULL), STATUS_OK));
    cr_assert(eq(int, keys_read_own(folder(), &own, NULL), STATUS_OK));
    snprintf(path, sizeof path, "%s/b.key", folder());
    cr_assert(eq(int, key_file_read(path, KEY_WORKER, &file, NULL), STATUS_OK));
    cr_expect(key_equal(&file.coordinator, &own.open));
    cr_expect(not(key_equal(&file.coordinator, &own.secret)));
}

Test(keys, a_name_has_one_key_at_a_time)
{
    struct error err = {0};
    cr_assert(eq(int, create("a", &err), STATUS_OK));
    cr_expect(eq(int, create("a", &err), STATUS_CONFLICT));
    cr_assert(eq(int, keys_revoke(folder(), "a", &err), STATUS_OK));
    cr_expect(eq(u32, count_allowed(), 0));
    cr_expect(eq(int, create("a", &err), STATUS_CONFLICT), "its old file is still there");
    char path[512];
    snprintf(path, sizeof path, "%s/a.key", folder());
    cr_assert(eq(int, unlink(path), 0));
    cr_expect(eq(u32, count_allowed(), 0), "nothing was put on the list");
    cr_assert(eq(int, create("a", &err), STATUS_OK), "%s", err.message);
    cr_expect(eq(u32, count_allowed(), 1));
}

Test(keys, only_what_is_there_can_be_revoked)
{
    struct error err = {0};
    cr_expect(eq(int, keys_revoke(folder(), "a", &err), STATUS_NOT_FOUND));
    cr_assert(eq(int, create("a", &err), STATUS_OK));
    cr_expect(eq(int, keys_revoke(folder(), "b", &err), STATUS_NOT_FOUND));
    cr_assert(eq(int, keys_revoke(folder(), "a", &err), STATUS_OK));
    cr_expect(eq(int, keys_revoke(folder(), "a", &err), STATUS_NOT_FOUND));
}

Test(keys, names_that_are_paths_are_refused)
{
    static const char *const bad[] = {"../x", "a/b", "", "coordinator", ".x"};
    struct error err = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(eq(int, create(bad[i], &err), STATUS_INVALID), "%s", bad[i]);
}

Test(keys, what_is_changed_at_once_is_all_there)
{
    enum { CHILDREN = 8 };
    pid_t children[CHILDREN];
    char dir[256];
    snprintf(dir, sizeof dir, "%s", folder()); /* the parent's */
    for (int i = 0; i < CHILDREN; i++)
        if ((children[i] = fork()) == 0) {
            char name[16];
            snprintf(name, sizeof name, "node%d", i);
            _exit(keys_create(dir, KEY_WORKER, name, NULL, NULL) == STATUS_OK ? 0 : 1);
        }
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        waitpid(children[i], &status, 0);
        cr_expect(eq(int, status, 0));
    }
    cr_expect(eq(u32, count_allowed(), CHILDREN));
}

Test(keys, a_line_that_is_off_is_named)
{
    struct error err = {0};
    struct allow_list list;
    char path[512];
    cr_assert(eq(int, create("a", &err), STATUS_OK));
    snprintf(path, sizeof path, "%s/allowed", folder());
    FILE *file = fopen(path, "a");
    fputs("worker b 00 allowed 1\n", file);
    fclose(file);
    cr_expect(eq(int, allow_list_read(folder(), &list, &err), STATUS_INVALID));
    cr_expect(eq(u32, err.line, 3));
}
