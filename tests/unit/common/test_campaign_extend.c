#include "common/campaign.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char base[] = "campaign: glass\n"
                           "seed: 1\n"
                           "system: {potential: wahnstrom, cut: shifted, cutoff: 2.5, atoms: 500, atoms_small: 250,"
                           " volume_per_atom: 0.767}\n"
                           "dynamics: {dt: 0.002778, thermostat: bussi, thermostat_tau: 0.2778}\n"
                           "store: {disk_max: 0, snapshot_keep_every: 0}\n"
                           "ensembles:\n"
                           "  - name: ladder\n"
                           "    mode: tempering\n"
                           "    temperatures: [0.60, 0.70]\n"
                           "    segment_steps: 1000\n"
                           "    steps: 10000\n"
                           "    sample: {thermal: 1000, inherent: 10000, frame: 0, pdf_bin: 0.02}\n"
                           "  - name: hot\n"
                           "    mode: isotherm\n"
                           "    temperatures: [0.55, 0.75]\n"
                           "    replicas: 2\n"
                           "    segment_steps: 5000\n"
                           "    steps: 50000\n"
                           "    prepare: [build: random, hold: {temperature: 2.0, steps: 1000}, ramp: {to: rung, rate: "
                           "1e-3}]\n";

/* `whole` with the first `from` after `anchor` replaced. */
static struct campaign load_text(const char *whole, const char *anchor, const char *from, const char *to)
{
    char text[4096];
    const char *start = anchor ? strstr(whole, anchor) : whole;
    const char *place = from ? strstr(start, from) : whole + strlen(whole);
    cr_assert_not_null(place, "%s", from);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(place - whole), whole, to, place + (from ? strlen(from) : 0));
    struct campaign campaign = {0};
    cr_assert_eq(campaign_load_text("test.yaml", text, strlen(text), stderr, &campaign, NULL), STATUS_OK, "%s", text);
    return campaign;
}

static struct campaign load_changed(const char *anchor, const char *from, const char *to)
{
    return load_text(base, anchor, from, to);
}

static struct campaign load_base(void)
{
    return load_changed(NULL, NULL, "");
}

struct rule {
    const char *anchor, *from, *to;
    const char *key; /* NULL: allowed; else the word that the refusal names */
};

static const struct rule rules[] = {
    {NULL, NULL, "", NULL},
    {NULL, "disk_max: 0", "disk_max: 10 GB", NULL},
    {NULL, "keep_every: 0", "keep_every: 10", NULL},
    {"ladder", "steps: 10000\n", "steps: 20000\n", NULL},
    {"hot", "replicas: 2", "replicas: 3", NULL},
    {"hot", "[0.55, 0.75]", "[0.50, 0.55, 0.65, 0.75]", NULL},
    {NULL, "thermal: 1000,", "thermal: 500,", NULL},
    {NULL, "frame: 0", "frame: 2000", NULL},
    {NULL, NULL, "  - {name: new, mode: isotherm, temperatures: [0.6], steps: 100000}\n", NULL},

    {NULL, "campaign: glass", "campaign: other", "name"},
    {NULL, "seed: 1", "seed: 2", "seed"},
    {NULL, "potential: wahnstrom", "potential: kob_andersen", "potential"},
    {NULL, "cut: shifted", "cut: force_shifted", "cut"},
    {NULL, "cutoff: 2.5", "cutoff: 2.4", "cutoff"},
    {NULL, "atoms: 500", "atoms: 600", "atoms"},
    {NULL, "atoms_small: 250", "atoms_small: 251", "atoms_small"},
    {NULL, "volume_per_atom: 0.767", "volume_per_atom: 0.768", "volume_per_atom"},
    {NULL, "dt: 0.002778", "dt: 0.002", "dt"},
    {NULL, "thermostat: bussi", "thermostat: nose_hoover", "thermostat"},
    {NULL, "thermostat_tau: 0.2778", "thermostat_tau: 0.3", "thermostat_tau"},
    {NULL, "name: ladder", "name: stairs", "name"},
    {"ladder", "mode: tempering", "mode: isotherm", "mode"},
    {"ladder", "segment_steps: 1000", "segment_steps: 500", "segment_steps"},
    {"ladder", "steps: 10000\n", "steps: 5000\n", "steps"},
    {"ladder", "[0.60, 0.70]", "[0.60, 0.65, 0.70]", "temperatures"},
    {"ladder", "[0.60, 0.70]", "[0.60, 0.71]", "temperatures"},
    {"hot", "[0.55, 0.75]", "[0.55, 0.65]", "temperatures"},
    {"hot", "replicas: 2", "replicas: 1", "replicas"},
    {"hot", "steps: 1000}", "steps: 2000}", "prepare"},
    {"hot", "rate: 1e-3", "rate: 1e-4", "prepare"},
    {"hot", "hold: {temperature: 2.0, steps: 1000}, ",
     "hold: {temperature: 2.0, steps: 1000}, hold: {temperature: 2.0, steps: 1000}, ", "prepare"},
    {NULL, "thermal: 1000,", "thermal: 2000,", "sample.thermal"},
    {NULL, "thermal: 1000,", "thermal: 0, pdf: 1000,", "sample.thermal"},
    {NULL, "inherent: 10000", "inherent: 4000", "sample.inherent"},
    {NULL, "pdf_bin: 0.02", "pdf_bin: 0.01", "sample.pdf_bin"},
};

