#pragma once

#include "domain/base/ids.hpp"
#include "gateway/transport/net.hpp"
#include "messages/common.hpp"
#include "messages/couriers.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What handlers get and give: HTTP without its transport.
namespace waybill::http {

namespace beast_http = boost::beast::http;
using verb = beast_http::verb;
using fields = beast_http::fields;

class admitted;

/// Roles of a caller, as bits.
enum class role_set : std::uint8_t { none = 0, customer = 1, courier = 2, staff = 4, admin = 8 };
constexpr role_set operator|(role_set a, role_set b) noexcept {
  return static_cast<role_set>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool any_of(role_set a, role_set b) noexcept {
  return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0;
}
/// The set of known words: customer, courier, operator (which is `staff`), admin.
role_set to_role_set(const std::vector<std::string>& words) noexcept;

/// Who asks. Resolved in one place (resolve_caller), so that everything else need not know how.
struct caller {
  /// Of nobody: an id that none has, so that nothing is theirs.
  customer_id customer{"nobody"};
  /// As in provenance::by_kind; empty for nobody.
  std::string kind;
  /// Of the user or the service key; empty for nobody.
  std::string id;
  role_set roles = role_set::none;
  /// Showed a token that holds; the demo user did not.
  bool authenticated = false;
  /// When the token ends; what lasts longer than a request ends with it.
  std::optional<timestamp> until;

  [[nodiscard]] bool is_anybody() const noexcept { return !id.empty(); }
  /// Sees everything, not only what is their own.
  [[nodiscard]] bool is_operator() const noexcept { return any_of(roles, role_set::staff | role_set::admin); }
  [[nodiscard]] viewer as_viewer() const { return {is_operator(), customer}; }
  /// The courier that the caller is; empty for everybody else.
  [[nodiscard]] courier_id as_courier() const;
  [[nodiscard]] courier_viewer as_courier_viewer() const { return {is_operator(), as_courier()}; }
};

/// The caller of these roles, with the kind that is the strongest of them, or `service`.
caller make_caller(std::string id, const std::vector<std::string>& roles);

struct request {
  verb method = verb::get;
  /// As it came, and taken apart: percent-decoded segments and parameters.
  std::string target;
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
  const fields* headers = nullptr;
  std::string_view body;
  /// What stood in the place of `{id}`.
  std::string id;
  std::string request_id;
  std::string traceparent;
  caller who;
  /// Where it comes from, behind the proxies that are trusted.
  net::ip::address client;
  /// It came over TLS.
  bool secure = false;
  clock::time_point deadline;
  /// The request's place among those under way; null for what is always served.
  admitted* place = nullptr;

  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::string_view header(beast_http::field name) const;
  [[nodiscard]] provenance origin() const;
};

/// Whether and how an answer may be kept by caches.
enum class caching : std::uint8_t { personal, revalidate, page, briefly };

struct response {
  unsigned status = 200;
  std::string body;
  std::string_view content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  caching cache = caching::personal;

  void set(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
};

/// Takes the target of a request apart; throws a problem with status 400 for bad percent-encoding, NUL or octets that
/// are not UTF-8.
void read_target(std::string_view target, request& to);

/// A request id that came with the request if it is sensible (1..128 of `A-Za-z0-9._:-`), else a new one; a trace
/// context likewise (W3C Trace Context, section 3.2.2).
std::string take_request_id(std::string_view given);
std::string take_traceparent(std::string_view given);

/// `"<version>"`.
std::string etag_of(std::uint64_t version);

/// Whether If-None-Match names `tag` (RFC 9110, section 13.1.2).
bool none_match_hits(std::string_view header, std::string_view tag) noexcept;

/// The version that If-Match asks for; zero for any. Throws a problem when it can match none of ours.
std::uint64_t expected_version(const request& from);

/// The seconds of `Prefer: wait=<seconds>` (RFC 7240), at most 30; zero for none.
std::uint32_t preferred_wait(std::string_view header) noexcept;

/// Without blanks at either end.
std::string_view trim(std::string_view text) noexcept;

/// Calls `each` with the trimmed items of a comma-separated list; commas inside quotes do not count.
template <class F>
void for_each_item(std::string_view list, F each) {
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i < list.size() && list[i] == '"')
      quoted = !quoted;
    if (i == list.size() || (list[i] == ',' && !quoted)) {
      if (auto item = trim(list.substr(begin, i - begin)); !item.empty())
        each(item);
      begin = i + 1;
    }
  }
}

} // namespace waybill::http
