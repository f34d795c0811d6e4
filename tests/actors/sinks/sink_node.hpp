#pragma once

#include "actors/sinks/sinks.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/readers/reader_actor.hpp"
#include "tests/actors/support/follower_node.hpp"
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
class sink_node : public follower_node<sink_region_actor> {
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
  void close() { end_all({caf::actor_cast<caf::actor>(publisher_)}); }

  void restart() {
    close();
    open();
  }

  ec remove(const sink_id& id) { return code_of(remove_sink{id, 0, {}}); }

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

  std::vector<std::shared_ptr<const sink_batch>> batches;
  /// The ids of all events that were given to the broker, in order; and those that it has confirmed.
  std::vector<std::string> published;
  std::set<std::string> confirmed;
  broker receive = [](const sink_batch&) { return std::nullopt; };

private:
  sink_settings settings_;
  sink_publisher_actor publisher_;
};

} // namespace waybill::test
