#pragma once

#include "domain/json/json_writer.hpp"
#include "gateway/http/conditions.hpp"
#include "gateway/http/cursor.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/http/request.hpp"
#include "messages/journal/log_position.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How handlers read requests and write lists.
namespace waybill::http {

/// The body as JSON. Throws a problem: 415 for another content type or any content coding, 400 for what is not JSON.
boost::json::value read_body(const request& req);

/// Throws a problem with status 415 for another content type, or any content coding, that names those that are taken
/// (RFC 9110, section 15.5.16; RFC 5789, section 3.1).
void require_json(const request& req);

/// Throws a problem with status 415 for any content coding.
void require_plain(const request& req);

/// Throws a problem with status 403 unless the caller is an operator.
void require_operator(const request& req);

/// The key of `Idempotency-Key: key` or `"key"`; empty without one. Throws a problem with status 400 for a malformed
/// one.
std::string idempotency_key(const request& req);

/// The id by which an actor recognises a repeated request: made from the idempotency key, or new for each request.
std::string intent_of(const request& req);

/// The body `{"reason": "..."}`. Throws a problem as read_body does, and 422 for another one.
std::string read_reason(const request& req);

/// Throws a problem with status 422 that lists `errors`, if there are any or `body` is null (which object_reader does
/// not report).
void require_valid(const boost::json::value& body, std::vector<field_error>& errors);

/// The strings of an array; what is no string is read as an empty one, which no check lets pass.
std::vector<std::string> to_words(const boost::json::array& items);

/// Reads the query parameters; each may come once, except those that are read with `all`, and an empty one counts as
/// one that was left out. A cursor belongs to the list of the same filters and order. `finish` throws a problem with
/// status 400 when a value or a name was wrong.
class query_reader {
public:
  explicit query_reader(const request& req) : req_(req) {}

  /// Null when it is missing or empty.
  const std::string* find(std::string_view name);
  std::vector<std::string> all(std::string_view name);
  /// Empty when it is missing; at most `most` characters.
  std::string text(std::string_view name, std::size_t most);
  std::uint32_t limit();
  std::optional<timestamp> time(std::string_view name);
  bool boolean(std::string_view name);
  list_cursor cursor(std::string_view list, std::string_view id_prefix, bool with_time);
  /// Of a list that is sorted by a name: the name behind which it goes on.
  std::string name_cursor(std::string_view list);
  /// Of a list that follows the log: the position that stands in the cursor's id.
  std::optional<log_position> position_cursor(std::string_view list);
  void complain(std::string_view name, std::string detail);
  void finish();

private:
  /// Nothing when there is no cursor, or a wrong one, which was complained of.
  std::optional<list_cursor> read_cursor(std::string_view list,
                                         const std::function<bool(const list_cursor&)>& is_place);

  const request& req_;
  std::vector<std::string_view> known_;
  std::vector<field_error> errors_;
};

/// `{"items": [...], "next_cursor": ...}` with its Link header; `items` is a JSON array.
response list_response(const request& req, std::string items, const std::string& next_cursor);
/// The same for a list whose cursor is a position in the log, which is the same whatever is asked for.
response log_response(const request& req, std::string items, const std::string& position, std::string_view cursor_name);

/// A single resource with its ETag; 304 when the client has it.
response resource(const request& req, std::string json, std::uint64_t version);
/// The same for a resource without a version of its own; `tag` with its quotes.
response resource(const request& req, std::string json, const std::string& tag);

/// The answer to what leaves nothing to show, with status 204.
response no_content();

/// The id in the path. Throws not_found unless it has the form of an id of that kind.
template <class Id>
Id path_id(const request& req) {
  if (!is_id(req.id, Id::prefix()))
    throw not_found("there is no such " + std::string{Id::prefix().substr(0, 3)} + " id");
  return Id{req.id};
}

} // namespace waybill::http
