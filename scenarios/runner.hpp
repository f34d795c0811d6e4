#pragma once

#include "domain/base/time.hpp"
#include "outbound/api_client.hpp"
#include "scenarios/story/story.hpp"
#include "scenarios/story_report.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace waybill::scenarios {

struct run_options {
  outbound::api_server server;
  /// As outbound::api_client_options::ca_file.
  std::string ca_file = {};
  /// Sent as the beginning of each request's X-Request-Id, `<run_id>-<number>`, so that whoever follows the events
  /// finds those of the run by their correlation. Empty: the server makes the ids.
  std::string run_id = {};
  /// The whole run ends within this time, whatever the server does.
  milliseconds limit{30'000};
  /// How often an order is read while the story waits for it.
  milliseconds poll_interval{20};
  /// How long the event log may lag behind the orders before an expectation counts as broken.
  milliseconds log_lag{2'000};
};

/// Plays `tale` against a server, over HTTP only. Makes its own products, and withdraws them at the end. Never throws:
/// a failure is a step of the report and a broken expectation. `tale` must outlive the coroutine. Runs on its own
/// strand, so the caller's executor may have many threads.
boost::asio::awaitable<story_report> run_story(const story& tale, run_options options);

} // namespace waybill::scenarios
