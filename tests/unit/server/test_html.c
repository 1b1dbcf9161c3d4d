/* What people write into names must stay text. */
#include "server/cmd/html.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(html, markup_in_a_text_is_escaped)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    html_write_text("<script>a & \"b\"</script>", out);
    fclose(out);
    cr_assert_str_eq(text, "&lt;script&gt;a &amp; &quot;b&quot;&lt;/script&gt;");
    free(text);
}

Test(html, a_page_that_cannot_be_written_is_an_error_with_its_name)
{
    struct error err = {0};
    cr_assert_eq(html_save("/nowhere/page.html", "x", 1, &err), STATUS_IO);
    cr_assert_not_null(strstr(err.message, "/nowhere/page.html"));
}
