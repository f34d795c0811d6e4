#include "gateway/http/request.hpp"

#include "domain/json/utf8.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/text.hpp"

#include <boost/url/pct_string_view.hpp>

#include <algorithm>
#include <charconv>
#include <random>

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

void append_hex(std::string& out, std::uint64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4)
    out += digits[(value >> shift) & 15U];
}

bool is_traceparent(std::string_view text) noexcept {
  constexpr std::string_view zeros = "00000000000000000000000000000000";
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != 55 || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-')
    return false;
  for (std::size_t i = 3; i < text.size(); ++i)
    if (i != 35 && i != 52 && !is_hex(text[i]))
      return false;
  return text.substr(3, 32) != zeros && text.substr(36, 16) != zeros.substr(0, 16);
}

constexpr std::pair<verb, std::string_view> verb_names[] = {
  {verb::get, "GET"},     {verb::head, "HEAD"},      {verb::post, "POST"},      {verb::put, "PUT"},
  {verb::patch, "PATCH"}, {verb::delete_, "DELETE"}, {verb::options, "OPTIONS"}};

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
  return {request_id, {}, traceparent, caller.kind, caller.id};
}

void read_target(std::string_view target, request& to) {
  to.target = target;
  for (const std::string_view scheme : {"http://", "https://"}) // absolute form: RFC 9112, section 3.2.2
    if (same_letters(target.substr(0, scheme.size()), scheme)) {
      target.remove_prefix(std::min(target.find('/', scheme.size()), target.size()));
      break;
    }
  if (!target.starts_with('/'))
    throw bad_target();
  const auto question = target.find('?');
  auto path = target.substr(1, question == std::string_view::npos ? question : question - 1);
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
  if (is_traceparent(given))
    return std::string{given};
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string result = "00-";
  append_hex(result, random() | 1U);
  append_hex(result, random());
  result += '-';
  append_hex(result, random() | 1U);
  return result + "-01";
}

std::string etag_of(std::uint64_t version) {
  return '"' + std::to_string(version) + '"';
}

bool none_match_hits(std::string_view header, std::string_view tag) noexcept {
  bool hit = trim(header) == "*";
  for_each_item(header, [&](std::string_view item) {
    if (item.starts_with("W/"))
      item.remove_prefix(2);
    hit = hit || item == tag;
  });
  return hit;
}

std::uint64_t expected_version(const request& req) {
  const auto header = trim(req.header("If-Match"));
  if (header.empty() || header == "*")
    return 0;
  std::uint64_t version = 0;
  const auto* last = header.data() + header.size() - 1;
  if (header.size() >= 3 && header.front() == '"' && header.back() == '"') {
    const auto [end, error] = std::from_chars(header.data() + 1, last, version);
    if (error == std::errc{} && end == last && version != 0)
      return version;
  }
  throw problem{412, "version_mismatch", "If-Match must be an ETag as this resource has it", {}, {}};
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
  bool accepted = false;
  for_each_item(req.header("Accept"), [&](std::string_view item) {
    accepted = accepted || trim(item.substr(0, item.find(';'))) == "text/html";
  });
  return accepted;
}

} // namespace waybill::http
