#include "worker/cmd/quantities.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(quantities, the_committed_table_is_what_the_program_prints)
{
    char *printed = NULL, *committed = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&printed, &size);
    quantities_print(memory);
    fclose(memory);
    FILE *file = fopen(VITRINE_SOURCE_ROOT "/schemas/quantities.md", "r");
    cr_assert_not_null(file);
    committed = calloc(1, size + 4096);
    const size_t read = fread(committed, 1, size + 4095, file);
    fclose(file);
    cr_assert_eq(read, size, "run: vitrine-worker quantities > schemas/quantities.md");
    cr_assert_str_eq(committed, printed, "run: vitrine-worker quantities > schemas/quantities.md");
    free(printed);
    free(committed);
}
