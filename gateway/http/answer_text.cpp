#include "gateway/http/answer_text.hpp"

#include "gateway/http/text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace waybill::http {

namespace {

/// Swagger UI's style sheet holds its icons as data.
constexpr std::string_view page_policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
  "form-action 'none'; frame-ancestors 'none'";
constexpr std::string_view data_policy = "default-src 'none'; frame-ancestors 'none'";

/// IMF-fixdate (RFC 9110, section 5.6.7), made once a second.
std::string_view date_text() {
  thread_local std::time_t made = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t length = 0;
  if (const auto now = std::time(nullptr); now != made) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made = now;
  }
  return {text.data(), length};
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string_view cache_text(caching cache) noexcept {
  switch (cache) {
    case caching::revalidate: return "no-cache";
    case caching::briefly: return "public, max-age=300";
    case caching::page: return "no-cache";
    case caching::forever: return "public, max-age=31536000, immutable";
    default: return "no-store";
  }
}

/// Calls `add` with name and value of each.
template <class Add>
void for_each_common(const request& req, caching cache, const gateway_config& config, Add add) {
  add("Date", date_text());
  add("X-Request-Id", req.request_id);
  add("traceparent", req.traceparent);
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Content-Security-Policy", cache == caching::page ? page_policy : data_policy);
  add("Cache-Control", cache_text(cache));
  if (req.secure && config.hsts_max_age.count() > 0)
    add("Strict-Transport-Security", "max-age=" + std::to_string(config.hsts_max_age.count()));
  if (config.allowed_origins.empty())
    return;
  add("Vary", "Origin");
  const auto origin = req.header(field::origin);
  if (std::find(config.allowed_origins.begin(), config.allowed_origins.end(), origin) != config.allowed_origins.end()) {
    add("Access-Control-Allow-Origin", origin);
    add("Access-Control-Expose-Headers", "ETag, Link, Location, X-Request-Id, traceparent, Idempotent-Replayed, "
                                         "Retry-After, RateLimit, RateLimit-Policy");
  }
}

void add_common(std::string& out, const request& req, caching cache, const gateway_config& config) {
  for_each_common(req, cache, config, [&](std::string_view name, std::string_view value) { add(out, name, value); });
}

void add_status(std::string& out, unsigned status, bool http_1_0) {
  out += http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  out.append(std::to_string(status)).append(" ").append(phrase(status)).append("\r\n");
}

} // namespace

std::string to_text(const response& answer, const request& req, const answer_form& form, const gateway_config& config) {
  std::string out;
  out.reserve(640 + answer.body.size());
  add_status(out, answer.status, form.http_1_0);
  add_common(out, req, answer.cache, config);
  const bool bodiless = answer.status == 204 || answer.status == 304;
  if (!bodiless) {
    add(out, "Content-Type", answer.content_type);
    if (!answer.endless)
      add(out, "Content-Length", std::to_string(answer.body.size()));
  }
  for (const auto& [name, value] : answer.headers)
    add(out, name, value);
  add(out, "Connection", form.keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  if (!bodiless && !form.head_only)
    out += answer.body;
  return out;
}

std::string stream_head(const request& req, const gateway_config& config) {
  std::string out;
  add_status(out, 200, false);
  add_common(out, req, caching::personal, config);
  add(out, "Content-Type", "text/event-stream");
  add(out, "X-Accel-Buffering", "no");
  add(out, "Connection", "close");
  return out + "\r\n";
}

std::vector<std::pair<std::string, std::string>> common_headers(const request& req, const gateway_config& config) {
  std::vector<std::pair<std::string, std::string>> headers;
  for_each_common(req, caching::personal, config,
                  [&](std::string_view name, std::string_view value) { headers.emplace_back(name, value); });
  return headers;
}

response to_response(const problem& error, const request& req) {
  response result;
  result.status = error.status;
  result.content_type = "application/problem+json";
  result.headers = error.headers;
  result.body = to_json(error, req.path(), req.request_id);
  return result;
}

response options_response(const request& req, const std::string& allowed, const gateway_config& config) {
  response result;
  result.status = 204;
  result.set("Allow", allowed);
  const auto origin = req.header(field::origin);
  if (std::find(config.allowed_origins.begin(), config.allowed_origins.end(), origin) != config.allowed_origins.end()) {
    result.set("Access-Control-Allow-Methods", allowed);
    result.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
                                               "Last-Event-ID, Prefer, X-Request-Id, traceparent");
    result.set("Access-Control-Max-Age", "600");
  }
  return result;
}

bool origin_allowed(std::string_view origin, std::string_view host, const gateway_config& config) {
  for (std::string_view scheme : {"http://", "https://"})
    if (origin.starts_with(scheme) && !host.empty() && same_letters(origin.substr(scheme.size()), host))
      return true;
  return std::find(config.allowed_origins.begin(), config.allowed_origins.end(), origin)
         != config.allowed_origins.end();
}

} // namespace waybill::http
