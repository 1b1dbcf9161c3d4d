#include "common/campaign.h"

#include "common/campaign_check.h"
#include "common/mem.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MINIMAL                                                                                                        \
    "campaign: glass\n"                                                                                                \
    "seed: 1\n"                                                                                                        \
    "ensembles:\n"                                                                                                     \
    "  - name: ladder\n"                                                                                               \
    "    mode: tempering\n"                                                                                            \
    "    temperatures: [0.6, 0.7]\n"                                                                                   \
    "    steps: 10000\n"

static struct campaign load(const char *text)
{
    struct campaign campaign = {0};
    struct error err = {0};
    enum status status = campaign_load_text("test.yaml", text, strlen(text), stderr, &campaign, &err);
    cr_assert_eq(status, STATUS_OK, "%s", err.message);
    return campaign;
}

/* The report on a text that is refused, in static storage. */
static const char *refuse(const char *text, size_t size)
{
    static char report[1 << 16];
    struct campaign campaign = {0};
    struct error err = {0};
    memset(report, 0, sizeof report);
    FILE *out = fmemopen(report, sizeof report - 1, "w");
    enum status status = campaign_load_text("test.yaml", text, size, out, &campaign, &err);
    fclose(out);
    cr_assert_eq(status, STATUS_CAMPAIGN, "%s", text);
    return report;
}

Test(campaign_load, fills_in_the_defaults_of_the_model)
{
    struct campaign campaign = load(MINIMAL);
    const struct system_spec *system = &campaign.ensembles[0].system;
    cr_expect_eq(system->potential, POTENTIAL_WAHNSTROM);
    cr_expect_eq(system->cut, CUT_SHIFTED);
    cr_expect_eq(system->cutoff, 2.5);
    cr_expect_eq(system->atoms, 500);
    cr_expect_eq(system->atoms_small, 250);
    cr_expect_eq(system->volume_per_atom, 0.767);
    campaign_finish(&campaign);
}

Test(campaign_load, fills_in_the_defaults_of_the_dynamics)
{
    struct campaign campaign = load(MINIMAL);
    const struct dynamics_spec *dynamics = &campaign.ensembles[0].dynamics;
    cr_expect_eq(dynamics->dt, 0.002778);
    cr_expect_eq(dynamics->thermostat, THERMOSTAT_BUSSI);
    cr_expect_eq(dynamics->thermostat_tau, 0.2778);
    cr_expect_eq(campaign.disk_bytes_max, 0);
    cr_expect_eq(campaign.snapshot_keep_every, 0);
    campaign_finish(&campaign);
}

Test(campaign_load, fills_in_the_defaults_of_an_ensemble)
{
    struct campaign campaign = load(MINIMAL "  - {name: hot, mode: isotherm, temperatures: [0.59], steps: 100000}\n");
    cr_expect_eq(campaign.ensembles[0].segment_steps, 1000);
    cr_expect_eq(campaign.ensembles[1].segment_steps, 100000);
    cr_expect_eq(campaign.ensembles[1].replicas_per_rung, 1);
    campaign_finish(&campaign);
}

Test(campaign_load, prepares_by_default_with_a_melt_and_a_slow_ramp)
{
    struct campaign campaign = load(MINIMAL);
    const struct ensemble_spec *ensemble = &campaign.ensembles[0];
    cr_assert_eq(ensemble->stage_count, 3);
    cr_expect_eq(ensemble->stages[0].kind, STAGE_BUILD);
    cr_expect_eq(ensemble->stages[1].kind, STAGE_HOLD);
    cr_expect_eq(ensemble->stages[1].temperature, 2.0);
    cr_expect_eq(ensemble->stages[1].steps, 100000);
    cr_expect_eq(ensemble->stages[2].kind, STAGE_RAMP);
    cr_expect(ensemble->stages[2].to_rung);
    cr_expect_eq(ensemble->stages[2].rate, 1e-6);
    campaign_finish(&campaign);
}

