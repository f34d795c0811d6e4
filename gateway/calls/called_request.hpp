#pragma once

#include "gateway/calls/inner_request.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <memory>

namespace waybill::http {

/// A request of another door, from its beginning to its answer.
class called_request final : public grpc_door::running_request,
                             public guest,
                             public std::enable_shared_from_this<called_request> {
public:
  using answer_handler = grpc_door::gateway_port::answer_handler;

  called_request(worker& on, grpc_door::http_request from, answer_handler done);

  /// Any thread.
  static std::shared_ptr<called_request> start(worker& on, grpc_door::http_request from, answer_handler done);

  /// Any thread.
  void cancel() override;

  /// It is finished.
  void stop() override {}

private:
  void begin();
  task<void> run();
  void finish();

  worker& worker_;
  inner_request request_;
  answer_handler done_;
  grpc_door::http_answer answer_;
  net::cancellation_signal signal_;
  /// Its work is for nothing when nobody waits for the answer.
  bool only_reads_ = false;
  bool abandoned_ = false;
};

} // namespace waybill::http
