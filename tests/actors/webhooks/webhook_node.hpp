#pragma once

#include "actors/webhooks/webhooks.hpp"
#include "domain/json/codec.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/readers/reader_actor.hpp"
#include "tests/actors/support/detour.hpp"
#include "tests/actors/support/follower_node.hpp"
#include "tests/actors/support/scripted_log.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// A node with a webhook region, and a receiver that does what a test wants.
class webhook_node : public follower_node<webhook_region_actor> {
public:
  using receiver = std::function<webhook_answer(const post_webhook&)>;

  /// With a script the feed reads the log by it, in small pages.
  explicit webhook_node(webhook_settings settings = {}, std::shared_ptr<scripted_log> script = nullptr)
    : settings_(std::move(settings)), script_(std::move(script)) {
    settings_.targets = outbound::target_policy::any;
    settings_.feed_wait = milliseconds{5'000};
    open();
  }
  ~webhook_node() override { close(); }

  void open() {
    services_ = spawn_services();
    stored_ = services_.reader;
    if (on_query)
      services_.reader =
        caf::actor_cast<reader_actor>(spawn_detour(sys, caf::actor_cast<caf::strong_actor_ptr>(stored_), on_query));
    if (script_)
      scripted_ = spawn_scripted_log(sys, database, script_, services_.reader);
    feed_ = spawn_event_feed(sys,
                             {.page_size = script_ ? static_cast<std::uint32_t>(script_->window) : 1'000U,
                              .poll_interval = std::chrono::seconds{1}},
                             script_ ? scripted_ : services_.reader);
    sender_ = sys.spawn([this](webhook_sender_actor::pointer) -> webhook_sender_actor::behavior_type {
      return {[this](post_webhook& post) -> caf::result<webhook_answer> {
        posts.push_back(post);
        auto answer = receive(post);
        answer.took = milliseconds{3};
        return answer;
      }};
    });
    region = spawn_webhook_region(sys, services_, settings_, feed_, sender_);
    place_all(region);
  }

  /// Ends all actors at once, as a crash would; the database stays.
  void close() {
    if (scripted_)
      caf::anon_send_exit(std::exchange(scripted_, nullptr), caf::exit_reason::kill);
    end_all({caf::actor_cast<caf::actor>(stored_), caf::actor_cast<caf::actor>(sender_)});
  }

  void restart() {
    close();
    open();
  }

  ec remove(const webhook_id& id) { return code_of(remove_webhook{id, 0, {}}); }

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

  const std::shared_ptr<scripted_log>& pages() const { return script_; }

  std::vector<post_webhook> posts;
  receiver receive = [](const post_webhook&) { return webhook_answer{200, {}, {}, {}}; };

  /// The treatment of a query of the database; from the next restart on.
  std::function<fate(const caf::message&)> on_query;

private:
  webhook_settings settings_;
  std::shared_ptr<scripted_log> script_;
  reader_actor scripted_;
  reader_actor stored_;
  webhook_sender_actor sender_;
};

} // namespace waybill::test