Test(campaign_load, samples_by_default_and_lets_pdfs_follow)
{
    struct campaign campaign = load(MINIMAL);
    const struct sampling_spec *sampling = &campaign.ensembles[0].sampling;
    cr_expect_eq(sampling->thermal_every, 1000);
    cr_expect_eq(sampling->inherent_every, 10000);
    cr_expect_eq(sampling->pdf_every, 1000);
    cr_expect_eq(sampling->pdf_inherent_every, 10000);
    cr_expect_eq(sampling->frame_every, 0);
    cr_expect_eq(sampling->frame_inherent_every, 0);
    cr_expect_eq(sampling->pdf_bin, 0.02);
    campaign_finish(&campaign);
    campaign = load(MINIMAL "    sample: {thermal: 500, inherent: 0}\n");
    cr_expect_eq(campaign.ensembles[0].sampling.pdf_every, 500);
    cr_expect_eq(campaign.ensembles[0].sampling.pdf_inherent_every, 0);
    campaign_finish(&campaign);
}

Test(campaign_load, a_hybrid_exchanges_once_in_a_hundred_steps_unless_told)
{
    struct campaign campaign = load(MINIMAL "  - {name: mc, mode: hybrid, temperatures: [0.5], steps: 100000}\n");
    cr_expect_eq(campaign.ensembles[0].identity.every, 0);
    cr_expect_eq(campaign.ensembles[1].identity.every, 100);
    cr_expect_eq(campaign.ensembles[1].identity.attempts, 1);
    cr_expect_eq(campaign.ensembles[1].segment_steps, 100000);
    campaign_finish(&campaign);
    campaign = load(MINIMAL "  - {name: mc, mode: hybrid, temperatures: [0.5], steps: 100000,"
                            " hybrid: {identity_every: 20, identity_attempts: 5}}\n");
    cr_expect_eq(campaign.ensembles[1].identity.every, 20);
    cr_expect_eq(campaign.ensembles[1].identity.attempts, 5);
    campaign_finish(&campaign);
}

Test(campaign_load, temperatures_may_be_written_in_the_glass_temperature)
{
    struct campaign campaign =
        load("campaign: glass\nseed: 1\nTf: 0.49\nensembles:\n"
             "  - {name: a, mode: isotherm, temperatures: [0.5, 1.2 Tf], steps: 100000,\n"
             "     prepare: [build: random, hold: {temperature: 4 Tf, steps: 10},"
             " ramp: {to: 1.5 Tf}]}\n"
             "  - {name: b, mode: quench, Tf: 0.5, quench: {from: 2 Tf, to: 0.1, rate: 1e-6}}\n");
    cr_expect_eq(campaign.ensembles[0].temperatures[0], 0.5);
    cr_expect_eq(campaign.ensembles[0].temperatures[1], 0.588);
    cr_expect_eq(campaign.ensembles[0].stages[1].temperature, 1.96);
    cr_expect_eq(campaign.ensembles[0].stages[2].temperature, 0.735);
    cr_expect_eq(campaign.ensembles[0].glass_temperature, 0.49);
    cr_expect_eq(campaign.ensembles[1].temperatures[0], 1.0);
    cr_expect_eq(campaign.ensembles[1].glass_temperature, 0.5);
    campaign_finish(&campaign);
}

Test(campaign_load, a_build_is_a_word_or_a_mapping)
{
    struct campaign campaign = load(MINIMAL "    prepare: [build: fcc]\n");
    cr_expect_eq(campaign.ensembles[0].stages[0].builder, BUILDER_FCC);
    cr_expect_eq(campaign.ensembles[0].stages[0].start.noise, 0.0);
    campaign_finish(&campaign);
    campaign = load(MINIMAL "    prepare: [build: {kind: fcc, noise: 0.05}]\n");
    cr_expect_eq(campaign.ensembles[0].stages[0].builder, BUILDER_FCC);
    cr_expect_eq(campaign.ensembles[0].stages[0].start.noise, 0.05);
    cr_expect_eq(campaign.ensembles[0].stages[0].start.grain_atoms, 0);
    campaign_finish(&campaign);
    campaign = load(MINIMAL "    prepare: [build: nanocomposite]\n");
    cr_expect_eq(campaign.ensembles[0].stages[0].start.grain_atoms, 400);
    cr_expect_eq(campaign.ensembles[0].stages[0].start.grain_volume, 0.69);
    campaign_finish(&campaign);
}

