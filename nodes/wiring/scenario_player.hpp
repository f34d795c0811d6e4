#pragma once

#include "gateway/scenario_service.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace waybill {

/// What this node lets stories do.
struct story_limits {
  /// It was started with --chaos=on.
  bool chaos = false;
  /// It can have other nodes beside it.
  bool has_peers = false;
};

/// Plays scenarios for the gateway, over HTTP like any client, in a thread of its own.
class scenario_player : public scenario_service {
public:
  explicit scenario_player(story_limits limits);
  ~scenario_player() override;

  /// A story that cannot be played here has a member `obstacle`, a sentence.
  std::string list() override;
  /// Fails with ec::conflict and that sentence, too.
  void run(int number, scenario_run run, std::function<void(result<std::string>)> done) override;

  fault_injector_actor fault_injector() override { return fault_injector_; }

  /// Before the gateway starts and after it has ended.
  void use(fault_injector_actor fault_injector) { fault_injector_ = std::move(fault_injector); }

private:
  story_limits limits_;
  fault_injector_actor fault_injector_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::jthread thread_;
};

} // namespace waybill
