#include "actors/functions/function_trigger.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/json/codec.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

namespace waybill {

trigger_metrics::trigger_metrics(caf::actor_system& sys)
  : events(sys.metrics().counter_family("waybill.function", "events", {"function", "outcome"},
                                        "Events that functions were called for, by what came of it.", "1", true)),
    lag(sys.metrics().gauge_family("waybill.function", "event-lag", {"function"},
                                   "The age of the event that a function is called for.", "seconds")) {}

function_trigger::function_trigger(trigger_host host) : host_(std::move(host)) {
  stream_ = function::trigger_stream(host_.function);
}

/// The next owner, perhaps on another node, tells its own values.
function_trigger::~function_trigger() {
  withdraw();
}

// -- the definition ---------------------------------------------------------------------------------------------------

void function_trigger::follow(const function::state& current) {
  const auto* present = function::find_version(current, current.current);
  if (present == nullptr || present->triggers.empty()) {
    stop();
    return;
  }
  if (began_after_ != current.triggers_after) {
    stop();
    began_after_ = current.triggers_after;
  } else if (types_ != present->triggers && doing_ != work::writing) {
    // What was read by the types before is read again.
    abandon();
  }
  types_ = present->triggers;
  if (number_ != present->number) {
    number_ = present->number;
    source_ = present->source;
    host_.services->troubles->forget(trouble());
    // Whoever mends a function finds the events that it has not skipped yet tried anew.
    for (auto* items : {&todo_, &again_})
      for (auto& item : *items)
        item.attempts = 0;
  }
  go_on();
}

void function_trigger::stop() {
  abandon();
  withdraw();
  began_after_.reset();
  number_ = 0;
  source_.clear();
  types_.clear();
  loaded_ = moved_ = lost_place_ = false;
  expired_.reset();
  rest_until_.reset();
}

void function_trigger::withdraw() {
  if (!began_after_)
    return;
  host_.metrics->lag->get_or_add({{"function", host_.function}})->value(0);
  host_.services->troubles->forget(trouble());
}

void function_trigger::leave() {
  leaving_ = true;
  if (doing_ != work::writing)
    abandon();
}

/// Gives up what is under way. It is safe to be done again.
void function_trigger::abandon() {
  reading_.abandon(host_.self, host_.feed);
  ++generation_;
  doing_ = work::nothing;
  drop_page();
}

void function_trigger::drop_page() {
  has_page_ = false;
  todo_.clear();
  again_.clear();
  again_at_.reset();
  events_.clear();
  rows_.clear();
}

// -- what comes next --------------------------------------------------------------------------------------------------

void function_trigger::go_on() {
  if (!runs() || doing_ != work::nothing || !host_.runner || !host_.feed)
    return;
  if (rest_until_ && now() < *rest_until_) {
    host_.arm(*rest_until_);
    return;
  }
  rest_until_.reset();
  if (!host_.services->may_serve())
    rest(host_.settings.pause);
  else if (!loaded_)
    load();
  else if (has_page_)
    call_next();
  else
    read_on();
  show_lag();
}

void function_trigger::rest(milliseconds pause) {
  rest_until_ = now() + pause;
  host_.arm(*rest_until_);
}

std::optional<timestamp> function_trigger::due() const {
  if (!runs() || doing_ != work::nothing)
    return std::nullopt;
  return rest_until_ ? rest_until_ : again_at_;
}

trigger_view function_trigger::view(const std::string& began_after) const {
  if (!loaded_ || began_after_ != began_after)
    return {began_after, milliseconds{0}, {}};
  const auto age = has_page_ ? std::chrono::duration_cast<milliseconds>(now() - oldest_) : milliseconds{0};
  return {to_string(cursor_), std::max(age, milliseconds{0}), progress_};
}

void function_trigger::show_lag() {
  const auto age = has_page_ ? std::chrono::duration_cast<std::chrono::seconds>(now() - oldest_).count() : 0;
  host_.metrics->lag->get_or_add({{"function", host_.function}})->value(std::max<std::int64_t>(age, 0));
}

void function_trigger::count(std::string_view outcome) {
  host_.metrics->events->get_or_add({{"function", host_.function}, {"outcome", outcome}})->inc();
}

// -- following the log ------------------------------------------------------------------------------------------------

void function_trigger::load() {
  doing_ = work::loading;
  host_.self->request(host_.services->reader, bounded_elsewhere, load_entity{entity_kind::trigger, stream_})
    .then(
      [this, generation = generation_](const stored_entity& stored) {
        if (generation != generation_)
          return;
        doing_ = work::nothing;
        on_loaded(stored);
      },
      [this, generation = generation_](const caf::error&) {
        if (generation != generation_)
          return;
        doing_ = work::nothing;
        rest(host_.settings.pause);
      });
}

void function_trigger::on_loaded(const stored_entity& stored) {
  auto known = stored.state.empty() ? result<function::trigger_progress>{function::trigger_progress{}}
                                    : decode<function::trigger_progress>(stored.state);
  if (!known) {
    log_error("how far the function {} has come cannot be read: {}", host_.function, known.error().detail);
    rest(host_.settings.save_interval);
    return;
  }
  progress_ = std::move(*known);
  if (progress_.began_after != *began_after_) {
    const auto start = parse_log_position(*began_after_).value_or(log_position{});
    progress_ = {};
    progress_.began_after = *began_after_;
    progress_.transaction = start.transaction;
    progress_.sequence = start.sequence;
  }
  progress_.version = stored.version;
  cursor_ = log_position{progress_.transaction, progress_.sequence}.of_generation(stored.generation);
  // Either the log was replaced, then what is stored ends somewhere else, or what it has not read was removed.
  lost_place_ = expired_ == cursor_;
  if (std::exchange(expired_, std::nullopt) && lost_place_)
    log_warning("events that the function {} has not got were removed; it continues with the oldest that are kept",
                host_.function);
  loaded_ = true;
  moved_ = false;
  saved_at_ = now();
  go_on();
}

void function_trigger::read_on() {
  doing_ = work::reading;
  read_feed query;
  query.after = cursor_;
  query.filter.types = types_;
  query.limit = host_.settings.page_size;
  query.wait = host_.settings.feed_wait;
  query.from_earliest = lost_place_;
  query.asker = std::string{function_id::prefix()} + host_.function;
  reading_.ask(
    host_.self, host_.feed, std::move(query),
    [this](const feed_page& page) {
      doing_ = work::nothing;
      on_page(page);
    },
    [this](const caf::error& reason) {
      doing_ = work::nothing;
      if (reason == ec::cursor_expired) {
        expired_ = cursor_;
        loaded_ = false;
      }
      rest(host_.settings.pause);
    });
}

void function_trigger::on_page(const feed_page& page) {
  lost_place_ = false;
  // What functions tell calls no function, which would tell of it.
  for (const auto& event : page.events)
    if (!event->stream.starts_with(function::trigger_prefix))
      todo_.push_back({event, 0, {}});
  has_page_ = true;
  oldest_ = todo_.empty() ? now() : todo_.front().event->at;
  next_ = progress_;
  behind_ = std::max(cursor_, page.next);
  go_on();
}

} // namespace waybill