Test(campaign_load, an_ensemble_overrides_single_keys)
{
    struct campaign campaign = load("campaign: glass\nseed: 1\n"
                                    "system: {atoms: 600, small_fraction: 0.25, cutoff: 2.4, volume_per_atom: 0.8}\n"
                                    "dynamics: {dt: 0.002}\n"
                                    "ensembles:\n"
                                    "  - name: a\n    mode: isotherm\n    temperatures: [0.5]\n    steps: 100000\n"
                                    "    system: {atoms_small: 400}\n"
                                    "    dynamics: {thermostat: nose_hoover}\n"
                                    "  - name: b\n    mode: isotherm\n    temperatures: [0.5]\n    steps: 100000\n");
    cr_expect_eq(campaign.ensembles[0].system.atoms_small, 400);
    cr_expect_eq(campaign.ensembles[0].system.cutoff, 2.4);
    cr_expect_eq(campaign.ensembles[0].dynamics.dt, 0.002);
    cr_expect_eq(campaign.ensembles[0].dynamics.thermostat, THERMOSTAT_NOSE_HOOVER);
    cr_expect_eq(campaign.ensembles[1].system.atoms_small, 150);
    cr_expect_eq(campaign.ensembles[1].dynamics.thermostat, THERMOSTAT_BUSSI);
    campaign_finish(&campaign);
}

Test(campaign_load, lists_replicas_by_ensemble_rung_and_copy)
{
    struct campaign campaign = load(MINIMAL "  - name: hot\n    mode: isotherm\n    temperatures: [0.59, 0.7]\n"
                                            "    replicas: 2\n    steps: 100000\n");
    cr_assert_eq(campaign.replica_count, 6);
    cr_expect_eq(campaign.replicas[1].rung_first.value, 1);
    cr_expect_eq(campaign.replicas[5].ensemble.value, 1);
    cr_expect_eq(campaign.replicas[5].rung_first.value, 1);
    cr_expect_eq(campaign.replicas[5].copy, 1);
    campaign_finish(&campaign);
}

Test(campaign_load, reads_files_of_other_editors)
{
    struct campaign campaign = load("\xef\xbb\xbf"
                                    "campaign: glass\r\nseed: 1\r\nensembles:\r\n"
                                    "  - {name: a, mode: isotherm, temperatures: [0.5], steps: 1e5}\r\n");
    cr_expect_str_eq(campaign.name, "glass");
    cr_expect_eq(campaign.ensembles[0].steps, 100000);
    campaign_finish(&campaign);
}

/* Each says its own name, so that results of two examples never meet in one campaign by accident. */
static void load_delivered(const char *file)
{
    char path[1024];
    struct campaign campaign = {0};
    struct error err = {0};
    const int length = (int)strcspn(file, ".");
    snprintf(path, sizeof path, SOURCE_ROOT "/deploy/campaigns/%s", file);
    cr_assert_eq(campaign_load_file(path, stderr, &campaign, &err), STATUS_OK, "%s: %s", path, err.message);
    cr_expect(strlen(campaign.name) == (size_t)length && strncmp(campaign.name, file, (size_t)length) == 0,
              "%s is campaign '%s'", file, campaign.name);
    campaign_finish(&campaign);
}

Test(campaign_load, loads_all_the_campaigns_that_are_delivered)
{
    size_t count = 0;
    DIR *folder = opendir(SOURCE_ROOT "/deploy/campaigns");
    cr_assert_not_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *ending = strrchr(entry->d_name, '.');
        if (ending == NULL || strcmp(ending, ".yaml") != 0)
            continue;
        load_delivered(entry->d_name);
        count++;
    }
    closedir(folder);
    cr_expect_geq(count, 14);
}

