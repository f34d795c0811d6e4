#include "domain/base/number.hpp"
#include "domain/base/suggestion.hpp"
#include "domain/text/unicode.hpp"
#include "outbound/token.hpp"
#include "outbound/tools/named_options.hpp"
#include "scenarios/api_answers.hpp"
#include "scenarios/catalogue.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/scenarios.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/program_options.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <map>

namespace asio = boost::asio;
namespace json = boost::json;
namespace po = boost::program_options;

namespace waybill::scenarios {

namespace {

enum exit_code : int { passed = 0, failed = 1, usage = 2, unknown_scenario = 3, unreachable = 8 };

constexpr const char* usage_text = R"(usage: waybill scenario list [-o table|json]
       waybill scenario run <n>|all [--url=http://127.0.0.1:4000] [--ca=<file>] [-o table|json]
                            [--token=<token>|--token-file=<path>]
--ca     PEM file of the authorities for an https URL; without it those of the system
--token  of an admin, for a node that demands authentication; WAYBILL_TOKEN works too
)";

struct command_line {
  std::vector<std::string> words;
  std::string url;
  std::string ca_file;
  std::string token;
  std::string token_file;
  bool as_json = false;
};

struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

command_line read_arguments(const std::vector<std::string>& args) {
  command_line out;
  std::string format;
  po::options_description named;
  named.add_options()("url", po::value(&out.url)->default_value("http://127.0.0.1:4000"));
  named.add_options()("ca", po::value(&out.ca_file));
  named.add_options()("token", po::value(&out.token));
  named.add_options()("token-file", po::value(&out.token_file));
  named.add_options()("output,o", po::value(&format)->default_value("table"));
  named.add_options()("words", po::value(&out.words)->default_value({}, ""));
  po::positional_options_description positional;
  positional.add("words", -1);
  if (const auto values = outbound::read_options(args, named, positional); values.has_error())
    throw usage_error{values.error().detail};
  if (format != "table" && format != "json")
    throw usage_error{"-o takes table or json"};
  out.as_json = format == "json";
  return out;
}

int list_all(const command_line& line) {
  if (line.as_json) {
    json::array out;
    for (const auto& entry : list_scenarios())
      out.push_back(json::object{{"scenario", entry.number},
                                 {"name", entry.name},
                                 {"summary", entry.summary},
                                 {"needs_chaos", entry.needs_chaos}});
    std::cout << json::serialize(out) << "\n";
    return passed;
  }
  for (const auto& entry : list_scenarios())
    std::printf("%3d  %-40s %s\n", entry.number, entry.name.c_str(), entry.summary.c_str());
  return passed;
}

/// Calls `start` with an executor and waits for the coroutine that it returns.
template <class T, class Function>
T block_on(Function start) {
  asio::io_context context{1};
  T out{};
  std::exception_ptr problem;
  asio::co_spawn(context, start(context.get_executor()), [&](std::exception_ptr e, T returned) {
    problem = e;
    out = std::move(returned);
  });
  context.run();
  if (problem)
    std::rethrow_exception(problem);
  return out;
}

story_report run_blocking(const story& tale, const run_options& options) {
  return block_on<story_report>([&](const asio::any_io_executor&) { return run_story(tale, options); });
}

using obstacles = std::map<int, std::string>;

/// Why the server cannot play some of the stories, by number. Empty when the server does not answer: playing a story
/// will tell.
asio::awaitable<obstacles> read_obstacles(asio::any_io_executor executor, run_options options) {
  obstacles out;
  outbound::api_client client{executor, options.server, {.ca_file = options.ca_file}};
  outbound::api_request request;
  request.target = "/v1/scenarios";
  const auto answer = co_await client.send(std::move(request));
  if (!answer || answer->status != 200)
    co_return out;
  boost::system::error_code code;
  const auto body = json::parse(answer->body, code);
  const auto* items = code ? nullptr : body.find_pointer("/items", code);
  if (items == nullptr || !items->is_array())
    co_return out;
  for (const auto& item : items->get_array()) {
    const auto why = text_of(item, "obstacle");
    const auto* number = item.is_object() ? item.get_object().if_contains("scenario") : nullptr;
    if (!why.empty() && number != nullptr && number->is_int64())
      out.emplace(static_cast<int>(number->get_int64()), why);
  }
  co_return out;
}

/// What forbids all stories at once; empty: nothing, or the server does not answer, which playing a story will tell.
asio::awaitable<std::string> read_refusal(asio::any_io_executor executor, run_options options) {
  outbound::api_client client{executor, options.server, {.ca_file = options.ca_file}};
  outbound::api_request request;
  request.target = "/v1/me";
  const auto answer = co_await client.send(std::move(request));
  if (!answer || answer->status != 401)
    co_return std::string{};
  co_return options.server.token.empty()
    ? "this node demands a token of an admin: --token=, --token-file= or WAYBILL_TOKEN"
    : "this node does not take the token: it has expired, was taken away, or is of another system";
}

/// Only stories that need something of the server can have an obstacle there.
obstacles obstacles_of(const std::vector<const story*>& chosen, const run_options& options) {
  if (std::none_of(chosen.begin(), chosen.end(), [](const story* tale) { return tale->needs_chaos(); }))
    return {};
  return block_on<obstacles>([&](const asio::any_io_executor& executor) { return read_obstacles(executor, options); });
}

std::vector<const story*> choose(const std::string& which) {
  std::vector<const story*> out;
  if (which == "all") {
    for (const auto& tale : all_stories())
      out.push_back(&tale);
    return out;
  }
  const auto number = parse_number<int>(which);
  if (!number)
    throw usage_error{"'" + which + "' is neither a number nor all"};
  if (const auto* tale = find_story(*number))
    out.push_back(tale);
  return out;
}

std::string skipped(const story& tale, const std::string& why) {
  return json::serialize(
    json::object{{"scenario", tale.number}, {"name", tale.name}, {"verdict", "skipped"}, {"reason", why}});
}

run_options options_of(const command_line& line) {
  auto server = outbound::parse_api_server(line.url);
  if (!server)
    throw usage_error{server.error().detail};
  auto token = outbound::find_token(line.token, line.token_file);
  if (!token)
    throw usage_error{token.error().detail};
  run_options options;
  options.server = std::move(*server);
  options.server.token = std::move(*token);
  options.ca_file = line.ca_file;
  return options;
}

/// Writes what a server or the caller may have put words into.
void print(std::ostream& out, const std::string& text) {
  out << escape_control_characters(text, true) << std::flush;
}

/// Plays the stories in turn and writes their reports.
int run_stories(const std::vector<const story*>& chosen, const obstacles& skip_reasons, const run_options& options,
                const command_line& line) {
  std::size_t good = 0;
  // Other stories than the chosen ones may have reasons, too.
  std::size_t skipped_stories = 0;
  std::string list;
  const auto add = [&](const std::string& text) { list += (list.empty() ? "" : ",\n ") + text; };
  for (const auto* tale : chosen) {
    if (const auto why = skip_reasons.find(tale->number); why != skip_reasons.end()) {
      ++skipped_stories;
      add(skipped(*tale, why->second));
      if (!line.as_json)
        print(std::cout,
              "scenario " + std::to_string(tale->number) + ", " + tale->name + ": skipped: " + why->second + "\n\n");
      continue;
    }
    const auto report = run_blocking(*tale, options);
    good += report.passed() ? 1 : 0;
    if (report.unreachable) {
      print(std::cerr, "waybill scenario: " + report.expectations.front().text + "\n");
      return unreachable;
    }
    add(to_json(report));
    if (!line.as_json)
      print(std::cout, to_text(report) + "\n");
  }
  const auto played = chosen.size() - skipped_stories;
  if (line.as_json)
    print(std::cout, (line.words.at(1) == "all" ? "[" + list + "]" : list) + "\n");
  else if (chosen.size() > 1)
    std::cout << good << " of " << played << " scenarios passed"
              << (skipped_stories == 0 ? "" : ", " + std::to_string(skipped_stories) + " were skipped") << "\n";
  return good == played ? passed : failed;
}

int run_chosen(const command_line& line) {
  const auto options = options_of(line);
  const auto& which = line.words.at(1);
  const auto chosen = choose(which);
  if (chosen.empty()) {
    print(std::cerr, "waybill scenario: there is no scenario " + which + "\n");
    return unknown_scenario;
  }
  const auto refusal =
    block_on<std::string>([&](const asio::any_io_executor& executor) { return read_refusal(executor, options); });
  if (!refusal.empty()) {
    print(std::cerr, "waybill scenario: " + refusal + "\n");
    return usage;
  }
  const auto skip_reasons = obstacles_of(chosen, options);
  if (which != "all")
    if (const auto why = skip_reasons.find(chosen.front()->number); why != skip_reasons.end()) {
      print(std::cerr, "waybill scenario: scenario " + which + " was not run: " + why->second + "\n");
      return failed;
    }
  return run_stories(chosen, skip_reasons, options, line);
}

int run_command(const std::vector<std::string>& args) {
  if (std::ranges::find(args, "--help") != args.end() || std::ranges::find(args, "-h") != args.end()) {
    std::cout << usage_text;
    return passed;
  }
  const auto line = read_arguments(args);
  if (line.words.size() == 1 && line.words[0] == "list")
    return list_all(line);
  if (line.words.size() == 2 && line.words[0] == "run")
    return run_chosen(line);
  const std::vector<std::string> commands{"list", "run"};
  throw usage_error{"expected list, or run with a number or all"
                    + (line.words.empty() ? std::string{} : did_you_mean(line.words.front(), commands))};
}

} // namespace

int scenario_main(std::vector<std::string> args) {
  try {
    return run_command(args);
  } catch (const usage_error& e) {
    print(std::cerr, "waybill scenario: " + std::string{e.what()} + "\n" + usage_text);
    return usage;
  } catch (const std::exception& e) {
    print(std::cerr, "waybill scenario: " + std::string{e.what()} + "\n");
    return failed;
  }
}

} // namespace waybill::scenarios
