/* Every bad campaign file is refused with the message beside it. */
#include "common/campaign.h"
#include "common/mem.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <string.h>

enum { BAD_FILES_LEAST = 40 };

static char *read_file(const char *directory, const char *name, const char *suffix, size_t *out_size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s%s", directory, name, suffix);
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *bytes = mem_alloc_array(CAMPAIGN_FILE_SIZE_MAX, 1);
    *out_size = fread(bytes, 1, CAMPAIGN_FILE_SIZE_MAX - 1, file);
    fclose(file);
    return bytes;
}

/* What the loader says about bad/NAME.yaml; returned. */
static char *refuse(const char *name, enum status *out_status)
{
    char *message = NULL, path[300];
    size_t message_size, size = 0;
    char *text = read_file(CAMPAIGN_DIR "/bad", name, ".yaml", &size);
    FILE *report = open_memstream(&message, &message_size);
    struct campaign campaign = {0};
    struct error err = {0};
    snprintf(path, sizeof path, "%s.yaml", name);
    *out_status = campaign_load_text(path, text, size, report, &campaign, &err);
    fclose(report);
    campaign_finish(&campaign);
    mem_free(text);
    return message;
}

static void check_file(const char *name)
{
    enum status status;
    size_t size;
    char *message = refuse(name, &status);
    char *expected = read_file(CAMPAIGN_DIR "/bad", name, ".txt", &size);
    cr_expect_eq(status, STATUS_CAMPAIGN, "%s.yaml: %s", name, status_name(status));
    cr_expect(expected != NULL, "%s.txt is missing; the message is\n%s", name, message);
    if (expected)
        cr_expect_str_eq(message, expected, "%s.yaml: expected\n%s\ngot\n%s", name, expected, message);
    mem_free(expected);
    free(message);
}

Test(campaign, every_bad_file_is_refused_with_its_message)
{
    int files = 0;
    DIR *directory = opendir(CAMPAIGN_DIR "/bad");
    cr_assert(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char *suffix = strstr(entry->d_name, ".yaml");
        if (!suffix)
            continue;
        *suffix = '\0';
        check_file(entry->d_name);
        files++;
    }
    closedir(directory);
    cr_expect_geq(files, BAD_FILES_LEAST);
}

Test(campaign, bad_files_leave_exit_code_3)
{
    cr_expect_eq(status_exit_code(STATUS_CAMPAIGN), 3);
}
