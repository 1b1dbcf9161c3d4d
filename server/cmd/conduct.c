#include "server/cmd/conduct.h"

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/cmd/ensemble_progress.h"
#include "server/cmd/glass.h"
#include "server/cmd/local_workers.h"
#include "server/cmd/progress.h"
#include "server/coordinator.h"
#include "server/meter.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const double line_interval_s = 5.0; /* between plain progress lines */

enum {
    ACCEPTANCE_ROUNDS = 200,
    DESCRIPTORS_MIN = 64, /* libzmq, the database, the log, a few workers */
};

/* The signal flag (STYLE section 4): set by the handler, read by the coordinator's loop. */
static atomic_bool stop_requested;

static void request_stop(int number)
{
    static const char text[] = "\nstopping: running segments are finished or given back (again: stop at once)\n";
    (void)number;
    if (!atomic_exchange(&stop_requested, true) && write(STDERR_FILENO, text, sizeof text - 1) < 0)
        return; /* nobody to tell */
}

/* One signal stops cleanly; SA_RESETHAND lets the second end the process. A closed output must not stop a campaign; a
 * limit on the size of files is a full disk, which is waited out. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

uint32_t conduct_cores(void)
{
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0)
        return (uint32_t)CPU_COUNT(&allowed);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (uint32_t)cores : 1;
}

/* With no database there is none to look a T_f up in: a file that wants one is refused before one is made. */
static enum status check_alone(const struct campaign_file *file, struct error *err)
{
    const struct campaign_surroundings nothing = {0};
    struct campaign campaign;
    enum status status = campaign_load_within(file->path, file->text, file->size, &nothing, stderr, &campaign, err);
    if (status == STATUS_OK)
        campaign_finish(&campaign);
    return status;
}

enum status conduct_open(const char *database, const struct campaign_file *files, int count, struct store **out_store,
                         struct error *err)
{
    bool create = count > 0 && access(database, F_OK) != 0;
    for (int i = 0; create && i < count; i++) {
        enum status status = check_alone(&files[i], err);
        if (status != STATUS_OK)
            return status;
    }
    return store_open(database, create ? STORE_CREATE : STORE_WRITE, out_store, err);
}

enum status conduct_read_campaign(const char *path, struct campaign_file *out_file, struct error *err)
{
    struct campaign_file file = {.path = path};
    struct campaign campaign;
    enum status status = campaign_read_file(path, stderr, &file.text, &file.size, err);
    if (status != STATUS_OK)
        return status;
    const struct campaign_surroundings glance = {.is_glance = true};
    if ((status = campaign_load_within(path, file.text, file.size, &glance, stderr, &campaign, err)) != STATUS_OK) {
        mem_free(file.text);
        return status;
    }
    memcpy(file.name, campaign.name, sizeof file.name);
    campaign_finish(&campaign);
    *out_file = file;
    return STATUS_OK;
}

void campaign_file_finish(struct campaign_file *file)
{
    mem_free(file->text);
    *file = (struct campaign_file){0};
}

enum status conduct_add_campaign(struct store *store, const struct campaign_file *file, struct error *err)
{
    const struct glass_source glass = glass_source_of(store);
    struct campaign_id id;
    return store_put_campaign(store, file->path, file->text, file->size, &glass, stderr, &id, NULL, err);
}

/* --- The run ------------------------------------------------------------------------------------------------------ */

/* What the bars of one campaign need. */
struct watched {
    struct campaign campaign;
    struct ensemble_progress *progress; /* [ensemble_count] */
    struct meter *steps;                /* [ensemble_count] */
};

struct conduct {
    const struct conduct_setup *setup;
    struct store *store;
    struct local_workers workers;
    struct progress_display display;
    uint32_t watched_count;
    struct watched *watched; /* [watched_count]; campaign id i + 1 */
    bool done;               /* every campaign complete or held, as the last progress said */
};

static enum status start_workers(void *context, const char *endpoint, struct error *err)
{
    struct conduct *conduct = context;
    if (conduct->setup->workers > 0)
        return local_workers_start(&conduct->workers, endpoint, err);
    log_event(LOG_INFO, "serving", "endpoint=%s", endpoint);
    return STATUS_OK;
}

