#include "actors/payment/http_provider.hpp"

#include "actors/entity/entity_support.hpp"
#include "actors/payment/provider_answers.hpp"
#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "messages/provider_protocol.hpp"
#include "outbound/http_client.hpp"
#include "psp/ledger.hpp"
#include "psp/server.hpp"
#include "tests/support/scripted_server.hpp"
#include "transport/meta_objects.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <atomic>
#include <future>

#define CAF_SUITE actors.http_provider
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;
using outbound::http_failure;
using outbound::http_response;
using outbound::http_result;
using provider_protocol::status;
using testing::scripted_answer;
using testing::scripted_request;
using testing::scripted_server;

namespace {

const std::string key = "pay_1/authorize";

std::string body_of(status outcome, const std::string& about = key,
                    payment::operation operation = payment::operation::authorize) {
  return encode(provider_protocol::operation{about, operation, "pay_1", {500, "EUR"}, outcome, "ref", "no"});
}

http_result answered(unsigned code, std::string body = {}) {
  return http_response{code, {}, std::move(body)};
}

read_answer call_answer(const http_result& from) {
  return read_call_answer(key, payment::operation::authorize, from);
}

bool is_open(const read_answer& read) {
  return !read.answer.has_value();
}

bool says(const read_answer& read, provider_outcome outcome) {
  return read.answer && read.answer->outcome == outcome;
}

/// A real actor system, because the client has a thread of its own.
struct adapter {
  explicit adapter(const std::string& url, http_provider_settings settings = {}) {
    settings.url = url;
    client = outbound::http_client::make({}).value();
    provider = spawn_http_provider(sys, settings, client);
  }

  ~adapter() {
    caf::anon_send_exit(provider, caf::exit_reason::kill);
    provider = nullptr;
    client->stop();
  }

  template <class Question>
  result<provider_answer> ask(Question question) {
    result<provider_answer> got = failure{ec::internal, "nothing"};
    caf::scoped_actor self{sys};
    self->request(provider, 30s, std::move(question))
      .receive([&](provider_answer& answer) { got = std::move(answer); },
               [&](const caf::error& reason) { got = to_failure(reason); });
    return got;
  }

  result<provider_answer> authorize(const std::string& token, const std::string& payment = "pay_1") {
    return ask(provider_request{
      payment + "/authorize", payment::operation::authorize, payment_id{payment}, {500, "EUR"}, "card", token, {}});
  }

  caf::actor_system_config config;
  caf::actor_system sys{config};
  std::shared_ptr<outbound::http_client> client;
  payment_provider_actor provider;
};

std::unique_ptr<psp::server> start_psp(psp::server_settings settings = {}) {
  settings.port = 0;
  return std::move(psp::server::start(settings).value());
}

psp::books books_of(adapter& asking, const psp::server& bank) {
  std::promise<std::string> told;
  outbound::http_request request;
  request.url = outbound::parse_http_url(bank.url() + "/ledger").value();
  asking.client->send(request, [&](const http_result& answer) { told.set_value(answer ? answer->body : ""); });
  return decode<psp::books>(told.get_future().get()).value();
}

} // namespace

// -- what answers mean ------------------------------------------------------------------------------------------------

SCENARIO("a definite answer about the requested operation is its outcome") {
  CHECK(says(call_answer(answered(200, body_of(status::approved))), provider_outcome::approved));
  CHECK_EQ(call_answer(answered(200, body_of(status::approved))).answer->reference, "ref");
  CHECK(says(call_answer(answered(201, body_of(status::declined))), provider_outcome::declined));
  CHECK_EQ(call_answer(answered(201, body_of(status::declined))).answer->reason, "no");
}

SCENARIO("G4: a call that may have had an unknown effect leaves the outcome open") {
  for (const auto& from :
       {answered(500), answered(502), answered(504), answered(302), answered(409), answered(200), answered(200, "{}"),
        answered(200, "<html>"), answered(202, body_of(status::pending)), answered(200, body_of(status::pending)),
        answered(200, body_of(status::approved, "pay_2/authorize")),
        answered(200, body_of(status::approved, key, payment::operation::capture)),
        http_result{http_failure{ec::timed_out, "", true}}, http_result{http_failure{ec::unavailable, "", true}},
        http_result{http_failure{ec::internal, "", true}}, http_result{http_failure{ec::shutting_down, "", true}}})
    CHECK(is_open(call_answer(from)));
}

SCENARIO("a call that certainly had no effect may be repeated") {
  for (const auto& from :
       {answered(503), answered(429), answered(401), answered(403),
        http_result{http_failure{ec::unavailable, "", false}}, http_result{http_failure{ec::overloaded, "", false}},
        http_result{http_failure{ec::timed_out, "", false}}})
    CHECK(says(call_answer(from), provider_outcome::try_again));
}

SCENARIO("a failed look-up decides nothing, and only a confirmed closing of the key closes it") {
  for (const bool close : {false, true}) {
    CHECK(says(read_lookup_answer(key, close, answered(200, body_of(status::approved))), provider_outcome::approved));
    for (const auto& from :
         {answered(500), answered(401), answered(200, "{}"), answered(202, body_of(status::pending)),
          answered(200, body_of(status::approved, "pay_2/authorize")),
          http_result{http_failure{ec::timed_out, "", true}}, http_result{http_failure{ec::unavailable, "", false}}})
      CHECK(says(read_lookup_answer(key, close, from), provider_outcome::try_again));
  }
  CHECK(says(read_lookup_answer(key, false, answered(404)), provider_outcome::not_found));
  CHECK(says(read_lookup_answer(key, true, answered(404)), provider_outcome::try_again));
}

// -- the adapter ------------------------------------------------------------------------------------------------------

