#pragma once

#include "gateway/http/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Conditional requests (RFC 9110, section 13).
namespace waybill::http {

/// `"<version>"`.
std::string etag_of(std::uint64_t version);

/// `"<version>.<digest>"`, of a resource that also shows what changes without a new version. `If-Match` looks at the
/// version alone.
std::string etag_of(std::uint64_t version, std::string_view shown);

/// A list of entity tags, or `*`.
class tag_list {
public:
  /// Of a header that is there; what is no tag fits nothing.
  explicit tag_list(std::string_view header);

  [[nodiscard]] bool any() const noexcept { return any_; }
  /// The only tag; empty when there are more, or none.
  [[nodiscard]] std::string_view only() const noexcept;
  /// As If-Match compares: a weak tag fits nothing (section 8.8.3.2).
  [[nodiscard]] bool fits_strongly(std::string_view tag) const noexcept;
  /// As If-None-Match compares.
  [[nodiscard]] bool fits_weakly(std::string_view tag) const noexcept;

private:
  std::vector<std::string_view> tags_;
  bool any_ = false;
};

/// Throws a problem with status 412 when If-Match does not name `tag`, the present one of what is asked for. To be
/// called before If-None-Match is looked at (section 13.2.2).
void require_match(const request& req, std::string_view tag);

/// Whether If-None-Match names `tag`.
bool none_match_hits(const request& req, std::string_view tag);

/// Whether the conditions of a change can only be judged with the present tag: it names several tags, or those that it
/// must not have.
bool needs_present_tag(const request& req);

/// If-Match or If-None-Match is there, other than `If-Match: *`.
bool has_conditions(const request& req);

/// The version that If-Match asks for; zero for any. Throws a problem with status 412 when it can match no version of
/// ours. A request whose conditions were judged with the present tag asks for that version.
std::uint64_t expected_version(const request& req);

/// The same of a resource whose tag holds more than its version, which comes first: `"3.8"`.
std::uint64_t expected_first_version(const request& req);

/// The version in a tag of ours.
std::optional<std::uint64_t> version_in(std::string_view tag);

/// The same of a tag that may hold more than the version, which comes first.
std::optional<std::uint64_t> first_version_in(std::string_view tag);

} // namespace waybill::http
