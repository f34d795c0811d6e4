#include "transport/transport.hpp"

#include "messages/type_ids.hpp"
#include "transport/connector.hpp"
#include "transport/sessions/plain_session.hpp"
#include "transport/sessions/tls_session.hpp"

#include <caf/function_view.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include <openssl/ssl.h>

#include <stdexcept>

namespace waybill {

using namespace std::chrono_literals;

namespace {

void require_certificates(SSL_CTX* context) {
  constexpr int required = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  if ((SSL_CTX_get_verify_mode(context) & required) != required)
    throw std::logic_error{"TLS between nodes was asked for, but would not demand certificates"};
}

} // namespace

transport_config::transport_config() {
  load<caf::io::middleman>();
  set("caf.middleman.app-identifiers", std::vector<std::string>{"waybill-" + std::to_string(protocol_version)});
  set("caf.middleman.heartbeat-interval", caf::timespan{1s});
  set("caf.middleman.connection-timeout", caf::timespan{4s});
}

transport::transport(caf::actor_system& sys, const transport_security& security) : sys_(sys) {
  const bool secure = security.context != nullptr;
  if (secure)
    require_certificates(security.context.get());
  connector_ = spawn_connector(sys, secure ? make_tls_sessions(security) : make_plain_sessions(security));
}

transport::~transport() {
  caf::scoped_actor self{sys_};
  self->send_exit(connector_, caf::exit_reason::kill);
  self->wait_for(connector_);
}

std::vector<caf::actor> transport::long_lived_actors() const {
  return {caf::actor_cast<caf::actor>(connector_), sys_.middleman().get_named_broker("BASP")};
}

caf::expected<std::uint16_t> transport::publish(const caf::strong_actor_ptr& published, std::set<std::string> interface,
                                                std::uint16_t port, const std::string& address) {
  auto ask = caf::make_function_view(connector_);
  return ask(caf::publish_atom_v, port, published, std::move(interface), address, true);
}

} // namespace waybill
