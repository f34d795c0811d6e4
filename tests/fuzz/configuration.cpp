#include "domain/base/errors.hpp"
#include "nodes/options/config.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

using namespace waybill;

namespace {

/// The lines of the input: `name=value` is a flag, `$name=value` a variable.
config_sources sources_of(std::string_view text) {
  config_sources sources;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (const auto equals = line.find('='); line.starts_with('$') && equals != std::string_view::npos)
      sources.environment.emplace("WAYBILL_" + std::string{line.substr(1, equals - 1)}, line.substr(equals + 1));
    else
      sources.arguments.push_back("--" + std::string{line});
  }
  return sources;
}

} // namespace

/// Flags and variables: they are accepted, and shown in a form that is accepted again; or one line names the error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view(data, size);
  // Files of this machine are none of the fuzzer's business.
  for (const std::string_view reads : {"config", "CONFIG", "file", "FILE"})
    if (text.find(reads) != std::string_view::npos)
      return 0;
  const auto loaded = load_config(sources_of(text));
  if (!loaded) {
    fuzz::require(loaded.error().code == ec::invalid_argument && !loaded.error().detail.empty());
    return 0;
  }
  fuzz::require(!dump(*loaded).empty());
  return 0;
}
