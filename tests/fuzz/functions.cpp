#include "domain/json/json_parse.hpp"
#include "domain/json/utf8.hpp"
#include "functions/sandbox.hpp"
#include "tests/fuzz/target.hpp"

using namespace waybill;

namespace {

/// Small, so that many inputs are tried, and far below what the fuzzer takes for a hang.
sandbox::limits small() {
  sandbox::limits allowed;
  allowed.steps = 20'000;
  allowed.time = milliseconds{1'000};
  allowed.memory = 1024 * 1024;
  allowed.block = 256 * 1024;
  allowed.text = 64 * 1024;
  allowed.depth = 200;
  allowed.result = 64 * 1024;
  return allowed;
}

bool is_good(const sandbox::script_error& error) {
  return !error.message.empty() && is_utf8(error.message) && error.message.size() < 2'000;
}

} // namespace

/// A source, and behind a NUL the JSON that it gets: whatever it does ends as JSON or as an error for people. What a
/// call breaks or keeps of the process is the sanitizers' to find.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto all = fuzz::view(data, size);
  const auto nul = all.find('\0');
  const auto source = all.substr(0, nul);
  const auto input = nul == std::string_view::npos ? std::string_view{"null"} : all.substr(nul + 1);
  const auto wrong = sandbox::check(source, small());
  fuzz::require(!wrong || is_good(*wrong));
  const auto done = sandbox::run(source, input, small());
  if (done.error) {
    fuzz::require(is_good(*done.error) && done.result.empty());
    return 0;
  }
  fuzz::require(!wrong && done.result.size() <= small().result && is_utf8(done.result));
  // Numbers beyond a double and deep nesting are refused before they are written.
  fuzz::require(parse_json(done.result).has_value());
  return 0;
}