static enum status watch_workers(void *context, struct error *err)
{
    struct conduct *conduct = context;
    return conduct->setup->workers > 0 ? local_workers_watch(&conduct->workers, err) : STATUS_OK;
}

static bool is_done(const struct coordinator_progress *progress)
{
    for (uint32_t i = 0; i < progress->campaign_count; i++)
        if (progress->campaigns[i].replicas_done + progress->campaigns[i].replicas_held <
            progress->campaigns[i].replicas)
            return false;
    return true;
}

static enum status watch_campaign(struct store *store, struct campaign_id id, struct watched *out, struct error *err)
{
    enum status status = store_get_campaign(store, id, &out->campaign, err);
    if (status != STATUS_OK)
        return status;
    out->progress = mem_alloc_array(out->campaign.ensemble_count, sizeof *out->progress);
    out->steps = mem_alloc_array(out->campaign.ensemble_count, sizeof *out->steps);
    return out->progress != NULL && out->steps != NULL ? STATUS_OK : mem_error(err, "the progress of a campaign");
}

static enum status watch_campaigns(struct conduct *conduct, struct error *err)
{
    enum status status = store_count_campaigns(conduct->store, &conduct->watched_count, err);
    if (status != STATUS_OK)
        return status;
    conduct->watched = mem_alloc_array(conduct->watched_count, sizeof *conduct->watched);
    if (conduct->watched == NULL)
        return mem_error(err, "the progress of campaigns");
    for (uint32_t i = 0; status == STATUS_OK && i < conduct->watched_count; i++)
        status = watch_campaign(conduct->store, (struct campaign_id){i + 1}, &conduct->watched[i], err);
    return status;
}

static void unwatch_campaigns(struct conduct *conduct)
{
    for (uint32_t i = 0; conduct->watched != NULL && i < conduct->watched_count; i++) {
        campaign_finish(&conduct->watched[i].campaign);
        mem_free(conduct->watched[i].progress);
        mem_free(conduct->watched[i].steps);
    }
    mem_free(conduct->watched);
}

/* Of the last rounds that a bar speaks for; NaN where nothing is exchanged or the store cannot say. */
static double recent_acceptance(const struct conduct *conduct, uint32_t campaign, uint32_t ensemble)
{
    const struct ensemble_spec *spec = &conduct->watched[campaign].campaign.ensembles[ensemble];
    int64_t round = conduct->watched[campaign].progress[ensemble].step_least / spec->segment_steps;
    double share = (double)NAN;
    if (spec->mode == MODE_TEMPERING)
        error_ignore(ensemble_recent_acceptance(conduct->store, (struct campaign_id){campaign + 1},
                                                (struct ensemble_id){ensemble}, round, ACCEPTANCE_ROUNDS, &share, NULL),
                     "a bar without its acceptance is still a bar");
    return share;
}

static struct progress_bar make_bar(const struct conduct *conduct, uint32_t campaign, uint32_t ensemble)
{
    struct watched *watched = &conduct->watched[campaign];
    const struct ensemble_progress *progress = &watched->progress[ensemble];
    struct progress_bar bar = {.steps_done = progress->steps_done,
                               .steps_total = progress->steps_total,
                               .acceptance = recent_acceptance(conduct, campaign, ensemble),
                               .replicas = progress->replicas,
                               .replicas_done = progress->replicas_done};
    bool many = conduct->watched_count > 1;
    snprintf(bar.label, sizeof bar.label, "%s%s%s", many ? watched->campaign.name : "", many ? "/" : "",
             watched->campaign.ensembles[ensemble].name);
    meter_add(&watched->steps[ensemble], clock_mono(), (double)progress->steps_done);
    if (progress->replicas_done < progress->replicas)
        bar.steps_per_s = meter_rate(&watched->steps[ensemble]);
    return bar;
}

/* One bar an ensemble, as far as there is room. */
static uint32_t make_bars(const struct conduct *conduct, struct progress_bar bars[PROGRESS_BARS_MAX])
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < conduct->watched_count; c++) {
        struct watched *watched = &conduct->watched[c];
        if (ensemble_progress_read(conduct->store, (struct campaign_id){c + 1}, &watched->campaign, watched->progress,
                                   NULL) != STATUS_OK)
            continue;
        for (uint32_t e = 0; e < watched->campaign.ensemble_count && count < PROGRESS_BARS_MAX; e++)
            bars[count++] = make_bar(conduct, c, e);
    }
    return count;
}

