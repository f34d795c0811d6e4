#include "actors/feed/event_feed.hpp"

#include "actors/entity/entity_support.hpp"
#include "actors/feed/catch_up_queue.hpp"
#include "actors/feed/feed_waiters.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace waybill {

namespace {

constexpr std::array<double, 9> lag_bounds{.01, .05, .1, .25, .5, 1., 2.5, 10., 60.};

class event_feed_state {
public:
  static inline const char* name = "waybill.event_feed";

  event_feed_state(event_feed_actor::pointer self, event_feed_settings settings, reader_actor reader)
    : self_(self), settings_(settings), reader_(std::move(reader)),
      lag_(self->system().metrics().histogram_singleton<double>(
        "waybill.event-feed", "lag", lag_bounds,
        "From an event until the feed had it for its followers: of the oldest event of each page.", "seconds")) {}

  event_feed_actor::behavior_type make_behavior() {
    return {
      [this](read_feed& request) { return take(std::move(request)); },
      [this](const abandon_request& request) { abandon(request); },
      [this](const log_advanced&) { on_hint(); },
    };
  }

private:
  using clock_time = caf::actor_clock::time_point;

  caf::result<feed_page> take(read_feed request) {
    const auto& sender = self_->current_sender();
    const feed_request_id id{sender ? sender->id() : 0, self_->current_message_id().request_id().integer_value()};
    auto promise = self_->make_response_promise<feed_page>();
    const auto deadline = self_->clock().now() + request.wait;
    serve({std::move(request), id, promise, deadline});
    return promise;
  }

  /// From the tail if it reaches back far enough, otherwise from the log.
  void serve(feed_waiter waiter) {
    const bool may_wait = self_->clock().now() < waiter.deadline;
    if (!tail_known_ && may_wait) {
      unsettled_.push_back(std::move(waiter));
      begin_tail(true);
      return;
    }
    if (!tail_known_ || waiter.request.after < tail_begin_) {
      read_from_log(std::move(waiter));
      return;
    }
    auto page = page_of_tail(waiter.request);
    // Without waiters the tail is not kept up to date: a request that does not wait must read the log.
    if (page.events.empty() && waiter.request.wait.count() == 0) {
      read_from_log(std::move(waiter));
      return;
    }
    if (!page.events.empty() || !may_wait) {
      waiter.promise.deliver(std::move(page));
      return;
    }
    waiter.request.after = std::max(waiter.request.after, page.next);
    waiters_.add(std::move(waiter));
    follow();
  }

  feed_page page_of_tail(const read_feed& request) const {
    feed_page page;
    page.next = std::max(request.after, tail_end_);
    auto from = std::upper_bound(tail_.begin(), tail_.end(), request.after,
                                 [](const log_position& at, const auto& event) { return at < event->position; });
    for (; from != tail_.end(); ++from) {
      if (!matches(request.filter, **from))
        continue;
      page.events.push_back(*from);
      if (page.events.size() >= request.limit) {
        page.next = (*from)->position;
        break;
      }
    }
    return page;
  }

  // -- those who are behind ------------------------------------------------------------------------------------------

  void read_from_log(feed_waiter waiter) {
    behind_.add(std::move(waiter));
    catch_up();
  }

  void catch_up() {
    while (catching_up_.size() < settings_.catch_up_reads) {
      auto next = behind_.take();
      if (!next)
        return;
      const auto waiter = std::make_shared<feed_waiter>(std::move(*next));
      catching_up_.push_back(waiter);
      const auto& request = waiter->request;
      self_
        ->request(reader_, bounded_elsewhere,
                  read_log{request.after, request.filter, request.limit, request.from_earliest})
        .then(
          [this, waiter, began = self_->clock().now()](log_page& page) {
            if (finish_catch_up(waiter, began))
              on_log_page(std::move(*waiter), page);
            catch_up();
          },
          [this, waiter, began = self_->clock().now()](caf::error& reason) {
            if (finish_catch_up(waiter, began))
              waiter->promise.deliver(std::move(reason));
            catch_up();
          });
    }
  }

