#include "gateway/calls/call_port.hpp"

#include "gateway/calls/called_request.hpp"
#include "gateway/calls/called_subscription.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace waybill::http {

call_port::call_port(const std::vector<std::unique_ptr<worker>>& workers) {
  for (const auto& each : workers) {
    holds_.push_back(std::make_shared<hold>(*each));
    net::post(each->io(), [held = holds_.back()] { held->on.add(*held); });
  }
}

call_port::~call_port() {
  close();
}

worker& call_port::next() noexcept {
  return holds_[next_.fetch_add(1, std::memory_order_relaxed) % holds_.size()]->on;
}

std::shared_ptr<grpc_door::running_request> call_port::send(grpc_door::http_request request, answer_handler done) {
  return called_request::start(next(), std::move(request), std::move(done));
}

std::shared_ptr<grpc_door::running_subscription> call_port::subscribe(grpc_door::http_request request,
                                                                      std::shared_ptr<grpc_door::subscriber> to) {
  return called_subscription::start(next(), std::move(request), std::move(to));
}

void call_port::close() {
  if (!std::exchange(open_, false))
    return;
  for (auto& held : holds_)
    net::post(held->on.io(), [held] { held->on.remove(*held); });
  holds_.clear();
}

} // namespace waybill::http
