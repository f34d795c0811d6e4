#include "nodes/options/config_layers.hpp"

#include "domain/base/errors.hpp"
#include "nodes/options/options.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <system_error>

namespace waybill {

namespace po = boost::program_options;

namespace {

/// Variables with our prefix that are not options: those of the scripts and tests, and those that Kubernetes sets in
/// every container when there is a service named `waybill`.
constexpr std::string_view foreign_variables[] = {"WAYBILL_CAF_",     "WAYBILL_TEST_", "WAYBILL_BENCH_",
                                                  "WAYBILL_SERVICE_", "WAYBILL_PORT",  "WAYBILL_TOKEN"};

/// Every name that a value can be given to, by its environment variable.
const config_layer& names_by_variable() {
  static const auto names = [] {
    config_layer all{{variable_of("config"), "config"}};
    for (const auto& row : all_options()) {
      all.emplace(variable_of(row.name), row.name);
      if (row.secret)
        all.emplace(variable_of(file_option(row)), file_option(row));
    }
    return all;
  }();
  return names;
}

bool is_known(const std::string& name) {
  static const auto names = [] {
    std::set<std::string, std::less<>> all;
    for (const auto& [variable, known] : names_by_variable())
      all.insert(known);
    return all;
  }();
  return names.contains(name);
}

/// Puts a value into its layer. Names are compared here and not by Boost: its message about an unknown
/// name never ends when the name holds a placeholder of its messages, such as `%original_token%`.
result<void> take(config_layer& values, const std::string& source, const std::string& name, std::string value) {
  if (!is_known(name))
    return invalid_option(source + ": unrecognised option '" + name + "'");
  if (!values.emplace(name, std::move(value)).second)
    return invalid_option(source + ": " + name + " is given twice");
  return {};
}

} // namespace

result<config_layer> read_flags(const std::vector<std::string>& arguments) {
  config_layer values;
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    if (!word->starts_with("--"))
      return invalid_option("flag: unexpected argument '" + *word + "'");
    const auto equals = std::min(word->find('='), word->size());
    const auto name = word->substr(2, equals - 2);
    const bool apart = equals == word->size() && std::next(word) != arguments.end();
    auto value = apart ? *std::next(word) : word->substr(std::min(equals + 1, word->size()));
    if (is_known(name) && !apart && value.empty())
      return invalid_option("flag: there is no value for --" + name);
    if (auto taken = take(values, "flag", name, std::move(value)); taken.has_error())
      return taken.error();
    if (apart)
      ++word;
  }
  return values;
}

namespace {

/// Fails with why the file named by the option `name` cannot be used. A folder can be opened as a stream, and seems to
/// be empty.
result<std::string> read_whole_file(const std::string& name, const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return invalid_option(name + ": " + path + " is a folder, not a file");
  std::ifstream file{path};
  std::ostringstream text;
  // Of an empty file nothing is inserted, which sets a flag of `text` alone.
  if (file)
    text << file.rdbuf();
  if (!file || file.bad() || text.bad())
    return invalid_option(name + ": the file " + path + " cannot be read");
  return text.str();
}

} // namespace

result<config_layer> read_config_file(const std::string& path) {
  auto text = read_whole_file("config", path);
  if (text.has_error())
    return text.error();
  // What a full disk leaves. A file of comments is meant so.
  std::error_code ignored;
  if (text->empty() && std::filesystem::is_regular_file(path, ignored))
    return invalid_option("config: the file " + path + " is empty");
  try {
    std::istringstream lines{*text};
    config_layer values;
    for (const auto& item : po::parse_config_file(lines, po::options_description{}, true).options)
      if (auto taken = take(values, path, item.string_key, item.value.empty() ? "" : item.value.front());
          taken.has_error())
        return taken.error();
    return values;
  } catch (const po::error&) {
    return invalid_option(path + ": a line is no `name = value`");
  }
}

result<config_layer> read_environment(const std::map<std::string, std::string>& environment) {
  config_layer values;
  const auto& names = names_by_variable();
  for (auto entry = environment.lower_bound(std::string{variable_prefix});
       entry != environment.end() && entry->first.starts_with(variable_prefix); ++entry) {
    const auto& variable = entry->first;
    if (std::ranges::any_of(foreign_variables, [&](auto prefix) { return variable.starts_with(prefix); }))
      continue;
    const auto known = names.find(variable);
    if (known == names.end())
      return invalid_option("environment: unknown variable " + variable);
    values.emplace(known->second, entry->second);
  }
  return values;
}

namespace {

result<std::string> read_secret(const std::string& name, const std::string& path) {
  auto text = read_whole_file(name, path);
  if (text.has_error())
    return text;
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
    text->pop_back();
  if (text->empty())
    return invalid_option(name + ": the file " + path + " is empty");
  return text;
}

} // namespace

result<void> apply_layer(loaded_config& loaded, config_layer values, const std::string& source) {
  if (values.empty())
    return {};
  for (const auto& row : all_options()) {
    auto given = values.find(row.name);
    const auto name = [&] { return std::string{row.name}; };
    if (auto file = row.secret ? values.find(file_option(row)) : values.end(); file != values.end()) {
      if (given != values.end())
        return invalid_option(source + ": both " + name() + " and " + file->first + " are given");
      auto secret = read_secret(file->first, file->second);
      if (secret.has_error())
        return secret.error();
      given = values.emplace(row.name, std::move(*secret)).first;
    }
    if (given == values.end())
      continue;
    if (const auto expected = row.set(loaded.config, given->second); !expected.empty())
      return invalid_option(source + ": bad value " + (row.secret ? "(not shown)" : "'" + given->second + "'") + " for "
                            + name() + ": it must be " + expected);
    loaded.origins.insert_or_assign(name(), source);
  }
  return {};
}

failure invalid_option(std::string detail) {
  return {ec::invalid_argument, std::move(detail)};
}

} // namespace waybill
