#include "shell/node_connection.hpp"

#include "domain/base/errors.hpp"
#include "transport/node_client.hpp"

namespace waybill::shell {

class node_connection::impl {
public:
  explicit impl(std::shared_ptr<ssl_ctx_st> tls) : node_(std::move(tls)) {}

  result<void> connect(const std::string& host, std::uint16_t port) {
    const auto welcome = node_.connect(host, port);
    if (welcome.has_error())
      return welcome.error();
    name_ = welcome->node;
    return {};
  }

  result<void> drain(const drain_node& command) {
    if (!node_.control())
      return failure{ec::incompatible_peer,
                     "the node is of a program that cannot be drained like this: SIGTERM does it"};
    return node_.ask<void>(node_.control(), command);
  }

  /// What operators ask, which a node of an older program may not know.
  template <class Answer, class Query>
  result<Answer> operate(const Query& query) {
    if (!node_.operations())
      return failure{ec::incompatible_peer, "the node is of a program that does not know this yet"};
    return node_.ask<Answer>(node_.operations(), query);
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  bool await_end(milliseconds limit) { return node_.await_end(limit); }

  template <class Answer, class Query>
  result<Answer> ask(const Query& query) {
    return node_.ask<Answer>(query);
  }

private:
  std::string name_;
  node_client node_;
};

node_connection::node_connection(std::shared_ptr<ssl_ctx_st> tls) : impl_(std::make_unique<impl>(std::move(tls))) {}

node_connection::~node_connection() = default;

result<void> node_connection::connect(const std::string& host, std::uint16_t port) {
  return impl_->connect(host, port);
}

result<node_list> node_connection::ask(const list_nodes& query) {
  return impl_->ask<node_list>(query);
}

result<actor_list> node_connection::ask(const list_cluster_actors& query) {
  return impl_->ask<actor_list>(query);
}

result<entity_description> node_connection::ask(const inspect_actor& query) {
  return impl_->ask<entity_description>(query);
}

result<log_page> node_connection::ask(const read_log& query) {
  return impl_->ask<log_page>(query);
}

result<log_position> node_connection::ask(const get_log_end& query) {
  return impl_->ask<log_position>(query);
}

result<order::state> node_connection::ask(const retry_order& command) {
  return impl_->ask<order::state>(command);
}

result<order::state> node_connection::ask(const resolve_order& command) {
  return impl_->ask<order::state>(command);
}

result<audit_report> node_connection::ask(const get_audit_report& query) {
  return impl_->ask<audit_report>(query);
}

result<full_audit_progress> node_connection::ask(const run_full_audit& query) {
  return impl_->ask<full_audit_progress>(query);
}

result<state_page> node_connection::ask(const list_orders& query) {
  return impl_->operate<state_page>(query);
}

result<order_progress> node_connection::ask(const get_order_progress& query) {
  return impl_->operate<order_progress>(query);
}

result<bulk_action_started> node_connection::ask(const start_bulk_action& command) {
  return impl_->operate<bulk_action_started>(command);
}

result<bulk::state> node_connection::ask(const get_bulk_action& query) {
  return impl_->operate<bulk::state>(query);
}

result<bulk::state> node_connection::ask(const stop_bulk_action& command) {
  return impl_->operate<bulk::state>(command);
}

result<webhook_page> node_connection::ask(const list_webhooks& query) {
  return impl_->operate<webhook_page>(query);
}

result<webhook_delivery_page> node_connection::ask(const list_webhook_deliveries& query) {
  return impl_->operate<webhook_delivery_page>(query);
}

result<webhook_delivery_row> node_connection::ask(const retry_webhook_delivery& command) {
  return impl_->operate<webhook_delivery_row>(command);
}

result<node_report> node_connection::ask(const get_node_report& query) {
  return impl_->operate<node_report>(query);
}

result<message_trace> node_connection::ask(const trace_messages& query) {
  return impl_->operate<message_trace>(query);
}

result<void> node_connection::ask(const drain_node& command) {
  return impl_->drain(command);
}

const std::string& node_connection::node() const noexcept {
  return impl_->name();
}

bool node_connection::await_end(milliseconds limit) {
  return impl_->await_end(limit);
}

} // namespace waybill::shell
