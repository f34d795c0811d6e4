#pragma once

#include <functional>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace waybill {

/// How a process proves to others that it belongs to the cluster, and what it demands of them. Without `context`
/// connections are plain; on loopback addresses they are for processes of one user then (transport/sessions).
struct transport_security {
  /// OpenSSL's context with the certificate, the key and the authority; null: plain connections.
  std::shared_ptr<ssl_ctx_st> context;
  /// Called for every connection without mutual trust, by CAF's I/O thread: the peer's address and why.
  std::function<void(const std::string& peer, const std::string& reason)> on_distrust;
  /// This process is not a node: as root it may ask the nodes of every user.
  bool is_tool = false;
};

} // namespace waybill
