#include "gateway/http/reading.hpp"

#include "domain/base/number.hpp"
#include "domain/octets/octets.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/text.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <functional>

namespace waybill::http {

namespace {

constexpr std::uint32_t default_limit = 50;
constexpr std::uint32_t largest_limit = 200;
constexpr std::string_view json_type = "application/json";
constexpr std::string_view merge_patch_type = "application/merge-patch+json";

std::string percent_encoded(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

/// Stands for the parameters that choose what is in a list and in which order: a cursor goes on in that list only.
std::string filters_of(const request& req) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : req.query)
    if (key != "cursor" && key != "limit" && !value.empty())
      parts.push_back(percent_encoded(key) + '=' + percent_encoded(value));
  std::ranges::sort(parts);
  std::string all;
  for (const auto& part : parts)
    all += part + '&';
  constexpr std::size_t octets = 6;
  return to_base64url(sha256(all).substr(0, octets));
}

} // namespace

void require_operator(const request& req) {
  if (!req.caller.is_operator())
    throw problem{403, "forbidden", "only an operator may do this", {}, {}};
}

std::string idempotency_key(const request& req) {
  if (!req.headers.has(field::idempotency_key))
    return {};
  auto text = trim(req.header(field::idempotency_key));
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  const auto printable = [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\'; };
  if (text.empty() || text.size() > limits::idempotency_key || !std::all_of(text.begin(), text.end(), printable))
    throw problem{400, "validation_failed", "Idempotency-Key must be 1 to 255 visible ASCII characters", {}, {}};
  return std::string{text};
}

std::string intent_of(const request& req) {
  const auto key = idempotency_key(req);
  return key.empty() ? make_id_suffix() : derive_id_suffix(req.caller.id + '\n' + req.id + '\n' + key);
}

std::string read_reason(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  auto reason = from.text("reason", limits::reason);
  from.finish();
  require_valid(body, errors);
  return reason;
}

void require_valid(const boost::json::value& body, std::vector<field_error>& errors) {
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
}

std::vector<std::string> to_words(const boost::json::array& items) {
  std::vector<std::string> words;
  for (const auto& item : items)
    words.emplace_back(item.is_string() ? std::string_view{item.get_string()} : std::string_view{});
  return words;
}

void require_json(const request& req) {
  const auto type = req.header(field::content_type);
  const auto media = trim(type.substr(0, type.find(';')));
  const bool patch = req.method == verb::patch;
  if (!same_letters(media, json_type) && !(patch && same_letters(media, merge_patch_type)))
    throw problem{415,
                  "unsupported_media_type",
                  "the body must be application/json",
                  {},
                  {patch ? std::pair{"Accept-Patch", std::string{merge_patch_type} + ", " + std::string{json_type}}
                         : std::pair{"Accept", std::string{json_type}}}};
  require_plain(req);
}

void require_plain(const request& req) {
  bool plain = true;
  for_each_item(req.header(field::content_encoding),
                [&](std::string_view coding) { plain = plain && same_letters(coding, "identity"); });
  if (!plain)
    throw problem{
      415, "unsupported_media_type", "the body must not be compressed", {}, {{"Accept-Encoding", "identity"}}};
}

boost::json::value read_body(const request& req) {
  require_json(req);
  auto parsed = parse_json(req.body);
  if (!parsed)
    throw problem{400, "invalid_json", parsed.error().detail, {}, {}};
  return std::move(*parsed);
}

const std::string* query_reader::find(std::string_view name) {
  known_.push_back(name);
  const std::string* parameter = nullptr;
  for (const auto& [key, value] : req_.query) {
    if (key != name)
      continue;
    if (parameter)
      complain(name, "must come once only");
    parameter = &value;
  }
  return parameter && !parameter->empty() ? parameter : nullptr;
}

std::vector<std::string> query_reader::all(std::string_view name) {
  known_.push_back(name);
  std::vector<std::string> values;
  for (const auto& [key, value] : req_.query)
    if (key == name)
      for_each_item(value, [&](std::string_view item) { values.emplace_back(item); });
  return values;
}

std::string query_reader::text(std::string_view name, std::size_t most) {
  const auto* value = find(name);
  if (!value)
    return {};
  if (auto wrong = check_text(*value, {0, most}); !wrong.empty())
    complain(name, std::move(wrong));
  return *value;
}

std::uint32_t query_reader::limit() {
  const auto* value = find("limit");
  if (!value)
    return default_limit;
  const auto number = parse_number<std::uint32_t>(*value);
  if (number && *number >= 1 && *number <= largest_limit)
    return *number;
  complain("limit", "must be 1 to 200");
  return default_limit;
}

std::optional<timestamp> query_reader::time(std::string_view name) {
  const auto* value = find(name);
  if (!value)
    return std::nullopt;
  auto time = parse_rfc3339(*value);
  if (!time)
    complain(name, "must be a time as in RFC 3339");
  return time;
}

bool query_reader::boolean(std::string_view name) {
  const auto* value = find(name);
  if (!value || *value == "false")
    return false;
  if (*value != "true")
    complain(name, "must be true or false");
  return true;
}

std::optional<list_cursor> query_reader::read_cursor(std::string_view list,
                                                     const std::function<bool(const list_cursor&)>& is_place) {
  const auto* value = find("cursor");
  if (!value)
    return std::nullopt;
  const auto dot = std::min(value->rfind('.'), value->size());
  auto at = from_cursor(list, std::string_view{*value}.substr(0, dot));
  if (!at || !is_place(*at))
    complain("cursor", "is not a cursor of this list");
  else if (value->substr(dot) != '.' + filters_of(req_))
    complain("cursor", "is of a list with other filters");
  else
    return at;
  return std::nullopt;
}

list_cursor query_reader::cursor(std::string_view list, std::string_view id_prefix, bool with_time) {
  return read_cursor(list,
                     [=](const list_cursor& at) { return is_id(at.id, id_prefix) && at.time.has_value() == with_time; })
    .value_or(list_cursor{});
}

std::string query_reader::name_cursor(std::string_view list) {
  const auto at = read_cursor(list, [](const list_cursor& place) { return !place.id.empty() && !place.time; });
  return at ? at->id : std::string{};
}

std::optional<log_position> query_reader::position_cursor(std::string_view list) {
  const auto at = read_cursor(list, [](const list_cursor& place) { return parse_log_position(place.id).has_value(); });
  return at ? parse_log_position(at->id) : std::nullopt;
}

void query_reader::complain(std::string_view name, std::string detail) {
  errors_.push_back({'/' + std::string{name}, std::move(detail)});
}

void query_reader::finish() {
  for (const auto& [key, value] : req_.query)
    if (std::find(known_.begin(), known_.end(), key) == known_.end())
      complain(key, "is not known");
  if (!errors_.empty())
    throw invalid_fields(400, std::move(errors_));
}

response list_response(const request& req, std::string items, const std::string& next_cursor) {
  return log_response(req, std::move(items), next_cursor.empty() ? next_cursor : next_cursor + '.' + filters_of(req),
                      "cursor");
}

response log_response(const request& req, std::string items, const std::string& position,
                      std::string_view cursor_name) {
  json_writer out;
  out.begin_object().key("items").raw(items).key("next_cursor");
  response result;
  if (position.empty()) {
    out.null();
  } else {
    out.text(position);
    std::string link = '<' + std::string{req.path()} + '?';
    for (const auto& [key, value] : req.query)
      if (key != cursor_name)
        link += percent_encoded(key) + '=' + percent_encoded(value) + '&';
    result.set("Link", link + std::string{cursor_name} + '=' + percent_encoded(position) + ">; rel=\"next\"");
  }
  result.body = out.end_object().take();
  return result;
}

response no_content() {
  response result;
  result.status = 204;
  return result;
}

response resource(const request& req, std::string json, std::uint64_t version) {
  return resource(req, std::move(json), etag_of(version));
}

response resource(const request& req, std::string json, const std::string& tag) {
  response result;
  const bool reading = req.method == verb::get || req.method == verb::head;
  if (reading)
    require_match(req, tag);
  if (reading && none_match_hits(req, tag))
    result.status = 304;
  else
    result.body = std::move(json);
  result.set("ETag", tag);
  return result;
}

} // namespace waybill::http
