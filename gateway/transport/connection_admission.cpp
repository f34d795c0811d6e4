#include "domain/base/errors.hpp"
#include "gateway/auth/account_check.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/auth/page_check.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/transport/allowed_host.hpp"
#include "gateway/transport/connection.hpp"
#include "gateway/transport/redirect.hpp"

#include <boost/asio/write.hpp>

#include <utility>

namespace waybill::http {

// What is decided about a request before its handler sees it: what it may cost, where it leads, who sends it.

problem connection::refused(http_metrics& metrics, refusal reason) {
  metrics.count(reason);
  return to_problem({reason == refusal::store ? ec::unavailable : ec::overloaded, {}});
}

void connection::check_body(const parser& in) {
  auto& metrics = ctx_.metrics();
  if (has_store_problem(in.get().method()))
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

void connection::check_store(const route& entry, beast_http::verb method) {
  if (entry.load == route_load::work && has_store_problem(method))
    throw refused(ctx_.metrics(), refusal::store);
}

/// Of the database, for a request with this method.
bool connection::has_store_problem(beast_http::verb method) const {
  const auto& services = ctx_.services();
  const bool only_reads = method == beast_http::verb::get || method == beast_http::verb::head;
  const auto& problem = only_reads || !services.write_problem ? services.store_problem : services.write_problem;
  return problem && !problem().empty();
}

void connection::charge(const match& route, const request& req) {
  if (!charge_)
    return;
  const auto which = route.entry ? rate_class_of(*route.entry) : rate_class::reads;
  if (route.entry && is_charged_by_address(*route.entry))
    charge_->take_of_address(which);
  else
    charge_->take(which, rate_key(req, accepted_.peer, ctx_.config()));
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

/// A caller with a valid token is charged by its id, all others by their address: also those with an invalid token,
/// which may be a guess.
task<void> connection::identify(const match& route, request& req) {
  try {
    req.caller = co_await resolve_caller(ctx_, req, rule_of(*route.entry));
  } catch (const problem&) {
    charge(route, req);
    throw;
  }
  charge(route, req);
  // A link from anywhere may lead to a page, which does nothing by itself.
  if (has_effect(*route.entry) && !(route.entry->has_page && accepts_html(req)))
    check_page(req, ctx_.config());
  if (route.entry->asks_account)
    req.caller = co_await confirm_account(ctx_, req, rule_of(*route.entry));
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
    charge(route, req);
    co_return options_response(req, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", config);
  }
  read_target({target.data(), target.size()}, req);
  const bool for_operators = accepted_.kind == listener_kind::operators;
  route = find_route(req, for_operators, config);
  if (!route.entry) {
    charge(route, req);
    const auto allowed = allowed_methods(req, for_operators, config);
    if (allowed.empty())
      throw not_found("there is no such path");
    if (req.method == verb::options)
      co_return options_response(req, allowed, config);
    throw problem{405, "method_not_allowed", "the path allows " + allowed, {}, {{"Allow", allowed}}};
  }
  co_await identify(route, req);
  co_return std::nullopt;
}

} // namespace waybill::http
