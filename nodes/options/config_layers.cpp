#include "nodes/options/config_layers.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/suggestion.hpp"
#include "domain/text/trim.hpp"
#include "nodes/options/options.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <system_error>

namespace waybill {

namespace {

/// Variables with our prefix that are not options: those of the scripts and tests, and those that Kubernetes sets in
/// every container when there is a service named `waybill`.
constexpr std::string_view foreign_variables[] = {"WAYBILL_CAF_",     "WAYBILL_TEST_", "WAYBILL_BENCH_",
                                                  "WAYBILL_SERVICE_", "WAYBILL_PORT",  "WAYBILL_TOKEN"};

/// Every name that a value can be given to, by its environment variable.
const std::map<std::string, std::string, std::less<>>& names_by_variable() {
  static const auto names = [] {
    std::map<std::string, std::string, std::less<>> all{{variable_of("config"), "config"}};
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

/// What other programs call what we call otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> names_elsewhere{
  {{"port", "http"},
   {"http-port", "http"},
   {"host", "http"},
   {"bind", "http"},
   {"db", "store"},
   {"database", "store"},
   {"database-url", "store"},
   {"config-file", "config"},
   {"roles", "role"},
   {"cors", "http-allowed-origins"},
   {"tls-cert", "http-tls-certificate"},
   {"tls-key", "http-tls-key"}}};

std::string option_meant_by(const std::string& name, std::string_view prefix, std::vector<std::string> known) {
  const auto elsewhere = std::ranges::find(names_elsewhere, name, [](const auto& pair) { return pair.first; });
  if (elsewhere != names_elsewhere.end())
    return "; did you mean " + std::string{prefix} + std::string{elsewhere->second} + "?";
  for (const auto& [variable, option_name] : names_by_variable())
    known.push_back(option_name);
  return did_you_mean(name, known, prefix);
}

/// Puts a value into its layer. `prefix` is what stands before names in this source.
result<void> take(config_layer& values, const std::string& name, given_value value, std::string_view prefix = {},
                  const std::vector<std::string>& other_options = {}) {
  const auto source = value.source;
  const auto written = std::string{prefix} + name;
  if (!is_known(name))
    return invalid_option(source + ": unrecognised option '" + written + "'"
                          + option_meant_by(name, prefix, other_options));
  if (!values.emplace(name, std::move(value)).second)
    return invalid_option(source + ": " + name + " is given twice");
  return {};
}

constexpr std::string_view blanks = " \t\r";

/// A # begins a comment at the start of a line and behind a blank; inside a word it is part of it.
std::string_view without_comment(std::string_view line) {
  for (auto at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1))
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t')
      return line.substr(0, at);
  return line;
}

/// Why a file cannot be opened; empty when it can.
std::string why_unreadable(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown))
    return "is a folder";
  errno = 0;
  if (const std::ifstream file{path})
    return {};
  return std::string{"cannot be read: "} + (errno != 0 ? std::strerror(errno) : "unknown reason");
}

} // namespace

result<config_layer> read_flags(const std::vector<std::string>& arguments,
                                const std::vector<std::string>& other_options) {
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
    if (auto taken = take(values, name, {std::move(value), "flag"}, "--", other_options); taken.has_error())
      return taken.error();
    if (apart)
      ++word;
  }
  return values;
}

result<config_layer> read_config_file(const std::string& path) {
  if (const auto reason = why_unreadable(path); !reason.empty())
    return invalid_option("config: the file " + path + " " + reason);
  // What a full disk leaves. A file of comments is meant so.
  std::error_code unknown;
  if (std::filesystem::is_regular_file(path, unknown) && std::filesystem::is_empty(path, unknown))
    return invalid_option("config: the file " + path + " is empty");
  std::ifstream file{path};
  config_layer values;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    const auto place = path + ':' + std::to_string(++number);
    const auto text = trim(without_comment(line), blanks);
    if (text.empty())
      continue;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || trim(text.substr(0, equals), blanks).empty())
      return invalid_option(place + ": this line is no `name = value`");
    const std::string name{trim(text.substr(0, equals), blanks)};
    const std::string value{trim(text.substr(equals + 1), blanks)};
    if (auto taken = take(values, name, {value, place}); taken.has_error())
      return taken.error();
  }
  return values;
}

namespace {

std::string variable_meant_by(const std::string& variable) {
  std::vector<std::string> known;
  for (const auto& [name, option_name] : names_by_variable())
    known.push_back(name);
  return did_you_mean(variable, known);
}

} // namespace

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
      return invalid_option("environment: unknown variable " + variable + variable_meant_by(variable));
    values.emplace(known->second, given_value{entry->second, "environment"});
  }
  return values;
}

namespace {

result<std::string> read_secret(const std::string& name, const std::string& path) {
  if (const auto reason = why_unreadable(path); !reason.empty())
    return invalid_option(name + ": the file " + path + " " + reason);
  std::ifstream file{path};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  if (text.empty())
    return invalid_option(name + ": the file " + path + " is empty");
  return text;
}

} // namespace

result<void> apply_layer(loaded_config& loaded, config_layer values) {
  if (values.empty())
    return {};
  for (const auto& row : all_options()) {
    auto given = values.find(row.name);
    const auto name = [&] { return std::string{row.name}; };
    if (auto file = row.secret ? values.find(file_option(row)) : values.end(); file != values.end()) {
      const auto& source = file->second.source;
      if (given != values.end())
        return invalid_option(source + ": both " + name() + " and " + file->first + " are given");
      auto secret = read_secret(file->first, file->second.text);
      if (secret.has_error())
        return secret.error();
      given = values.emplace(row.name, given_value{std::move(*secret), source}).first;
    }
    if (given == values.end())
      continue;
    const auto& [text, source] = given->second;
    if (const auto expected = row.set(loaded.config, text); !expected.empty())
      return invalid_option(source + ": bad value " + (row.secret ? "(not shown)" : "'" + text + "'") + " for " + name()
                            + ": it must be " + expected);
    loaded.origins.insert_or_assign(name(), source);
  }
  return {};
}

failure invalid_option(std::string detail) {
  return {ec::invalid_argument, std::move(detail)};
}

} // namespace waybill
