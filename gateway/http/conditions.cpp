#include "gateway/http/conditions.hpp"

#include "domain/base/number.hpp"
#include "domain/octets/octets.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/text.hpp"

#include <algorithm>

namespace waybill::http {

namespace {

constexpr std::string_view weak_mark = "W/";

problem mismatch() {
  return {412, "version_mismatch", "the precondition failed: If-Match does not name the current version", {}, {}};
}

/// The length of the entity tag at the front of `text`, zero without one. No character is escaped in a tag (section
/// 8.8.3): `"\"` is one.
std::size_t tag_length(std::string_view text) noexcept {
  const auto quote = text.starts_with(weak_mark) ? weak_mark.size() : 0;
  if (text.size() <= quote || text[quote] != '"')
    return 0;
  const auto end = text.find('"', quote + 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

} // namespace

std::string etag_of(std::uint64_t version) {
  return '"' + std::to_string(version) + '"';
}

std::string etag_of(std::uint64_t version, std::string_view shown) {
  constexpr std::size_t octets = 9;
  return '"' + std::to_string(version) + '.' + to_base64url(sha256(shown).substr(0, octets)) + '"';
}

tag_list::tag_list(std::string_view header) : any_(trim(header) == "*") {
  while (!header.empty()) {
    if (header.front() == ' ' || header.front() == '\t' || header.front() == ',') {
      header.remove_prefix(1);
      continue;
    }
    auto length = tag_length(header);
    const auto comma = std::min(header.find(',', length), header.size());
    // What stands behind a tag makes it none.
    if (length > 0 && trim(header.substr(length, comma - length)).empty())
      tags_.push_back(header.substr(0, length));
    else
      tags_.emplace_back();
    header.remove_prefix(comma);
  }
}

std::string_view tag_list::only() const noexcept {
  return tags_.size() == 1 ? tags_.front() : std::string_view{};
}

bool tag_list::fits_strongly(std::string_view tag) const noexcept {
  return any_ || (!tag.starts_with(weak_mark) && std::ranges::find(tags_, tag) != tags_.end());
}

bool tag_list::fits_weakly(std::string_view tag) const noexcept {
  const auto opaque = [](std::string_view x) { return x.starts_with(weak_mark) ? x.substr(weak_mark.size()) : x; };
  return any_ || std::ranges::any_of(tags_, [&](std::string_view x) { return !x.empty() && opaque(x) == opaque(tag); });
}

void require_match(const request& req, std::string_view tag) {
  if (req.headers.has(field::if_match) && !tag_list{req.header(field::if_match)}.fits_strongly(tag))
    throw mismatch();
}

bool none_match_hits(const request& req, std::string_view tag) {
  return req.headers.has(field::if_none_match) && tag_list{req.header(field::if_none_match)}.fits_weakly(tag);
}

bool needs_present_tag(const request& req) {
  if (req.headers.has(field::if_none_match))
    return true;
  if (!req.headers.has(field::if_match))
    return false;
  const tag_list tags{req.header(field::if_match)};
  return !tags.any() && tags.only().empty();
}

bool has_conditions(const request& req) {
  return req.headers.has(field::if_none_match)
         || (req.headers.has(field::if_match) && !tag_list{req.header(field::if_match)}.any());
}

std::optional<std::uint64_t> version_in(std::string_view tag) {
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"')
    return std::nullopt;
  const auto version = parse_number<std::uint64_t>(tag.substr(1, tag.size() - 2));
  if (!version || *version == 0 || etag_of(*version) != tag)
    return std::nullopt;
  return version;
}

std::uint64_t expected_version(const request& req) {
  if (req.judged_version != 0)
    return req.judged_version;
  if (!req.headers.has(field::if_match))
    return 0;
  const tag_list tags{req.header(field::if_match)};
  if (tags.any())
    return 0;
  const auto version = version_in(tags.only());
  if (!version)
    throw problem{
      412, "version_mismatch", R"(If-Match must be an ETag as returned for this resource, such as "3")", {}, {}};
  return *version;
}

std::optional<std::uint64_t> first_version_in(std::string_view tag) {
  const auto dot = tag.find('.');
  return version_in(dot == std::string_view::npos ? std::string{tag} : std::string{tag.substr(0, dot)} + '"');
}

std::uint64_t expected_first_version(const request& req) {
  if (req.judged_version != 0 || !req.headers.has(field::if_match))
    return req.judged_version;
  const tag_list tags{req.header(field::if_match)};
  const auto version = first_version_in(tags.only());
  return version ? *version : expected_version(req);
}

} // namespace waybill::http
