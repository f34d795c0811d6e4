#include "actors/feed/notifier.hpp"

#include "actors/entity/entity_support.hpp"
#include "actors/entity/routing/forwarding.hpp"
#include "actors/entity/trace/append_trace.hpp"
#include "actors/feed/customer_notifications.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/json/codec.hpp"
#include "domain/order/events.hpp"
#include "messages/cluster/cluster_singleton.hpp"
#include "messages/cluster/placement.hpp"
#include "messages/notifications.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace waybill {

namespace {

/// How far the notifier has read. The generation of the log is that of the database in which this is stored.
struct notifier_progress {
  std::uint64_t transaction = 0;
  std::uint64_t sequence = 0;
  std::uint64_t version = 0;

  [[nodiscard]] log_position place() const { return {transaction, sequence}; }
  void move_to(const log_position& position) {
    transaction = position.transaction;
    sequence = position.sequence;
  }
};
BOOST_DESCRIBE_STRUCT(notifier_progress, (), (transaction, sequence, version))

struct notification_text {
  std::string_view type;
  std::string_view text;
};

constexpr std::array texts{
  notification_text{"order.confirmed", "Your order is confirmed."},
  notification_text{"order.rejected", "Your order was rejected."},
  notification_text{"order.delivered", "Your order was delivered."},
  notification_text{"order.cancelled", "Your order was cancelled."},
  notification_text{"order.cancel_refused",
                    "Your order could not be cancelled any more: it is on its way, or delivered."},
  notification_text{"order.revised", "Your order was changed."},
  notification_text{"order.refunded", "Money for your order was refunded."},
  notification_text{"order.needs_attention", "Your order needs our attention; we will be in touch."},
};

constexpr std::string_view unpaid_text = "Your order was cancelled: it was not paid in time.";

bool is_unpaid(const stored_event& event) {
  if (event.type != order::cancelled::type)
    return false;
  const auto cancelled = decode_event<order::event>(event.type, event.schema, event.data);
  const auto* known = cancelled ? std::get_if<order::cancelled>(&*cancelled) : nullptr;
  return known != nullptr && known->reason == order::unpaid;
}

class notifier_state {
public:
  static inline const char* name = "waybill.notifier";

  notifier_state(notifier_region_actor::pointer self, entity_services services, notifier_settings settings)
    : self_(self), services_(std::move(services)), settings_(settings),
      forwarding_(self, {}, "notifier", {[this](std::uint16_t) { return singleton_.owner(); }}) {
    for (const auto& known : texts)
      filter_.types.emplace_back(known.type);
  }

  notifier_region_actor::behavior_type make_behavior() {
    return {
      [this](const log_advanced&) { go_on(); },
      [this](mark_notifications_read& command) { return route<notifications_marked>(std::move(command)); },
      [this](push_notification& command) { return route<notification_pushed>(std::move(command)); },
      [this](const placement& next) { place(next); },
    };
  }

private:
  // -- placement ------------------------------------------------------------------------------------------------------

  void place(const placement& next) {
    if (!singleton_.replace(next))
      return;
    const bool was_here = std::exchange(here_, singleton_.is_here());
    forwarding_.replaced(next);
    if (here_ && !was_here)
      load();
  }

  /// Carries a command out, here or on the node of the notifier.
  template <class Answer, class Command>
  caf::result<Answer> route(Command command) {
    const bool serving = services_.may_serve();
    if (here_ && serving)
      return people_.answer(std::move(command));
    if (const auto& sender = self_->current_sender(); sender && sender->node() != self_->node())
      return to_error({ec::moved, "the notifier is not here"});
    if (!serving || singleton_.owner() == nullptr)
      return to_error({ec::unavailable, "no node keeps notifications now"});
    auto promise = self_->make_response_promise<caf::response_promise>();
    forwarding_.forward<Answer>(singleton_.shard(), std::move(command), true, std::move(promise));
    return caf::delegated<Answer>{};
  }

  // -- reading the log ------------------------------------------------------------------------------------------------

  void load() {
    ready_ = false;
    self_->request(services_.reader, bounded_elsewhere, load_entity{entity_kind::notifier, notifier_stream})
      .then(
        [this](const stored_entity& stored) {
          auto progress = stored.state.empty() ? result<notifier_progress>{notifier_progress{}}
                                               : decode<notifier_progress>(stored.state);
          if (!progress) {
            log_error("the notifier's progress cannot be read: {}", progress.error().detail);
            return;
          }
          progress_ = *progress;
          progress_.version = stored.version;
          saved_at_ = services_.clock();
          read_to_ = saved_ = progress_.place().of_generation(stored.generation);
          // Where the log ended for it before it was loaded again: only removed events lie between.
          lost_place_ = expired_ == saved_;
          if (std::exchange(expired_, std::nullopt) && lost_place_)
            log_error("events that the notifier has not read were removed; it continues with the oldest that are kept");
          ready_ = true;
          go_on();
        },
        [this](const caf::error&) { again_later(); });
  }

  void go_on() {
    if (!here_ || !ready_)
      return;
    if (busy_) {
      hinted_ = true;
      return;
    }
    busy_ = true;
    hinted_ = false;
    self_->request(services_.reader, bounded_elsewhere, read_log{read_to_, filter_, settings_.page_size, lost_place_})
      .then(
        [this, from = read_to_, version = progress_.version](const log_page& page) {
          // If the progress was loaded again in the meantime, the page may have been dealt with.
          if (ready_ && from == read_to_ && version == progress_.version) {
            notify(page);
          } else {
            busy_ = false;
            go_on();
          }
        },
        [this](const caf::error& reason) {
          busy_ = false;
          if (reason == ec::cursor_expired)
            look_again();
          again_later();
        });
  }

