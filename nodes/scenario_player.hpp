#pragma once

#include "gateway/scenario_service.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace waybill {

/// Plays scenarios for the gateway, over HTTP like any client, in a thread of its own.
class scenario_player : public scenario_service {
public:
  scenario_player();
  ~scenario_player() override;

  std::string list() override;
  void run(int number, std::string base_url, std::string token, std::function<void(result<std::string>)> done) override;

private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::jthread thread_;
};

} // namespace waybill
