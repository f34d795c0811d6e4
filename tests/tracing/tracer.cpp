#include "tracing/tracer.hpp"

#include "domain/base/errors.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/span_collector.hpp"

#include <atomic>

#define CAF_SUITE tracing.tracer
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace waybill::tracing;

namespace {

/// A tracer, and what became of its spans.
struct fixture {
  std::shared_ptr<tracer> start(const std::string& url, const std::function<void(tracer_settings&)>& change = {}) {
    tracer_settings settings;
    settings.endpoint = url;
    settings.gather = milliseconds{5};
    settings.first_pause = milliseconds{10};
    settings.longest_pause = milliseconds{1'000};
    if (change)
      change(settings);
    tracer_counters counters;
    counters.exported = [this](std::size_t spans) { exported += spans; };
    counters.dropped = [this](drop_reason reason, std::size_t spans) {
      dropped[static_cast<std::size_t>(reason)] += spans;
    };
    return tracer::start(settings, {{"service.name", "waybill"}, {"service.instance.id", "one"}}, "sqlite", counters)
      .value();
  }

  static span some_span(int number = 0) {
    return child_of({{1, 2}, 3, true}, static_cast<span_id>(number) + 10, "some", now());
  }

  [[nodiscard]] std::size_t lost(drop_reason reason) const { return dropped[static_cast<std::size_t>(reason)]; }

  std::atomic<std::size_t> exported = 0;
  std::array<std::atomic<std::size_t>, 3> dropped{};
};

testing::scripted_answer answer_of(unsigned status) {
  testing::scripted_answer answer;
  answer.status = status;
  answer.body = "";
  return answer;
}

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("spans arrive at the collector") {
  span_collector collector;
  const auto traces = start(collector.url());
  for (int i = 0; i < 1'000; ++i)
    traces->add(some_span(i));
  CHECK(eventually([&] { return exported == 1'000; }));
  CHECK_EQ(collector.spans().size(), 1'000u);
  CHECK_EQ(collector.complaints(), "");
  // Many of them with one request.
  CHECK(collector.requests() < 50);
}

SCENARIO("waiting spans are sent at the end") {
  span_collector collector;
  const auto traces =
    start(collector.url(), [](tracer_settings& settings) { settings.gather = std::chrono::hours{1}; });
  for (int i = 0; i < 700; ++i)
    traces->add(some_span(i));
  traces->stop();
  CHECK_EQ(collector.spans().size(), 700u);
  CHECK_EQ(exported.load(), 700u);
  // Too late.
  traces->add(some_span());
  CHECK_EQ(lost(drop_reason::queue_full), 1u);
}

SCENARIO("a collector that does not answer uses bounded memory, and no request waits for it") {
  span_collector collector{[] {
    testing::scripted_answer answer;
    answer.silent = true;
    return answer;
  }};
  const auto traces = start(collector.url(), [](tracer_settings& settings) {
    settings.max_waiting = 100;
    settings.max_batch = 10;
    settings.flush = milliseconds{200};
  });
  for (int i = 0; i < 10; ++i)
    traces->add(some_span(i));
  CHECK(eventually([&] { return collector.requests() == 1; }));
  for (int i = 0; i < 150; ++i)
    traces->add(some_span(i));
  CHECK_EQ(lost(drop_reason::queue_full), 50u);
  // The end does not wait for its answer either.
  const auto begun = std::chrono::steady_clock::now();
  traces->stop();
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{5});
  CHECK_EQ(lost(drop_reason::undeliverable), 110u);
}

SCENARIO("an unreachable collector does not delay the shutdown") {
  std::string nowhere;
  {
    span_collector gone;
    nowhere = gone.url();
  }
  const auto traces = start(nowhere, [](tracer_settings& settings) {
    settings.first_pause = settings.longest_pause = std::chrono::hours{1};
    settings.flush = milliseconds{200};
  });
  traces->add(some_span());
  const auto begun = std::chrono::steady_clock::now();
  traces->stop();
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{20});
  CHECK_EQ(lost(drop_reason::undeliverable), 1u);
}

SCENARIO("a collector that is busy gets the same spans again later") {
  for (const unsigned status : {429U, 502U, 503U, 504U}) {
    std::atomic<int> attempts = 0;
    span_collector collector{[&] { return ++attempts < 3 ? answer_of(status) : answer_of(200); }};
    const auto before = exported.load();
    const auto traces = start(collector.url());
    traces->add(some_span());
    CHECK(eventually([&] { return exported == before + 1; }));
    CHECK_EQ(collector.spans().size(), 1u);
    CHECK_EQ(attempts.load(), 3);
  }
  CHECK_EQ(lost(drop_reason::undeliverable), 0u);
}

SCENARIO("a collector's Retry-After is respected") {
  std::atomic<int> attempts = 0;
  span_collector collector{[&] {
    auto answer = answer_of(++attempts == 1 ? 503 : 200);
    answer.retry_after = "1";
    return answer;
  }};
  const auto traces = start(collector.url());
  const auto begun = std::chrono::steady_clock::now();
  traces->add(some_span());
  CHECK(eventually([&] { return exported == 1; }));
  CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::seconds{1});
}

SCENARIO("after the last attempt the spans are dropped, and the next ones are sent") {
  std::atomic<int> attempts = 0;
  span_collector collector{[&] { return ++attempts <= 3 ? answer_of(503) : answer_of(200); }};
  const auto traces = start(collector.url(), [](tracer_settings& settings) { settings.max_attempts = 3; });
  traces->add(some_span());
  CHECK(eventually([&] { return lost(drop_reason::undeliverable) == 1; }));
  traces->add(some_span());
  CHECK(eventually([&] { return exported == 1; }));
}

SCENARIO("spans that the collector refuses are not sent again") {
  span_collector collector{[] { return answer_of(400); }};
  const auto traces = start(collector.url());
  traces->add(some_span());
  CHECK(eventually([&] { return lost(drop_reason::refused) == 1; }));
  CHECK_EQ(collector.requests(), 1);
}

SCENARIO("spans that the collector takes in part only are counted") {
  span_collector collector{[] {
    auto answer = answer_of(200);
    answer.body = std::string{"\x0a\x02\x08\x02", 4};
    return answer;
  }};
  const auto traces =
    start(collector.url(), [](tracer_settings& settings) { settings.gather = std::chrono::hours{1}; });
  for (int i = 0; i < 5; ++i)
    traces->add(some_span(i));
  traces->stop();
  CHECK_EQ(exported.load(), 3u);
  CHECK_EQ(lost(drop_reason::refused), 2u);
}

SCENARIO("a trace that begins here is sampled by the ratio") {
  span_collector collector;
  const auto all = start(collector.url(), [](tracer_settings& settings) { settings.ratio = 1; });
  const auto none = start(collector.url(), [](tracer_settings& settings) { settings.ratio = 0; });
  CHECK(all->begin_trace().sampled);
  CHECK(!none->begin_trace().sampled);
}

SCENARIO("an invalid URL is refused") {
  CHECK(tracer::start({.endpoint = "collector:4318"}, {}, "sqlite", {}).has_error());
}

END_FIXTURE_SCOPE()