static void show_progress(void *context, const struct coordinator_progress *progress)
{
    struct conduct *conduct = context;
    struct progress_bar bars[PROGRESS_BARS_MAX];
    bool was_done = conduct->done;
    conduct->done = is_done(progress);
    if (!conduct->setup->show_progress || was_done)
        return;
    uint32_t count = make_bars(conduct, bars);
    progress_show(&conduct->display, bars, count, progress->elapsed_s, conduct->done);
}

/* Bars cost a look at every replica, so large campaigns are looked at less often: 1 s, and 17 s for 65,536 replicas. */
static uint32_t progress_interval_ms(const struct conduct *conduct)
{
    uint32_t replicas = 0;
    for (uint32_t i = 0; i < conduct->watched_count; i++)
        replicas += conduct->watched[i].campaign.replica_count;
    return 1000 + replicas / 4;
}

static enum status run_coordinator(struct conduct *conduct, struct error *err)
{
    char directory[PATH_MAX], ballast[PATH_MAX];
    snprintf(directory, sizeof directory, "%s", conduct->setup->database);
    snprintf(ballast, sizeof ballast, "%s-ballast", conduct->setup->database);
    const struct glass_source glass = glass_source_of(conduct->store);
    struct coordinator_setup setup = {.store = conduct->store,
                                      .glass = &glass,
                                      .directory = dirname(directory),
                                      .ballast = ballast,
                                      .endpoint = conduct->setup->endpoint,
                                      .keys = conduct->setup->keys,
                                      .control_path = conduct->setup->control_path,
                                      .control_tcp = conduct->setup->control_tcp,
                                      .until_done = conduct->setup->until_done,
                                      .stop = &stop_requested,
                                      .lease_ms = conduct->setup->lease_ms,
                                      .workers_max = conduct->setup->workers_max,
                                      .progress_ms = progress_interval_ms(conduct),
                                      .on_ready = start_workers,
                                      .on_progress = show_progress,
                                      .on_watch = watch_workers,
                                      .context = conduct};
    return coordinator_run(&setup, err);
}

/* Each worker is a connection; of the descriptors the gate keeps an eighth in reserve. Only a number that somebody
 * asked for is held to them. */
static enum status check_descriptors(uint32_t workers_max, struct error *err)
{
    enum status status = descriptors_check(DESCRIPTORS_MIN + workers_max / 7 * 8, err);
    return status == STATUS_OK || workers_max == 0 ? status : error_context(err, "%u workers", (unsigned)workers_max);
}

/* Bars and log lines do not mix: with local workers the log is a file beside the database. Returns its descriptor, or
 * -1 when it is standard error after all. */
static int open_log(const struct conduct_setup *setup, char path[PATH_MAX])
{
    if (setup->workers == 0)
        return -1;
    snprintf(path, PATH_MAX, "%s.log", setup->database);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd >= 0)
        log_set_fd(fd);
    return fd;
}

static void close_log(int fd)
{
    if (fd < 0)
        return;
    log_set_fd(STDERR_FILENO);
    close(fd);
}

enum status conduct_run(const struct conduct_setup *setup, struct store *store, enum conduct_end *out_end,
                        struct error *err)
{
    char log_path[PATH_MAX] = "";
    struct conduct conduct = {.setup = setup, .store = store};
    conduct.display = (struct progress_display){terminal_of(stderr), stderr, 0, 0.0, line_interval_s};
    int log = open_log(setup, log_path);
    enum status status = check_descriptors(setup->workers_max, err);
    if (status == STATUS_OK && setup->workers > 0)
        status = local_workers_init(&conduct.workers, setup->workers, setup->isa, log >= 0 ? log_path : NULL, err);
    if (status == STATUS_OK && setup->show_progress)
        status = watch_campaigns(&conduct, err);
    if (status == STATUS_OK) {
        catch_signals();
        status = run_coordinator(&conduct, err);
    }
    local_workers_finish(&conduct.workers);
    unwatch_campaigns(&conduct);
    close_log(log);
    *out_end = conduct.done ? CONDUCT_DONE : CONDUCT_STOPPED;
    return status;
}
