#pragma once

#include "actors/entity/event_sourced.hpp"
#include "actors/entity/tap/tapping.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/json/codec.hpp"
#include "messages/actors.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace waybill {

/// An actor that owns one entity. Derived classes define how commands are decided and what follows from the events; see
/// event_sourced.hpp.
///
/// `Kind` is the one description of a kind of entity, for its entities and its region:
/// - `state`, `event`, `command`: the types of its domain, which has `apply(state&, const event&, timestamp)`;
/// - `actor`: the typed handle of an entity; its signatures are the commands that a region routes;
/// - `create_message`, `create_command`: the message and the domain's command that make an entity;
/// - `kind`, `region_name`;
/// - `goes_on_when_placed`, if true: its entities do not wait for each commit; see event_sourced.hpp.
template <class Kind>
class entity : public event_sourced<Kind> {
  using base = event_sourced<Kind>;

public:
  using typename base::command_type;
  using kind_type = Kind;

  using base::base;

protected:
  using typename base::outcome;

  using base::execute;
  using base::exists;
  using base::id;
  using base::read;
  using base::self;
  using base::services;
  using base::state;
  using base::version;

  /// What the entity waits for, for people; empty: nothing.
  virtual std::string waits_for() const { return {}; }

  /// Answers with `view()`. Fails with ec::not_found.
  template <class Answer, class View>
  caf::result<Answer> answer_read(View view, placed_in builds_on = {}) {
    auto answer = this->template make_reply<Answer>(builds_on);
    auto done = [this, answer, view](const outcome& known) mutable {
      if (known.error)
        answer.deliver(*known.error);
      else if (!exists())
        answer.deliver(missing());
      else
        answer.deliver(view());
    };
    read(std::move(done), builds_on);
    return answer.promise();
  }

  /// Carries `command` out and answers with `view(outcome)`.
  template <class Answer, class View>
  caf::result<Answer> answer_command(command_type command, provenance origin, View view,
                                     std::uint64_t expected_version = 0, placed_in builds_on = {}) {
    auto answer = this->template make_reply<Answer>(builds_on);
    auto done = [answer, view](const outcome& known) mutable {
      if (known.error)
        answer.deliver(*known.error);
      else
        answer.deliver(view(known));
    };
    execute(std::move(command), std::move(origin), std::move(done), expected_version, builds_on);
    return answer.promise();
  }

  caf::result<entity_description> answer_description() {
    return answer_read<entity_description>([this] {
      return entity_description{id(), services().node, version(), public_state(), waits_for()};
    });
  }

  /// Somebody traces an order on this node.
  bool is_tapped() const { return services().tap->is_on(); }

  /// For those who trace the order that this entity belongs to: it asks `whom`, who is no entity.
  template <class Message>
  void tap_call(std::string_view whom, std::string_view detail = {}) const {
    waybill::tap_call<Message>(services(), id(), whom, detail);
  }

  /// The same: it has the answer of `from` to its Message.
  template <class Message>
  void tap_answer(std::string_view from, const tapped_outcome& outcome = {}) const {
    waybill::tap_answer<Message>(services(), Kind::kind, id(), from, outcome);
  }

  /// The state as JSON, without secrets.
  std::string public_state() const { return encode<json_members::visible>(state()); }

  failure missing() const { return {ec::not_found, "there is no " + std::string{name_of(Kind::kind)} + " " + id()}; }
};

} // namespace waybill
