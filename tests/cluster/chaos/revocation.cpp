#include "tests/cluster/chaos/revocation.hpp"

#include "tests/support/http_shop.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>

namespace waybill::chaos {

namespace {

namespace json = boost::json;

outbound::header_list bearer(const std::string& token) {
  return {{"Authorization", "Bearer " + token}};
}

/// Different in each run of the program and for each revocation.
std::string fresh_name() {
  static int made = 0;
  return "guest-" + std::to_string(++made) + "-" + std::to_string(now().time_since_epoch().count());
}

} // namespace

revocation::revocation(std::vector<std::string> gateways, const accounts& people)
  : gateways_{std::move(gateways)}, people_{people} {}

bool revocation::open() {
  holders_.clear();
  name_ = fresh_name();
  if (!make_key() || !make_operator("the stream of a user who was disabled", R"({"disabled":true})")
      || !make_operator("the stream of a user who lost the role", R"({"roles":["customer"]})"))
    return false;
  for (auto& one : holders_)
    for (const auto& gateway : gateways_)
      one.streams.push_back(std::make_unique<open_stream>(gateway, bearer(one.token), "latest"));
  return true;
}

bool revocation::make_key() {
  const auto made = test::call(gateways_.front(), {"POST", "/v1/service-keys", people_.admin(),
                                                   R"({"name":")" + name_ + R"(","roles":["operator"]})"});
  if (!made || made->status != 201)
    return false;
  auto& one = holders_.emplace_back();
  one.what = "the stream of a key that was revoked";
  one.token = test::text_at(made->body, "/token");
  one.taking = {"DELETE", "/v1/service-keys/" + test::text_at(made->body, "/key/id"), {}, {}};
  return true;
}

bool revocation::make_operator(const std::string& what, const std::string& change) {
  const auto email = name_ + "-" + std::to_string(holders_.size()) + "@example.org";
  const auto password = "correct horse of " + name_;
  const auto ask = [&](const outbound::api_request& request) { return test::call(gateways_.front(), request); };
  const auto made = ask({"POST",
                         "/v1/auth/register",
                         {},
                         json::serialize(json::value{{"email", email}, {"password", password}, {"name", "Guest"}})});
  if (!made || made->status != 201)
    return false;
  const auto user = "/v1/users/" + test::text_at(made->body, "/user/id");
  const auto promoted = ask({"PATCH", user, people_.admin(), R"({"roles":["customer","operator"]})"});
  if (!promoted || promoted->status != 200)
    return false;
  const auto in =
    ask({"POST", "/v1/auth/login", {}, json::serialize(json::value{{"email", email}, {"password", password}})});
  if (!in || in->status != 200)
    return false;
  auto& one = holders_.emplace_back();
  one.what = what;
  one.token = test::text_at(in->body, "/access_token");
  one.taking = {"PATCH", user, {}, change};
  return true;
}

bool revocation::all_follow() {
  const bool all = std::ranges::all_of(holders_, [](const holder& one) {
    return std::ranges::all_of(one.streams, [](const auto& stream) { return !stream->look().events.empty(); });
  });
  // Asked again and again, and the load may be over: each time would be a flood.
  constexpr auto between_events = std::chrono::seconds{1};
  const auto time = std::chrono::steady_clock::now();
  if (!all && time - logged_at_ >= between_events) {
    logged_at_ = time;
    log_event();
  }
  return all;
}

bool revocation::log_event() {
  const auto sku = name_ + "-" + std::to_string(++products_);
  const auto body = json::serialize(
    json::value{{"sku", sku}, {"name", sku}, {"price", {{"amount", 100}, {"currency", "EUR"}}}, {"on_hand", 0}});
  const auto made = test::call(gateways_.front(), {"POST", "/v1/products", people_.admin(), body});
  return made && made->status == 201;
}

bool revocation::revoke() {
  for (auto& one : holders_) {
    if (one.revoked != timestamp{})
      continue;
    auto request = one.taking;
    request.headers = people_.admin();
    const auto answer = test::call(gateways_.front(), request);
    if (!answer || (answer->status != 200 && answer->status != 204))
      return false;
    one.revoked = now();
  }
  return true;
}

timestamp revocation::revoked() const {
  timestamp last{};
  for (const auto& one : holders_)
    last = std::max(last, one.revoked);
  return last;
}

void revocation::note(history& into, bool alone) const {
  for (const auto& one : holders_)
    // Where nothing was taken away there is nothing to see; that it was not is noted by the driver.
    for (std::size_t i = 0; one.revoked != timestamp{} && i < one.streams.size(); ++i) {
      const auto seen = one.streams[i]->look();
      revoked_stream noted{one.what, i, one.revoked, seen.ended, seen.reason, seen.events, now(), alone, 0};
      if (one.taking.method == "DELETE")
        if (const auto again = test::call(gateways_[i], {"GET", "/v1/orders?limit=1", bearer(one.token), {}}))
          noted.asked_again = again->status;
      into.revoked.push_back(std::move(noted));
    }
}

} // namespace waybill::chaos