Test(campaign_load, counts_all_errors)
{
    static const char text[] = "campaign: glass\nseed: x\nsystem: {atoms: 5.5, cutof: 2}\nensembles: 7\n";
    struct campaign campaign = {0};
    struct error err = {0};
    FILE *nowhere = fopen("/dev/null", "w");
    cr_expect_eq(campaign_load_text("test.yaml", text, sizeof text - 1, nowhere, &campaign, &err), STATUS_CAMPAIGN);
    fclose(nowhere);
    cr_expect_str_eq(err.message, "4 errors in 'test.yaml'");
    cr_expect_null(campaign.ensembles, "an output is written only on success");
}

Test(campaign_load, a_mistake_in_the_common_system_is_said_once)
{
    static const char text[] = "campaign: glass\nseed: 1\nsystem: {atoms: 100}\nensembles:\n"
                               "  - {name: a, mode: isotherm, temperatures: [0.5], steps: 100000}\n"
                               "  - {name: b, mode: isotherm, temperatures: [0.5], steps: 100000}\n";
    const char *report = refuse(text, sizeof text - 1), *first = strstr(report, "error:");
    cr_assert_not_null(first);
    cr_expect_null(strstr(first + 1, "error:"), "%s", report);
}

Test(campaign_load, the_caret_stands_under_the_character_also_after_tabs_and_wide_text)
{
    static const char text[] = "campaign: glass # \xc3\xa4\xc3\xb6\nseed: 1\nensembles: [] # x\nfoo: 1\n";
    cr_expect_not_null(strstr(refuse(text, sizeof text - 1), "     4 | foo: 1\n       | ^\n"));
    static const char wide[] = "{campaign: \"\xc3\xa4\xc3\xb6\", seed: -1}";
    cr_expect_not_null(strstr(refuse(wide, sizeof wide - 1), "test.yaml:1:24: error: seed"));
}

