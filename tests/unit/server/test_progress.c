#include "server/cmd/progress.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct terminal wide = {.utf8 = true, .width = 100};

static struct progress_bar half(void)
{
    struct progress_bar bar = {.label = "ladder", .steps_done = 500, .steps_total = 1000, .steps_per_s = 10.0};
    bar.acceptance = 0.31;
    return bar;
}

Test(progress, a_bar_shows_share_rate_time_left_and_acceptance)
{
    char line[PROGRESS_LINE_SIZE];
    struct progress_bar bar = half();
    progress_render_bar(&bar, 8, &wide, line);
    cr_assert_str_eq(line,
                     "ladder   ████████████████████····················  50 %  10 steps/s  50 s left  31 % accepted");
    cr_assert_leq(terminal_text_width(line), wide.width);
}

Test(progress, bars_fit_narrow_terminals)
{
    char line[PROGRESS_LINE_SIZE];
    struct progress_bar bar = half();
    for (int width = 56; width < 120; width++) {
        struct terminal terminal = {.utf8 = true, .width = width};
        progress_render_bar(&bar, 8, &terminal, line);
        cr_assert_leq(terminal_text_width(line), width, "width %d: '%s'", width, line);
    }
}

Test(progress, bars_without_utf8_are_ascii)
{
    char line[PROGRESS_LINE_SIZE];
    struct progress_bar bar = half();
    struct terminal terminal = {.width = 100};
    progress_render_bar(&bar, 8, &terminal, line);
    for (const char *at = line; *at != '\0'; at++)
        cr_assert((unsigned char)*at < 128);
}

Test(progress, what_is_not_known_is_left_out)
{
    char line[PROGRESS_LINE_SIZE];
    struct progress_bar bar = {.label = "a", .steps_total = 10, .acceptance = (double)NAN};
    progress_render_bar(&bar, 1, &wide, line);
    cr_assert_null(strstr(line, "left"));
    cr_assert_null(strstr(line, "accepted"));
}

Test(progress, plain_output_comes_at_intervals_and_at_the_end)
{
    char *text = NULL;
    size_t size = 0;
    struct progress_bar bar = half();
    FILE *out = open_memstream(&text, &size);
    struct progress_display display = {.stream = out, .interval_s = 5.0, .last_s = 0.0};
    progress_show(&display, &bar, 1, 1.0, false);
    progress_show(&display, &bar, 1, 6.0, false);
    progress_show(&display, &bar, 1, 7.0, false);
    progress_show(&display, &bar, 1, 8.0, true);
    fclose(out);
    cr_assert_str_eq(text, "ladder: 500 of 1000 steps (50 %)  10 steps/s  50 s left  31 % accepted\n"
                           "ladder: 500 of 1000 steps (50 %)  10 steps/s  50 s left  31 % accepted\n");
    free(text);
}

struct span {
    double seconds;
    const char *text;
};

static const struct span spans[] = {
    {1.5, "1.5 s"},          {42.0, "42 s"},         {125.0, "2 min 05 s"},
    {12000.0, "3 h 20 min"}, {352800.0, "4 d 02 h"}, {1e300, "?"},
};

Test(progress, plain_output_tells_what_is_done_only_at_the_end)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert(out);
    struct progress_display display = {.stream = out, .interval_s = 5.0, .last_s = -10.0};
    const struct progress_bar bars[2] = {{.label = "done", .steps_done = 9, .steps_total = 9, .acceptance = NAN},
                                         {.label = "going", .steps_done = 1, .steps_total = 9, .acceptance = NAN}};
    progress_show(&display, bars, 2, 1.0, false);
    progress_show(&display, bars, 2, 7.0, false);
    cr_expect(strstr(text, "going") && !strstr(text, "done:"), "%s", text);
    progress_show(&display, bars, 2, 8.0, true);
    cr_expect(strstr(text, "done: 9 of 9"), "%s", text);
    fclose(out);
    free(text);
}

Test(progress, durations_read_well)
{
    for (const struct span *span = spans; span < spans + sizeof spans / sizeof *spans; span++) {
        char text[DURATION_TEXT_SIZE];
        duration_format(span->seconds, text);
        cr_assert_str_eq(text, span->text);
    }
}
