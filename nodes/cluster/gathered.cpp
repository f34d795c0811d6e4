#include "nodes/cluster/gathered.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>
#include <vector>

namespace waybill {

namespace {

template <class T>
void append_to(std::vector<T>& all, std::vector<T>& part) {
  std::ranges::move(part, std::back_inserter(all));
}

/// Once, however many actors of the node did not answer.
void add_name(std::vector<std::string>& names, const std::string& node) {
  const auto name = node.empty() ? std::string{all_other_nodes} : node;
  if (std::ranges::find(names, name) == names.end())
    names.push_back(name);
}

} // namespace

void add(actor_list& all, actor_list part) {
  all.total += part.total;
  append_to(all.actors, part.actors);
  for (const auto& node : part.missing)
    add_name(all.missing, node);
}

void add(node_reports& all, node_report part) {
  all.nodes.push_back(std::move(part));
}

void add(node_reports& all, node_reports part) {
  append_to(all.nodes, part.nodes);
  append_to(all.missing, part.missing);
}

void add(message_trace& all, message_trace part) {
  append_to(all.nodes, part.nodes);
  append_to(all.missing, part.missing);
}

void name_missing(actor_list& all, const std::string& node, const std::string&) {
  add_name(all.missing, node);
}

void name_missing(node_reports& all, const std::string& node, const std::string&) {
  add_name(all.missing, node);
}

void name_missing(message_trace& all, const std::string& node, const std::string& reason) {
  all.missing.push_back({node, reason});
}

void arrange(actor_list& list, bool by_mailbox, std::uint32_t limit) {
  std::ranges::sort(list.actors, [by_mailbox](const actor_entry& a, const actor_entry& b) {
    if (by_mailbox && a.mailbox != b.mailbox)
      return a.mailbox > b.mailbox;
    return std::tie(a.type, a.id) < std::tie(b.type, b.id);
  });
  if (list.actors.size() > limit)
    list.actors.resize(limit);
}

std::function<void(actor_list&)> arranged_for(const list_actors& query) {
  return [by_mailbox = query.by_mailbox, limit = query.limit](actor_list& list) { arrange(list, by_mailbox, limit); };
}

} // namespace waybill
