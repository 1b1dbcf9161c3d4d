/* print_probe.c - the engine's probe on every instruction set that this machine runs: name and digest, one a line. */
#include "worker/kernels/kernels.h"
#include "worker/md/probe.h"

#include <stdio.h>

int main(void)
{
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        const struct kernels *kernels;
        struct error err = {0};
        struct digest digest;
        char text[DIGEST_TEXT_SIZE];
        if (kernels_find(isa_names[isa], &kernels, &err) != STATUS_OK) {
            printf("%s missing\n", isa_names[isa]);
            continue;
        }
        if (md_probe_digest(kernels, &digest, &err) != STATUS_OK) {
            fprintf(stderr, "%s: %s\n", isa_names[isa], err.message);
            return 1;
        }
        digest_to_text(&digest, text);
        printf("%s %s\n", isa_names[isa], text);
    }
    return 0;
}
