#include "domain/base/currency.hpp"
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#define CAF_SUITE gateway.page_amounts
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

/// The decimals of each currency in the script of the pages.
std::map<std::string, int> decimals_in(const std::string& script) {
  std::map<std::string, int> decimals;
  const std::regex row{R"re((\d):\s+("[A-Z]+"(\s*\+\s*"[A-Z]+")*),)re"};
  for (std::sregex_iterator at{script.begin(), script.end(), row}; at != std::sregex_iterator{}; ++at) {
    const auto codes = std::regex_replace(at->str(2), std::regex{"[^A-Z]"}, "");
    for (std::size_t i = 0; i < codes.size(); i += 3)
      decimals[codes.substr(i, 3)] = std::stoi(at->str(1));
  }
  return decimals;
}

} // namespace

SCENARIO("D1: the pages know the same currencies as the rest") {
  std::ifstream file{WAYBILL_TEST_SOURCE "/web/src/words/money.ts"};
  const auto known = decimals_in({std::istreambuf_iterator<char>{file}, {}});
  REQUIRE(!known.empty());
  CHECK_EQ(known.at("JPY"), 0);
  CHECK_EQ(known.at("KWD"), 3);
  std::ostringstream wrong;
  std::string code = "AAA";
  for (code[0] = 'A'; code[0] <= 'Z'; ++code[0])
    for (code[1] = 'A'; code[1] <= 'Z'; ++code[1])
      for (code[2] = 'A'; code[2] <= 'Z'; ++code[2]) {
        const auto found = known.find(code);
        if ((found == known.end() ? std::nullopt : std::optional{found->second}) != decimals_of(code))
          wrong << code << ' ';
      }
  CHECK_EQ(wrong.str(), "");
}
