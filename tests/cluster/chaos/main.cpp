#include "tests/cluster/chaos/network.hpp"
#include "tests/cluster/chaos/options.hpp"
#include "tests/cluster/chaos/report.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <thread>

namespace {

using namespace waybill;
using namespace waybill::chaos;

volatile std::sig_atomic_t asked_to_end = 0;

extern "C" void note_signal(int) {
  asked_to_end = 1;
}

struct interrupted : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

void wait_or_throw(milliseconds how_long) {
  constexpr milliseconds slice{20};
  const auto end = std::chrono::steady_clock::now() + how_long;
  do {
    if (asked_to_end != 0)
      throw interrupted{};
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(slice, how_long));
  } while (std::chrono::steady_clock::now() < end);
}

void list(const options& given) {
  for (const auto seed : given.seeds) {
    auto settings = given.run;
    settings.seed = seed;
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    for (const auto& fault : make_schedule(schedule_of(settings)))
      std::printf("%8lld ms  %s\n", static_cast<long long>(fault.at.count()), describe(fault).c_str());
  }
}

/// Where links cannot be had, their faults are left out, and it is said.
void prepare_links(options& given) {
  const auto reason = given.run.with_links ? network::why_not() : std::optional<std::string>{"--links=off"};
  if (!reason) {
    network::leave_the_machine();
    return;
  }
  std::printf("on loopback addresses, without faults of links: %s\n", reason->c_str());
  // Before there are children that would print it too.
  std::fflush(stdout);
  given.run.with_links = false;
  std::erase_if(given.run.kinds, needs_links);
}

int run_all(const options& given, const std::string& program) {
  std::vector<std::pair<run_settings, run_result>> runs;
  bool sound = true;
  for (const auto seed : given.seeds) {
    auto settings = given.run;
    settings.seed = seed;
    auto result = run(settings, wait_or_throw);
    sound = sound && result.violations.empty();
    std::fputs(report_of(settings, result, program + " " + repeat_words(given, seed)).c_str(), stdout);
    std::fflush(stdout);
    // Of many runs only the data for the summary is kept.
    result.seen.exchanges.clear();
    result.seen.followed.clear();
    runs.emplace_back(settings, std::move(result));
  }
  if (runs.size() > 1)
    std::fputs(summary_of(runs).c_str(), stdout);
  return sound ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  try {
    auto given = read_options({argv + 1, argv + argc});
    if (given.help) {
      std::fputs(usage().c_str(), stdout);
      return 0;
    }
    if (given.list_only) {
      list(given);
      return 0;
    }
    std::signal(SIGINT, note_signal);
    std::signal(SIGTERM, note_signal);
    std::signal(SIGPIPE, SIG_IGN);
    prepare_links(given);
    return run_all(given, argv[0]);
  } catch (const interrupted&) {
    std::fputs("interrupted; everything that was started has ended\n", stderr);
    return 130;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "chaos: %s\n", problem.what());
    return 2;
  }
}
