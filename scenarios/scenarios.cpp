#include "scenarios/scenarios.hpp"

#include "scenarios/catalogue.hpp"
#include "scenarios/runner.hpp"

#include <stdexcept>

namespace waybill::scenarios {

const std::vector<story>& all_stories() {
  static const auto all = parse_stories(embedded_stories());
  return all;
}

const story* find_story(int number) {
  for (const auto& tale : all_stories())
    if (tale.number == number)
      return &tale;
  return nullptr;
}

const std::vector<scenario_entry>& list_scenarios() {
  static const auto entries = [] {
    std::vector<scenario_entry> out;
    for (const auto& tale : all_stories())
      out.push_back({tale.number, tale.name, tale.summary, tale.needs_chaos(), tale.needs_cluster()});
    return out;
  }();
  return entries;
}

boost::asio::awaitable<std::string> run_scenario(int number, std::string base_url, std::string token,
                                                 std::string run_id) {
  const auto* tale = find_story(number);
  if (tale == nullptr)
    throw std::invalid_argument{"there is no scenario " + std::to_string(number)};
  const auto server = outbound::parse_api_server(base_url);
  if (!server)
    throw std::invalid_argument{server.error().detail};
  run_options options;
  options.server = *server;
  options.server.token = std::move(token);
  options.run_id = std::move(run_id);
  const auto report = co_await run_story(*tale, std::move(options));
  co_return to_json(report);
}

} // namespace waybill::scenarios
