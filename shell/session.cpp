#include "shell/session.hpp"

#include "messages/actors.hpp"
#include "messages/transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include <mutex>
#include <optional>

namespace waybill::shell {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_within = 10s;

class client_config : public transport_config {
public:
  client_config() {
    set("caf.scheduler.policy", "sharing");
    set("caf.scheduler.max-threads", std::size_t{1});
  }
};

failure from_error(const caf::error& reason) {
  if (reason.category() == caf::type_id_v<waybill::ec>) {
    std::string detail;
    if (auto view = caf::make_const_typed_message_view<std::string>(reason.context()))
      detail = caf::get<0>(view);
    return {static_cast<ec>(reason.code()), detail};
  }
  if (reason == caf::sec::request_timeout)
    return {ec::timed_out, "the node did not answer in time"};
  if (reason == caf::sec::request_receiver_down || reason.category() == caf::type_id_v<caf::exit_reason>)
    return {ec::unavailable, "the node has gone"};
  return {ec::internal, to_string(reason)};
}

} // namespace

class session::impl {
public:
  explicit impl(std::shared_ptr<ssl_ctx_st> tls)
    : secure_(tls != nullptr),
      transport_(sys_, {std::move(tls), [this](const std::string&, const std::string& reason) { note(reason); }}) {}

  result<void> connect(const std::string& host, std::uint16_t port) {
    result<void> outcome;
    self_->request(transport_.connector(), answer_within, caf::connect_atom_v, host, port)
      .receive(
        [&](const caf::node_id&, const caf::strong_actor_ptr& face, const std::set<std::string>& interface) {
          if (face && sys_.assignable<node_actor>(interface))
            node_ = caf::actor_cast<node_actor>(face);
          if (node_ && sys_.assignable<node_control_actor>(interface))
            control_ = caf::actor_cast<node_control_actor>(face);
          if (!node_)
            outcome = failure{ec::unavailable, "something else than a Waybill node answers there"};
        },
        [&](const caf::error& reason) { outcome = why_not(reason); });
    if (outcome.has_error())
      return outcome;
    // An empty name: a tool, not a node.
    auto hello = ask<node_welcome>(node_hello{{}, protocol_version});
    if (hello.has_error())
      return hello.error();
    name_ = hello->node;
    return {};
  }

  result<void> drain(const drain_node& command) {
    if (!control_)
      return failure{ec::incompatible_peer,
                     "the node is of a program that cannot be drained like this: SIGTERM does it"};
    result<void> outcome;
    self_->request(control_, answer_within, command)
      .receive([] {}, [&](const caf::error& reason) { outcome = from_error(reason); });
    return outcome;
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  bool await_end(milliseconds limit) {
    self_->monitor(node_);
    bool ended = false;
    self_->receive([&](const caf::down_msg&) { ended = true; }, caf::after(limit) >> [] {});
    return ended;
  }

  template <class Answer, class Query>
  result<Answer> ask(const Query& query) {
    if (!node_)
      return failure{ec::unavailable, "not connected"};
    result<Answer> outcome = failure{ec::internal, {}};
    self_->request(node_, answer_within, query)
      .receive([&](Answer& answer) { outcome = std::move(answer); },
               [&](const caf::error& reason) { outcome = from_error(reason); });
    return outcome;
  }

private:
  failure why_not(const caf::error& reason) {
    if (reason == caf::sec::incompatible_application_ids)
      return {ec::incompatible_peer, "the node speaks another protocol version than this shell"};
    if (reason != caf::sec::disconnect_during_handshake)
      return {ec::unavailable, "no node can be reached there"};
    if (!secure_)
      return {ec::unavailable, "who answers there is no node, or demands certificates: see --cluster-tls-ca"};
    const std::lock_guard lock{mutex_};
    return {ec::unavailable, "who answers there has no certificate of this cluster, or refuses the one of this shell"
                               + (distrust_.empty() ? distrust_ : ": " + distrust_)};
  }

  /// On CAF's I/O thread.
  void note(const std::string& reason) {
    const std::lock_guard lock{mutex_};
    distrust_ = reason;
  }

  bool secure_;
  std::mutex mutex_;
  std::string distrust_;
  client_config config_;
  caf::actor_system sys_{config_};
  transport transport_;
  caf::scoped_actor self_{sys_};
  node_actor node_;
  /// Null when the node does not know it.
  node_control_actor control_;
  std::string name_;
};

session::session(std::shared_ptr<ssl_ctx_st> tls) : impl_(std::make_unique<impl>(std::move(tls))) {}

session::~session() = default;

result<void> session::connect(const std::string& host, std::uint16_t port) {
  return impl_->connect(host, port);
}

result<node_list> session::ask(const list_nodes& query) {
  return impl_->ask<node_list>(query);
}

result<actor_list> session::ask(const list_actors& query) {
  return impl_->ask<actor_list>(query);
}

result<entity_description> session::ask(const inspect_actor& query) {
  return impl_->ask<entity_description>(query);
}

result<log_page> session::ask(const read_log& query) {
  return impl_->ask<log_page>(query);
}

result<log_position> session::ask(const get_log_end& query) {
  return impl_->ask<log_position>(query);
}

result<order::state> session::ask(const retry_order& command) {
  return impl_->ask<order::state>(command);
}

result<order::state> session::ask(const resolve_order& command) {
  return impl_->ask<order::state>(command);
}

result<audit_report> session::ask(const get_audit_report& query) {
  return impl_->ask<audit_report>(query);
}

result<full_audit_progress> session::ask(const run_full_audit& query) {
  return impl_->ask<full_audit_progress>(query);
}

result<void> session::ask(const drain_node& command) {
  return impl_->drain(command);
}

const std::string& session::node() const noexcept {
  return impl_->name();
}

bool session::await_end(milliseconds limit) {
  return impl_->await_end(limit);
}

} // namespace waybill::shell
