/* main.c - vitrine: what people type. The table of verbs is server/cmd/verb_table.c. */
#include "server/cmd/verb.h"

int main(int argc, char *argv[])
{
    return verb_main(argc, argv);
}
