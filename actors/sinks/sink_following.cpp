#include "actors/sinks/sink_entity.hpp"

#include "domain/base/enum_name.hpp"
#include "domain/base/log.hpp"
#include "domain/sink/address.hpp"

#include <algorithm>
#include <utility>

// How a sink follows the log: three steps that run beside each other. Batches are read ahead, the first one is
// published, and the cursor behind the last one that was confirmed is written down; one append is under way at a time,
// and the next one carries the newest cursor.

namespace waybill {

namespace {

std::string_view broker_of(const sink::target& target) {
  const auto address = sink::parse_address(target.url);
  return address ? name_of(address->broker) : std::string_view{"unknown"};
}

} // namespace

std::optional<timestamp> sink_entity::next_work() const {
  auto next = sweep_at_;
  const auto sooner = [&next](const std::optional<timestamp>& when) {
    if (when && (!next || *when < *next))
      next = when;
  };
  if (!publishing_)
    sooner(retry_at_);
  if (changed_ && !writing_)
    sooner(write_at_);
  return next;
}

void sink_entity::go_on() {
  if (leaving_ || !exists())
    return;
  if (!is_enabled() || target_ != state().target || password_ != state().password || types_ != state().types)
    start_again();
  if (!is_there()) {
    show_metrics();
    return;
  }
  if (!services().may_serve()) {
    rest();
    return;
  }
  if (!sweep_at_ || *sweep_at_ <= now()) {
    sweep_at_ = now() + settings_.sweep;
    changed_ = changed_ || std::exchange(passed_, false);
  }
  read_on();
  publish();
  write();
  show_metrics();
  arm_next();
}

void sink_entity::show_metrics() {
  if (!gauges_)
    gauges_ = metrics_->of(id());
  const bool fails = is_enabled() && state().failing_since.has_value();
  const auto lag =
    is_enabled() && !batches_.empty() ? now() - batches_.front().events.front()->at : timestamp::duration{0};
  gauges_->lag->value(std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(lag).count(), 0));
  gauges_->failing->value(fails ? 1 : 0);
  show_trouble(fails, state().target.url);
}

// -- reading ----------------------------------------------------------------------------------------------------------

/// An answer about a batch that was dropped is not looked at: the batch is published again, behind the first attempt,
/// which keeps the order.
void sink_entity::start_again() {
  stop_reading();
  batches_.clear();
  ++attempt_number_;
  publishing_ = false;
  failures_ = 0;
  failing_from_.reset();
  retry_at_.reset();
  read_to_ = progress_.cursor;
  target_ = state().target;
  password_ = state().password;
  types_ = state().types;
}

void sink_entity::read_on() {
  if (may_publish() && !is_reading() && feed_ && publisher_ && batches_.size() < settings_.max_batches)
    read_behind(read_to_, settings_.batch);
}

void sink_entity::on_page(const feed_page& page) {
  lost_place_ = false;
  if (!page.events.empty()) {
    batches_.push_back({page.events, page.next});
    read_to_ = page.next;
  } else if (read_to_ < page.next) {
    read_to_ = page.next;
    // What it does not want lies behind all that it wants, or behind what is not confirmed yet.
    if (batches_.empty()) {
      progress_.cursor = page.next;
      passed_ = true;
    } else {
      batches_.back().next = page.next;
    }
  }
  go_on();
}

void sink_entity::on_place_lost() {
  log_warning("sink {} was disabled for longer than events are kept: those that were removed from the log will not "
              "be published",
              id());
  start_again();
}

// -- publishing -------------------------------------------------------------------------------------------------------

void sink_entity::publish() {
  if (!may_publish() || publishing_ || batches_.empty() || (retry_at_ && *retry_at_ > now()))
    return;
  publishing_ = true;
  retry_at_.reset();
  const auto number = ++attempt_number_;
  publish_batch request;
  request.id = state().id;
  request.batch = std::make_shared<const sink_batch>(sink_batch{target_, password_, batches_.front().events});
  self()
    ->request(publisher_, bounded_elsewhere, std::move(request))
    .then(
      [this, generation = generation_, number] {
        if (generation == generation_ && number == attempt_number_)
          on_published();
      },
      [this, generation = generation_, number](const caf::error& reason) {
        if (generation == generation_ && number == attempt_number_)
          on_not_published(to_failure(reason));
      });
}

void sink_entity::on_published() {
  publishing_ = false;
  failures_ = 0;
  failing_from_.reset();
  const auto& done = batches_.front();
  const auto broker = broker_of(target_);
  metrics_->published->get_or_add({{"broker", broker}})->inc(static_cast<std::int64_t>(done.events.size()));
  metrics_->attempts->get_or_add({{"broker", broker}, {"outcome", "confirmed"}})->inc();
  progress_.cursor = done.next;
  progress_.last_success_at = now();
  changed_ = true;
  batches_.pop_front();
  if (leaving_) {
    write();
    return;
  }
  if (state().failing_since) {
    log_info("sink {} works again", id());
    execute(sink::report_recovery{}, own_origin(), {});
  }
  go_on();
}

/// The batch stays the first one. A sink that is failing says so in the log, once, and goes on trying.
void sink_entity::on_not_published(const failure& reason) {
  publishing_ = false;
  if (leaving_)
    return;
  ++failures_;
  if (!failing_from_)
    failing_from_ = now();
  const auto broker = broker_of(target_);
  // So that it is there before the first one is confirmed.
  metrics_->published->get_or_add({{"broker", broker}});
  metrics_->attempts->get_or_add({{"broker", broker}, {"outcome", "failed"}})->inc();
  progress_.last_failure_at = now();
  progress_.last_error = reason.detail;
  changed_ = true;
  retry_at_ = now() + backoff(settings_.retry, failures_);
  if (failures_ >= settings_.failing_after && !state().failing_since) {
    log_warning("sink {} is failing: nothing was published in {} attempts; the last one: {}", id(), failures_,
                reason.detail);
    execute(sink::report_failing{*failing_from_, reason.detail}, own_origin(), {});
  }
  go_on();
}

// -- the cursor -------------------------------------------------------------------------------------------------------

void sink_entity::write() {
  // A sink that leaves this node cannot rest: nothing would wake it.
  const bool waits = !leaving_ && (rests() || (write_at_ && *write_at_ > now()));
  if (writing_ || waits || !is_there() || !services().may_serve() || !changed_)
    return;
  writing_ = true;
  changed_ = passed_ = false;
  write_at_ = now() + settings_.write_interval;
  append request;
  request.kind = entity_kind::sink;
  request.generation = placed().generation;
  request.at = now();
  request.origin = own_origin();
  request.rows.emplace_back(progress_);
  self()
    ->request(services().journal_of(id()), bounded_elsewhere, std::move(request))
    .then(
      [this, generation = generation_](const appended&) {
        if (generation != generation_)
          return;
        writing_ = false;
        if (!leaving_)
          return go_on();
        write();
        end_if_retired();
      },
      [this, generation = generation_](const caf::error& reason) {
        if (generation != generation_)
          return;
        writing_ = false;
        changed_ = true;
        log_warning("sink {} could not store its position, trying again: {}", id(), to_failure(reason).detail);
        if (leaving_)
          // The new owner publishes these again.
          end_if_retired();
        else
          rest();
      });
}

} // namespace waybill
