#include "tests/cluster/chaos/options.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <stdexcept>

namespace waybill::chaos {

namespace {

std::uint64_t number_of(const std::string& name, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw std::runtime_error(name + ": '" + std::string{text} + "' is not a whole number");
  return value;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, separator);)
    if (!part.empty())
      parts.push_back(part);
  return parts;
}

/// `3` or `1-20` or `1,4,9`.
std::vector<std::uint64_t> seeds_of(const std::string& name, const std::string& text) {
  std::vector<std::uint64_t> seeds;
  for (const auto& part : split(text, ',')) {
    const auto dash = part.find('-');
    const auto first = number_of(name, part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : number_of(name, part.substr(dash + 1));
    for (auto seed = first; seed <= last; ++seed)
      seeds.push_back(seed);
  }
  if (seeds.empty())
    throw std::runtime_error(name + ": no seed in '" + text + "'");
  return seeds;
}

/// `kill,cut`, or with a minus in front all but those.
std::vector<fault_kind> kinds_of(const std::string& name, const std::string& text) {
  if (text == "none")
    return {};
  std::vector<fault_kind> named;
  const bool without = text.starts_with('-');
  for (const auto& word : split(without ? text.substr(1) : text, ',')) {
    const auto kind = fault_of(word);
    if (!kind)
      throw std::runtime_error(name + ": there is no fault '" + word + "'");
    named.push_back(*kind);
  }
  if (!without)
    return named;
  auto kinds = all_faults();
  std::erase_if(kinds, [&](fault_kind kind) { return std::ranges::find(named, kind) != named.end(); });
  return kinds;
}

std::vector<std::string> roles_of(const std::string& name, const std::string& text) {
  const auto members = standard_members();
  auto roles = split(text, ',');
  for (const auto& role : roles)
    if (std::ranges::none_of(members, [&](const member& member) { return has_role(member, role); }))
      throw std::runtime_error(name + ": there is no role '" + role + "'");
  return roles;
}

} // namespace

options read_options(const std::vector<std::string>& words) {
  options given;
  for (const auto& word : words) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto value = equals == std::string::npos ? std::string{} : word.substr(equals + 1);
    if (name == "--help")
      given.help = true;
    else if (name == "--list")
      given.list_only = true;
    else if (name == "--seed" || name == "--seeds")
      given.seeds = seeds_of(name, value);
    else if (name == "--minutes")
      given.run.duration = std::chrono::minutes{number_of(name, value)};
    else if (name == "--seconds")
      given.run.duration = std::chrono::seconds{number_of(name, value)};
    else if (name == "--rate")
      given.run.rate = number_of(name, value);
    else if (name == "--faults")
      given.run.kinds = kinds_of(name, value);
    else if (name == "--members" && (value == "roles" || value == "whole"))
      given.run.members = value == "whole" ? whole_members() : standard_members();
    else if (name == "--roles")
      given.run.roles = roles_of(name, value);
    else if (name == "--subscribers")
      given.run.followers = number_of(name, value);
    else if (name == "--links" && (value == "on" || value == "off"))
      given.run.with_links = value == "on";
    else if (name == "--past")
      given.run.past_lines = number_of(name, value);
    else if (name == "--quiet")
      given.run.quiet_events = number_of(name, value);
    else if (name == "--restore" && (value == "on" || value == "off"))
      given.run.with_restore = value == "on";
    else if (name == "--require-drain")
      given.run.require_drain = true;
    else if (name == "--node-option")
      given.run.node_words.push_back(value);
    else if (name == "--program")
      given.run.program = value;
    else if (name == "--keep")
      given.run.keep = value;
    else
      throw std::runtime_error("unknown option '" + word + "'");
  }
  return given;
}

std::string usage() {
  std::string kinds;
  for (const auto kind : all_faults())
    kinds += (kinds.empty() ? "" : ",") + std::string{word_of(kind)};
  return "Throws faults at a cluster under load and checks from outside that nothing was lost or done twice.\n"
         "  --seed=<n>, --seeds=1-20    one run for each; the same seed: the same schedule and the same requests [1]\n"
         "  --seconds=<n>, --minutes=<n>  of load and faults in each run [60 s]\n"
         "  --faults="
         + kinds
         + "\n"
           "                              the kinds to throw; with a minus in front all but these; or none [all]\n"
           "  --members=whole             3 nodes with every role, instead of 13 with one or two each [roles]\n"
         "  --roles=order,payment       whose nodes the faults are aimed at [all]\n"
           "  --rate=<n>                  orders a second [15]\n"
           "  --subscribers=<n>           that follow the log over WebSocket [3]\n"
           "  --past=<n>                  lines of closed orders that each product has from before the load [50000]\n"
           "  --quiet=<n>                 events that are logged before anybody listens [30000]\n"
           "  --restore=on                in the end the database is put back to a backup, under running nodes [off]\n"
           "  --links=off                 all on loopback addresses, no faults of links; so without root, too\n"
           "  --require-drain             a request that fails while nodes are drained counts as a violation\n"
           "  --node-option=<word>        one more word for the command line of every node; may be repeated\n"
           "  --program=<path>            the waybill to start [the one of this build]\n"
           "  --keep=<folder>             where the logs of a run go that violated something [nowhere]\n"
           "  --list                      only shows the schedule\n";
}

std::string repeat_words(const options& given, std::uint64_t seed) {
  const auto& run = given.run;
  auto text = "--seed=" + std::to_string(seed) + " --seconds=" + std::to_string(run.duration.count() / 1'000)
              + " --rate=" + std::to_string(run.rate) + " --subscribers=" + std::to_string(run.followers)
              + " --faults=";
  if (run.kinds.empty())
    text += "none";
  for (std::size_t i = 0; i < run.kinds.size(); ++i)
    text += (i == 0 ? "" : ",") + std::string{word_of(run.kinds[i])};
  if (run.members.size() == whole_members().size())
    text += " --members=whole";
  for (std::size_t i = 0; i < run.roles.size(); ++i)
    text += (i == 0 ? " --roles=" : ",") + run.roles[i];
  if (run.past_lines != run_settings{}.past_lines)
    text += " --past=" + std::to_string(run.past_lines);
  if (run.quiet_events != run_settings{}.quiet_events)
    text += " --quiet=" + std::to_string(run.quiet_events);
  if (run.with_restore)
    text += " --restore=on";
  if (!run.with_links)
    text += " --links=off";
  if (run.require_drain)
    text += " --require-drain";
  for (const auto& word : run.node_words)
    text += " --node-option=" + word;
  if (!run.program.empty())
    text += " --program=" + run.program;
  return text;
}

} // namespace waybill::chaos
