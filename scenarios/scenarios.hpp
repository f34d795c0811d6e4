#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace waybill::scenarios {

struct scenario_entry {
  int number = 0;
  std::string name;
  std::string summary;
  /// It breaks something on purpose; it restarts several nodes one after the other.
  bool needs_chaos = false;
  bool needs_cluster = false;
};

/// All stories, by number. The first call reads them and throws invalid_story, a std::runtime_error, when one cannot be
/// read: call it at the start of a program. Thread-safe.
const std::vector<scenario_entry>& list_scenarios();

/// Runs story `number` against the server at `base_url` within 30 seconds and answers with its report as JSON. `token`
/// is sent with each request if it is not empty; `run_id` as run_options::run_id. Does not throw when the run fails;
/// throws std::invalid_argument when there is no such story or the URL is not usable. May run on any executor.
boost::asio::awaitable<std::string> run_scenario(int number, std::string base_url, std::string token,
                                                 std::string run_id);

/// `waybill scenario ...`; `args` are the words behind `scenario`. Blocks. Answers with the exit code: 0 all passed, 1
/// one failed, 2 usage, 3 no such scenario, 8 the server cannot be reached.
int scenario_main(std::vector<std::string> args);

} // namespace waybill::scenarios
