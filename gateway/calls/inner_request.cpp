#include "gateway/calls/inner_request.hpp"

#include "gateway/context/request_span.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/routes/serving.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <utility>

namespace waybill::http {

namespace {

/// The unspecified address for what is none.
ip_address to_address(const std::string& text) {
  error_code wrong;
  const auto address = net::ip::make_address(text, wrong);
  return wrong ? ip_address{} : plain(address);
}

} // namespace

inner_request::inner_request(worker& on, grpc_door::http_request from)
  : worker_(on), from_(std::move(from)), peer_(to_address(from_.peer)) {
  const auto& config = ctx().config();
  head_.method = to_verb(from_.method);
  head_.target = from_.target;
  for (const auto& [name, value] : from_.headers)
    head_.headers.add(name, value);
  head_.body = from_.body;
  head_.deadline = std::min(began_ + config.request_timeout, from_.deadline);
  head_.request_id = take_request_id(head_.header(field::x_request_id));
  begin_trace(head_, ctx().services().tracer.get());
  head_.secure = from_.secure;
  head_.client =
    client_address(peer_, head_.header(header_of(config.forwarded_by)), config.forwarded_by, worker_.state().proxies);
  if (!from_.is_charged) {
    charge_.emplace(ctx().state().rates, ctx().metrics(), address_key(head_, peer_, config));
    head_.charge = &*charge_;
  }
}

task<void> inner_request::admit() {
  const auto& config = ctx().config();
  if (from_.target.size() > config.target_limit || from_.body.size() > config.body_limit)
    throw problem{413, "payload_too_large", "the request is too large", {}, {}};
  if (const auto repeated = head_.headers.repeated(); !repeated.empty())
    throw problem{400, "validation_failed", std::string{repeated} + " must not be repeated", {}, {}};
  read_target(from_.target, head_);
  route_ = find_route(head_, false, config);
  if (route_.entry == nullptr)
    throw not_found("there is no such path");
  co_await identify(ctx(), *route_.entry, head_, peer_);
  admitted_ = true;
}

void inner_request::record(unsigned status) {
  http::record(ctx(), route_, head_, status, clock::now() - began_);
}

grpc_door::http_answer inner_request::to_answer(const problem& error) {
  return http::to_answer(to_response(error, head_));
}

grpc_door::http_answer to_answer(response from) {
  return {from.status, std::move(from.headers), std::move(from.body)};
}

} // namespace waybill::http
