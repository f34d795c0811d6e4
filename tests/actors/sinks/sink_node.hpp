#pragma once

#include "actors/feed/event_feed.hpp"
#include "actors/sinks/sinks.hpp"
#include "domain/base/errors.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/readers/reader_actor.hpp"
#include "tests/actors/support/actor_fixture.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// A node with a sink region, and a broker that does what a test wants.
class sink_node : public actor_fixture {
public:
  /// Nothing: the batch is confirmed.
  using broker = std::function<std::optional<failure>(const sink_batch&)>;

  explicit sink_node(sink_settings settings = {}) : settings_(std::move(settings)) {
    settings_.targets = outbound::target_policy::any;
    settings_.feed_wait = milliseconds{5'000};
    open();
  }
  ~sink_node() override { close(); }

  void open() {
    services_ = spawn_services();
    feed_ = spawn_event_feed(sys, {.poll_interval = std::chrono::seconds{1}}, services_.reader);
    publisher_ = sys.spawn([this](sink_publisher_actor::pointer) -> sink_publisher_actor::behavior_type {
      return {[this](publish_batch& request) -> caf::result<void> {
        batches.push_back(request.batch);
        for (const auto& event : request.batch->events)
          published.push_back(event_id(*event));
        if (const auto refused = receive(*request.batch))
          return to_error(*refused);
        for (const auto& event : request.batch->events)
          confirmed.insert(event_id(*event));
        return caf::unit;
      }};
    });
    region = spawn_sink_region(sys, services_, settings_, feed_, publisher_);
    place_all(region);
  }

  /// Ends all actors at once, as a crash would; the database stays.
  void close() {
    for (const auto& actor :
         {caf::actor_cast<caf::actor>(services_.journals.front()), caf::actor_cast<caf::actor>(services_.reader),
          caf::actor_cast<caf::actor>(feed_), caf::actor_cast<caf::actor>(publisher_)})
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(region), caf::exit_reason::user_shutdown);
    consume_messages();
  }

  void restart() {
    close();
    open();
  }

  /// Asks the region and runs until it has answered.
  template <class Answer, class Request>
  result<Answer> ask(Request request) {
    return actor_fixture::ask<Answer>(region, std::move(request));
  }

  ec remove(const sink_id& id) {
    std::optional<ec> answer;
    sys.spawn([this, &answer, id](caf::event_based_actor* asking) {
      asking->request(region, caf::infinite, remove_sink{id, 0, {}})
        .then([&answer] { answer = ec::none; },
              [&answer](const caf::error& reason) { answer = to_failure(reason).code; });
    });
    run_to("an answer", [&] { return answer.has_value(); });
    return *answer;
  }

  sink_id make_sink(std::vector<std::string> types = {"order.*"}) {
    create_sink wanted;
    wanted.id = make_id<sink_id>();
    wanted.target = {"amqp://rabbit", "waybill.events", "waybill"};
    wanted.types = std::move(types);
    wanted.password = "hush-hush";
    wanted.start = {0, database.log().size()};
    CAF_REQUIRE(ask<sink_view>(wanted).has_value());
    return wanted.id;
  }

  /// Puts an event into the log, without an actor.
  void log_event(const std::string& type = "order.placed") {
    append entry;
    entry.stream = "ord_" + std::to_string(++streams_);
    entry.at = time();
    entry.events.push_back({type, 1, "{}"});
    CAF_REQUIRE(database.open_journal()->commit({&entry, 1}).value().front().has_value());
  }

  sink_view view_of(const sink_id& id) { return ask<sink_view>(get_sink{id}).value(); }

  std::optional<sink_row> row_of(const sink_id& id) const {
    return database.open_query()->run(load_entity{entity_kind::sink, id.value}).value().sink;
  }

  std::size_t events_of_type(const std::string& type) const {
    std::size_t count = 0;
    for (const auto& event : database.log())
      count += event.type == type ? 1 : 0;
    return count;
  }

  sink_region_actor region;
  std::vector<std::shared_ptr<const sink_batch>> batches;
  /// The ids of all events that were given to the broker, in order; and those that it has confirmed.
  std::vector<std::string> published;
  std::set<std::string> confirmed;
  broker receive = [](const sink_batch&) { return std::nullopt; };

private:
  sink_settings settings_;
  entity_services services_;
  event_feed_actor feed_;
  sink_publisher_actor publisher_;
  int streams_ = 0;
};

} // namespace waybill::test
