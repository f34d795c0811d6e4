#include "gateway/calls/called_subscription.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "gateway/events/event_json.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <utility>

namespace waybill::http {

called_subscription::called_subscription(worker& on, grpc_door::http_request from,
                                         std::shared_ptr<grpc_door::subscriber> to)
  : worker_(on), request_(on, std::move(from)), to_(std::move(to)), last_word_{200, {}, {}}, taken_(on.io()) {}

std::shared_ptr<called_subscription> called_subscription::start(worker& on, grpc_door::http_request from,
                                                                std::shared_ptr<grpc_door::subscriber> to) {
  auto made = std::make_shared<called_subscription>(on, std::move(from), std::move(to));
  net::post(on.io(), [made] { made->open(); });
  return made;
}

void called_subscription::open() {
  worker_.add(*this);
  auto ended = [self = shared_from_this()](std::exception_ptr) { self->finish(); };
  net::co_spawn(worker_.io(), run(), net::bind_cancellation_slot(signal_.slot(), std::move(ended)));
}

task<void> called_subscription::run() {
  try {
    co_await request_.admit();
    const std::shared_ptr<event_sink> self = shared_from_this();
    co_await follow_events(self, request_.ctx(), request_.head());
  } catch (const problem& error) {
    last_word_ = request_.to_answer(error);
  } catch (const std::exception& error) {
    if (!closing_)
      log_error("the stream {} ended by a defect: {}", request_.head().request_id, error.what());
  }
}

void called_subscription::finish() {
  closing_ = true;
  // A stream that was served has no time that could be compared with a request's.
  if (grpc_door::is_problem(last_word_))
    request_.record(last_word_.status);
  worker_.remove(*this);
  std::exchange(to_, nullptr)->on_end(std::move(last_word_));
}

task<void> called_subscription::begin(const std::optional<log_position>&) {
  to_->on_begin();
  co_return;
}

task<void> called_subscription::send(const feed_page& page) {
  if (page.events.empty() || closing_)
    co_return;
  std::vector<std::string> events;
  events.reserve(page.events.size());
  for (const auto& event : page.events)
    events.push_back(to_json(*event));
  is_waiting_ = true;
  const auto& until = request_.head().caller.until;
  if (until)
    taken_.expires_after(std::max<clock::duration>(*until - now(), clock::duration::zero()));
  else
    taken_.expires_at(clock::time_point::max());
  to_->on_events(std::move(events));
  error_code ignored;
  co_await taken_.async_wait(net::redirect_error(use_task, ignored));
  is_waiting_ = false;
}

task<void> called_subscription::fail(const problem& reason) {
  last_word_ = request_.to_answer(reason);
  co_return;
}

void called_subscription::stop() {
  if (std::exchange(closing_, true))
    return;
  if (is_waiting_)
    taken_.cancel();
  else
    signal_.emit(net::cancellation_type::terminal);
}

void called_subscription::resume() {
  net::post(worker_.io(), [self = shared_from_this()] { self->taken_.cancel(); });
}

void called_subscription::cancel() {
  net::post(worker_.io(), [self = shared_from_this()] { self->stop(); });
}

} // namespace waybill::http
