#include "messages/entity_types.hpp"
#include "shell/syntax/order_syntax.hpp"
#include "shell/syntax/reference.hpp"
#include "shell/syntax/words.hpp"

#include <algorithm>
#include <array>

namespace waybill::shell {

namespace {

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

/// What can stand behind an option.
words values_of(const words& complete, const known_names& known) {
  const auto& option = complete.back();
  if (option == "-o")
    return {"csv", "json", "jsonl", "table"};
  if (option == "--type" && complete.front() == "actors") {
    words types;
    for (const auto& type : entity_types)
      types.emplace_back(type.name);
    return types;
  }
  if (option == "--sort")
    return {"id", "mailbox"};
  if (option == "--node")
    return nodes_of(known);
  if (option == "--after")
    return {"earliest"};
  if (option == "--outcome")
    return {"completed", "cancelled"};
  if (option == "--waits-for") {
    auto reasons = awaited_words();
    std::ranges::sort(reasons);
    return reasons;
  }
  if (option == "--where")
    return {"created_after=", "created_before=", "customer_id=", "older_than=", "product_id=", "status=", "waits_for="};
  return {};
}

words options_of(std::string_view command) {
  words options;
  const auto all = all_commands();
  const auto known = std::ranges::find(all, command, &command_reference::name);
  if (known != all.end())
    for (const auto& option : known->options)
      options.emplace_back(option.name);
  std::ranges::sort(options);
  return options;
}

bool takes_order(std::string_view command) {
  constexpr std::array names{"order", "why",     "trace",  "diff", "export",
                             "retry", "resolve", "cancel", "hold", "release"};
  return std::ranges::find(names, command) != names.end();
}

/// What can follow the words that are complete; `begun` is the one that is not.
words candidates(const words& complete, std::string_view begun, const known_names& known) {
  if (complete.empty())
    return command_names();
  if (auto values = values_of(complete, known); !values.empty())
    return values;
  const auto& command = complete.front();
  const bool alone = complete.size() == 1;
  if (command == "watch") {
    const words rest(complete.begin() + 1, complete.end());
    return rest.empty() ? command_names() : candidates(rest, begun, known);
  }
  if (command == "help" && alone)
    return command_names();
  if (command == "completion" && alone)
    return {"bash", "zsh"};
  if (command == "inspect" && alone)
    return entities(begun, known);
  if (command == "scenario" && alone)
    return {"run"};
  if (command == "events" && alone)
    return {"tail"};
  if (command == "drain" && alone)
    return nodes_of(known);
  if (alone && takes_order(command) && !begun.starts_with('-'))
    return orders_of(known);
  return options_of(command);
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