static void check_rule(const char *whole, const struct rule *rule)
{
    struct campaign before = load_text(whole, NULL, NULL, ""),
                    after = load_text(whole, rule->anchor, rule->from, rule->to);
    struct error err = {0};
    enum status status = campaign_extend(&before, &after, &err);
    cr_expect_eq(status, rule->key ? STATUS_CONFLICT : STATUS_OK, "'%s' -> '%s': %s", rule->from ? rule->from : "",
                 rule->to, err.message);
    if (rule->key)
        cr_expect_not_null(strstr(err.message, rule->key), "'%s' is named: %s", rule->key, err.message);
    campaign_finish(&before);
    campaign_finish(&after);
}

static const char hybrid[] = "campaign: glass\n"
                             "seed: 1\n"
                             "ensembles:\n"
                             "  - name: mixed\n"
                             "    mode: hybrid\n"
                             "    temperatures: [0.55]\n"
                             "    hybrid: {identity_every: 100}\n"
                             "    steps: 100000\n"
                             "    prepare: [build: {kind: nanocomposite, grain_atoms: 400}]\n";

static const struct rule hybrid_rules[] = {
    {NULL, "temperatures: [0.55]", "temperatures: [0.50, 0.55]", NULL},
    {NULL, "identity_every: 100", "identity_every: 100, identity_attempts: 1", NULL},
    {NULL, "identity_every: 100", "identity_every: 50", "identity_every"},
    {NULL, "identity_every: 100", "identity_attempts: 2", "identity_attempts"},
    {NULL, "grain_atoms: 400", "grain_volume: 0.69", NULL},
    {NULL, "grain_atoms: 400", "grain_atoms: 1200", "prepare"},
    {NULL, "kind: nanocomposite, grain_atoms: 400", "kind: fcc, noise: 0.1", "prepare"},
};

static const char quench[] = "campaign: glass\n"
                             "seed: 1\n"
                             "ensembles:\n"
                             "  - name: cool\n"
                             "    mode: quench\n"
                             "    quench: {from: 1.0, to: 0.1, rate: 1e-6}\n"
                             "    replicas: 2\n";

static const struct rule quench_rules[] = {
    {NULL, "replicas: 2", "replicas: 8", NULL},      {NULL, "rate: 1e-6", "steps: 900000", NULL},
    {NULL, "rate: 1e-6", "rate: 0.5e-6", "steps"},   {NULL, "to: 0.1", "to: 0.2", "quench.to"},
    {NULL, "from: 1.0", "from: 1.1", "quench.from"},
};

