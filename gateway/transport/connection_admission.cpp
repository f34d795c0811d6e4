#include "domain/base/errors.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/routes/serving.hpp"
#include "gateway/transport/allowed_host.hpp"
#include "gateway/transport/connection.hpp"
#include "gateway/transport/redirect.hpp"

#include <boost/asio/write.hpp>

#include <utility>

namespace waybill::http {

// What is decided about a request before its handler sees it: what it may cost, where it leads, who sends it.

void connection::check_body(const parser& in) {
  auto& metrics = ctx_.metrics();
  const auto name = in.get().method_string();
  if (has_store_problem(ctx_.services(), to_verb({name.data(), name.size()})))
    throw refused(metrics, refusal::store);
  if (ctx_.state().requests.is_full())
    throw refused(metrics, refusal::in_flight);
  const auto octets = in.content_length().value_or(ctx_.config().body_limit);
  if (octets < counted_octets)
    return;
  if (!ctx_.has_room(octets))
    throw refused(metrics, refusal::buffered);
  body_.emplace(metrics.buffered, static_cast<std::int64_t>(octets));
}

void connection::begin_charge(request& req) {
  if (accepted_.kind != listener_kind::clients && accepted_.kind != listener_kind::loopback)
    return;
  if (!charge_)
    charge_.emplace(ctx_.state().rates, ctx_.metrics(), address_key(req, accepted_.peer, ctx_.config()));
  req.charge = &*charge_;
}

task<void> connection::ask_for_body(const http_message& head) {
  auto req = to_request(head);
  begin_charge(req);
  match route;
  const auto answered = co_await admit(route, req, head);
  if (!answered && route.entry) {
    // What is refused without a look at the body is refused before it is sent.
    if (route.entry->check_type)
      route.entry->check_type(req);
    else if (req.method == verb::post || req.method == verb::put || req.method == verb::patch
             || req.headers.has(field::content_type))
      require_json(req);
    if (req.method == verb::post)
      idempotency_key(req);
    admitted_ = std::move(req.caller);
  }
  co_await net::async_write(stream_, net::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), use_task);
}

task<std::optional<response>> connection::admit(match& route, request& req, const http_message& message) {
  const auto& config = ctx_.config();
  const auto target = message.target();
  if (target.size() > config.target_limit)
    throw problem{414, "payload_too_large", "the request target is too long", {}, {}};
  if (const auto repeated = req.headers.repeated(); !repeated.empty())
    throw problem{400, "validation_failed", std::string{repeated} + " must not be repeated", {}, {}};
  check_host(message);
  // The server itself (RFC 9110, section 9.3.7).
  const bool is_server = target == "*" && req.method == verb::options;
  if (accepted_.kind == listener_kind::redirect && !is_server)
    co_return to_https(message, config, ctx_.state().ports.http);
  if (accepted_.kind != listener_kind::redirect && !host_allowed(host_of(message), accepted_.kind, config))
    throw problem{403, "forbidden", "Host must be a name of this machine, such as localhost", {}, {}};
  if (is_server) {
    charge(ctx_, nullptr, req, accepted_.peer);
    co_return options_response(req, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", config);
  }
  read_target({target.data(), target.size()}, req);
  const bool for_operators = accepted_.kind == listener_kind::operators;
  route = find_route(req, for_operators, config);
  if (!route.entry) {
    charge(ctx_, nullptr, req, accepted_.peer);
    const auto allowed = allowed_methods(req, for_operators, config);
    if (allowed.empty())
      throw not_found("there is no such path");
    if (req.method == verb::options)
      co_return options_response(req, allowed, config);
    throw problem{405, "method_not_allowed", "the path allows " + allowed, {}, {{"Allow", allowed}}};
  }
  co_await identify(ctx_, *route.entry, req, accepted_.peer);
  co_return std::nullopt;
}

} // namespace waybill::http