  /// False when the request was abandoned meanwhile.
  bool finish_catch_up(const std::shared_ptr<feed_waiter>& waiter, clock_time began) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - began);
    behind_.finish(waiter->request.asker, static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)));
    return std::erase(catching_up_, waiter) > 0 && !std::erase(abandoned_, waiter->id);
  }

  void on_log_page(feed_waiter waiter, log_page& read) {
    if (!read.events.empty() || waiter.deadline <= self_->clock().now()) {
      feed_page page;
      page.next = read.next;
      for (auto& event : read.events)
        page.events.push_back(std::make_shared<const stored_event>(std::move(event)));
      waiter.promise.deliver(std::move(page));
      return;
    }
    const bool moved = waiter.request.after < read.next;
    waiter.request.after = read.next;
    waiter.request.from_earliest = false;
    if (moved || (tail_known_ && waiter.request.after >= tail_begin_)) {
      serve(std::move(waiter));
      return;
    }
    unsettled_.push_back(std::move(waiter));
    follow();
  }

  /// Its promise is dropped with it, which answers it.
  void abandon(const abandon_request& request) {
    const auto& sender = self_->current_sender();
    const feed_request_id id{sender ? sender->id() : 0, request.request};
    const auto is_meant = [&](const feed_waiter& waiter) { return waiter.id == id; };
    if (waiters_.remove(id) || behind_.remove(id) || std::erase_if(unsettled_, is_meant) > 0)
      return;
    if (std::ranges::any_of(catching_up_, [&](const auto& waiter) { return waiter->id == id; }))
      abandoned_.push_back(id);
  }

  // -- the tail ------------------------------------------------------------------------------------------------------

  /// Begins the tail anew near the end of the log. Whoever stands before it reads the log. `where_one_waits`: not at
  /// the end itself, but where the furthest waiter stands, who most likely asked for the end a moment ago; should that
  /// be far from the end after all, the tail begins anew at the end.
  void begin_tail(bool where_one_waits) {
    if (reading_)
      return;
    reading_ = true;
    self_->request(reader_, bounded_elsewhere, get_log_end{})
      .then(
        [this, where_one_waits](log_position end) {
          reading_ = false;
          const auto begin = where_one_waits ? furthest_waiter(end) : end;
          set_tail(begin, begin < end);
        },
        [this](caf::error& reason) {
          reading_ = false;
          if (!tail_known_)
            for (auto& waiter : std::exchange(unsettled_, {}))
              waiter.promise.deliver(reason);
          answer_overdue();
          follow_later();
        });
  }

  log_position furthest_waiter(const log_position& end) const {
    auto place = waiters_.furthest(end).value_or(log_position{});
    for (const auto& waiter : unsettled_)
      if (waiter.request.after <= end)
        place = std::max(place, waiter.request.after);
    // No waiter is close to the end: start the tail there.
    return place > tail_end_ ? place : end;
  }

  void set_tail(const log_position& begin, bool may_be_far) {
    const auto seen = tail_end_;
    tail_.clear();
    tail_known_ = true;
    tail_begin_ = tail_end_ = begin;
    may_be_far_ = may_be_far;
    read_at_ = self_->clock().now();
    serve_all(seen);
    follow();
  }

  /// Each waiter goes on from its own position; those that followed the tail have seen it all, up to `seen`.
  void serve_all(const log_position& seen) {
    auto waiting = waiters_.take_all();
    for (auto& waiter : waiting)
      waiter.request.after = std::max(waiter.request.after, seen);
    std::ranges::move(std::exchange(unsettled_, {}), std::back_inserter(waiting));
    for (auto& waiter : waiting)
      serve(std::move(waiter));
  }

  /// Reads the log while there are waiters.
  void follow() {
    if (reading_ || nobody_waits())
      return;
    if (!tail_known_) {
      begin_tail(true);
      return;
    }
    reading_ = true;
    hinted_ = false;
    // Nobody waited for a while, or the database was away, or this process was stopped.
    const bool is_stale = self_->clock().now() - read_at_ > settings_.stale_after;
    self_->request(reader_, bounded_elsewhere, read_log{tail_end_, {}, settings_.page_size})
      .then([this, is_stale](log_page& page) { on_tail_page(page, is_stale); },
            [this](const caf::error& reason) {
              reading_ = false;
              if (reason == ec::cursor_expired) {
                drop_tail();
                return;
              }
              if (!std::exchange(failing_, true))
                log_warning("the event feed cannot read the log: {}", to_failure(reason).detail);
              answer_overdue();
              serve_unsettled(false);
              follow_later();
            });
  }

  /// The events behind the tail were removed. Waiters may stand where others were, so it begins at the end of the log.
  void drop_tail() {
    tail_.clear();
    tail_known_ = false;
    begin_tail(false);
    serve_all(std::exchange(tail_end_, {}));
  }

  void on_tail_page(log_page& page, bool is_stale) {
    reading_ = false;
    if (std::exchange(failing_, false))
      log_info("the event feed reads the log again");
    const bool full = page.events.size() >= settings_.page_size;
    // What comes now must not wait until everything in between is read.
    if (full && (is_stale || may_be_far_)) {
      begin_tail(!may_be_far_);
      return;
    }
    may_be_far_ = false;
    read_at_ = self_->clock().now();
    if (!page.events.empty())
      lag_->observe(std::max(0.0, std::chrono::duration<double>(now() - page.events.front().at).count()));
    std::vector<event_ptr> events;
    events.reserve(page.events.size());
    for (auto& event : page.events)
      events.push_back(std::make_shared<const stored_event>(std::move(event)));
    tail_.insert(tail_.end(), events.begin(), events.end());
    tail_end_ = std::max(tail_end_, page.next);
    while (tail_.size() > settings_.tail_size) {
      tail_begin_ = tail_.front()->position;
      tail_.pop_front();
    }
    waiters_.announce(events, tail_end_);
    answer_overdue();
    serve_unsettled(!events.empty());
    if (full || hinted_)
      follow();
    else
      follow_later();
  }

  [[nodiscard]] bool nobody_waits() const noexcept { return waiters_.empty() && unsettled_.empty(); }

  /// Looks at all waiters, so it is not done for every commit.
  void answer_overdue() {
    const auto time = self_->clock().now();
    if (time < next_look_)
      return;
    next_look_ = time + settings_.poll_interval;
    waiters_.answer_overdue(time, tail_end_);
  }

  void serve_unsettled(bool any_new) {
    auto waiting = std::exchange(unsettled_, {});
    const auto time = self_->clock().now();
    for (auto& waiter : waiting) {
      if (any_new || waiter.deadline <= time || waiter.request.after < tail_begin_)
        serve(std::move(waiter));
      else
        unsettled_.push_back(std::move(waiter));
    }
  }

  void follow_later() {
    if (nobody_waits() || poll_scheduled_)
      return;
    poll_scheduled_ = true;
    self_->run_delayed(settings_.poll_interval, [this] {
      poll_scheduled_ = false;
      follow();
    });
  }

  void on_hint() {
    hinted_ = true;
    follow();
  }

  event_feed_actor::pointer self_;
  event_feed_settings settings_;
  reader_actor reader_;
  caf::telemetry::dbl_histogram* lag_;
  /// Those that have seen the tail to its end.
  feed_waiters waiters_;
  /// Those that have read the log to its end, which is not in the tail yet, and those that wait for a tail.
  std::vector<feed_waiter> unsettled_;
  /// Those that are before the tail; for these the log is being read, and some of them are abandoned.
  catch_up_queue behind_;
  std::vector<std::shared_ptr<feed_waiter>> catching_up_;
  std::vector<feed_request_id> abandoned_;
  clock_time next_look_;
  /// Events behind `tail_begin_` up to `tail_end_`, without a gap.
  std::deque<event_ptr> tail_;
  log_position tail_begin_;
  log_position tail_end_;
  bool tail_known_ = false;
  /// When the tail was last read.
  clock_time read_at_;
  /// The tail begins where somebody waited: whether that is near the end of the log shows when it is read.
  bool may_be_far_ = false;
  bool reading_ = false;
  /// The last read failed, which was logged.
  bool failing_ = false;
  bool hinted_ = false;
  bool poll_scheduled_ = false;
};

} // namespace

event_feed_actor spawn_event_feed(caf::actor_system& sys, const event_feed_settings& settings,
                                  const reader_actor& reader) {
  return sys.spawn<event_feed_actor::stateful_impl<event_feed_state>>(settings, reader);
}

} // namespace waybill