  /// Either what it has not read was removed, or the log was replaced: then what is stored is of the new log, and ends
  /// somewhere else.
  void look_again() {
    expired_ = read_to_;
    ready_ = false;
  }

  void notify(const log_page& page) {
    lost_place_ = false;
    if (page.events.empty()) {
      // No notifications: the new position need not be durable at once.
      progress_.move_to(page.next);
      read_to_ = page.next;
      if (saved_ != read_to_ && services_.clock() - saved_at_ >= settings_.save_interval) {
        write(new_append(), progress_, page.next);
        return;
      }
      busy_ = false;
      if (hinted_)
        go_on();
      else
        again_later();
      return;
    }
    append request = new_append();
    traced_.clear();
    for (const auto& event : page.events)
      if (!event.customer.empty())
        add_notification(request, event);
    auto next = progress_;
    next.move_to(page.next);
    next.version += request.events.size();
    write(std::move(request), next, page.next);
  }

  append new_append() const {
    append request;
    request.kind = entity_kind::notifier;
    request.stream = notifier_stream;
    request.expected_version = progress_.version;
    request.at = services_.clock();
    request.origin.by_id = "notifier";
    return request;
  }

  void add_notification(append& request, const stored_event& event) {
    const auto known =
      std::find_if(texts.begin(), texts.end(), [&](const auto& entry) { return entry.type == event.type; });
    if (known == texts.end())
      return;
    const auto id = make_id<notification_id>().value;
    auto encoded = encode(notification_sent{id, event.customer, event.order, event.type});
    request.events.push_back(
      {std::string{notification_sent::type}, 1, std::move(encoded), event.order, event.customer});
    if (services_.tracer)
      trace(event, id);
    const auto text = is_unpaid(event) ? unpaid_text : known->text;
    request.rows.emplace_back(
      notification_row{id, event.customer, event.order, event.type, std::string{text}, event.at});
  }

  /// A notification is a span below whatever led to the event.
  void trace(const stored_event& event, const std::string& notification) {
    const auto parent = tracing::sampled_context(event.origin.traceparent);
    if (!parent)
      return;
    auto span = tracing::child_of(*parent, tracing::derive_span_id(parent->trace, "notify " + event_id(event)),
                                  std::string{notification_sent::type}, services_.clock());
    span.kind = tracing::span_kind::consumer;
    span.set("waybill.order", event.order);
    span.set("waybill.event", event_id(event));
    span.set("waybill.notification", notification);
    traced_.push_back(std::move(span));
  }

  void end_spans(std::uint64_t version, std::size_t events) {
    for (auto& span : std::exchange(traced_, {})) {
      note_commit(span, services_.clock(), services_.tracer->database(), notifier_stream, version, events);
      services_.tracer->add(std::move(span));
    }
  }

  void write(append request, notifier_progress next, log_position read_to) {
    const auto events = request.events.size();
    request.generation = read_to.generation;
    request.snapshot = entity_snapshot{1, encode(next), false, std::nullopt};
    self_->request(services_.journal_of(notifier_stream), bounded_elsewhere, std::move(request))
      .then(
        [this, next, read_to, events](const appended& answer) {
          end_spans(answer.version, events);
          progress_ = next;
          progress_.version = answer.version;
          saved_at_ = services_.clock();
          read_to_ = saved_ = read_to;
          busy_ = false;
          go_on();
        },
        [this](const caf::error& reason) {
          log_info("the notifier could not write, reading its progress again: {}", to_failure(reason).detail);
          busy_ = false;
          load();
        });
  }

  void again_later() {
    if (scheduled_)
      return;
    scheduled_ = true;
    self_->run_delayed(settings_.poll_interval, [this] {
      scheduled_ = false;
      if (here_ && !ready_)
        load();
      else
        go_on();
    });
  }

  notifier_region_actor::pointer self_;
  entity_services services_;
  customer_notifications people_{self_, services_};
  notifier_settings settings_;
  event_filter filter_;
  forwarding<notifier_region_actor::pointer> forwarding_;
  cluster_singleton singleton_{notifier_stream};
  notifier_progress progress_;
  /// The position of `progress_`.
  log_position read_to_;
  /// Where the log could not be read on.
  std::optional<log_position> expired_;
  /// The position that is durable, and since when.
  log_position saved_;
  timestamp saved_at_;
  /// The spans of the notifications that are being written.
  std::vector<tracing::span> traced_;
  /// Events behind its position were removed.
  bool lost_place_ = false;
  bool here_ = false;
  bool ready_ = false;
  bool busy_ = false;
  bool hinted_ = false;
  bool scheduled_ = false;
};

} // namespace

notifier_region_actor spawn_notifier(caf::actor_system& sys, const entity_services& services,
                                     const notifier_settings& settings) {
  return sys.spawn<notifier_region_actor::stateful_impl<notifier_state>>(services, settings);
}

result<log_position> notifier_position(const stored_entity& stored) {
  if (stored.state.empty())
    return log_position{};
  const auto progress = decode<notifier_progress>(stored.state);
  if (!progress)
    return progress.error();
  return progress->place().of_generation(stored.generation);
}

} // namespace waybill
