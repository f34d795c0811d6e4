#include "gateway/calls/called_request.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "gateway/routes/serving.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace waybill::http {

called_request::called_request(worker& on, grpc_door::http_request from, answer_handler done)
  : worker_(on), request_(on, std::move(from)), done_(std::move(done)) {}

std::shared_ptr<called_request> called_request::start(worker& on, grpc_door::http_request from, answer_handler done) {
  auto made = std::make_shared<called_request>(on, std::move(from), std::move(done));
  net::post(on.io(), [made] { made->begin(); });
  return made;
}

void called_request::begin() {
  worker_.add(*this);
  auto ended = [self = shared_from_this()](std::exception_ptr) { self->finish(); };
  net::co_spawn(worker_.io(), run(), net::bind_cancellation_slot(signal_.slot(), std::move(ended)));
}

task<void> called_request::run() {
  try {
    co_await request_.admit();
    const auto& entry = request_.entry();
    only_reads_ = rate_class_of(entry) == rate_class::reads;
    auto answered = co_await carry_out(request_.ctx(), entry, request_.head());
    answer_ = to_answer(std::move(answered));
  } catch (const problem& error) {
    answer_ = request_.to_answer(error);
  } catch (const std::exception& error) {
    if (!abandoned_)
      log_error("request {} failed by a defect: {}", request_.head().request_id, error.what());
    answer_ = request_.to_answer(to_problem({ec::internal, {}}));
  }
}

void called_request::finish() {
  if (!abandoned_)
    request_.record(answer_.status);
  worker_.remove(*this);
  if (const auto done = std::exchange(done_, nullptr))
    done(std::move(answer_));
}

void called_request::cancel() {
  net::post(worker_.io(), [self = shared_from_this()] {
    if (!self->only_reads_ || !self->done_)
      return;
    self->abandoned_ = true;
    self->signal_.emit(net::cancellation_type::terminal);
  });
}

} // namespace waybill::http
