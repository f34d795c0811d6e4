#include "nodes/scenario_player.hpp"

#include "domain/codec.hpp"
#include "scenarios/scenarios.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace waybill {

scenario_player::scenario_player() : work_(context_.get_executor()), thread_([this] { context_.run(); }) {}

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
    json += '}';
  }
  return json + "]";
}

void scenario_player::run(int number, std::string base_url, std::string token,
                          std::function<void(result<std::string>)> done) {
  const auto& known = scenarios::list_scenarios();
  if (std::none_of(known.begin(), known.end(), [&](const auto& entry) { return entry.number == number; })) {
    done(failure{ec::not_found, "there is no scenario " + std::to_string(number)});
    return;
  }
  boost::asio::co_spawn(context_, scenarios::run_scenario(number, std::move(base_url), std::move(token)),
                        [done = std::move(done)](const std::exception_ptr& problem, std::string report) {
                          if (problem)
                            done(failure{ec::internal, "the scenario could not be played"});
                          else
                            done(std::move(report));
                        });
}

} // namespace waybill
