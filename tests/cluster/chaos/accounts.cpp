#include "tests/cluster/chaos/accounts.hpp"

#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <condition_variable>
#include <stdexcept>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr std::size_t customers = 3;
/// A token holds for fifteen minutes.
constexpr auto signed_in_again_after = 4min;
constexpr auto after_a_failure = 1s;

outbound::api_request post(const std::string& path, const json::value& body) {
  return {"POST", path, {}, json::serialize(body)};
}

} // namespace

accounts::accounts(std::vector<std::string> gateways) : gateways_{std::move(gateways)} {
  people_.push_back({admin_email, admin_password, {}});
  // Nodes find each other within a renewal.
  if (!test::eventually([&] { return sign_in(0, gateways_.front()); }, 30s))
    throw std::runtime_error("the admin cannot sign in");
  for (std::size_t i = 0; i < customers; ++i)
    add_customer();
  thread_ = std::jthread{[this](const std::stop_token& ending) { stay_signed_in(ending); }};
}

outbound::header_list accounts::owner(std::size_t order) const {
  return header_of(1 + order % customers);
}

outbound::header_list accounts::header_of(std::size_t place) const {
  const std::lock_guard guard{mutex_};
  return {{"Authorization", "Bearer " + people_.at(place).token}};
}

void accounts::add_customer() {
  const auto number = std::to_string(people_.size());
  const person made{"customer-" + number + "@example.org", "correct horse " + number, {}};
  const auto answer = test::call(
    gateways_.front(),
    post("/v1/auth/register", {{"email", made.email}, {"password", made.password}, {"name", "Customer " + number}}));
  if (!answer || answer->status != 201)
    throw std::runtime_error("a customer cannot register: "
                             + (answer ? answer->body : std::string{answer.error().detail}));
  {
    const std::lock_guard guard{mutex_};
    people_.push_back(made);
  }
  if (!sign_in(people_.size() - 1, gateways_.front()))
    throw std::runtime_error("a customer cannot sign in");
}

bool accounts::sign_in(std::size_t place, const std::string& gateway) {
  const auto& person = people_.at(place);
  const auto answer =
    test::call(gateway, post("/v1/auth/login", {{"email", person.email}, {"password", person.password}}));
  if (!answer || answer->status != 200)
    return false;
  const auto token = test::text_at(answer->body, "/access_token");
  const std::lock_guard guard{mutex_};
  people_[place].token = token;
  return !token.empty();
}

void accounts::stay_signed_in(const std::stop_token& ending) {
  std::condition_variable_any waiting;
  std::mutex alone;
  std::unique_lock lock{alone};
  const auto pause = [&](auto how_long) { waiting.wait_for(lock, ending, how_long, [] { return false; }); };
  for (std::size_t attempt = 0; !ending.stop_requested();) {
    pause(signed_in_again_after);
    for (std::size_t place = 0; place < people_.size() && !ending.stop_requested();) {
      if (sign_in(place, gateways_[attempt++ % gateways_.size()]))
        ++place;
      else
        pause(after_a_failure);
    }
  }
}

} // namespace waybill::chaos
