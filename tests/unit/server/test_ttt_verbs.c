/* test_ttt_verbs.c - vitrine ttt and vitrine plan as they are typed, of a campaign that is on its way or at its end. */
#include "server/cmd/verb.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define RUNS                                                                                                           \
    "    mode: isotherm\n"                                                                                             \
    "    temperatures: [0.7, 0.8]\n"                                                                                   \
    "    replicas: 3\n"                                                                                                \
    "    steps: 1000\n"                                                                                                \
    "    segment_steps: 100\n"                                                                                         \
    "    prepare: [build: random, hold: {temperature: 2.0, steps: 100}]\n"                                             \
    "    sample: {thermal: 0, inherent: 100}\n"

/* Replicas 0 .. 5 and 6 .. 11, of each the first three at 0.7. */
static const char two_ensembles[] = "campaign: pair\n"
                                    "seed: 7\n"
                                    "system: {atoms: 300, small_fraction: 0.5}\n"
                                    "ensembles:\n"
                                    "  - name: first\n" RUNS "  - name: second\n" RUNS;

/* The campaign after `rounds` of its ten segments, changed by `sql`; closed. */
static void make_campaign(struct fixture *fixture, int64_t rounds, const char *sql)
{
    fixture_init(fixture, two_ensembles);
    fixture_run(fixture, rounds, 0);
    store_close(&fixture->store);
    fixture_sql(fixture->path,
                "UPDATE sample_inherent SET laves_largest = 0, close_packed_largest = 0, b2_largest = 0");
    fixture_sql(fixture->path, sql);
}

/* Runs `vitrine VERB DB --json OPTION OTHER`, standard output in a file beside the database. Returns the exit code. */
static int run_verb(const struct fixture *fixture, const char *verb, const char *option, const char *other,
                    json_t **out_answer)
{
    char path[FIXTURE_PATH_SIZE + 8];
    const char *words[] = {"vitrine", verb, fixture->path, "--json", option, other, NULL};
    char *argv[sizeof words / sizeof *words];
    int argc = 0;
    for (; words[argc] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc];
    argv[argc] = NULL;
    snprintf(path, sizeof path, "%s/out", fixture->folder);
    fflush(stdout);
    const int kept = dup(STDOUT_FILENO);
    cr_assert_not_null(freopen(path, "w", stdout));
    const int code = verb_main(argc, argv);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    *out_answer = json_load_file(path, 0, NULL);
    unlink(path);
    return code;
}

static json_t *ask(const struct fixture *fixture, const char *verb, const char *option, const char *other)
{
    json_t *answer;
    cr_assert_eq(run_verb(fixture, verb, option, other, &answer), 0);
    cr_assert_not_null(answer);
    return answer;
}

static int refusal(const struct fixture *fixture, const char *verb, const char *option, const char *other)
{
    json_t *answer;
    const int code = run_verb(fixture, verb, option, other, &answer);
    json_decref(answer);
    return code;
}

/* Of the first ensemble's colder isotherm. */
static json_t *plan_row(json_t *plan)
{
    json_t *row = json_array_get(json_object_get(plan, "events"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(row, "ensemble")), "first");
    return row;
}

static double number_of(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    cr_assert(json_is_number(value), "%s", key);
    return json_number_value(value);
}

static const char no_second[] = "DELETE FROM sample_inherent WHERE replica >= 6";

Test(ttt_verbs, an_ensemble_that_has_not_begun_is_left_out_and_told)
{
    struct fixture fixture;
    make_campaign(&fixture, 10, no_second);
    cr_redirect_stderr();
    json_t *answer = ask(&fixture, "ttt", NULL, NULL);
    const json_t *results = json_object_get(answer, "results");
    cr_assert_eq(json_array_size(results), 1);
    cr_assert_str_eq(json_string_value(json_object_get(json_array_get(results, 0), "ensemble")), "first");
    fflush(stderr);
    cr_assert_stderr_eq_str("left out: ensemble 'second' has no inherent sample after step 0 yet\n");
    json_decref(answer);
    fixture_finish(&fixture);
}

Test(ttt_verbs, an_ensemble_that_has_not_begun_is_refused_by_name)
{
    struct fixture fixture;
    make_campaign(&fixture, 10, no_second);
    cr_redirect_stderr();
    cr_assert_eq(refusal(&fixture, "ttt", "--ensemble=second", NULL), 5);
    fixture_finish(&fixture);
}

