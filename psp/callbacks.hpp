#pragma once

#include "domain/webhook/signature.hpp"
#include "messages/provider_protocol.hpp"
#include "outbound/http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace waybill::psp {

/// Sends the results of operations to the shop. Belongs to one io_context with one thread.
class callbacks {
public:
  callbacks(boost::asio::io_context& io, outbound::http_url url, webhook_signature::key key,
            std::shared_ptr<outbound::http_client> client);

  /// Sends a callback in the background, and again with pauses until the shop accepts it or the last attempt failed.
  /// The id stays the same; each attempt is signed again.
  void send(const provider_protocol::operation& operation);

private:
  boost::asio::awaitable<void> deliver(std::string id, std::string body);
  boost::asio::awaitable<bool> attempt(const std::string& id, const std::string& body);

  boost::asio::io_context& io_;
  outbound::http_url url_;
  webhook_signature::key key_;
  std::shared_ptr<outbound::http_client> client_;
  std::uint64_t sent_ = 0;
};

} // namespace waybill::psp
