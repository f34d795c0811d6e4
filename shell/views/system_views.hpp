#pragma once

#include "messages/cluster/cluster.hpp"
#include "messages/cluster/node_report.hpp"
#include "messages/journal/follower/webhook_rows.hpp"
#include "shell/syntax/command.hpp"

#include <string>
#include <vector>

/// What the shell prints of nodes and what they measure. Pure.
namespace waybill::shell {

/// How many shards of each role each node owns, by what the membership table says.
std::string render_shards(const node_list& list, output_format format);
/// The shard of one entity, and the node that owns it for each role.
std::string render_owner(const node_list& list, const std::string& id, output_format format);

std::string render_leases(const node_list& list, timestamp now, output_format format);

std::string render_latency(const std::vector<node_report>& nodes, output_format format);

/// What the nodes did between two looks.
std::string render_top(const std::vector<node_report>& before, const std::vector<node_report>& after,
                       milliseconds between, const actor_list& busiest, output_format format);

std::string render_dead_letters(const std::vector<webhook_delivery_row>& messages, bool more, output_format format);

} // namespace waybill::shell