Test(ttt_verbs, without_any_ensemble_that_has_begun_there_is_no_diagram)
{
    struct fixture fixture;
    make_campaign(&fixture, 10, "DELETE FROM sample_inherent");
    cr_redirect_stderr();
    cr_assert_eq(refusal(&fixture, "ttt", NULL, NULL), 5);
    cr_assert_eq(refusal(&fixture, "plan", NULL, NULL), 5);
    fixture_finish(&fixture);
}

Test(ttt_verbs, a_crystal_is_a_fraction_of_the_atoms)
{
    static const char *const thresholds[] = {"--threshold=2", "--threshold=0", "--threshold=-1"};
    struct fixture fixture;
    make_campaign(&fixture, 10, no_second);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(refusal(&fixture, "ttt", thresholds[i], NULL), 2);
        cr_expect_eq(refusal(&fixture, "plan", thresholds[i], NULL), 2);
    }
    json_decref(ask(&fixture, "ttt", "--threshold=1", NULL));
    fixture_finish(&fixture);
}

/* Two of three have transformed at 500; the third of a campaign that is complete does nothing any more. */
Test(ttt_verbs, a_plan_says_that_a_complete_campaign_has_to_be_extended)
{
    struct fixture fixture;
    make_campaign(&fixture, 10, "UPDATE sample_inherent SET laves_largest = 0.5 WHERE step >= 500 AND replica % 3 < 2");
    json_t *plan = ask(&fixture, "plan", "--events=3", NULL);
    const json_t *row = plan_row(plan);
    cr_expect_eq(number_of(row, "untransformed"), 1.0);
    cr_expect_eq(number_of(row, "steps_left"), 0.0);
    cr_expect_eq(number_of(row, "wanted"), 1.0);
    cr_assert_not_null(json_string_value(json_object_get(row, "remark")));
    cr_expect_str_eq(json_string_value(json_object_get(row, "remark")), "raise `steps` first");
    json_decref(plan);
    fixture_finish(&fixture);
}

/* Twelve runs of two ensembles have half their steps to go. With ever more workers the wait is that of one run alone.
 */
Test(ttt_verbs, a_plan_shares_the_workers_among_all_runs)
{
    static const struct {
        const char *workers;
        double runs_each;
    } rows[] = {{"--workers=12", 1.0}, {"--workers=64", 1.0}, {"--workers=4", 3.0}, {"--workers=1", 12.0}};
    struct fixture fixture;
    double alone = 0.0;
    make_campaign(&fixture, 5, "UPDATE sample_inherent SET laves_largest = 0.5 WHERE step >= 100 AND replica % 3 < 2");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *plan = ask(&fixture, "plan", "--events=3", rows[i].workers);
        const json_t *row = plan_row(plan);
        cr_expect_eq(number_of(row, "steps_left"), 500.0);
        cr_assert(number_of(row, "steps") > 0.0 && number_of(row, "steps") < 500.0);
        cr_expect(json_is_null(json_object_get(row, "remark")));
        alone = i == 0 ? number_of(row, "wall_seconds") : alone;
        cr_assert_gt(alone, 0.0);
        cr_expect_float_eq(number_of(row, "wall_seconds") / alone, rows[i].runs_each, 1e-9, "%s", rows[i].workers);
        json_decref(plan);
    }
    fixture_finish(&fixture);
}

/* What has transformed before its clock started tells nothing about the wait; --mean may. */
Test(ttt_verbs, a_plan_of_isotherms_that_transformed_in_the_ramp_knows_no_mean)
{
    struct fixture fixture;
    make_campaign(&fixture, 10, "UPDATE sample_inherent SET laves_largest = 0.5");
    json_t *plan = ask(&fixture, "plan", NULL, NULL);
    cr_expect(json_is_null(json_object_get(plan_row(plan), "mean")));
    cr_expect(json_is_null(json_object_get(plan_row(plan), "source")));
    cr_expect_str_eq(json_string_value(json_object_get(plan_row(plan), "remark")), "all transformed in the ramp");
    cr_expect_eq(json_array_size(json_object_get(plan, "widths")), 0);
    json_decref(plan);
    plan = ask(&fixture, "plan", "--mean=2000", NULL);
    cr_expect_eq(number_of(plan_row(plan), "mean"), 2000.0);
    cr_expect_str_eq(json_string_value(json_object_get(plan_row(plan), "source")), "--mean");
    cr_expect_eq(json_array_size(json_object_get(plan, "widths")), 4 * 9, "isotherms, replicas and steps in threes");
    json_decref(plan);
    fixture_finish(&fixture);
}
