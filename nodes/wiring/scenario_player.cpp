#include "nodes/wiring/scenario_player.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "scenarios/scenarios.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>

namespace waybill {

namespace {

/// Why a story cannot be played here; empty when it can.
std::string_view obstacle_of(const scenarios::scenario_entry& story, const story_limits& limits) {
  if (story.needs_cluster && !limits.has_peers)
    return "this story restarts the other nodes one after the other: it needs a cluster, several nodes on one "
           "PostgreSQL, and this node is alone";
  if (story.needs_chaos && !limits.chaos)
    return "this story breaks things on purpose: start the nodes with --chaos=on";
  return {};
}

} // namespace

scenario_player::scenario_player(story_limits limits)
  : limits_(limits), work_(context_.get_executor()), thread_([this] { context_.run(); }) {}

scenario_player::~scenario_player() {
  context_.stop();
}

std::string scenario_player::list() {
  std::string json = "[";
  for (const auto& entry : scenarios::list_scenarios()) {
    json += json.size() > 1 ? ",{\"scenario\":" : "{\"scenario\":";
    append_json(json, entry.number);
    json += ",\"name\":";
    append_json(json, entry.name);
    json += ",\"summary\":";
    append_json(json, entry.summary);
    json += ",\"needs_chaos\":";
    json += entry.needs_chaos ? "true" : "false";
    if (const auto obstacle = obstacle_of(entry, limits_); !obstacle.empty()) {
      json += ",\"obstacle\":";
      append_json(json, obstacle);
    }
    json += '}';
  }
  return json + "]";
}

void scenario_player::run(int number, scenario_run run, std::function<void(result<std::string>)> done) {
  const auto& known = scenarios::list_scenarios();
  const auto story = std::ranges::find(known, number, &scenarios::scenario_entry::number);
  if (story == known.end()) {
    done(failure{ec::not_found, "there is no scenario " + std::to_string(number)});
    return;
  }
  if (const auto obstacle = obstacle_of(*story, limits_); !obstacle.empty()) {
    done(failure{ec::conflict, std::string{obstacle}});
    return;
  }
  boost::asio::co_spawn(
    context_, scenarios::run_scenario(number, std::move(run.base_url), std::move(run.token), std::move(run.id)),
    [done = std::move(done)](const std::exception_ptr& problem, std::string report) {
      if (problem)
        done(failure{ec::internal, "the scenario could not be played"});
      else
        done(std::move(report));
    });
}

} // namespace waybill
