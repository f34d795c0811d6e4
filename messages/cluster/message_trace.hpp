#pragma once

#include "messages/common.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The messages of one order between actors, for people who look on. What is in a message is not told: it may be
/// secret.
namespace waybill {

/// `message`: its receiver has it. `answer`: whoever sent the message of that name has the answer. `retry`: the order
/// takes a step of its saga again. The numbers travel between nodes: append only.
enum class traced_kind : std::uint8_t { message, answer, retry };
BOOST_DESCRIBE_ENUM(traced_kind, message, answer, retry)

struct traced_message {
  timestamp at{};
  traced_kind kind = traced_kind::message;
  /// As in `reserve_stock`; of a retry, the step.
  std::string name;
  /// The id of an entity, or a word for what has none: `gateway`, `timer`, `region`, `provider`, ...; empty: unknown.
  std::string from;
  /// The process of another node from which it came, as CAF names it; empty: it came from this node.
  std::string from_process;
  /// The kind of entity of the receiver and its id, or the word for what has none, twice.
  std::string to_kind;
  std::string to;
  /// Of an answer: `ok`, the code of the failure, or what the payment provider said. Of a retry: why.
  std::string outcome;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(traced_message, (), (at, kind, name, from, from_process, to_kind, to, outcome, detail))

/// How many messages of one node an asker has seen of the trace that began there at `since`.
struct seen_messages {
  std::string node;
  timestamp since{};
  std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(seen_messages, (), (node, since, count))

/// Begins to note the messages of an order, or asks for those that were noted since; a trace ends when its asker has
/// not asked for a while.
struct trace_messages {
  std::string order;
  /// A number of the asker's own: others may trace the same order.
  std::uint64_t asker = 0;
  std::vector<seen_messages> seen;
  /// On every node of the cluster, not only on the one that is asked.
  bool everywhere = true;
  /// The trace ends now.
  bool ends = false;
};
BOOST_DESCRIBE_STRUCT(trace_messages, (), (order, asker, seen, everywhere, ends))

/// What one node has noted and the asker has not seen.
struct noted_messages {
  std::string node;
  /// Its process, as `from_process` of other nodes names it.
  std::string process;
  /// When the trace began here, by this machine's clock.
  timestamp since{};
  /// How many the trace had noted before the first of `messages`; more than the asker has seen: the rest were dropped.
  std::uint64_t before = 0;
  std::vector<traced_message> messages;
};
BOOST_DESCRIBE_STRUCT(noted_messages, (), (node, process, since, before, messages))

struct untraced_node {
  /// Empty: all others.
  std::string node;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(untraced_node, (), (node, reason))

struct message_trace {
  std::vector<noted_messages> nodes;
  /// The nodes that did not answer, or trace as many orders as they can.
  std::vector<untraced_node> missing;
};
BOOST_DESCRIBE_STRUCT(message_trace, (), (nodes, missing))

} // namespace waybill
