#pragma once

#include "domain/base/time.hpp"
#include "outbound/tool_client.hpp"
#include "scenarios/report.hpp"
#include "scenarios/story/story.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace waybill::scenarios {

struct run_options {
  outbound::endpoint server;
  /// The whole run ends within this, whatever the server does.
  milliseconds limit{30'000};
  /// How often an order is looked at while the story waits for it.
  milliseconds poll_interval{20};
  /// How long the event log may lag behind the orders before an expectation counts as broken.
  milliseconds log_lag{2'000};
};

/// Plays `tale` against a server, over HTTP only, under products of its own, which it withdraws in the end. Never
/// throws: what goes wrong is a step of the report and a broken expectation. `tale` must outlive the coroutine. Runs on
/// a strand of its own, so the caller's executor may have many threads.
boost::asio::awaitable<report> run_story(const story& tale, run_options options);

} // namespace waybill::scenarios
