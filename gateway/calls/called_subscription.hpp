#pragma once

#include "gateway/calls/inner_request.hpp"
#include "gateway/streams/follow_events.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <memory>

namespace waybill::http {

/// A subscription of another door to the event log. The next page of events is read when the door has taken the last.
class called_subscription final : public grpc_door::running_subscription,
                                  public guest,
                                  public event_sink,
                                  public std::enable_shared_from_this<called_subscription> {
public:
  called_subscription(worker& on, grpc_door::http_request from, std::shared_ptr<grpc_door::subscriber> to);

  /// Any thread.
  static std::shared_ptr<called_subscription> start(worker& on, grpc_door::http_request from,
                                                    std::shared_ptr<grpc_door::subscriber> to);

  // Any thread.
  void resume() override;
  void cancel() override;

  // On the worker's thread.
  task<void> begin(const std::optional<log_position>& start) override;
  task<void> send(const feed_page& page) override;
  task<void> fail(const problem& reason) override;
  void stop() override;
  [[nodiscard]] bool closing() const noexcept override { return closing_; }

private:
  void open();
  task<void> run();
  void finish();

  worker& worker_;
  inner_request request_;
  std::shared_ptr<grpc_door::subscriber> to_;
  grpc_door::http_answer last_word_;
  /// Ends the wait for the door, or with the token.
  timer taken_;
  bool is_waiting_ = false;
  bool closing_ = false;
  net::cancellation_signal signal_;
};

} // namespace waybill::http
