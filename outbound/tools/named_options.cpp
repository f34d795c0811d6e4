#include "outbound/tools/named_options.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/suggestion.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>

#include <algorithm>

namespace po = boost::program_options;

namespace waybill::outbound {

namespace {

std::vector<std::string> names_of(const po::options_description& named) {
  std::vector<std::string> names;
  for (const auto& option : named.options())
    names.push_back(option->long_name());
  return names;
}

} // namespace

result<po::variables_map> read_options(const std::vector<std::string>& words, const po::options_description& named,
                                       const po::positional_options_description& positional) {
  namespace style = po::command_line_style;
  constexpr int written_out = style::default_style & ~style::allow_guessing;
  po::variables_map values;
  try {
    po::store(po::command_line_parser(words).options(named).positional(positional).style(written_out).run(), values);
    po::notify(values);
  } catch (const po::unknown_option& problem) {
    auto name = problem.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    name.resize(std::min(name.size(), name.find('=')));
    return failure{ec::invalid_argument, "there is no option --" + name + did_you_mean(name, names_of(named), "--")};
  } catch (const po::error& problem) {
    return failure{ec::invalid_argument, problem.what()};
  }
  return values;
}

} // namespace waybill::outbound
