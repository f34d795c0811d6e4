#include "actors/feed/event_feed.hpp"

#include "actors/entity/entity_support.hpp"
#include "actors/feed/feed_waiters.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

namespace waybill {

namespace {

class event_feed_state {
public:
  static inline const char* name = "waybill.event_feed";

  event_feed_state(event_feed_actor::pointer self, event_feed_settings settings, reader_actor reader)
    : self_(self), settings_(settings), reader_(std::move(reader)) {}

  event_feed_actor::behavior_type make_behavior() {
    return {
      [this](read_feed& request) { return take(std::move(request)); },
      [this](const log_advanced&) { on_hint(); },
    };
  }

private:
  using clock_time = caf::actor_clock::time_point;

  caf::result<feed_page> take(read_feed request) {
    auto promise = self_->make_response_promise<feed_page>();
    const auto deadline = self_->clock().now() + request.wait;
    serve({std::move(request), promise, deadline});
    return promise;
  }

  /// From the tail if it reaches back far enough, otherwise from the log.
  void serve(feed_waiter waiter) {
    if (!tail_known_ || waiter.request.after < tail_begin_) {
      if (!tail_known_)
        start_tail();
      read_from_log(std::move(waiter));
      return;
    }
    auto page = page_of_tail(waiter.request);
    // Without waiters the tail is not kept up to date: a request that does not wait must read the log.
    if (page.events.empty() && waiter.request.wait.count() == 0) {
      read_from_log(std::move(waiter));
      return;
    }
    if (!page.events.empty() || waiter.deadline <= self_->clock().now()) {
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

  void read_from_log(feed_waiter waiter) {
    read_log query{waiter.request.after, waiter.request.filter, waiter.request.limit, waiter.request.from_earliest};
    self_->request(reader_, bounded_elsewhere, std::move(query))
      .then([this, waiter](log_page& page) mutable { on_log_page(std::move(waiter), page); },
            [promise = waiter.promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
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

  // -- the tail ------------------------------------------------------------------------------------------------------

  void start_tail() {
    if (reading_)
      return;
    reading_ = true;
    self_->request(reader_, bounded_elsewhere, get_log_end{})
      .then(
        [this](log_position end) {
          reading_ = false;
          tail_known_ = true;
          tail_begin_ = tail_end_ = end;
          follow();
        },
        [this](const caf::error&) {
          reading_ = false;
          follow_later();
        });
  }

  /// Reads the log while there are waiters.
  void follow() {
    if (reading_ || nobody_waits())
      return;
    if (!tail_known_) {
      start_tail();
      return;
    }
    reading_ = true;
    hinted_ = false;
    self_->request(reader_, bounded_elsewhere, read_log{tail_end_, {}, settings_.page_size})
      .then([this](log_page& page) { on_tail_page(page); },
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

  /// The tail was not read for so long that the events behind it were removed. Each waiter goes on from its own
  /// position.
  void drop_tail() {
    tail_.clear();
    tail_known_ = false;
    auto waiting = waiters_.take_all();
    std::ranges::move(std::exchange(unsettled_, {}), std::back_inserter(waiting));
    for (auto& waiter : waiting)
      serve(std::move(waiter));
    start_tail();
  }

  void on_tail_page(log_page& page) {
    reading_ = false;
    if (std::exchange(failing_, false))
      log_info("the event feed reads the log again");
    const bool full = page.events.size() >= settings_.page_size;
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
  /// Those that have seen the tail to its end.
  feed_waiters waiters_;
  /// Those that have read the log to its end, which is not in the tail yet.
  std::vector<feed_waiter> unsettled_;
  clock_time next_look_;
  /// Events behind `tail_begin_` up to `tail_end_`, without a gap.
  std::deque<event_ptr> tail_;
  log_position tail_begin_;
  log_position tail_end_;
  bool tail_known_ = false;
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
