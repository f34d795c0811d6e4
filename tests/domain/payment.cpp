#include "domain/payment.hpp"

#include "tests/domain/story.hpp"

#define CAF_SUITE domain.payment
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::payment;
using waybill::testing::euros;
using waybill::testing::payment_story;
using waybill::testing::word;

namespace {

const payment_id pay{"pay_1"};

authorize an_authorize_command() {
  return {pay, order_id{"ord_1"}, customer_id{"cus_1"}, euros(1300), "card", "tok_ok"};
}

payment_story authorizing_payment() {
  payment_story story;
  story.tell(an_authorize_command());
  return story;
}

payment_story authorized_payment() {
  auto story = authorizing_payment();
  story.tell(record_approved{"ref_1"});
  return story;
}

} // namespace

SCENARIO("an intent is recorded under a stable key before the provider is asked") {
  auto story = authorizing_payment();
  REQUIRE(story.state.under_way.has_value());
  CHECK_EQ(story.state.under_way->key, "pay_1/authorize");
  CHECK_EQ(word(story.state.status), "authorizing");
  CHECK(!is_at_rest(story.state));
  CHECK_EQ(story.tell(an_authorize_command()), "nothing");
}

SCENARIO("a payment is authorised, then captured") {
  auto story = authorizing_payment();
  CHECK_EQ(story.tell(record_approved{"ref_1"}), "payment.authorized");
  CHECK_EQ(story.state.reference, "ref_1");
  CHECK_EQ(story.tell(capture{}), "payment.intent_recorded");
  CHECK_EQ(story.state.under_way->key, "pay_1/capture");
  CHECK_EQ(story.tell(record_approved{"ref_1"}), "payment.captured");
  CHECK(story.state.captured == euros(1300));
  CHECK_EQ(story.tell(capture{}), "nothing");
  CHECK_EQ(story.tell(void_authorization{pay}), "illegal_transition");
}

SCENARIO("G4: a late answer about the previous operation says nothing about the one under way") {
  auto story = authorized_payment();
  story.tell(capture{});
  CHECK_EQ(story.tell(record_approved{"ref_1", "pay_1/authorize"}), "illegal_transition");
  CHECK_EQ(story.tell(record_declined{"no money", "pay_1/authorize"}), "illegal_transition");
  CHECK_EQ(word(story.state.status), "capturing");
  CHECK_EQ(story.tell(record_approved{"ref_1", "pay_1/capture"}), "payment.captured");
}

SCENARIO("a missing answer is recorded as unknown once, and then replaced by the provider's word") {
  auto story = authorizing_payment();
  CHECK_EQ(story.tell(record_unknown{}), "payment.unknown");
  CHECK_EQ(story.tell(record_unknown{}), "nothing");
  CHECK(story.state.under_way->unknown);
  CHECK_EQ(story.tell(record_approved{"ref_1"}), "payment.authorized");
  CHECK_EQ(story.tell(record_unknown{}), "illegal_transition");
}

SCENARIO("a declined payment stays declined") {
  auto story = authorizing_payment();
  CHECK_EQ(story.tell(record_declined{"card_declined"}), "payment.declined");
  CHECK_EQ(story.tell(an_authorize_command()), "nothing");
  CHECK_EQ(story.tell(void_authorization{pay}), "nothing");
  CHECK_EQ(story.tell(capture{}), "illegal_transition");
  CHECK_EQ(word(story.state.status), "declined");
}

SCENARIO("a capture that is declined leaves the authorisation and the reason") {
  auto story = authorized_payment();
  story.tell(capture{});
  CHECK_EQ(story.tell(record_declined{"expired"}), "payment.declined");
  CHECK_EQ(word(story.state.status), "authorized");
  CHECK_EQ(story.state.decline_reason, "expired");
  CHECK(story.state.authorized == euros(1300));
}

SCENARIO("a payment that is voided before its authorisation was requested refuses the late request") {
  payment_story story;
  CHECK_EQ(story.tell(void_authorization{pay}), "payment.voided");
  CHECK_EQ(story.state.id.value, "pay_1");
  CHECK_EQ(story.tell(void_authorization{pay}), "nothing");
  CHECK_EQ(story.tell(an_authorize_command()), "illegal_transition");
}

SCENARIO("a void waits for the authorisation under way, and then voids it") {
  auto story = authorizing_payment();
  CHECK_EQ(story.tell(void_authorization{pay}), "nothing");
  story.tell(record_approved{"ref_1"});
  CHECK_EQ(story.tell(void_authorization{pay}), "payment.intent_recorded");
  CHECK_EQ(story.state.under_way->key, "pay_1/void_authorization");
  CHECK_EQ(story.tell(record_approved{}), "payment.voided");
  CHECK(story.state.authorized.is_zero());
  CHECK(std::get<voided>(story.log.back().second).amount == euros(1300));
}

SCENARIO("a payment under way cannot be voided while it is captured") {
  auto story = authorized_payment();
  story.tell(capture{});
  CHECK_EQ(story.tell(void_authorization{pay}), "illegal_transition");
}

SCENARIO("one payment belongs to one order and one amount") {
  auto story = authorizing_payment();
  auto other = an_authorize_command();
  other.amount = euros(1);
  CHECK_EQ(story.tell(other), "idempotency_key_reused");
  other = an_authorize_command();
  other.order = order_id{"ord_2"};
  CHECK_EQ(story.tell(other), "idempotency_key_reused");
}

SCENARIO("G4: each refund is one intent under a key of its own, at most once, and never more than is left") {
  auto story = authorized_payment();
  CHECK_EQ(story.tell(give_back{refund_id{"rfd_1"}, euros(300)}), "illegal_transition");
  story.tell(capture{});
  story.tell(record_approved{});
  CHECK_EQ(story.tell(give_back{refund_id{"rfd_1"}, euros(300)}), "payment.intent_recorded");
  CHECK_EQ(story.state.under_way->key, "pay_1/refund/rfd_1");
  CHECK_EQ(story.tell(give_back{refund_id{"rfd_1"}, euros(300)}), "nothing");
  CHECK_EQ(story.tell(give_back{refund_id{"rfd_2"}, euros(300)}), "conflict");
  CHECK_EQ(story.tell(record_unknown{}), "payment.unknown");
  CHECK_EQ(story.tell(record_approved{"ref_2", "pay_1/refund/rfd_1"}), "payment.refunded");
  CHECK_EQ(story.state.refunded, euros(300));
  CHECK_EQ(story.tell(give_back{refund_id{"rfd_1"}, euros(300)}), "nothing");
  CHECK_EQ(story.tell(give_back{refund_id{"rfd_1"}, euros(400)}), "idempotency_key_reused");
  CHECK_EQ(story.tell(give_back{refund_id{"rfd_2"}, euros(1001)}), "invalid_argument");
  CHECK_EQ(story.tell(give_back{refund_id{"rfd_2"}, euros(1000)}), "payment.intent_recorded");
  CHECK_EQ(story.tell(record_declined{"account_closed"}), "payment.declined");
  CHECK_EQ(word(story.state.status), "captured");
  CHECK_EQ(story.state.refunded, euros(300));
  CHECK_EQ(word(find_refund(story.state, refund_id{"rfd_2"})->status), "declined");
}
