#include "messages/entity_types.hpp"
#include "shell/command.hpp"

namespace waybill::shell {

namespace {

using words = std::vector<std::string>;

/// `<type>/<id>` for a type that is complete in `begun`.
words entities(std::string_view begun, const known_names& known) {
  const auto slash = begun.find('/');
  words all;
  for (const auto& type : entity_types) {
    const auto start = std::string{type.name} + '/';
    if (slash == std::string_view::npos || !known.ids)
      all.push_back(start);
    else if (begun.starts_with(start))
      for (const auto& id : known.ids(type.name))
        all.push_back(start + id);
  }
  return all;
}

words nodes_of(const known_names& known) {
  return known.nodes ? known.nodes() : words{};
}

words orders_of(const known_names& known) {
  return known.ids ? known.ids("order") : words{};
}

/// What can follow the words that are complete; `begun` is the one that is not.
words candidates(const words& complete, std::string_view begun, const known_names& known) {
  words next;
  const bool alone = complete.size() == 1;
  if (!complete.empty() && complete.back() == "-o")
    return {"json", "table"};
  if (complete.empty())
    next = command_names();
  else if (complete.back() == "--type" && complete.front() == "actors")
    for (const auto& type : entity_types)
      next.emplace_back(type.name);
  else if (complete.back() == "--sort")
    next = {"id", "mailbox"};
  else if (complete.back() == "--node")
    next = nodes_of(known);
  else if (complete.front() == "actors")
    next = {"--node", "--sort", "--type"};
  else if (complete.front() == "inspect" && alone)
    next = entities(begun, known);
  else if ((complete.front() == "order" || complete.front() == "retry" || complete.front() == "resolve") && alone)
    next = orders_of(known);
  else if (complete.front() == "drain" && alone)
    next = nodes_of(known);
  else if (complete.back() == "--after")
    next = {"earliest"};
  else if (complete.front() == "retry")
    next = {"--reason"};
  else if (complete.back() == "--outcome")
    next = {"completed", "cancelled"};
  else if (complete.front() == "resolve" && complete.size() > 1)
    next = {"--outcome", "--reason"};
  else if (complete.front() == "audit")
    next = {"--all"};
  else if (complete.front() == "drain" && complete.size() > 1)
    next = {"--force"};
  else if (complete.front() == "events")
    next = complete.size() == 1 ? words{"tail"} : words{"--after", "--type"};
  else if (complete.front() == "scenario" && complete.size() == 1)
    next = {"run"};
  return next;
}

} // namespace

std::vector<std::string> completions(std::string_view line, const known_names& known) {
  auto complete = split_words(line);
  std::string begun;
  if (!complete.empty() && !line.empty() && line.find_last_of(" \t") != line.size() - 1) {
    begun = complete.back();
    complete.pop_back();
  }
  auto next = candidates(complete, begun, known);
  std::erase_if(next, [&](const std::string& word) { return !word.starts_with(begun); });
  return next;
}

} // namespace waybill::shell
