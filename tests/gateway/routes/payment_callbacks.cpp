#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/webhook/signature.hpp"
#include "messages/provider_protocol.hpp"
#include "tests/gateway/support/support.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#define CAF_SUITE gateway.payment_callbacks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using provider_protocol::status;
namespace signature = webhook_signature;

namespace {

const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string other_secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const payment_id payment_of_test{"pay_00000000000000000001"};

/// Payments that record their messages.
struct teller {
  std::mutex mutex;
  std::vector<report_payment_outcome> reports;
  ec failure = ec::none;
};

payment_actor::behavior_type payments(const std::shared_ptr<teller>& notes) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [](authorize_payment&) { return payment::state{}; },
          [](capture_payment&) { return payment::state{}; },
          [](void_payment&) { return payment::state{}; },
          [notes](report_payment_outcome& report) -> caf::result<payment::state> {
            const std::lock_guard guard{notes->mutex};
            if (notes->failure != ec::none)
              return caf::make_error(notes->failure, std::string{"the script says so"});
            notes->reports.push_back(report);
            return payment::state{};
          },
          [](get_payment&) { return payment::state{}; },
          [](refund_payment&) { return payment::state{}; }};
}

std::string body_of(status outcome = status::approved, const std::string& payment = payment_of_test.value,
                    const std::string& key = payment_of_test.value + "/authorize") {
  return encode(
    provider_protocol::callback{std::string{provider_protocol::callback::settled},
                                {key, payment::operation::authorize, payment, {500, "EUR"}, outcome, "ref", "no"}});
}

header_list signed_by(const std::string& by, const std::string& body, timestamp at = now()) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
  const auto key = signature::read_keys(by).value().front();
  return {{"webhook-id", "msg_1"},
          {"webhook-timestamp", std::to_string(seconds)},
          {"webhook-signature", signature::sign(key, "msg_1", seconds, body)}};
}

struct shop {
  explicit shop(const std::string& secrets = secret)
    : front{[&](gateway_config& config) {
              config.payment_callback_secrets = secrets;
              config.auth_required = true;
            },
            [this](gateway_services& services) {
              auto& sys = caf::actor_cast<caf::actor>(services.orders)->home_system();
              const auto made = sys.spawn([notes = notes] { return payments(notes); });
              services.payments = made;
              to_end = caf::actor_cast<caf::actor>(made);
            }} {}

  ~shop() { caf::anon_send_exit(to_end, caf::exit_reason::user_shutdown); }

  unsigned send(const std::string& body, const header_list& headers) {
    return front.send("POST", "/v1/payment-callbacks", body, headers).status;
  }

  std::vector<report_payment_outcome> reports() {
    const std::lock_guard guard{notes->mutex};
    return notes->reports;
  }

  std::shared_ptr<teller> notes = std::make_shared<teller>();
  caf::actor to_end;
  fixture front;
};

} // namespace

SCENARIO("a signed callback reaches the payment, without an access token") {
  shop shop;
  CHECK_EQ(shop.send(body_of(), signed_by(secret, body_of())), 204u);
  const auto declined = body_of(status::declined);
  CHECK_EQ(shop.send(declined, signed_by(secret, declined)), 204u);
  const auto told = shop.reports();
  REQUIRE(told.size() == 2);
  CHECK_EQ(told[0].id, payment_of_test);
  CHECK_EQ(told[0].key, payment_of_test.value + "/authorize");
  CHECK_EQ(told[0].answer.outcome, provider_outcome::approved);
  CHECK_EQ(told[0].answer.reference, "ref");
  CHECK_EQ(told[0].origin.causation_id, "msg_1");
  CHECK_EQ(told[1].answer.outcome, provider_outcome::declined);
  CHECK_EQ(told[1].answer.reason, "no");
}

SCENARIO("a forged, unsigned, stale or changed callback is 401 and reaches no payment") {
  shop shop;
  const auto body = body_of();
  const auto good = signed_by(secret, body);
  auto other_id = good;
  other_id[0].second = "msg_2";
  for (const auto& headers : {header_list{}, signed_by(other_secret, body), other_id,
                              signed_by(secret, body, now() - std::chrono::minutes{6}),
                              signed_by(secret, body, now() + std::chrono::minutes{6}), header_list{good[0], good[1]},
                              header_list{good[1], good[2]}})
    CHECK_EQ(shop.send(body, headers), 401u);
  CHECK_EQ(shop.send(body_of(status::declined), good), 401u);
  CHECK(shop.reports().empty());
}

SCENARIO("without a secret no callback is accepted") {
  shop shop{""};
  CHECK_EQ(shop.send(body_of(), signed_by(secret, body_of())), 401u);
  CHECK(shop.reports().empty());
}

SCENARIO("while the secret is replaced, both are accepted") {
  shop shop{other_secret + " " + secret};
  CHECK_EQ(shop.send(body_of(), signed_by(secret, body_of())), 204u);
  CHECK_EQ(shop.send(body_of(), signed_by(other_secret, body_of())), 204u);
  CHECK_EQ(shop.reports().size(), 2u);
}

SCENARIO("a signed but invalid callback is 422; one of another type, or without an outcome, is accepted and ignored") {
  shop shop;
  for (const auto& bad : {std::string{"{"}, std::string{"[]"}, body_of(status::approved, "ord_1"),
                          body_of(status::approved, payment_of_test.value, "pay_2/authorize"),
                          body_of(status::approved, payment_of_test.value, std::string{"authorize"})})
    CHECK_EQ(shop.send(bad, signed_by(secret, bad)), 422u);
  const std::string unknown = R"({"type":"payout.settled","data":{}})";
  CHECK_EQ(shop.send(unknown, signed_by(secret, unknown)), 204u);
  const auto pending = body_of(status::pending);
  CHECK_EQ(shop.send(pending, signed_by(secret, pending)), 204u);
  CHECK(shop.reports().empty());
}

SCENARIO("a callback that could not be recorded is no success, so that the provider repeats it") {
  shop shop;
  for (const auto& [code, status] : {std::pair{ec::unavailable, 503U}, std::pair{ec::not_found, 404U}}) {
    {
      const std::lock_guard guard{shop.notes->mutex};
      shop.notes->failure = code;
    }
    CHECK_EQ(shop.send(body_of(), signed_by(secret, body_of())), status);
  }
  {
    const std::lock_guard guard{shop.notes->mutex};
    shop.notes->failure = ec::none;
  }
  CHECK_EQ(shop.send(body_of(), signed_by(secret, body_of())), 204u);
}
