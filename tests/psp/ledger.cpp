#include "psp/ledger.hpp"

#define CAF_SUITE psp.ledger
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using provider_protocol::status;
using psp::ledger;
using kind = payment::operation;

namespace {

struct fixture {
  ledger books;
  int last = 0;

  status settle(kind operation, std::int64_t amount, std::string token = "tok_ok", std::string currency = "EUR") {
    const auto key = std::to_string(++last);
    const auto& done = books.settle(key, {operation, "pay_1", {amount, currency}, "card", token, reference}).operation;
    if (operation == kind::authorize)
      reference = done.reference;
    reason = done.reason;
    return done.status;
  }

  std::string reference;
  std::string reason;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("the card token decides on an authorisation") {
  CHECK(settle(kind::authorize, 5, "tok_ok") == status::approved);
  CHECK(settle(kind::authorize, 5, "tok_declined") == status::declined);
  CHECK_EQ(reason, "card_declined");
  CHECK(settle(kind::authorize, 5, "tok_insufficient_funds") == status::declined);
  CHECK(settle(kind::authorize, 5, "visa") == status::declined);
}

SCENARIO("no more is captured than was authorised, and no more refunded than was captured") {
  CHECK(settle(kind::authorize, 100) == status::approved);
  CHECK(settle(kind::capture, 101) == status::declined);
  CHECK(settle(kind::capture, 60) == status::approved);
  CHECK(settle(kind::capture, 60) == status::declined);
  CHECK(settle(kind::void_authorization, 100) == status::declined);
  CHECK(settle(kind::refund, 61) == status::declined);
  CHECK(settle(kind::refund, 40) == status::approved);
  CHECK(settle(kind::refund, 40) == status::declined);
  CHECK(settle(kind::refund, 20, "tok_ok", "USD") == status::declined);
  const auto all = books.contents();
  CHECK_EQ(all.charges.size(), 1u);
  CHECK_EQ(all.charges[0].captured, 60);
  CHECK_EQ(all.charges[0].refunded, 40);
}

SCENARIO("a voided or unknown authorisation cannot be captured") {
  settle(kind::authorize, 100);
  CHECK(settle(kind::void_authorization, 100) == status::approved);
  CHECK(settle(kind::capture, 100) == status::declined);
  reference = "chg_unknown";
  CHECK(settle(kind::capture, 100) == status::declined);
  CHECK_EQ(reason, "no_such_authorization");
}

SCENARIO("a closed key is refused and belongs to no payment") {
  const auto& closed = books.close("key");
  CHECK(closed.closed);
  CHECK(closed.operation.status == status::declined);
  CHECK(closed.operation.payment.empty());
  CHECK(books.find("key") == &closed);
}

END_FIXTURE_SCOPE()
