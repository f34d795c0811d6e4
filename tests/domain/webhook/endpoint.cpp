#include "domain/webhook/endpoint.hpp"

#include "domain/json/codec.hpp"
#include "domain/webhook/delivery.hpp"
#include "domain/webhook/signature.hpp"
#include "tests/domain/acting.hpp"

#include <random>

#define CAF_SUITE domain.endpoint
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace waybill::webhook;

namespace {

create make(const std::string& secret = "whsec_1") {
  return {webhook_id{"whk_1"}, "https://a.example", {"order.*"}, "a", secret};
}

attempt with(std::uint32_t status, timestamp at = begin) {
  attempt last;
  last.status = status;
  last.at = at;
  return last;
}

} // namespace

SCENARIO("an endpoint is made, changed, disabled, enabled and deleted, and each command can be repeated") {
  state current;
  CHECK_EQ(act(current, change{}), "not_found");
  CHECK_EQ(act(current, make()), "webhook.created ");
  CHECK_EQ(act(current, make()), "");
  CHECK_EQ(act(current, make("whsec_other")), "duplicate");
  CHECK_EQ(act(current, change{"https://b.example", {}, {}, {}}), "webhook.updated ");
  CHECK_EQ(act(current, change{"https://b.example", {}, {}, {}}), "");
  CHECK_EQ(act(current, change{{}, {}, "b", false}), "webhook.updated webhook.disabled ");
  CHECK_EQ(current.reason, "operator");
  CHECK_EQ(act(current, disable{"gone"}), "");
  CHECK_EQ(act(current, change{{}, {}, {}, true}), "webhook.enabled ");
  CHECK_EQ(current.reason, "");
  CHECK_EQ(act(current, report_recovery{}), "");
  CHECK_EQ(act(current, report_failing{begin, "500"}), "webhook.failing ");
  CHECK_EQ(act(current, report_failing{begin, "500"}), "");
  CHECK(current.failing_since == begin);
  CHECK_EQ(act(current, report_recovery{}), "webhook.recovered ");
  CHECK(!current.failing_since);
  CHECK_EQ(act(current, disable{"gone"}), "webhook.disabled ");
  CHECK_EQ(act(current, report_failing{begin, "500"}), "");
  CHECK_EQ(act(current, purge{}), "");
  CHECK_EQ(act(current, webhook::remove{}), "webhook.deleted ");
  CHECK_EQ(act(current, webhook::remove{}), "");
  CHECK_EQ(act(current, change{{}, {}, {}, true}), "not_found");
  CHECK_EQ(act(current, make()), "duplicate");
  CHECK_EQ(current.keys.current, "");
  CHECK_EQ(act(current, purge{}), "webhook.purged ");
  CHECK_EQ(act(current, purge{}), "");
}

SCENARIO("a new secret keeps the one before it for the overlap, and no older one") {
  state current;
  act(current, make("whsec_1"));
  CHECK_EQ(act(current, rotate{"whsec_2", begin + std::chrono::hours{1}}), "webhook.secret_rotated ");
  CHECK_EQ(act(current, rotate{"whsec_2", begin + std::chrono::hours{1}}), "");
  CHECK_EQ(current.keys.current + ' ' + current.keys.previous, "whsec_2 whsec_1");
  act(current, rotate{"whsec_3", begin + std::chrono::hours{1}});
  CHECK_EQ(current.keys.current + ' ' + current.keys.previous, "whsec_3 whsec_2");
  act(current, rotate{"whsec_4", {}});
  CHECK_EQ(current.keys.current + ' ' + current.keys.previous, "whsec_4 ");
  CHECK_EQ(encode(current).find("whsec"), std::string::npos);
}

SCENARIO("one range at a time is replayed, while the endpoint is enabled") {
  state current;
  act(current, make());
  const request_replay replay{{"1", "2", {}}};
  CHECK_EQ(act(current, end_replay{}), "");
  CHECK_EQ(act(current, replay), "webhook.replay_requested ");
  CHECK_EQ(act(current, replay), "");
  CHECK_EQ(act(current, request_replay{{"1", "3", {}}}), "conflict");
  CHECK_EQ(act(current, end_replay{}), "webhook.replayed ");
  act(current, disable{"gone"});
  CHECK_EQ(act(current, replay), "illegal_transition");
}

