#pragma once

#include "tests/cluster/chaos/run.hpp"

#include <string>
#include <vector>

namespace waybill::chaos {

struct options {
  std::vector<std::uint64_t> seeds{1};
  run_settings run;
  bool list_only = false;
  bool help = false;
};

/// Reads the words of the command line. Throws std::runtime_error with one line that names the error.
options read_options(const std::vector<std::string>& words);

std::string usage();

/// The words that do one seed of these runs again.
std::string repeat_words(const options& given, std::uint64_t seed);

} // namespace waybill::chaos
