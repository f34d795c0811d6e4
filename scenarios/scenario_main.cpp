#include "outbound/token.hpp"
#include "scenarios/answers.hpp"
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
#include <charconv>
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
       waybill scenario run <n>|all [--url=http://127.0.0.1:4000] [-o table|json]
                            [--token=<token>|--token-file=<path>]
A node that demands authentication needs the token of an admin; WAYBILL_TOKEN does as well.
)";

struct command_line {
  std::vector<std::string> words;
  std::string url;
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
  named.add_options()("token", po::value(&out.token));
  named.add_options()("token-file", po::value(&out.token_file));
  named.add_options()("output,o", po::value(&format)->default_value("table"));
  named.add_options()("words", po::value(&out.words)->default_value({}, ""));
  po::positional_options_description positional;
  positional.add("words", -1);
  po::variables_map values;
  po::store(po::command_line_parser(args).options(named).positional(positional).run(), values);
  po::notify(values);
  if (format != "table" && format != "json")
    throw usage_error{"-o takes table or json"};
  out.as_json = format == "json";
  return out;
}

int list_all(const command_line& line) {
  if (line.as_json) {
    json::array out;
    for (const auto& one : list_scenarios())
      out.push_back(json::object{
        {"scenario", one.number}, {"name", one.name}, {"summary", one.summary}, {"needs_chaos", one.needs_chaos}});
    std::cout << json::serialize(out) << "\n";
    return passed;
  }
  for (const auto& one : list_scenarios())
    std::printf("%3d  %-40s %s\n", one.number, one.name.c_str(), one.summary.c_str());
  return passed;
}

/// Calls `what` with an executor and blocks until it is done.
template <class T, class Function>
T block_on(Function what) {
  asio::io_context context{1};
  T out{};
  std::exception_ptr trouble;
  asio::co_spawn(context, what(context.get_executor()), [&](std::exception_ptr e, T done) {
    trouble = e;
    out = std::move(done);
  });
  context.run();
  if (trouble)
    std::rethrow_exception(trouble);
  return out;
}

report run_blocking(const story& tale, const outbound::endpoint& server) {
  run_options options;
  options.server = server;
  return block_on<report>([&](const asio::any_io_executor&) { return run_story(tale, options); });
}

using obstacles = std::map<int, std::string>;

/// Why the server cannot play some of the stories, by number. A server that does not say, or cannot be reached, shows
/// that when a story is played.
asio::awaitable<obstacles> find_obstacles(asio::any_io_executor executor, outbound::endpoint server) {
  obstacles out;
  outbound::client client{executor, server, outbound::client_options{}};
  outbound::request question;
  question.target = "/v1/scenarios";
  const auto answer = co_await client.send(std::move(question));
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

/// Only stories that need something of the server can have an obstacle there.
obstacles obstacles_of(const std::vector<const story*>& chosen, const outbound::endpoint& server) {
  if (std::none_of(chosen.begin(), chosen.end(), [](const story* one) { return one->needs_chaos(); }))
    return {};
  return block_on<obstacles>([&](const asio::any_io_executor& executor) { return find_obstacles(executor, server); });
}

std::vector<const story*> choose(const std::string& which) {
  std::vector<const story*> out;
  if (which == "all") {
    for (const auto& one : all_stories())
      out.push_back(&one);
    return out;
  }
  int number = 0;
  const auto [end, code] = std::from_chars(which.data(), which.data() + which.size(), number);
  if (code != std::errc{} || end != which.data() + which.size())
    throw usage_error{"'" + which + "' is neither a number nor all"};
  if (const auto* found = find_story(number))
    out.push_back(found);
  return out;
}

std::string skipped(const story& tale, const std::string& why) {
  return json::serialize(
    json::object{{"scenario", tale.number}, {"name", tale.name}, {"verdict", "skipped"}, {"reason", why}});
}

int run_chosen(const command_line& line) {
  auto server = outbound::parse_url(line.url);
  if (!server)
    throw usage_error{server.error().detail};
  auto token = outbound::find_token(line.token, line.token_file);
  if (!token)
    throw usage_error{token.error().detail};
  server->token = std::move(*token);
  const auto& which = line.words.at(1);
  const auto chosen = choose(which);
  if (chosen.empty()) {
    std::cerr << "waybill scenario: there is no scenario " << which << "\n";
    return unknown_scenario;
  }
  const auto cannot = obstacles_of(chosen, *server);
  if (which != "all")
    if (const auto why = cannot.find(chosen.front()->number); why != cannot.end()) {
      std::cerr << "waybill scenario: scenario " << which << " was not run: " << why->second << "\n";
      return failed;
    }
  std::size_t good = 0;
  std::string list;
  for (const auto* tale : chosen) {
    if (const auto why = cannot.find(tale->number); why != cannot.end()) {
      list += (list.empty() ? "" : ",\n ") + skipped(*tale, why->second);
      if (!line.as_json)
        std::cout << "scenario " << tale->number << ", " << tale->name << ": skipped: " << why->second << "\n"
                  << std::endl;
      continue;
    }
    const auto done = run_blocking(*tale, *server);
    good += done.passed() ? 1 : 0;
    if (done.unreachable) {
      std::cerr << "waybill scenario: " << done.expectations.front().text << "\n";
      return unreachable;
    }
    list += (list.empty() ? "" : ",\n ") + to_json(done);
    if (!line.as_json)
      std::cout << to_text(done) << std::endl;
  }
  const auto played = chosen.size() - cannot.size();
  if (line.as_json)
    std::cout << (which == "all" ? "[" + list + "]" : list) << "\n";
  else if (chosen.size() > 1)
    std::cout << good << " of " << played << " scenarios passed"
              << (cannot.empty() ? "" : ", " + std::to_string(cannot.size()) + " were skipped") << "\n";
  return good == played ? passed : failed;
}

int run_command(const std::vector<std::string>& args) {
  const auto line = read_arguments(args);
  if (line.words.size() == 1 && line.words[0] == "list")
    return list_all(line);
  if (line.words.size() == 2 && line.words[0] == "run")
    return run_chosen(line);
  throw usage_error{"expected list, or run with a number or all"};
}

} // namespace

int scenario_main(std::vector<std::string> args) {
  try {
    return run_command(args);
  } catch (const po::error& e) {
    std::cerr << "waybill scenario: " << e.what() << "\n" << usage_text;
    return usage;
  } catch (const usage_error& e) {
    std::cerr << "waybill scenario: " << e.what() << "\n" << usage_text;
    return usage;
  } catch (const std::exception& e) {
    std::cerr << "waybill scenario: " << e.what() << "\n";
    return failed;
  }
}

} // namespace waybill::scenarios
