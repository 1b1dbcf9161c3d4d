/* write_campaign_docs DIRECTORY - writes campaign.schema.json and campaign.md there, from the table of keys. */
#include "common/campaign_docs.h"

static int write_one(const char *directory, const char *name, void (*write)(FILE *))
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    if (!out) {
        perror(path);
        return 1;
    }
    write(out);
    if (fclose(out) != 0) {
        perror(path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: write_campaign_docs DIRECTORY\n");
        return 2;
    }
    return write_one(argv[1], "campaign.schema.json", campaign_write_schema) ||
           write_one(argv[1], "campaign.md", campaign_write_reference);
}
