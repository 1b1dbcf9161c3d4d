/* The arithmetic of the engine, held to one digest: a fixed toy run through every force term and thermostat must give
 * these bits on every machine, instruction set, compiler and optimisation level. The digest was made by this engine; it
 * changes only together with ENGINE_ID (common/engine.h). */
#include "common/engine.h"
#include "worker/kernels/kernels.h"
#include "worker/md/probe.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

static const char digest_expected[] = "711ae5764c5472a3df15ccaef474689a1e82a1d4bf9de263323ced949e97cc95";

struct isa_case {
    char name[16];
};

ParameterizedTestParameters(trajectory, probe_gives_the_digest_of_this_engine_id)
{
    static struct isa_case cases[] = {{"portable"}, {"avx2"}, {"avx512"}};
    return cr_make_param_array(struct isa_case, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(struct isa_case *isa, trajectory, probe_gives_the_digest_of_this_engine_id)
{
    const struct kernels *kernels;
    struct error err = {0};
    struct digest digest;
    char text[DIGEST_TEXT_SIZE];
    if (kernels_find(isa->name, &kernels, NULL) != STATUS_OK)
        cr_skip_test("this machine has no %s", isa->name);
    cr_assert_eq(md_probe_digest(kernels, &digest, &err), STATUS_OK, "%s", err.message);
    digest_to_text(&digest, text);
    cr_assert_str_eq(text, digest_expected, "%s, engine id %d", isa->name, ENGINE_ID);
}
