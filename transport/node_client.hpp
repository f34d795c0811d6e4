#pragma once

#include "messages/actors.hpp"
#include "messages/failures.hpp"
#include "transport/transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>

struct ssl_ctx_st;

namespace waybill {

/// A tool's connection to one node. Blocks; belongs to one thread. Every question fails with what the node says, or
/// with ec::unavailable when the node is gone and ec::timed_out when it does not answer.
class node_client {
public:
  /// By mutual TLS with OpenSSL's context `tls`; null: plain.
  explicit node_client(std::shared_ptr<ssl_ctx_st> tls);
  ~node_client();
  node_client(const node_client&) = delete;
  node_client& operator=(const node_client&) = delete;

  /// Answers with the node's name and regions. Fails with ec::unavailable when nobody listens there,
  /// ec::incompatible_peer when the node speaks another protocol.
  result<node_welcome> connect(const std::string& host, std::uint16_t port);

  template <class Answer, class Query>
  result<Answer> ask(const Query& query) {
    return node_ ? ask<Answer>(node_, query) : not_connected();
  }

  /// Asks another actor of that node, or a local one.
  template <class Answer, class Handle, class Query>
  result<Answer> ask(const Handle& receiver, const Query& query,
                     std::chrono::milliseconds limit = std::chrono::milliseconds{10'000}) {
    result<Answer> outcome = failure{};
    const auto failed = [&](const caf::error& reason) { outcome = to_failure(reason); };
    if constexpr (std::is_void_v<Answer>)
      self_->request(receiver, limit, query).receive([&] { outcome = result<void>{}; }, failed);
    else
      self_->request(receiver, limit, query).receive([&](Answer& answer) { outcome = std::move(answer); }, failed);
    return outcome;
  }

  /// The control of the node; null when its program has none.
  [[nodiscard]] const node_control_actor& control() const noexcept { return control_; }

  /// What operators ask of the node; null when its program does not know it.
  [[nodiscard]] const node_operations_actor& operations() const noexcept { return operations_; }

  /// Whether the node ends within `limit`.
  bool await_end(std::chrono::milliseconds limit);

  /// Where actors of the tool's own live.
  caf::actor_system& system() noexcept { return sys_; }

private:
  class client_config : public transport_config {
  public:
    client_config();
  };

  static failure not_connected();
  failure why_not(const caf::error& reason);
  /// On CAF's I/O thread.
  void note(const std::string& reason);

  bool secure_;
  std::mutex mutex_;
  std::string distrust_;
  client_config config_;
  caf::actor_system sys_{config_};
  transport transport_;
  caf::scoped_actor self_{sys_};
  node_actor node_;
  node_control_actor control_;
  node_operations_actor operations_;
};

} // namespace waybill
