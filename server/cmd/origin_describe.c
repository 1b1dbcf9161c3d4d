#include "server/cmd/origin_describe.h"

#include "common/engine.h"
#include "common/mem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Appends, and ends in dots what does not fit. */
static void append(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void append(char *out, size_t size, const char *fmt, ...)
{
    const size_t used = strlen(out);
    va_list values;
    va_start(values, fmt);
    const int wanted = vsnprintf(out + used, size - used, fmt, values);
    va_end(values);
    if (wanted > 0 && used + (size_t)wanted >= size)
        memcpy(out + size - 4, "...", 4);
}

void origin_command(int argc, char *const argv[], char *out, size_t size)
{
    out[0] = '\0';
    append(out, size, "vitrine");
    for (int i = 0; i < argc; i++)
        append(out, size, strpbrk(argv[i], " \t\n'\"$*<>|&;") != NULL ? " '%s'" : " %s", argv[i]);
}

struct tally {
    uint64_t done, total;
};

static enum status take_progress(void *context, const struct replica_progress *row, struct error *err)
{
    struct tally *tally = (struct tally *)context + row->ensemble.value;
    (void)err;
    tally->done += row->segments_done;
    tally->total += row->segments_total;
    return STATUS_OK;
}

enum status origin_describe(struct store *store, const struct selected *items, size_t count, const char *command,
                            struct origin *out, struct error *err)
{
    const struct campaign *campaign = items[0].campaign;
    struct tally *tallies = mem_alloc_array(campaign->ensemble_count, sizeof *tallies);
    if (tallies == NULL)
        return mem_error(err, "the origin of a picture");
    enum status status = store_visit_progress(store, items[0].id, take_progress, tallies, err);
    *out = (struct origin){0};
    append(out->creator, sizeof out->creator, "vitrine %s (engine %d)", VITRINE_VERSION, ENGINE_ID);
    append(out->command, sizeof out->command, "%s", command);
    append(out->source, sizeof out->source, "campaign %s, seed %" PRIu64, campaign->name, campaign->seed);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        char spec[DIGEST_TEXT_SIZE];
        const struct digest digest = ensemble_spec_digest(campaign, items[i].ensemble);
        const struct tally *tally = &tallies[items[i].ensemble.value];
        digest_to_text(&digest, spec);
        append(out->source, sizeof out->source, "\nensemble %s (%s), spec %s, %" PRIu64 " of %" PRIu64 " segments",
               items[i].spec->name, mode_names[items[i].spec->mode], spec, tally->done, tally->total);
    }
    mem_free(tallies);
    return status;
}
