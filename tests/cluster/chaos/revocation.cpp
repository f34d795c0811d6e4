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
  for (auto& holder : holders_)
    for (const auto& gateway : gateways_)
      holder.streams.push_back(std::make_unique<open_stream>(gateway, bearer(holder.token), "latest"));
  return true;
}

bool revocation::make_key() {
  const auto made = test::call(gateways_.front(), {"POST", "/v1/service-keys", people_.admin(),
                                                   R"({"name":")" + name_ + R"(","roles":["operator"]})"});
  if (!made || made->status != 201)
    return false;
  auto& holder = holders_.emplace_back();
  holder.description = "the stream of a key that was revoked";
  holder.token = test::text_at(made->body, "/token");
  holder.taking = {"DELETE", "/v1/service-keys/" + test::text_at(made->body, "/key/id"), {}, {}};
  return true;
}

bool revocation::make_operator(const std::string& description, const std::string& change) {
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
  auto& holder = holders_.emplace_back();
  holder.description = description;
  holder.token = test::text_at(in->body, "/access_token");
  holder.taking = {"PATCH", user, {}, change};
  return true;
}

bool revocation::all_follow() {
  const bool all = std::ranges::all_of(holders_, [](const holder& holder) {
    return std::ranges::all_of(holder.streams, [](const auto& stream) { return !stream->look().events.empty(); });
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
  for (auto& holder : holders_) {
    if (holder.revoked != timestamp{})
      continue;
    auto request = holder.taking;
    request.headers = people_.admin();
    const auto answer = test::call(gateways_.front(), request);
    if (!answer || (answer->status != 200 && answer->status != 204))
      return false;
    holder.revoked = now();
  }
  return true;
}

timestamp revocation::revoked() const {
  timestamp last{};
  for (const auto& holder : holders_)
    last = std::max(last, holder.revoked);
  return last;
}

void revocation::note(history& into, bool alone) const {
  for (const auto& holder : holders_)
    // Where nothing was taken away there is nothing to see; that it was not is noted by the driver.
    for (std::size_t i = 0; holder.revoked != timestamp{} && i < holder.streams.size(); ++i) {
      const auto seen = holder.streams[i]->look();
      revoked_stream noted{holder.description, i,     holder.revoked, seen.ended, seen.reason,
                           seen.events,        now(), alone,          0};
      if (holder.taking.method == "DELETE")
        if (const auto again = test::call(gateways_[i], {"GET", "/v1/orders?limit=1", bearer(holder.token), {}}))
          noted.asked_again = again->status;
      into.revoked.push_back(std::move(noted));
    }
}

} // namespace waybill::chaos
