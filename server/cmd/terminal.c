#include "server/cmd/terminal.h"

#include <langinfo.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int window_width(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

struct terminal terminal_of(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    int fd = fileno(stream);
    struct terminal terminal = {.is_tty = fd >= 0 && isatty(fd) == 1};
    terminal.color =
        terminal.is_tty && (no_color == NULL || *no_color == '\0') && term != NULL && strcmp(term, "dumb") != 0;
    terminal.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    terminal.width = terminal.is_tty ? window_width(fd) : 80;
    return terminal;
}

const char *terminal_bold(const struct terminal *terminal)
{
    return terminal->color ? "\033[1m" : "";
}

const char *terminal_green(const struct terminal *terminal)
{
    return terminal->color ? "\033[32m" : "";
}

const char *terminal_plain(const struct terminal *terminal)
{
    return terminal->color ? "\033[0m" : "";
}

/* Combining marks U+0300..U+036F are the bytes CC 80 .. CD AF. */
static int is_combining(const uint8_t *text)
{
    return (text[0] == 0xcc && text[1] >= 0x80) || (text[0] == 0xcd && text[1] >= 0x80 && text[1] <= 0xaf);
}

int terminal_text_width(const char *text)
{
    int width = 0;
    for (const uint8_t *at = (const uint8_t *)text; *at != '\0'; at++) {
        bool continues = (*at & 0xc0) == 0x80;
        width += !continues && !is_combining(at);
    }
    return width;
}
