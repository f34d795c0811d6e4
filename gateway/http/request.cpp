#include "gateway/http/request.hpp"

#include "domain/base/utf8.hpp"
#include "domain/user.hpp"
#include "gateway/http/ascii.hpp"
#include "gateway/http/problem.hpp"

#include <algorithm>
#include <charconv>
#include <random>

namespace waybill::http {

namespace {

constexpr std::uint32_t longest_wait = 30;
constexpr std::size_t max_parameters = 64;

problem bad_target() {
  return {400, "validation_failed", "the request target is not well-formed", {}, {}};
}

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  const auto lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decode_percent(std::string_view text, bool plus_is_blank) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0 || high + low == 0)
        throw bad_target();
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  if (!is_utf8(result))
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
  if (text.size() != 55 || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-')
    return false;
  for (std::size_t i = 3; i < text.size(); ++i)
    if (i != 35 && i != 52 && (hex_value(text[i]) < 0 || (text[i] >= 'A' && text[i] <= 'F')))
      return false;
  return text.substr(3, 32) != zeros && text.substr(36, 16) != zeros.substr(0, 16);
}

} // namespace

std::string_view request::header(beast_http::field name) const {
  const auto text = (*headers)[name];
  return {text.data(), text.size()};
}

std::string_view request::header(std::string_view name) const {
  const auto text = (*headers)[boost::beast::string_view{name.data(), name.size()}];
  return {text.data(), text.size()};
}

provenance request::origin() const {
  return {request_id, {}, traceparent, who.kind, who.id};
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

role_set to_role_set(const std::vector<std::string>& words) noexcept {
  auto roles = role_set::none;
  for (const auto& word : words) {
    if (word == user::customer_role)
      roles = roles | role_set::customer;
    else if (word == user::courier_role)
      roles = roles | role_set::courier;
    else if (word == user::operator_role)
      roles = roles | role_set::staff;
    else if (word == user::admin_role)
      roles = roles | role_set::admin;
  }
  return roles;
}

caller make_caller(std::string id, const std::vector<std::string>& roles) {
  caller who;
  who.roles = to_role_set(roles);
  who.customer = customer_id{std::string{customer_id::prefix()} + id.substr(id.find('_') + 1)};
  if (id.starts_with(service_key_id::prefix()))
    who.kind = "service";
  else if (any_of(who.roles, role_set::admin))
    who.kind = user::admin_role;
  else if (any_of(who.roles, role_set::staff))
    who.kind = user::operator_role;
  else if (any_of(who.roles, role_set::courier) && !any_of(who.roles, role_set::customer))
    who.kind = user::courier_role;
  else
    who.kind = user::customer_role;
  who.id = std::move(id);
  return who;
}

courier_id caller::as_courier() const {
  if (!any_of(roles, role_set::courier))
    return {};
  return courier_id{std::string{courier_id::prefix()} + id.substr(id.find('_') + 1)};
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

std::uint64_t expected_version(const request& from) {
  const auto header = trim(from.header(beast_http::field::if_match));
  if (header.empty() || header == "*")
    return 0;
  std::uint64_t version = 0;
  const auto* last = header.data() + header.size() - 1;
  if (header.size() >= 3 && header.front() == '"' && header.back() == '"') {
    const auto [end, error] = std::from_chars(header.data() + 1, last, version);
    if (error == std::errc{} && end == last && version != 0)
      return version;
  }
  throw problem{412, "version_mismatch", "If-Match must be the ETag of the present version", {}, {}};
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

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

} // namespace waybill::http
