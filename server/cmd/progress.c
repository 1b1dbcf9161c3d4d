#include "server/cmd/progress.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void duration_format(double seconds, char out[DURATION_TEXT_SIZE])
{
    int64_t whole = (int64_t)seconds;
    if (!(seconds < 1e9))
        snprintf(out, DURATION_TEXT_SIZE, "?");
    else if (seconds < 60.0)
        snprintf(out, DURATION_TEXT_SIZE, seconds < 9.95 ? "%.1f s" : "%.0f s", seconds);
    else if (whole < 3600)
        snprintf(out, DURATION_TEXT_SIZE, "%" PRId64 " min %02" PRId64 " s", whole / 60, whole % 60);
    else if (whole < 86400)
        snprintf(out, DURATION_TEXT_SIZE, "%" PRId64 " h %02" PRId64 " min", whole / 3600, whole / 60 % 60);
    else
        snprintf(out, DURATION_TEXT_SIZE, "%" PRId64 " d %02" PRId64 " h", whole / 86400, whole / 3600 % 24);
}

static double done_fraction(const struct progress_bar *bar)
{
    if (bar->steps_total <= 0)
        return 1.0;
    double fraction = (double)bar->steps_done / (double)bar->steps_total;
    return fraction < 0.0 ? 0.0 : fraction > 1.0 ? 1.0 : fraction;
}

/* Eighths of a cell where the terminal knows them. */
static void render_meter(double fraction, int cells, bool utf8, char *out, size_t size)
{
    static const char *const eighths[8] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int filled = (int)(fraction * 8.0 * cells);
    size_t used = 0;
    out[0] = '\0';
    for (int cell = 0; cell < cells && used + 4 < size; cell++) {
        int here = filled - 8 * cell;
        const char *shape = utf8 ? (here >= 8 ? "█" : here > 0 ? eighths[here] : "·") : (here >= 8 ? "#" : ".");
        used += (size_t)snprintf(out + used, size - used, "%s", shape);
    }
}

static void render_facts(const struct progress_bar *bar, char *out, size_t size)
{
    char left[DURATION_TEXT_SIZE] = "";
    size_t used = 0;
    out[0] = '\0';
    if (bar->steps_per_s > 0.0)
        used += (size_t)snprintf(out + used, size - used, "  %.3g steps/s", bar->steps_per_s);
    if (bar->steps_per_s > 0.0 && bar->steps_done < bar->steps_total) {
        duration_format((double)(bar->steps_total - bar->steps_done) / bar->steps_per_s, left);
        used += (size_t)snprintf(out + used, size - used, "  %s left", left);
    }
    if (isfinite(bar->acceptance))
        snprintf(out + used, size - used, "  %.0f %% accepted", 100.0 * bar->acceptance);
}

enum {
    METER_CELLS_LEAST = 5,
    METER_CELLS_MOST = 40,
    FACTS_WIDTH = 43
}; /* the same for all bars, so that they line up */

void progress_render_bar(const struct progress_bar *bar, int label_width, const struct terminal *terminal,
                         char out[PROGRESS_LINE_SIZE])
{
    char facts[160], meter[3 * METER_CELLS_MOST + 8];
    render_facts(bar, facts, sizeof facts);
    int percent = (int)(100.0 * done_fraction(bar));
    int cells = terminal->width - label_width - FACTS_WIDTH - 9; /* blanks and percent */
    if (cells < METER_CELLS_LEAST) {
        snprintf(out, PROGRESS_LINE_SIZE, "%-*s %3d %%%s", label_width, bar->label, percent, facts);
        return;
    }
    render_meter(done_fraction(bar), cells < METER_CELLS_MOST ? cells : METER_CELLS_MOST, terminal->utf8, meter,
                 sizeof meter);
    snprintf(out, PROGRESS_LINE_SIZE, "%-*s %s %3d %%%s", label_width, bar->label, meter, percent, facts);
}

static int widest_label(const struct progress_bar *bars, uint32_t count)
{
    int widest = 0;
    for (uint32_t i = 0; i < count; i++)
        if ((int)strlen(bars[i].label) > widest)
            widest = (int)strlen(bars[i].label);
    return widest;
}

static void draw_bars(struct progress_display *display, const struct progress_bar *bars, uint32_t count)
{
    int width = widest_label(bars, count);
    if (display->lines > 0)
        fprintf(display->stream, "\033[%dA", display->lines);
    for (uint32_t i = 0; i < count; i++) {
        char line[PROGRESS_LINE_SIZE];
        progress_render_bar(&bars[i], width, &display->terminal, line);
        fprintf(display->stream, "\r%s\033[K\n", line);
    }
    display->lines = (int)count;
}

/* What is done is told at the end, not time and again. */
static void write_lines(struct progress_display *display, const struct progress_bar *bars, uint32_t count, bool final)
{
    for (uint32_t i = 0; i < count; i++) {
        char facts[160];
        if (!final && bars[i].steps_done >= bars[i].steps_total)
            continue;
        render_facts(&bars[i], facts, sizeof facts);
        fprintf(display->stream, "%s: %" PRId64 " of %" PRId64 " steps (%d %%)%s\n", bars[i].label, bars[i].steps_done,
                bars[i].steps_total, (int)(100.0 * done_fraction(&bars[i])), facts);
    }
}

void progress_show(struct progress_display *display, const struct progress_bar *bars, uint32_t count, double now_s,
                   bool final)
{
    if (display->terminal.is_tty)
        draw_bars(display, bars, count);
    else if (final || now_s - display->last_s >= display->interval_s) {
        write_lines(display, bars, count, final);
        display->last_s = now_s;
    }
    fflush(display->stream);
}