static const char eos[] = "campaign: glass\n"
                          "seed: 1\n"
                          "ensembles:\n"
                          "  - name: crystals\n"
                          "    mode: eos\n"
                          "    eos: {phases: [C15, hcp_large], from: 0.6, to: 1.0, step: 0.01}\n";

static const struct rule eos_rules[] = {
    {NULL, "to: 1.0", "to: 1.1", NULL},
    {NULL, "hcp_large]", "hcp_large, C14]", NULL},
    {NULL, "step: 0.01", "step: 0.01, geometry: relaxed", NULL},
    {NULL, "step: 0.01", "step: 0.01, geometry: ideal", "geometry"},
    {NULL, "to: 1.0", "to: 0.9", "eos.to"},
    {NULL, "from: 0.6", "from: 0.5", "eos.from"},
    {NULL, "step: 0.01", "step: 0.005", "eos.step"},
    {NULL, "C15, hcp_large", "C15", "phase 'hcp_large'"},
    {NULL, "C15, hcp_large", "hcp_large, C15", "phase 'C15'"},
};

static const char finish[] = "campaign: glass\n"
                             "seed: 1\n"
                             "ensembles:\n"
                             "  - name: cold\n"
                             "    mode: isotherm\n"
                             "    temperatures: [0.5]\n"
                             "    steps: 200000\n"
                             "    prepare: [build: random, hold: {temperature: 2.0, steps: 1000}, hold: production,"
                             " ramp: {to: 0}]\n";

static const struct rule finish_rules[] = {
    {NULL, "temperatures: [0.5]", "temperatures: [0.5, 0.6]", NULL},
    {NULL, "steps: 200000", "steps: 300000", "steps"},
    {NULL, "ramp: {to: 0}", "ramp: {to: 0.1}", "prepare"},
    {NULL, ", hold: production, ramp: {to: 0}", "", "prepare"},
};

static const char volume[] = "campaign: glass\n"
                             "seed: 1\n"
                             "system: {small_fraction: 0.67, volume_rule: species}\n"
                             "ensembles:\n"
                             "  - {name: hot, mode: isotherm, temperatures: [0.7], steps: 100000}\n";

static const struct rule volume_rules[] = {
    {NULL, "volume_rule: species", "volume_per_atom: 0.7415", NULL},
    {NULL, "volume_rule: species", "volume_rule: sigma_cubed", "volume_per_atom"},
    {NULL, "volume_rule: species", "volume_rule: species, volume_small: 0.7", "volume_per_atom"},
};

Test(campaign_extend, only_listed_keys_may_change)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        check_rule(base, &rules[i]);
    for (size_t i = 0; i < sizeof hybrid_rules / sizeof hybrid_rules[0]; i++)
        check_rule(hybrid, &hybrid_rules[i]);
    for (size_t i = 0; i < sizeof quench_rules / sizeof quench_rules[0]; i++)
        check_rule(quench, &quench_rules[i]);
    for (size_t i = 0; i < sizeof eos_rules / sizeof eos_rules[0]; i++)
        check_rule(eos, &eos_rules[i]);
    for (size_t i = 0; i < sizeof finish_rules / sizeof finish_rules[0]; i++)
        check_rule(finish, &finish_rules[i]);
    for (size_t i = 0; i < sizeof volume_rules / sizeof volume_rules[0]; i++)
        check_rule(volume, &volume_rules[i]);
}

