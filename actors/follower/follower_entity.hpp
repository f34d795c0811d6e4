#pragma once

#include "actors/entity/entity.hpp"
#include "actors/follower/feed_request.hpp"
#include "domain/follower/follower.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace waybill {

/// An entity that follows the log for somebody else, from a cursor of its own: a webhook endpoint, a sink. It reads
/// pages of the log from the node's feed, one at a time, and rests when the database or the feed is away. What becomes
/// of the events of a page, and when the cursor is written down, the derived class says.
///
/// `Kind` names besides what entity<Kind> wants:
/// - `settings`: has `feed_wait`, `pause`, `region`;
/// - `progress`: what is stored of it apart from its events; has `id`, `cursor`, `last_error`;
/// - `view`: how it is shown; `remove_message`: the command that deletes it;
/// - `title`: what people call it; `origin`: who causes what it does by itself.
template <class Kind>
class follower_entity : public entity<Kind> {
  using base = entity<Kind>;

public:
  using typename base::command_type;
  using typename base::self_pointer;
  using settings_type = typename Kind::settings;
  using view_type = typename Kind::view;

  follower_entity(self_pointer self, entity_start start, settings_type settings, event_feed_actor feed)
    : base(self, std::move(start), settings.region), settings_(std::move(settings)), feed_(std::move(feed)) {}

protected:
  using typename base::outcome;

  using base::arm, base::execute, base::exists, base::id, base::load_again, base::missing, base::now, base::read,
    base::self, base::services, base::state, base::unfinished;

  // -- what a kind says -----------------------------------------------------------------------------------------------

  virtual view_type view() const = 0;
  /// Does what can be done now; the state, the time or what is under way may have changed.
  virtual void go_on() = 0;
  /// When there is something to do next, while it does not rest.
  virtual std::optional<timestamp> next_work() const = 0;
  /// The page that `read_behind` asked for.
  virtual void on_page(const feed_page& page) = 0;
  /// Events behind the cursor were removed while it was disabled: the oldest kept event comes next.
  virtual void on_place_lost() = 0;

  void pursue() override { go_on(); }
  void on_timer() override { go_on(); }

  std::optional<timestamp> due() const override {
    if (leaving_ || !unfinished())
      return std::nullopt;
    // Nothing is done before, whatever is due.
    return rests() ? rest_until_ : next_work();
  }

  void forget() override {
    stop_reading();
    ++generation_;
    lost_place_ = false;
  }

  // -- commands -------------------------------------------------------------------------------------------------------

  /// Carries `command` out and answers with the view.
  caf::result<view_type> answer_view(command_type command, const provenance& origin,
                                     std::uint64_t expected_version = 0) {
    return this->template answer_command<view_type>(
      std::move(command), origin, [this](const outcome&) { return view(); }, expected_version);
  }

  caf::result<view_type> on_get() {
    auto promise = self()->template make_response_promise<view_type>();
    read([this, promise](const outcome& reply) mutable {
      if (reply.error)
        promise.deliver(to_error(*reply.error));
      else if (!is_there())
        promise.deliver(to_error(missing()));
      else
        promise.deliver(view());
    });
    return promise;
  }

  caf::result<void> on_remove(const typename Kind::remove_message& command) {
    auto promise = self()->template make_response_promise<void>();
    execute(
      follower::remove{}, command.origin,
      [promise](const outcome& reply) mutable {
        if (reply.error)
          promise.deliver(to_error(*reply.error));
        else
          promise.deliver();
      },
      command.expected_version);
    return promise;
  }

  // -- what it may do -------------------------------------------------------------------------------------------------

  [[nodiscard]] bool is_there() const { return follower::is_there(state()); }
  [[nodiscard]] bool is_enabled() const { return is_there() && state().status == follower::status::enabled; }
  [[nodiscard]] bool rests() const { return rest_until_ && *rest_until_ > now(); }
  [[nodiscard]] bool may_work() const { return !leaving_ && is_there() && services().may_serve() && !rests(); }

  /// After a failure of the database or the feed nothing is tried for a while.
  void rest() {
    rest_until_ = now() + settings_.pause;
    arm(*rest_until_);
  }

  void arm_next() {
    if (const auto when = due())
      arm(std::max(*when, now()));
  }

  /// Of what it does by itself.
  [[nodiscard]] provenance own_origin() const {
    provenance origin;
    origin.correlation_id = origin.causation_id = id();
    origin.by_id = Kind::origin;
    return origin;
  }

  /// Tells operators, once it is so, that nothing gets through to `url`.
  void show_trouble(bool is_failing, const std::string& url) const {
    auto sentence = is_failing
                      ? std::string{Kind::title} + ' ' + id() + " (" + url + ") takes nothing: " + progress_.last_error
                      : std::string{};
    services().troubles->set(trouble(), std::move(sentence));
  }
  void withdraw_trouble() const { services().troubles->forget(trouble()); }

  // -- reading the log ------------------------------------------------------------------------------------------------

  /// Where the one that is being created begins to read.
  void begin_behind(log_position start) {
    progress_ = {};
    progress_.id = id();
    progress_.cursor = start;
  }

  [[nodiscard]] bool is_reading() const { return reading_.is_open(); }

  /// Asks for at most `limit` events of its types behind `after`.
  void read_behind(log_position after, std::uint32_t limit) {
    read_feed question;
    question.after = after;
    question.filter.types = state().types;
    question.limit = limit;
    question.wait = settings_.feed_wait;
    question.from_earliest = lost_place_;
    question.asker = id();
    reading_.ask(
      self(), feed_, std::move(question), [this](const feed_page& page) { on_page(page); },
      [this](const caf::error& reason) {
        if (reason == ec::cursor_expired)
          on_expired();
        else
          rest();
      });
  }

  void stop_reading() { reading_.abandon(self(), feed_); }

  settings_type settings_;
  event_feed_actor feed_;
  /// As it is stored, or ahead of it.
  typename Kind::progress progress_;
  /// Grows when the entity is loaded again; answers to requests of an earlier generation are dropped.
  std::uint64_t generation_ = 0;
  /// The place in the log was lost; reading begins at the oldest kept event.
  bool lost_place_ = false;
  /// Another node owns it now.
  bool leaving_ = false;

private:
  /// Either the events behind the cursor were removed, or the log was replaced: then the stored cursor is of the new
  /// log.
  void on_expired() {
    const bool loaded_since = expired_ == progress_.cursor;
    expired_ = loaded_since ? std::nullopt : std::optional{progress_.cursor};
    if (loaded_since && !lost_place_) {
      lost_place_ = true;
      on_place_lost();
      go_on();
    } else if (loaded_since || !load_again()) {
      expired_.reset();
      rest();
    }
  }

  /// Its name among what is wrong on this node.
  [[nodiscard]] std::string trouble() const { return std::string{name_of(Kind::kind)} + ' ' + id(); }

  feed_request reading_;
  /// The cursor behind which the log could not be read.
  std::optional<log_position> expired_;
  std::optional<timestamp> rest_until_;
};

} // namespace waybill
