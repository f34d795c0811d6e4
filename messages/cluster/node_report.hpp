#pragma once

#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a node has measured of itself, for tools.
namespace waybill {

struct get_node_report {};
BOOST_DESCRIBE_STRUCT(get_node_report, (), ())

/// How often something took how long: `counts` has one number for each bound of the report, of what took at most so
/// long and longer than the bound before, and one more for what took longer than all of them.
struct latency_histogram {
  std::string name;
  std::vector<std::uint64_t> counts;
};
BOOST_DESCRIBE_STRUCT(latency_histogram, (), (name, counts))

struct node_report {
  std::string node;
  std::string version;
  /// Since the node was started: how long that is, and what it did.
  milliseconds up{0};
  std::uint64_t orders_placed = 0;
  std::uint64_t orders_at_rest = 0;
  std::uint64_t appends = 0;
  std::uint64_t commits = 0;
  /// In all commits together.
  std::uint64_t commit_us = 0;
  std::uint64_t appends_waiting = 0;
  /// Of the last hour, or since the node was started: by what orders waited for, and `delivered` from the order to the
  /// end of its delivery.
  std::vector<std::uint64_t> bounds_us;
  std::vector<latency_histogram> last_hour;
  /// What is wrong now as far as the node knows, in sentences.
  std::vector<std::string> troubles;
};
BOOST_DESCRIBE_STRUCT(node_report, (),
                      (node, version, up, orders_placed, orders_at_rest, appends, commits, commit_us, appends_waiting,
                       bounds_us, last_hour, troubles))

/// Asks a node for the reports of all nodes, its own among them.
struct gather_node_reports {};
BOOST_DESCRIBE_STRUCT(gather_node_reports, (), ())

/// Stands in a list of the nodes that did not answer when not even their names are known.
inline constexpr std::string_view all_other_nodes = "all other nodes";

struct node_reports {
  std::vector<node_report> nodes;
  /// The nodes that did not answer, or `all_other_nodes`.
  std::vector<std::string> missing;
};
BOOST_DESCRIBE_STRUCT(node_reports, (), (nodes, missing))

/// How often it took at most how long; microseconds. Nothing when there is nothing to say it from; the last bound when
/// it took longer than all bounds.
std::optional<std::uint64_t> quantile_of(const std::vector<std::uint64_t>& bounds_us,
                                         const std::vector<std::uint64_t>& counts, unsigned percent);

/// The nodes together. Those that have other bounds, of another version, are left out.
node_report sum_of(const std::vector<node_report>& nodes);

/// How often something took any time at all.
std::uint64_t count_of(const latency_histogram& histogram);

} // namespace waybill
