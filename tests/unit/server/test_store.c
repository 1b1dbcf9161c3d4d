#include "server/store/store.h"

#include "common/mem.h"
#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(store, a_campaign_comes_back_as_it_was_put)
{
    struct fixture fixture;
    struct campaign again;
    struct error err = {0};
    fixture_init(&fixture, fixture_campaign);
    cr_assert(eq(u32, fixture.campaign.value, 1));
    fixture_reopen(&fixture);
    cr_assert_eq(store_get_campaign(fixture.store, fixture.campaign, &again, &err), STATUS_OK, "%s", err.message);
    cr_expect(eq(u32, again.replica_count, 5));
    cr_expect_str_eq(again.name, "fixture");
    campaign_finish(&again);
    fixture_finish(&fixture);
}

Test(store, science_hash_of_a_longer_run_is_that_of_an_extended_one)
{
    struct fixture one, two;
    fixture_init(&one, fixture_campaign_longer);
    fixture_run(&one, 8, 0);
    fixture_init(&two, fixture_campaign);
    fixture_run(&two, 4, 3);
    struct error err = {0};
    fixture_reopen(&two);
    cr_assert_eq(fixture_put_campaign(&two, fixture_campaign_longer, &err), STATUS_OK, "%s", err.message);
    struct digest a = fixture_hash(&one), b = fixture_hash(&two);
    cr_expect_not(digest_equal(&a, &b));
    fixture_run(&two, 8, 1);
    b = fixture_hash(&two);
    cr_expect(digest_equal(&a, &b));
    fixture_finish(&one);
    fixture_finish(&two);
}
