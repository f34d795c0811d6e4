#pragma once

#include "messages/bulk_actions.hpp"
#include "messages/cluster/cluster.hpp"
#include "messages/cluster/fault_injection.hpp"
#include "messages/cluster/message_trace.hpp"
#include "messages/cluster/node_report.hpp"
#include "messages/common.hpp"
#include "messages/journal/audit.hpp"
#include "messages/journal/entity_rows.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/order_rows.hpp"
#include "messages/order/order_progress.hpp"
#include "messages/order/orders.hpp"
#include "messages/webhooks.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace waybill::shell {

/// A connection to one node, as a client. Blocks; belongs to one thread. Every request fails with the failure that the
/// node answers, with ec::unavailable when the node is gone, or ec::timed_out when it does not answer.
class node_connection {
public:
  /// By mutual TLS with OpenSSL's context `tls`; null: plain.
  explicit node_connection(std::shared_ptr<ssl_ctx_st> tls);
  ~node_connection();
  node_connection(const node_connection&) = delete;
  node_connection& operator=(const node_connection&) = delete;

  /// Fails with ec::unavailable when nobody listens there, ec::incompatible_peer when the node speaks another protocol.
  result<void> connect(const std::string& host, std::uint16_t port);

  result<node_list> ask(const list_nodes& query);
  result<actor_list> ask(const list_cluster_actors& query);
  result<entity_description> ask(const inspect_actor& query);
  result<log_page> ask(const read_log& query);
  result<log_position> ask(const get_log_end& query);
  result<order::state> ask(const retry_order& command);
  result<order::state> ask(const resolve_order& command);
  result<audit_report> ask(const get_audit_report& query);
  result<full_audit_progress> ask(const run_full_audit& query);
  // What a node of an older program does not know fails with ec::incompatible_peer.
  result<state_page> ask(const list_orders& query);
  result<order_progress> ask(const get_order_progress& query);
  result<bulk_action_started> ask(const start_bulk_action& command);
  result<bulk::state> ask(const get_bulk_action& query);
  result<bulk::state> ask(const stop_bulk_action& command);
  result<webhook_page> ask(const list_webhooks& query);
  result<webhook_delivery_page> ask(const list_webhook_deliveries& query);
  result<webhook_delivery_row> ask(const retry_webhook_delivery& command);
  result<node_report> ask(const get_node_report& query);
  result<message_trace> ask(const trace_messages& query);
  /// Answers when the end has begun.
  result<void> ask(const drain_node& command);

  /// The name of the node at the other end.
  [[nodiscard]] const std::string& node() const noexcept;
  /// Whether that node ends within `limit`.
  bool await_end(milliseconds limit);

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace waybill::shell
