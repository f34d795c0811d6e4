#pragma once

#include "messages/cluster/cluster.hpp"
#include "messages/cluster/message_trace.hpp"
#include "messages/cluster/node_report.hpp"

#include <cstdint>
#include <functional>
#include <string>

/// How the answers of several nodes become one, which names the nodes that did not answer. Pure.
namespace waybill {

void add(actor_list& all, actor_list part);
void add(node_reports& all, node_report part);
void add(node_reports& all, node_reports part);
void add(message_trace& all, message_trace part);

/// An empty name stands for all other nodes.
void name_missing(actor_list& all, const std::string& node, const std::string& reason);
void name_missing(node_reports& all, const std::string& node, const std::string& reason);
void name_missing(message_trace& all, const std::string& node, const std::string& reason);

/// Sorted by type and id, or the fullest mailbox first; at most `limit`.
void arrange(actor_list& list, bool by_mailbox, std::uint32_t limit);

/// The same, as the query wants it, of the list that comes.
std::function<void(actor_list&)> arranged_for(const list_actors& query);

} // namespace waybill