/* As a compiler would: each with line, column, the line and a caret. */
Test(campaign_extend, every_refusal_stands_at_its_place_in_the_file)
{
    struct campaign before = load_base(), after;
    struct error err = {0};
    static const char text[] = "campaign: glass\n"
                               "seed: 2\n"
                               "system: {cut: force_shifted, atoms: 600}\n"
                               "dynamics: {dt: 0.002}\n"
                               "ensembles:\n"
                               "  - name: ladder\n"
                               "    mode: tempering\n"
                               "    temperatures: [0.60, 0.71]\n"
                               "    steps: 10000\n"
                               "    sample: {thermal: 200, inherent: 500, pdf_inherent: 500}\n"
                               "  - {name: cold, mode: isotherm, temperatures: [0.55, 0.75], steps: 100000}\n";
    static const char wanted[] =
        "new.yaml:2:7: error: seed has changed from 1 to 2, which a running campaign cannot\n"
        "     2 | seed: 2\n"
        "       |       ^\n"
        "new.yaml:3:15: error: cut has changed from shifted to force_shifted, which a running campaign cannot\n"
        "     3 | system: {cut: force_shifted, atoms: 600}\n"
        "       |               ^\n"
        "new.yaml:3:37: error: atoms has changed from 500 to 600, which a running campaign cannot\n"
        "     3 | system: {cut: force_shifted, atoms: 600}\n"
        "       |                                     ^\n"
        "new.yaml:4:16: error: dt has changed from 0.002778 to 0.002, which a running campaign cannot\n"
        "     4 | dynamics: {dt: 0.002}\n"
        "       |                ^\n"
        "new.yaml:8:19: error: temperatures have lost 0.7, which the campaign runs already\n"
        "     8 |     temperatures: [0.60, 0.71]\n"
        "       |                   ^\n"
        "new.yaml:11:12: error: name has changed from hot to cold, which a running campaign cannot\n"
        "    11 |   - {name: cold, mode: isotherm, temperatures: [0.55, 0.75], steps: 100000}\n"
        "       |            ^\n";
    char *report = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&report, &size);
    cr_expect_eq(campaign_load_extension("new.yaml", text, strlen(text), &before, out, &after, &err), STATUS_CAMPAIGN);
    fclose(out);
    cr_expect_str_eq(report, wanted, "%s", report);
    cr_expect_str_eq(err.message, "6 errors in 'new.yaml'");
    free(report);
    campaign_finish(&before);
}

Test(campaign_extend, an_ensemble_may_not_vanish)
{
    struct campaign before =
        load_changed(NULL, NULL, "  - {name: new, mode: isotherm, temperatures: [0.6], steps: 1e5}\n");
    struct campaign after = load_base();
    struct error err = {0};
    cr_expect_eq(campaign_extend(&before, &after, &err), STATUS_CONFLICT);
    cr_expect_not_null(strstr(err.message, "'new'"));
    campaign_finish(&before);
    campaign_finish(&after);
}

Test(campaign_extend, old_rungs_keep_their_numbers)
{
    struct campaign before = load_base(), after = load_changed("hot", "[0.55, 0.75]", "[0.50, 0.55, 0.65, 0.75]");
    cr_assert_eq(campaign_extend(&before, &after, NULL), STATUS_OK);
    static const double expected[] = {0.55, 0.75, 0.50, 0.65};
    for (int i = 0; i < 4; i++)
        cr_expect_eq(after.ensembles[1].temperatures[i], expected[i]);
    campaign_finish(&before);
    campaign_finish(&after);
}

static bool replica_is(const struct replica_spec *replica, uint32_t ensemble, uint32_t rung, uint32_t copy)
{
    return replica->ensemble.value == ensemble && replica->rung_first.value == rung && replica->copy == copy;
}

Test(campaign_extend, old_replicas_keep_their_ids_and_new_ones_follow)
{
    struct campaign before = load_base(), after = load_changed("hot", "replicas: 2", "replicas: 3");
    cr_assert_eq(campaign_extend(&before, &after, NULL), STATUS_OK);
    cr_assert_eq(after.replica_count, 8);
    for (uint32_t i = 0; i < before.replica_count; i++)
        cr_expect(replica_is(&after.replicas[i], before.replicas[i].ensemble.value, before.replicas[i].rung_first.value,
                             before.replicas[i].copy));
    cr_expect(replica_is(&after.replicas[6], 1, 0, 2));
    cr_expect(replica_is(&after.replicas[7], 1, 1, 2));
    campaign_finish(&before);
    campaign_finish(&after);
}

