#include "gateway/http/request.hpp"

#include "domain/json/utf8.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/text.hpp"

#include <boost/url/pct_string_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace waybill::http {

namespace urls = boost::urls;

namespace {

constexpr std::uint32_t longest_wait = 30;
constexpr std::size_t max_parameters = 64;

problem bad_target() {
  return {400, "validation_failed", "the request target is not well-formed", {}, {}};
}

std::string decode_percent(std::string_view text, bool plus_is_blank) {
  const auto encoded = urls::make_pct_string_view({text.data(), text.size()});
  if (!encoded)
    throw bad_target();
  urls::encoding_opts options;
  options.space_as_plus = plus_is_blank;
  auto result = encoded->decode(options);
  if (result.find('\0') != std::string::npos || !is_utf8(result))
    throw bad_target();
  return result;
}

constexpr std::pair<verb, std::string_view> verb_names[] = {
  {verb::get, "GET"},     {verb::head, "HEAD"},      {verb::post, "POST"},      {verb::put, "PUT"},
  {verb::patch, "PATCH"}, {verb::delete_, "DELETE"}, {verb::options, "OPTIONS"}};

// -- what a client takes ---------------------------------------------------------------------------------------------

constexpr int whole = 1'000;

/// `0`, `0.5`, `1.000` in thousandths (RFC 9110, section 12.4.2); what is none counts as if it were not there.
int weight_of(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text.front() != '0' && text.front() != '1')
      || (text.size() > 1 && text[1] != '.'))
    return whole;
  int weight = (text.front() - '0') * whole;
  int digit_weight = whole / 10;
  for (const char c : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (c < '0' || c > '9')
      return whole;
    weight += (c - '0') * digit_weight;
    digit_weight /= 10;
  }
  return std::min(weight, whole);
}

/// The weight in the parameters of an item.
int weight_in(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    const auto parameter = trim(parameters.substr(0, parameters.find(';')));
    parameters.remove_prefix(std::min(parameters.find(';'), parameters.size() - 1) + 1);
    if (parameter.size() >= 2 && same_letters(parameter.substr(0, 2), "q="))
      return weight_of(trim(parameter.substr(2)));
  }
  return whole;
}

/// The weight of the first of `names`, which go from the most to the least specific, that the list has.
std::optional<int> weight_of(std::string_view list, std::span<const std::string_view> names) {
  for (const auto name : names) {
    std::optional<int> best;
    for_each_item(list, [&](std::string_view item) {
      const auto end = std::min(item.find(';'), item.size());
      if (same_letters(trim(item.substr(0, end)), name))
        best = std::max(best.value_or(0), weight_in(item.substr(std::min(end + 1, item.size()))));
    });
    if (best)
      return best;
  }
  return std::nullopt;
}

constexpr std::array<std::string_view, 2> html_names{"text/html", "text/*"};
constexpr std::array<std::string_view, 3> json_names{"application/json", "application/*", "*/*"};
constexpr std::array<std::string_view, 1> openmetrics_names{"application/openmetrics-text"};
constexpr std::array<std::string_view, 3> text_names{"text/plain", "text/*", "*/*"};
constexpr std::array<std::string_view, 3> gzip_names{"gzip", "x-gzip", "*"};

} // namespace

std::string_view method_name(verb method) noexcept {
  for (const auto& [known, name] : verb_names)
    if (known == method)
      return name;
  return "other";
}

verb to_verb(std::string_view name) noexcept {
  for (const auto& [method, known] : verb_names)
    if (known == name)
      return method;
  return verb::other;
}

provenance request::origin() const {
  return {request_id, {}, span ? tracing::to_traceparent(*span) : traceparent, caller.kind, caller.id};
}

void read_target(std::string_view target, request& to) {
  to.target = target;
  bool absolute = false;
  for (const std::string_view scheme : {"http://", "https://"}) // absolute form: RFC 9112, section 3.2.2
    if (same_letters(target.substr(0, scheme.size()), scheme)) {
      const auto path = std::min(target.find_first_of("/?", scheme.size()), target.size());
      // RFC 9110, section 4.2.1: an http URI names a host.
      if (path == scheme.size())
        throw bad_target();
      target.remove_prefix(path);
      absolute = true;
      break;
    }
  const auto question = target.find('?');
  // The path may be left out behind a host: then it is `/`.
  if (!target.starts_with('/') && !(absolute && (target.empty() || question == 0)))
    throw bad_target();
  auto path = target.substr(0, question);
  path.remove_prefix(std::min<std::size_t>(path.size(), 1));
  for (std::size_t begin = 0; begin <= path.size() && !path.empty();) {
    const auto slash = std::min(path.find('/', begin), path.size());
    to.segments.push_back(decode_percent(path.substr(begin, slash - begin), false));
    begin = slash + 1;
  }
  if (question == std::string_view::npos)
    return;
  auto query = target.substr(question + 1);
  while (!query.empty()) {
    const auto item = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(item.size() + 1, query.size()));
    if (item.empty())
      continue;
    const auto equals = std::min(item.find('='), item.size());
    to.query.emplace_back(decode_percent(item.substr(0, equals), true),
                          decode_percent(item.substr(std::min(equals + 1, item.size())), true));
    if (to.query.size() > max_parameters)
      throw bad_target();
  }
}

std::string take_request_id(std::string_view given) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_'
           || c == ':' || c == '-';
  };
  if (!given.empty() && given.size() <= 128 && std::all_of(given.begin(), given.end(), fits))
    return std::string{given};
  return "req_" + make_id_suffix();
}

std::string take_traceparent(std::string_view given) {
  if (tracing::parse_traceparent(given))
    return std::string{given};
  return tracing::to_traceparent({tracing::new_trace_id(), tracing::new_span_id(), false});
}

std::uint32_t preferred_wait(std::string_view header) noexcept {
  std::uint32_t seconds = 0;
  for_each_item(header, [&](std::string_view item) {
    item = trim(item.substr(0, item.find(';')));
    if (item.size() < 6 || !same_letters(item.substr(0, 4), "wait") || item[4] != '=')
      return;
    item.remove_prefix(5);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), value);
    if (seconds == 0 && end == item.data() + item.size())
      seconds = error == std::errc{} ? std::min(value, longest_wait) : 0;
  });
  return seconds;
}

bool accepts_html(const request& req) {
  const auto list = req.header(field::accept);
  const auto page = weight_of(list, html_names).value_or(0);
  return page > 0 && page >= weight_of(list, json_names).value_or(0);
}

bool accepts_openmetrics(const request& req) {
  const auto list = req.header(field::accept);
  const auto open = weight_of(list, openmetrics_names).value_or(0);
  return open > 0 && open >= weight_of(list, text_names).value_or(0);
}

bool accepts_gzip(const request& req) {
  return weight_of(req.header(field::accept_encoding), gzip_names).value_or(0) > 0;
}

} // namespace waybill::http