SCENARIO("money is authorised, captured, refunded and voided at a provider over HTTP") {
  const auto bank = start_psp({.secret = "s3cret"});
  adapter client{bank->url(), {.secret = "s3cret"}};
  const auto authorized = client.authorize("tok_ok");
  CAF_REQUIRE(authorized.has_value());
  CHECK_EQ(authorized->outcome, provider_outcome::approved);
  const auto go_on = [&](payment::operation operation, const std::string& payment, const std::string& reference) {
    return client.ask(provider_request{payment + '/' + std::string{waybill::name_of(operation)},
                                       operation,
                                       payment_id{payment},
                                       {500, "EUR"},
                                       "card",
                                       "tok_ok",
                                       reference});
  };
  CHECK_EQ(go_on(payment::operation::capture, "pay_1", authorized->reference)->outcome, provider_outcome::approved);
  CHECK_EQ(go_on(payment::operation::refund, "pay_1", authorized->reference)->outcome, provider_outcome::approved);
  const auto other = client.authorize("tok_ok", "pay_2");
  CHECK_EQ(go_on(payment::operation::void_authorization, "pay_2", other->reference)->outcome,
           provider_outcome::approved);
  CHECK_EQ(client.ask(provider_lookup{key, false})->outcome, provider_outcome::approved);
  CHECK_EQ(client.authorize("tok_insufficient_funds", "pay_3")->reason, "insufficient_funds");
}

SCENARIO("a provider's refusal of our credentials is no decline of the customer's payment") {
  const auto bank = start_psp({.secret = "s3cret"});
  adapter client{bank->url(), {.secret = "other"}};
  CHECK_EQ(client.authorize("tok_ok")->outcome, provider_outcome::try_again);
}

SCENARIO("G4: whatever fails after the charge, the outcome is open, the look-up finds it, and there is one charge") {
  const auto bank = start_psp();
  for (const std::string token : {"tok_timeout_charged", "tok_error_charged", "tok_reset_charged"}) {
    adapter client{bank->url(), {.timeout = 300ms}};
    const auto payment = "pay_" + token;
    const auto lost = client.authorize(token, payment);
    CAF_REQUIRE(lost.has_error());
    CHECK_EQ(client.ask(provider_lookup{payment + "/authorize", true})->outcome, provider_outcome::approved);
    // The same key again: the first answer.
    CHECK_EQ(client.authorize(token, payment)->outcome, provider_outcome::approved);
  }
  adapter client{bank->url()};
  CHECK_EQ(books_of(client, *bank).charges.size(), 3u);
}

SCENARIO("G4: a kept connection that breaks after the charge makes no second one: the request repeats its key") {
  const auto bank = start_psp();
  adapter client{bank->url()};
  CHECK_EQ(client.authorize("tok_ok", "pay_2")->outcome, provider_outcome::approved);
  CHECK_EQ(client.authorize("tok_reset_charged")->outcome, provider_outcome::approved);
  const auto books = books_of(client, *bank);
  CHECK_EQ(books.charges.size(), 2u);
  const auto found = std::ranges::find(books.entries, key, [](const psp::entry& entry) { return entry.operation.key; });
  CAF_REQUIRE(found != books.entries.end());
  CHECK_EQ(found->calls, 2u);
}

SCENARIO("G4: a charge that never happened can be closed, and the call that comes late is refused") {
  const auto bank = start_psp();
  adapter client{bank->url(), {.timeout = 300ms}};
  CAF_REQUIRE(client.authorize("tok_timeout").has_error());
  CHECK_EQ(client.ask(provider_lookup{key, false})->outcome, provider_outcome::not_found);
  CHECK_EQ(client.ask(provider_lookup{key, true})->outcome, provider_outcome::declined);
  CHECK_EQ(client.authorize("tok_ok")->outcome, provider_outcome::declined);
  CHECK_EQ(books_of(client, *bank).charges.size(), 0u);
}

SCENARIO("a call that the provider leaves pending is looked up until it is decided") {
  const auto bank = start_psp({.late = 200ms});
  adapter client{bank->url()};
  CAF_REQUIRE(client.authorize("tok_late_callback").has_error());
  auto known = client.ask(provider_lookup{key, true});
  for (int i = 0; i < 1'000 && known && known->outcome == provider_outcome::try_again; ++i)
    known = client.ask(provider_lookup{key, true});
  CHECK_EQ(known->outcome, provider_outcome::approved);
}

SCENARIO("the circuit opens when the provider fails: nothing is sent, and such calls may be repeated") {
  std::atomic<bool> ill = true;
  scripted_server bank{[&](const scripted_request& request) -> scripted_answer {
    if (ill)
      return {500, "{}"};
    return {200, body_of(status::approved, request.idempotency_key)};
  }};
  adapter client{bank.url(), {.breaker = {.failures = 3, .open_for = 200ms, .longest_open = 200ms}}};
  for (int i = 0; i < 3; ++i)
    CHECK(client.authorize("tok_ok").has_error());
  for (int i = 0; i < 10; ++i)
    CHECK_EQ(client.authorize("tok_ok")->outcome, provider_outcome::try_again);
  CHECK(bank.requests() <= 4);
  ill = false;
  auto again = client.authorize("tok_ok");
  for (int i = 0; i < 100'000 && !(again && again->outcome == provider_outcome::approved); ++i)
    again = client.authorize("tok_ok");
  CHECK_EQ(again->outcome, provider_outcome::approved);
}

SCENARIO("a full queue here does not open the circuit") {
  CHECK(call_answer(http_result{http_failure{ec::overloaded, "", false}}).provider == read_answer::health::unknown);
  CHECK(call_answer(answered(500)).provider == read_answer::health::ill);
  CHECK(call_answer(answered(401)).provider == read_answer::health::well);
}