Test(campaign_extend, a_new_rung_between_old_ones_moves_no_replica)
{
    struct campaign before = load_base(), after = load_changed("hot", "[0.55, 0.75]", "[0.55, 0.65, 0.75]");
    cr_assert_eq(campaign_extend(&before, &after, NULL), STATUS_OK);
    for (uint32_t i = 0; i < before.replica_count; i++)
        for (int64_t segment = -2; segment < 2; segment++) {
            struct segment_spec a, b;
            struct rung_id rung = before.replicas[i].rung_first;
            campaign_segment_spec(&before, (struct replica_id){i}, (struct segment_id){segment}, rung, rung, &a);
            campaign_segment_spec(&after, (struct replica_id){i}, (struct segment_id){segment}, rung, rung, &b);
            struct digest x = segment_input_digest(&a, 1, NULL), y = segment_input_digest(&b, 1, NULL);
            cr_expect(digest_equal(&x, &y), "replica %u segment %d", i, (int)segment);
        }
    campaign_finish(&before);
    campaign_finish(&after);
}

Test(campaign_extend, extending_twice_keeps_both_generations)
{
    struct campaign first = load_base();
    struct campaign second = load_changed("hot", "[0.55, 0.75]", "[0.55, 0.65, 0.75]");
    struct campaign third = load_changed("hot", "[0.55, 0.75]", "[0.50, 0.55, 0.65, 0.75]");
    cr_assert_eq(campaign_extend(&first, &second, NULL), STATUS_OK);
    cr_assert_eq(campaign_extend(&second, &third, NULL), STATUS_OK);
    static const double expected[] = {0.55, 0.75, 0.65, 0.50};
    for (int i = 0; i < 4; i++)
        cr_expect_eq(third.ensembles[1].temperatures[i], expected[i]);
    cr_expect(replica_is(&third.replicas[6], 1, 2, 0));
    cr_expect(replica_is(&third.replicas[8], 1, 3, 0));
    campaign_finish(&first);
    campaign_finish(&second);
    campaign_finish(&third);
}

static struct digest digest_changed(const char *anchor, const char *from, const char *to, uint32_t ensemble)
{
    struct campaign campaign = load_changed(anchor, from, to);
    struct digest digest = ensemble_spec_digest(&campaign, (struct ensemble_id){ensemble});
    campaign_finish(&campaign);
    return digest;
}

Test(campaign_extend, the_digest_sees_what_decides_bits)
{
    struct digest ladder = digest_changed(NULL, NULL, "", 0), hot = digest_changed(NULL, NULL, "", 1);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *rule = &rules[i];
        struct digest a = digest_changed(rule->anchor, rule->from, rule->to, 0);
        struct digest b = digest_changed(rule->anchor, rule->from, rule->to, 1);
        bool changed = !digest_equal(&a, &ladder) || !digest_equal(&b, &hot);
        bool decides = rule->key && strstr(rule->key, "name") == NULL && strncmp(rule->key, "sample", 6) != 0 &&
                       strcmp(rule->key, "steps") != 0 && strcmp(rule->key, "replicas") != 0 &&
                       !(rule->anchor && strcmp(rule->anchor, "hot") == 0 && strcmp(rule->key, "temperatures") == 0);
        cr_expect_eq(changed, decides, "'%s' -> '%s'", rule->from ? rule->from : "", rule->to);
    }
}

Test(campaign_extend, failed_allocations_leave_both_campaigns_whole)
{
    struct campaign before = load_base();
    for (uint64_t n = 1; n <= 3; n++) {
        struct campaign after = load_changed("hot", "replicas: 2", "replicas: 3");
        mem_fail_nth(n);
        enum status status = campaign_extend(&before, &after, NULL);
        mem_fail_nth(0);
        cr_expect_eq(status, n <= 2 ? STATUS_NO_MEMORY : STATUS_OK);
        cr_expect_eq(after.replica_count, 8);
        campaign_finish(&after);
    }
    campaign_finish(&before);
}
