/* main.c - vitrine: what people type. The table of verbs is server/cmd/verb_table.c. */
#include "common/descriptors.h"
#include "server/cmd/verb.h"

int main(int argc, char *argv[])
{
    descriptors_open_standard();
    return verb_main(argc, argv);
}
