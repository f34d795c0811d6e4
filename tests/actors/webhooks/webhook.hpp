#pragma once

#include "actors/entity/entity_support.hpp"
#include "actors/feed/event_feed.hpp"
#include "actors/webhooks/webhooks.hpp"
#include "domain/base/codec.hpp"
#include "domain/base/errors.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/queries/reader_actor.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// A node with a webhook region on the deterministic scheduler, over a database in memory, and a receiver that does
/// what a test wants.
class webhook_node : public ::test_coordinator_fixture<> {
public:
  using receiver = std::function<webhook_answer(const post_webhook&)>;

  explicit webhook_node(webhook_settings settings = {}) : settings_(std::move(settings)) {
    settings_.targets = outbound::target_policy::any;
    settings_.feed_wait = milliseconds{5'000};
    database.set_clock([this] { return time(); });
    open();
  }
  ~webhook_node() override { close(); }

  void open() {
    entity_services services;
    services.node = "test";
    services.clock = [this] { return time(); };
    journal_ = sys.spawn<journal_impl::stateful_impl<journal_state>>(database.open_journal(), journal_settings{},
                                                                     std::shared_ptr<log_listeners>{});
    services.journals = {journal_};
    reader_ = sys.spawn<reader_actor::stateful_impl<reader_state>>(
      database.open_query(), std::make_shared<std::atomic<std::size_t>>(1U << 30U));
    services.reader = reader_;
    feed_ = spawn_event_feed(sys, {.poll_interval = std::chrono::seconds{1}}, reader_);
    sender_ = sys.spawn([this](webhook_sender_actor::pointer) -> webhook_sender_actor::behavior_type {
      return {[this](post_webhook& what) -> caf::result<webhook_answer> {
        posts.push_back(what);
        auto answer = receive(what);
        answer.took = milliseconds{3};
        return answer;
      }};
    });
    region = spawn_webhook_region(sys, services, settings_, feed_, sender_);
    caf::anon_send(region, placement{1, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(region)}}});
  }

  /// Ends all actors at once, as a crash would; the database stays.
  void close() {
    for (const auto& who : {caf::actor_cast<caf::actor>(journal_), caf::actor_cast<caf::actor>(reader_),
                            caf::actor_cast<caf::actor>(feed_), caf::actor_cast<caf::actor>(sender_)})
      caf::anon_send_exit(who, caf::exit_reason::kill);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(region), caf::exit_reason::user_shutdown);
    consume_messages();
  }

  void restart() {
    close();
    open();
  }

  timestamp time() const {
    return epoch_
           + std::chrono::duration_cast<std::chrono::microseconds>(sched.clock().current_time.time_since_epoch());
  }

  template <class Condition>
  void run_to(const char* what, Condition condition) {
    constexpr int most_steps = 1'000'000;
    for (int i = 0; i < most_steps && !condition(); ++i)
      if (!consume_message() && !trigger_timeout())
        break;
    if (!condition())
      CAF_FAIL("this never happened: " << what);
  }

  /// Lets the time pass, with all that happens in it.
  void pass(caf::timespan duration) {
    auto& clock = sched.clock();
    const auto until = clock.current_time + duration;
    for (;;) {
      if (consume_message())
        continue;
      if (clock.schedule.empty() || clock.schedule.begin()->first > until)
        break;
      trigger_timeout();
    }
    clock.current_time = until;
  }

  template <class Answer, class Request>
  result<Answer> ask(Request request) {
    std::optional<result<Answer>> answer;
    sys.spawn([this, &answer, request](caf::event_based_actor* asking) {
      asking->request(region, caf::infinite, request)
        .then([&answer](Answer& value) { answer = std::move(value); },
              [&answer](const caf::error& reason) { answer = result<Answer>{to_failure(reason)}; });
    });
    run_to("an answer", [&] { return answer.has_value(); });
    return *answer;
  }

  ec remove(const webhook_id& id) {
    std::optional<ec> answer;
    sys.spawn([this, &answer, id](caf::event_based_actor* asking) {
      asking->request(region, caf::infinite, remove_webhook{id, 0, {}})
        .then([&answer] { answer = ec::none; },
              [&answer](const caf::error& reason) { answer = to_failure(reason).code; });
    });
    run_to("an answer", [&] { return answer.has_value(); });
    return *answer;
  }

  webhook_id make_endpoint(std::vector<std::string> types = {"order.*"}) {
    create_webhook wanted;
    wanted.id = make_id<webhook_id>();
    wanted.url = "http://receiver.example/hook";
    wanted.types = std::move(types);
    wanted.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    wanted.start = {0, database.log().size()};
    CAF_REQUIRE(ask<webhook_view>(wanted).has_value());
    return wanted.id;
  }

  /// Puts an event into the log, without an actor.
  void log_event(const std::string& type = "order.placed") {
    append what;
    what.stream = "ord_" + std::to_string(++streams_);
    what.at = time();
    what.events.push_back({type, 1, "{}"});
    CAF_REQUIRE(database.open_journal()->commit({&what, 1}).value().front().has_value());
  }

  webhook_view view_of(const webhook_id& id) { return ask<webhook_view>(get_webhook{id}).value(); }

  std::vector<webhook_delivery_row> deliveries_of(const webhook_id& id,
                                                  std::optional<webhook::delivery_status> status = {}) const {
    list_webhook_deliveries query;
    query.endpoint = id.value;
    query.status = status;
    query.oldest_first = true;
    query.limit = 10'000;
    return database.open_query()->run(query).value().deliveries;
  }

  std::optional<webhook_row> row_of(const webhook_id& id) const {
    return database.open_query()->run(load_entity{entity_kind::webhook, id.value}).value().webhook;
  }

  memory_database database;
  webhook_region_actor region;
  std::vector<post_webhook> posts;
  receiver receive = [](const post_webhook&) { return webhook_answer{200, {}, {}, {}}; };

private:
  webhook_settings settings_;
  journal_actor journal_;
  reader_actor reader_;
  event_feed_actor feed_;
  webhook_sender_actor sender_;
  int streams_ = 0;
  const timestamp epoch_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
};

} // namespace waybill::test
