#include "outbound/tools/named_options.hpp"

#include <boost/program_options/value_semantic.hpp>

#define CAF_SUITE outbound.named_options
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
namespace po = boost::program_options;

namespace {

struct options {
  std::string token;
  std::string token_file;
  int count = 0;

  std::string refusal(const std::vector<std::string>& words) {
    po::options_description named;
    named.add_options()("token", po::value(&token));
    named.add_options()("token-file", po::value(&token_file));
    named.add_options()("count", po::value(&count)->default_value(1));
    const auto values = outbound::read_options(words, named);
    return values.has_error() ? values.error().detail : std::string{};
  }
};

} // namespace

SCENARIO("options are stored where they belong, and the others keep their defaults") {
  options given;
  CHECK_EQ(given.refusal({"--token=a", "--token-file", "b"}), "");
  CHECK_EQ(given.token, "a");
  CHECK_EQ(given.token_file, "b");
  CHECK_EQ(given.count, 1);
}

SCENARIO("E3: a prefix of a name is refused with the name that was probably meant") {
  options given;
  CHECK_EQ(given.refusal({"--tok=x"}), "there is no option --tok; did you mean --token?");
  CHECK_EQ(given.refusal({"--coun=3"}), "there is no option --coun; did you mean --count?");
  CHECK_EQ(given.refusal({"--token-fiel=x"}), "there is no option --token-fiel; did you mean --token-file?");
  CHECK_EQ(given.refusal({"--elephant"}), "there is no option --elephant");
  CHECK_EQ(given.token, "");
  CHECK_NE(given.refusal({"--count=many"}), "");
}
