// The limits of one caller on the event streams.

#include "tests/gateway/support/tokens.hpp"
#include "tests/support/eventually.hpp"

#include "gateway/context/caller_watch.hpp"

#define CAF_SUITE gateway.stream_limits
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

std::string_view word(const boost::json::value& frame, std::string_view member) {
  const auto& text = frame.at(member).as_string();
  return {text.data(), text.size()};
}

} // namespace

SCENARIO("frames above the rate limit get an error, over all sockets of a caller") {
  token_maker maker;
  fixture f{[](gateway_config& config) {
              config.auth_required = true;
              config.rates.frames = {5, 1h};
            },
            [&](gateway_services& services) { services.keys = maker.ring; }};
  const auto hers = bearer(maker.token("usr_00000000000000000001", {"customer"}));
  web_socket first{f.port(), hers};
  web_socket second{f.port(), hers};
  web_socket other{f.port(), bearer(maker.token("usr_00000000000000000002", {"customer"}))};
  for (int i = 0; i < 5; ++i) {
    first.send(R"({"type":"ping"})");
    CHECK_EQ(word(first.read(), "type"), "pong");
  }
  for (int i = 0; i < 5; ++i) {
    second.send(R"({"type":"ping"})");
    const auto refused = second.read();
    CHECK_EQ(word(refused, "type"), "error");
    CHECK_EQ(word(refused, "code"), "rate_limited");
  }
  other.send(R"({"type":"ping"})");
  CHECK_EQ(word(other.read(), "type"), "pong");
}

SCENARIO("a burst does not exceed the limit of subscribers, and a closed subscription frees a place") {
  fixture f{[](gateway_config& config) { config.max_subscribers = 10; }};
  const auto count_subscribed = [](web_socket& client) {
    int count = 0;
    for (int i = 0; i < 16; ++i)
      client.send(R"({"type":"subscribe","id":")" + std::to_string(i) + R"("})");
    for (int i = 0; i < 16; ++i) {
      const auto frame = client.read();
      if (word(frame, "type") == "subscribed")
        ++count;
      else
        CHECK_EQ(word(frame, "code"), "overloaded");
    }
    return count;
  };
  {
    web_socket first{f.port()};
    web_socket second{f.port()};
    CHECK_EQ(count_subscribed(first), 10);
    CHECK_EQ(count_subscribed(second), 0);
    CHECK_EQ(f.send("GET", "/v1/events/stream").status, 503u);
  }
  CHECK(eventually(
    [&] { return f.send("GET", "/metrics").body.find("waybill_event_subscribers 0") != std::string::npos; }));
  web_socket third{f.port()};
  CHECK_EQ(count_subscribed(third), 10);
}

SCENARIO("a caller's roles are looked up once in each interval, for any number of streams") {
  using http::caller_watch;
  using http::role_set;
  caller_watch watch{1'000ms};
  const auto begin = caller_watch::clock::time_point{} + 1h;
  int told = 0;
  std::vector<std::shared_ptr<const caller_watch::listener>> streams;
  for (int i = 0; i < 300; ++i)
    streams.push_back(
      watch.add("usr_" + std::to_string(i % 150), [&](auto roles) { told += roles == role_set::customer; }));
  const auto first = watch.take_due(begin);
  const auto second = watch.take_due(begin);
  CHECK_EQ(first.size() + second.size(), 150u);
  CHECK(watch.take_due(begin + 2h).empty());
  found_callers all;
  for (int i = 0; i < 150; ++i)
    all.callers.push_back({"usr_" + std::to_string(i), "customer"});
  watch.tell(first, all);
  watch.fail(second, begin);
  CHECK_EQ(told, static_cast<int>(2 * first.size()));
  CHECK(watch.take_due(begin + 100ms).empty());
  // The callers that could not be looked up earlier, then all.
  CHECK_EQ(watch.take_due(begin + 600ms).size(), second.size());
  watch.tell(second, all);
  CHECK_EQ(told, 300);
  CHECK(watch.take_due(begin + 900ms).empty());
  streams.clear();
  CHECK(watch.take_due(begin + 2h).empty());
  CHECK_EQ(watch.size(), 0u);
}

SCENARIO("a look-up that began before a newer token came does not end the stream of that token") {
  using http::caller_watch;
  using http::role_set;
  caller_watch watch{1'000ms};
  const auto begin = caller_watch::clock::time_point{} + 1h;
  int gone = 0;
  const auto count = [&](auto roles) { gone += !roles; };
  const auto before = watch.add("usr_1", count);
  const auto asked = watch.take_due(begin);
  const auto after = watch.add("usr_1", count);
  watch.tell(asked, {});
  CHECK_EQ(gone, 1);
  watch.tell(watch.take_due(begin), {});
  CHECK_EQ(gone, 3);
}
