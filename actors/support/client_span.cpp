#include "actors/support/client_span.hpp"

#include "domain/base/errors.hpp"

#include <utility>

namespace waybill {

std::optional<tracing::span> begin_client_span(const std::shared_ptr<tracing::tracer>& tracer,
                                               std::string_view traceparent, std::string name,
                                               outbound::http_request& request) {
  const auto parent = tracer ? tracing::parse_traceparent(traceparent) : std::nullopt;
  if (!parent)
    return std::nullopt;
  if (!parent->sampled) {
    request.headers.emplace_back("traceparent", traceparent);
    return std::nullopt;
  }
  auto span = tracing::child_of(*parent, tracing::new_span_id(), std::move(name), now());
  span.kind = tracing::span_kind::client;
  span.set("http.request.method", request.method);
  span.set("server.address", request.url.host);
  span.set("server.port", std::int64_t{request.url.port});
  // The query may hold what is nobody's business.
  span.set("url.full", request.url.origin() + request.url.target.substr(0, request.url.target.find('?')));
  request.headers.emplace_back("traceparent", tracing::to_traceparent(span.context()));
  return span;
}

void end_client_span(tracing::tracer& tracer, tracing::span span, const outbound::http_result& answer) {
  span.ended = now();
  if (answer.has_value()) {
    span.set("http.response.status_code", std::int64_t{answer->status});
    span.failed = answer->status >= 400;
    if (span.failed)
      span.set("error.type", std::to_string(answer->status));
  } else {
    span.failed = true;
    span.failure = answer.error().detail;
    span.set("error.type", std::string{to_string(answer.error().code)});
  }
  tracer.add(std::move(span));
}

} // namespace waybill
