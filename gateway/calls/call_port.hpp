#pragma once

#include "doors/grpc/port.hpp"
#include "gateway/transport/worker.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace waybill::http {

/// Lets the gateway's routes be used without HTTP, by the doors of other protocols. Requests go to the gateway's
/// threads in turn. As long as the port is open these threads do not end.
class call_port final : public grpc_door::gateway_port {
public:
  explicit call_port(const std::vector<std::unique_ptr<worker>>& workers);
  ~call_port() override;

  std::shared_ptr<grpc_door::running_request> send(grpc_door::http_request request, answer_handler done) override;
  std::shared_ptr<grpc_door::running_subscription> subscribe(grpc_door::http_request request,
                                                             std::shared_ptr<grpc_door::subscriber> to) override;

  /// Nothing is sent from now on. What is under way ends as requests do when the gateway stops.
  void close();

private:
  /// Keeps a thread from ending.
  struct hold final : guest {
    explicit hold(worker& kept) : on(kept) {}
    void stop() override {}
    worker& on;
  };

  worker& next() noexcept;

  std::vector<std::shared_ptr<hold>> holds_;
  std::atomic<std::size_t> next_ = 0;
  bool open_ = true;
};

} // namespace waybill::http
