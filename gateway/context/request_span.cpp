#include "gateway/context/request_span.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace waybill::http {

namespace {

/// Name and port of a Host field (RFC 9110, section 7.2); the port is zero when there is none.
std::pair<std::string, std::uint16_t> split_host(std::string_view host) {
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  std::uint16_t port = 0;
  if (has_port)
    std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
  return {std::string{host.substr(0, has_port ? colon : host.size())}, port};
}

} // namespace

void begin_trace(request& req, const tracing::tracer* tracer) {
  const auto given = req.header(field::traceparent);
  req.traceparent = take_traceparent(given);
  if (tracer == nullptr)
    return;
  const auto parent = tracing::parse_traceparent(given);
  const auto own =
    parent ? tracing::trace_context{parent->trace, tracing::new_span_id(), parent->sampled} : tracer->begin_trace();
  if (own.sampled)
    req.span = own;
  if (!parent)
    req.traceparent = tracing::to_traceparent(own);
}

void end_span(tracing::tracer& tracer, const request& req, std::string_view route, unsigned status,
              std::chrono::steady_clock::duration took) {
  const std::string method{method_name(req.method)};
  tracing::span span;
  span.trace = req.span->trace;
  span.id = req.span->span;
  if (const auto parent = tracing::parse_traceparent(req.header(field::traceparent))) {
    span.parent = parent->span;
    span.parent_is_remote = true;
  }
  span.kind = tracing::span_kind::server;
  span.ended = now();
  span.begun = span.ended - std::chrono::duration_cast<std::chrono::microseconds>(took);
  const auto blank = route.find(' ');
  span.name = blank == std::string_view::npos ? method : std::string{route};
  span.set("http.request.method", method);
  if (blank != std::string_view::npos)
    span.set("http.route", std::string{route.substr(blank + 1)});
  span.set("http.response.status_code", std::int64_t{status});
  span.set("url.scheme", std::string{req.secure ? "https" : "http"});
  span.set("url.path", std::string{req.path()});
  auto [host, port] = split_host(req.header(field::host));
  if (!host.empty())
    span.set("server.address", std::move(host));
  if (port != 0)
    span.set("server.port", std::int64_t{port});
  span.set("client.address", req.client.to_string());
  span.set("waybill.request_id", req.request_id);
  span.failed = status >= 500;
  if (span.failed)
    span.set("error.type", std::to_string(status));
  tracer.add(std::move(span));
}

} // namespace waybill::http
