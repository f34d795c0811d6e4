#pragma once

#include "actors/feed/event_feed.hpp"
#include "domain/base/errors.hpp"
#include "tests/actors/support/actor_fixture.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// A node with the region of a kind that follows the log for somebody else, and the feed that it reads from.
template <class Region>
class follower_node : public actor_fixture {
public:
  /// Asks the region and runs until it has answered.
  template <class Answer, class Request>
  result<Answer> ask(Request request) {
    return actor_fixture::ask<Answer>(region, std::move(request));
  }

  /// Asks for what has no answer but whether it was done.
  template <class Request>
  ec code_of(Request request) {
    std::optional<ec> answer;
    sys.spawn([this, &answer, request](caf::event_based_actor* asking) {
      asking->request(region, caf::infinite, request)
        .then([&answer] { answer = ec::none; },
              [&answer](const caf::error& reason) { answer = to_failure(reason).code; });
    });
    run_to("an answer", [&] { return answer.has_value(); });
    return *answer;
  }

  /// Puts an event into the log, without an actor.
  void log_event(const std::string& type = "order.placed") {
    append entry;
    entry.stream = "ord_" + std::to_string(++streams_);
    entry.at = time();
    entry.events.push_back({type, 1, "{}"});
    CAF_REQUIRE(database.open_journal()->commit({&entry, 1}).value().front().has_value());
  }

  Region region;

protected:
  /// Ends all actors at once, as a crash would; the database stays.
  void end_all(std::initializer_list<caf::actor> others) {
    for (const auto& actor : {caf::actor_cast<caf::actor>(services_.journals.front()),
                              caf::actor_cast<caf::actor>(services_.reader), caf::actor_cast<caf::actor>(feed_)})
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    for (const auto& actor : others)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(region), caf::exit_reason::user_shutdown);
    consume_messages();
  }

  entity_services services_;
  event_feed_actor feed_;

private:
  int streams_ = 0;
};

} // namespace waybill::test
