/* replay.c - runs a fuzz target over files instead of a fuzzer: every file of the directories that are named. The
 * corpus is small; a file that once crashed a target joins it and stays. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    uint8_t *exact = malloc(size ? size : 1); /* so that a sanitizer sees a read past the end */
    if (!exact)
        return 1;
    memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

static int replay_directory(const char *directory, int *out_files)
{
    DIR *entries = opendir(directory);
    int failures = 0;
    if (!entries) {
        perror(directory);
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(entries));) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        failures += replay_file(path);
        ++*out_files;
    }
    closedir(entries);
    return failures;
}

int main(int argc, char **argv)
{
    int failures = 0, files = 0;
    for (int i = 1; i < argc; i++)
        failures += replay_directory(argv[i], &files);
    printf("%d files replayed, %d failures\n", files, failures);
    return failures > 0 || files == 0;
}
