#include "bench/bench.hpp"
#include "domain/base/suggestion.hpp"
#include "domain/text/unicode.hpp"
#include "messages/type_ids.hpp"
#include "nodes/backup/backup_commands.hpp"
#include "nodes/health.hpp"
#include "nodes/node.hpp"
#include "nodes/options/config.hpp"
#include "nodes/process/descriptors.hpp"
#include "nodes/process/shutdown.hpp"
#include "psp/psp_main.hpp"
#include "scenarios/scenarios.hpp"
#include "shell/shell.hpp"
#include "transport/meta_objects.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace waybill;
using arguments = std::vector<std::string>;

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

int complain(const std::string& problem) {
  std::cerr << "waybill: " << escape_control_characters(problem, true) << '\n';
  return exit_usage;
}

/// The topic behind `--help=`, empty for all other ways to ask; nothing when no help is wanted.
std::optional<std::string> wanted_help(const arguments& words) {
  constexpr std::string_view with_topic = "--help=";
  for (const auto& word : words) {
    if (word == "--help" || word == "-h")
      return "";
    if (word.starts_with(with_topic))
      return word.substr(with_topic.size());
  }
  return std::nullopt;
}

int show_node_help(const std::string& topic) {
  const auto help = options_help(topic);
  if (help.has_error())
    return complain(help.error().detail);
  std::cout << "waybill node [options]: runs a node until SIGTERM or SIGINT\n"
               "Each option is also a variable (--log-level: WAYBILL_LOG_LEVEL) and a line of the file that --config "
               "names.\n\n"
            << *help;
  return 0;
}

int node_command(const arguments& words) {
  if (const auto topic = wanted_help(words))
    return show_node_help(*topic);
  auto loaded = load_config(sources_of_process(words));
  if (loaded.has_error())
    return complain(loaded.error().detail);
  const auto credentials = cluster_tls::load(loaded->config.tls);
  if (credentials.has_error())
    return complain(credentials.error().detail);
  auto https = server_tls::load(loaded->config.http_tls);
  if (https.has_error())
    return complain(https.error().detail);
  set_up_log(loaded->config.log);
  block_stop_signals();
  if (https->used())
    block_reload_signal();
  return run_node(loaded->config, *credentials, std::move(*https));
}

int config_command(const arguments& words) {
  if (wanted_help(words)) {
    std::cout << "usage: waybill config check|dump [options of waybill node]\n";
    return 0;
  }
  const arguments commands{"check", "dump"};
  if (words.empty() || std::ranges::find(commands, words.front()) == commands.end())
    return complain("usage: waybill config check|dump [options of waybill node]"
                    + (words.empty() ? std::string{} : did_you_mean(words.front(), commands)));
  auto loaded = load_config(sources_of_process({words.begin() + 1, words.end()}));
  if (loaded.has_error())
    return complain(loaded.error().detail);
  if (words.front() == "dump") {
    std::cout << dump(*loaded);
    return 0;
  }
  if (const auto credentials = cluster_tls::load(loaded->config.tls); credentials.has_error())
    return complain(credentials.error().detail);
  if (const auto https = server_tls::load(loaded->config.http_tls); https.has_error())
    return complain(https.error().detail);
  std::cout << "the configuration is valid\n";
  return 0;
}

int health_command(const arguments& words) {
  if (wanted_help(words)) {
    std::cout << "usage: waybill health [options of waybill node]\n"
                 "Asks the node of that configuration: exit code 0 when it is ready, 1 and a reason when not.\n";
    return 0;
  }
  const auto loaded = load_config(sources_of_process(words));
  if (loaded.has_error())
    return complain(loaded.error().detail);
  const auto credentials = cluster_tls::load(loaded->config.tls);
  if (credentials.has_error())
    return complain(credentials.error().detail);
  if (const auto healthy = check_health(loaded->config, *credentials); healthy.has_error()) {
    complain(healthy.error().detail);
    return exit_failed;
  }
  return 0;
}

/// Runs a command that talks to nodes; `run` gets the words that have nothing to do with TLS.
template <class Run>
int with_credentials(const arguments& words, Run run) {
  auto sources = sources_of_process(words);
  const auto settings = take_tls_settings(sources);
  if (settings.has_error())
    return complain(settings.error().detail);
  const auto credentials = cluster_tls::load(*settings);
  if (credentials.has_error())
    return complain(credentials.error().detail);
  return run(sources.arguments, *credentials);
}

int shell_command(const arguments& words) {
  const auto run_scenario = [](const std::string& url, const std::string& scenario, bool as_json) {
    return scenarios::scenario_main(
      {"run", scenario, "--url=" + url, std::string{"--output="} + (as_json ? "json" : "table")});
  };
  return with_credentials(words, [&](const arguments& rest, const tls_credentials& credentials) {
    return shell::run(rest, {run_scenario, credentials.context()});
  });
}

int scenario_command(const arguments& words) {
  return scenarios::scenario_main(words);
}

int bench_command(const arguments& words) {
  return with_credentials(words, [](const arguments& rest, const tls_credentials& credentials) {
    raise_descriptor_limit();
    return bench::bench_main(rest, credentials.context());
  });
}

int psp_command(const arguments& words) {
  return psp::psp_main(words);
}

int version_command(const arguments&) {
  std::cout << "waybill " WAYBILL_VERSION " (protocol " << protocol_version << ")\n";
  return 0;
}

struct subcommand {
  std::string_view name;
  std::string_view summary;
  int (*run)(const arguments&);
};

constexpr subcommand subcommands[] = {
  {"node", "run a node", node_command},
  {"scenario", "play stories against a running node", scenario_command},
  {"bench", "measure a running node", bench_command},
  {"psp", "a payment provider for demonstrations and tests", psp_command},
  {"shell", "look into a running node", shell_command},
  {"config", "check or show the configuration of a node", config_command},
  {"backup", "copy the database of a node, which may run", backup_command},
  {"restore", "put a backup in the place of a stopped node's database", restore_command},
  {"health", "ask the node of a configuration whether it serves", health_command},
  {"version", "the version and the protocol between nodes", version_command},
};

void print_usage(std::ostream& out) {
  out << "usage: waybill <command> [options]\n";
  for (const auto& command : subcommands)
    out << "  " << command.name << std::string(12 - command.name.size(), ' ') << command.summary << '\n';
  out << "waybill <command> --help says more; to begin: waybill node, then open http://127.0.0.1:4000\n";
}

int run_command(const std::string& name, const arguments& words) {
  arguments known;
  for (const auto& command : subcommands) {
    if (name == command.name)
      return command.run(words);
    known.emplace_back(command.name);
  }
  return complain("unknown command '" + name + "'" + did_you_mean(name, known) + "; waybill --help lists them");
}

} // namespace

int main(int argc, char** argv) {
  arguments words(argv + 1, argv + argc);
  if (words.empty()) {
    print_usage(std::cerr);
    return exit_usage;
  }
  auto name = words.front();
  words.erase(words.begin());
  if (name == "--version" || name == "-V")
    name = "version";
  if (name == "help" && !words.empty()) {
    name = words.front();
    words = {"--help"};
  }
  if (name == "help" || name == "--help" || name == "-h") {
    print_usage(std::cout);
    return 0;
  }
  waybill::init_meta_objects();
  try {
    return run_command(name, words);
  } catch (const std::exception& problem) {
    complain(problem.what());
    return exit_failed;
  }
}