SCENARIO("any sequence of commands keeps the invariants, and its events give the same state") {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::minstd_rand random{seed};
    state current;
    state replayed;
    for (int i = 0; i < 40; ++i) {
      const std::vector<command> all{make(),
                                     change{},
                                     change{{}, {}, {}, true},
                                     change{{}, {}, {}, false},
                                     disable{},
                                     webhook::remove{},
                                     purge{},
                                     rotate{"whsec_" + std::to_string(i), {}},
                                     rotate{"whsec_o" + std::to_string(i), begin},
                                     request_replay{{"1", "2", {}}},
                                     end_replay{}};
      const auto& cmd = all[random() % (i < 30 ? all.size() - 2 : all.size())];
      const auto decision = decide(current, cmd);
      if (!decision)
        continue;
      if (!decision->empty())
        take_private(current, cmd);
      for (const auto& event : *decision) {
        const auto written = encode_event(event);
        apply(current, event, begin);
        apply(replayed, decode_event<webhook::event>(written.type, written.schema, written.data).value(), begin);
      }
      CHECK_EQ(encode(current), encode(replayed));
      CHECK(current.version == 0 || current.status == status::deleted || !current.keys.current.empty());
      CHECK(current.status != status::deleted || (current.keys.current.empty() && !current.replay));
      CHECK(!current.purged || current.status == status::deleted);
      CHECK(current.status != status::enabled || current.reason.empty());
      CHECK(decide(current, cmd).has_error() || decide(current, cmd)->empty());
    }
  }
}

SCENARIO("a message is retried by the schedule, with a jitter that only adds time") {
  delivery_settings settings;
  for (std::uint32_t random : {0U, 1U, 77'777U, 0xFFFFFFFFU}) {
    auto target = new_delivery(begin);
    CHECK_EQ(*target.next_attempt_at, begin);
    auto at = begin;
    for (const auto wait : settings.schedule) {
      CHECK(take_attempt(target, with(500, at), settings, random) == verdict::again);
      CHECK(*target.next_attempt_at - at >= wait);
      CHECK(*target.next_attempt_at - at <= wait * 6 / 5);
      at = *target.next_attempt_at;
    }
    CHECK(take_attempt(target, with(500, at), settings, random) == verdict::failed);
    CHECK(target.status == delivery_status::failed);
    CHECK(!target.next_attempt_at);
    CHECK_EQ(target.attempts, 10u);
  }
}

SCENARIO("every 2xx is a success, a redirection is a failure, 410 disables the endpoint") {
  delivery_settings settings;
  for (std::uint32_t status : {200U, 201U, 202U, 204U, 299U}) {
    auto target = new_delivery(begin);
    CHECK(take_attempt(target, with(status), settings, 0) == verdict::delivered);
    CHECK(target.status == delivery_status::delivered);
  }
  for (std::uint32_t status : {0U, 101U, 301U, 302U, 304U, 307U, 400U, 404U, 429U, 500U, 503U}) {
    auto target = new_delivery(begin);
    CHECK(take_attempt(target, with(status), settings, 0) == verdict::again);
  }
  auto target = new_delivery(begin);
  CHECK(take_attempt(target, with(410), settings, 0) == verdict::gone);
  CHECK(target.status == delivery_status::pending);
}

SCENARIO("Retry-After is followed for 429 and 503, upwards and within its limit") {
  delivery_settings settings;
  const auto wait_of = [&](std::uint32_t status, std::chrono::seconds asked) {
    auto last = with(status);
    last.retry_after = asked;
    auto target = new_delivery(begin);
    take_attempt(target, last, settings, 0);
    return *target.next_attempt_at - begin;
  };
  CHECK_EQ(wait_of(503, std::chrono::minutes{10}), std::chrono::minutes{10});
  CHECK_EQ(wait_of(429, std::chrono::minutes{10}), std::chrono::minutes{10});
  CHECK_EQ(wait_of(500, std::chrono::minutes{10}), std::chrono::seconds{5});
  CHECK_EQ(wait_of(503, std::chrono::seconds{1}), std::chrono::seconds{5});
  CHECK_EQ(wait_of(503, std::chrono::hours{1000}), std::chrono::hours{24});
  CHECK(read_retry_after("120", begin) == milliseconds{120'000});
  CHECK(read_retry_after("Thu, 01 Jan 2026 00:01:00 GMT", begin) == milliseconds{60'000});
  CHECK(read_retry_after("Wed, 31 Dec 2025 00:01:00 GMT", begin) == milliseconds{0});
  CHECK(read_retry_after("99999999999999999", begin).has_value());
  for (const auto* bad : {"", "-1", "soon", "1.5", "Thu, 32 Jan 2026 00:01:00 GMT", "Thu, 01 Jan 2026 00:01:00 CET"})
    CHECK(!read_retry_after(bad, begin));
}

SCENARIO("the id of a message depends on its event alone and has no full stop") {
  const auto id = message_of("evt_ord_06gz71vs9crkcyttdaw5.3");
  CHECK(id == message_of("evt_ord_06gz71vs9crkcyttdaw5.3"));
  CHECK(id != message_of("evt_ord_06gz71vs9crkcyttdaw5.4"));
  CHECK(is_id(id.value, webhook_message_id::prefix()));
}

SCENARIO("a secret that was written can be read again") {
  const webhook_signature::key key{std::string(32, '\x7f')};
  CHECK_EQ(webhook_signature::read_keys(webhook_signature::write_secret(key)).value().front().octets, key.octets);
}