Test(campaign_load, a_long_line_is_shown_around_the_place)
{
    char text[4000];
    int used = snprintf(text, sizeof text, "{campaign: glass, seed: 1, ensembles: [");
    for (int i = 0; i < 200; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s{}", i ? ", " : "");
    used += snprintf(text + used, sizeof text - (size_t)used, "]}\n");
    const char *line = strstr(refuse(text, (size_t)used), "1 | ...");
    cr_assert_not_null(line, "the last ensembles stand far right");
    const char *caret = strchr(strchr(line, '\n') + 1, '^');
    cr_assert_not_null(caret);
    ptrdiff_t column = caret - strchr(line, '\n') - 1;
    cr_expect_eq(line[column - 5], '{', "the caret stands under the ensemble: '%c'", line[column - 5]);
}

Test(campaign_load, many_errors_are_bounded)
{
    static char text[CAMPAIGN_FILE_SIZE_MAX];
    size_t used = (size_t)snprintf(text, sizeof text, "campaign: glass\nseed: 1\nensembles:\n");
    for (int i = 0; i < 256; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "  - {a: 1, b: 2, c: 3, d: 4, e: 5}\n");
    const char *report = refuse(text, used);
    cr_expect_not_null(strstr(report, "unknown key 'a'"));
}

Test(campaign_load, a_directory_is_refused)
{
    struct campaign campaign = {0};
    struct error err = {0};
    char report[256] = "";
    FILE *out = fmemopen(report, sizeof report, "w");
    cr_expect_eq(campaign_load_file("/", out, &campaign, &err), STATUS_CAMPAIGN);
    fclose(out);
    cr_expect_str_eq(report, "/: error: a directory, not a campaign file\n");
}

Test(campaign_load, a_fifo_is_refused_without_waiting, .timeout = 10)
{
    char path[] = "/tmp/vitrine-test-fifo-XXXXXX";
    cr_assert_not_null(mkdtemp(path));
    char fifo[64];
    snprintf(fifo, sizeof fifo, "%s/fifo", path);
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    struct campaign campaign = {0};
    struct error err = {0};
    cr_expect_eq(campaign_load_file(fifo, stderr, &campaign, &err), STATUS_CAMPAIGN);
    unlink(fifo);
    rmdir(path);
}

Test(campaign_load, a_missing_file_is_not_found)
{
    struct campaign campaign = {0};
    struct error err = {0};
    cr_expect_eq(campaign_load_file("/nowhere/campaign.yaml", stderr, &campaign, &err), STATUS_NOT_FOUND);
    cr_expect_not_null(strstr(err.message, "/nowhere/campaign.yaml"));
}

Test(campaign_load, an_endless_file_is_refused, .timeout = 10)
{
    struct campaign campaign = {0};
    struct error err = {0};
    cr_expect_eq(campaign_load_file("/dev/zero", stderr, &campaign, &err), STATUS_CAMPAIGN);
    static char large[CAMPAIGN_FILE_SIZE_MAX + 1];
    memset(large, '#', sizeof large);
    cr_expect_not_null(strstr(refuse(large, sizeof large), "larger than 256 KiB"));
}

Test(campaign_load, the_smallest_box_holds_cutoff_and_skin)
{
    uint32_t least = campaign_atoms_min(2.5, 0.767);
    double edge = 2.0 * (2.5 + campaign_skin_min);
    cr_expect_geq(least * 0.767, edge * edge * edge);
    cr_expect_lt((least - 1) * 0.767, edge * edge * edge);
}

/* Fails allocation n for every n, until a run needs fewer. A sanitizer sees what is not freed. */
static void fail_each_allocation(const char *text, enum status expected)
{
    FILE *nowhere = fopen("/dev/null", "w");
    for (uint64_t n = 1;; n++) {
        struct campaign campaign = {0};
        struct error err = {0};
        mem_fail_nth(n);
        enum status status = campaign_load_text("test.yaml", text, strlen(text), nowhere, &campaign, &err);
        mem_fail_nth(0);
        campaign_finish(&campaign);
        if (status == expected) {
            cr_expect_gt(n, 10, "the walk reached something");
            break;
        }
        cr_assert_eq(status, STATUS_NO_MEMORY, "allocation %d: %s", (int)n, status_name(status));
    }
    fclose(nowhere);
}

Test(campaign_load, every_failed_allocation_is_reported_and_cleaned_up)
{
    fail_each_allocation(MINIMAL "  - {name: hot, mode: isotherm, temperatures: [0.59], steps: 100000}\n", STATUS_OK);
}

Test(campaign_load, failed_allocations_while_reporting_errors_too)
{
    fail_each_allocation(MINIMAL "    steps: 7\n    foo: 1\n    sample: {thermal: 7}\n", STATUS_CAMPAIGN);
}

/* ---- volume by a rule ---- */

static double volume_of(const char *system)
{
    char text[512];
    snprintf(text, sizeof text,
             "campaign: v\nseed: 1\nsystem: {volume_rule: species}\nensembles:\n"
             "  - {name: a, mode: isotherm, temperatures: [0.6], steps: 100000, system: {%s}}\n",
             system);
    struct campaign campaign = load(text);
    const double volume = campaign.ensembles[0].system.volume_per_atom;
    campaign_finish(&campaign);
    return volume;
}

Test(campaign_load, a_rule_gives_each_composition_its_volume)
{
    cr_expect_float_eq(volume_of("atoms: 600, atoms_small: 400"), 0.742, 1e-9);
    cr_expect_float_eq(volume_of("atoms: 600, atoms_small: 200"), 0.792, 1e-9);
    cr_expect_float_eq(volume_of("small_fraction: 0.67"), 0.7415, 1e-12);
    cr_expect_float_eq(volume_of("small_fraction: 0.67, volume_large: 0.9"), 0.67 * 0.692 + 0.33 * 0.9, 1e-12);
    cr_expect_float_eq(volume_of("small_fraction: 0.67, volume_rule: fixed"), 0.767, 1e-12);
    cr_expect_float_eq(volume_of("small_fraction: 0.67, volume_per_atom: 0.75"), 0.75, 1e-12, "innermost");
    cr_expect_float_eq(volume_of("atoms: 600, atoms_small: 400, volume_rule: sigma_cubed"), 0.699, 5e-4);
}

/* ---- T_f by the name of a quench ensemble ---- */

static bool find_glass(void *context, const char *campaign, const char *source, struct glass_found *out,
                       char why[GLASS_WHY_SIZE])
{
    int *calls = context;
    ++*calls;
    cr_expect_str_eq(campaign, "warm");
    *out = (struct glass_found){.temperature = strcmp(source, "cool/slow") == 0 ? 0.48 : 0.5};
    snprintf(why, GLASS_WHY_SIZE, "%s",
             strcmp(source, "unfinished") == 0 ? "3 of its 8 quenches are at their end" : "");
    return why[0] == '\0';
}

#define NAMED(own)                                                                                                     \
    "campaign: warm\n"                                                                                                 \
    "seed: 1\n"                                                                                                        \
    "Tf: slow\n"                                                                                                       \
    "ensembles:\n"                                                                                                     \
    "  - name: a\n"                                                                                                    \
    "    mode: isotherm\n" own "    temperatures: [0.95 Tf, 1.2 Tf]\n"                                                 \
    "    steps: 100000\n"

static enum status load_named(const char *text, const struct campaign_surroundings *surroundings, struct campaign *out,
                              char report[4096])
{
    FILE *stream = fmemopen(report, 4096, "w");
    memset(report, 0, 4096);
    enum status status = campaign_load_within("test.yaml", text, strlen(text), surroundings, stream, out, NULL);
    fclose(stream);
    return status;
}

Test(campaign_load, a_quench_ensemble_stands_for_its_glass_temperature)
{
    int calls = 0;
    const struct glass_source glass = {find_glass, &calls};
    const struct campaign_surroundings surroundings = {.glass = &glass};
    struct campaign campaign = {0};
    char report[4096];
    cr_assert_eq(load_named(NAMED(""), &surroundings, &campaign, report), STATUS_OK, "%s", report);
    cr_expect_eq(campaign.ensembles[0].temperatures[0], 0.475);
    cr_expect_eq(campaign.ensembles[0].temperatures[1], 0.6);
    cr_expect_eq(campaign.glass_temperature, 0.5);
    campaign_finish(&campaign);
    cr_assert_eq(load_named(NAMED("    Tf: cool/slow\n"), &surroundings, &campaign, report), STATUS_OK, "%s", report);
    cr_expect_eq(campaign.ensembles[0].temperatures[1], 0.576);
    cr_expect_eq(campaign.ensembles[0].glass_temperature, 0.48);
    campaign_finish(&campaign);
    cr_expect_eq(calls, 3);
}

Test(campaign_load, a_quench_ensemble_that_is_not_finished_has_its_place)
{
    int calls = 0;
    const struct glass_source glass = {find_glass, &calls};
    const struct campaign_surroundings surroundings = {.glass = &glass}, nobody = {0}, glance = {.is_glance = true};
    struct campaign campaign = {0};
    char report[4096];
    cr_expect_eq(load_named(NAMED("    Tf: unfinished\n"), &surroundings, &campaign, report), STATUS_CAMPAIGN);
    cr_expect_str_eq(report, "test.yaml:7:9: error: Tf: cannot use 'unfinished': 3 of its 8 quenches are at their end\n"
                             "     7 |     Tf: unfinished\n"
                             "       |         ^\n");
    cr_expect_eq(load_named(NAMED(""), &nobody, &campaign, report), STATUS_CAMPAIGN);
    cr_expect(strstr(report, "test.yaml:3:5: error: Tf: cannot use 'slow'") == report, "%s", report);
    cr_expect_null(strchr(strchr(report, '^'), ':'), "one mistake, one message: %s", report);
    cr_expect_eq(load_named(NAMED(""), &glance, &campaign, report), STATUS_OK, "%s", report);
    cr_expect_str_eq(campaign.name, "warm");
    campaign_finish(&campaign);
}
