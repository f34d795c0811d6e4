#pragma once

#include "doors/grpc/port.hpp"
#include "doors/sources/source.hpp"
#include "gateway/services.hpp"
#include "nodes/options/config.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <vector>

namespace waybill {

/// The queues from which this node takes orders, and their metrics. Its functions may be called from any thread, one at
/// a time.
class node_sources {
public:
  node_sources(caf::actor_system& sys, const node_config& config);
  ~node_sources();
  node_sources(const node_sources&) = delete;
  node_sources& operator=(const node_sources&) = delete;

  /// Begins to take orders. `gateway` must be there until join() is over.
  void start(const std::shared_ptr<grpc_door::gateway_port>& gateway);

  /// How each of them fares; beside any other call.
  [[nodiscard]] std::vector<source_condition> conditions() const;

  /// No more messages are taken.
  void request_stop();
  /// Waits, each `limit` at most, until what is under way is settled.
  void join(milliseconds limit);

private:
  class watch;

  const node_config& config_;
  /// In the order of the configuration.
  std::vector<std::shared_ptr<watch>> watches_;
  std::vector<std::unique_ptr<source_door::source>> sources_;
};

} // namespace waybill
