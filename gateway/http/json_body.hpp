#pragma once

#include "domain/json/json_parse.hpp"
#include "gateway/http/problem.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Strict reading of JSON that clients send.
namespace waybill::http {

/// How long a text may be, in code points. Control characters (has_control_characters) are never allowed; a text that
/// may not be empty may not be blank either.
struct length {
  std::size_t least = 0;
  std::size_t most = 0;
};

struct range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// Reads the members of an object by name and adds everything that is wrong to `errors`. A member that could not be
/// read is given as an empty or zero value, so that one pass finds all the errors.
class object_reader {
public:
  object_reader(const boost::json::value& from, std::string pointer, std::vector<field_error>& errors);

  std::string text(std::string_view name, length allowed);
  std::optional<std::string> optional_text(std::string_view name, length allowed);
  /// The same in a merge patch, where null removes it (RFC 7396): an empty text.
  std::optional<std::string> removable_text(std::string_view name, length allowed);
  /// In any spelling of a whole number.
  std::int64_t integer(std::string_view name, range allowed);
  /// Empty when it is missing or of another type.
  const boost::json::array& array(std::string_view name, length allowed);
  /// Null when it is missing.
  const boost::json::value* optional(std::string_view name);
  /// A reader of the member, which must be an object; a missing one is an error and read as empty.
  object_reader object(std::string_view name);

  /// Adds an error for each member that was not read.
  void finish();

  [[nodiscard]] std::string pointer_to(std::string_view name) const;
  void complain(std::string_view name, std::string detail);

private:
  const boost::json::value* required(std::string_view name);
  std::string read_text(std::string_view name, const boost::json::value& value, length allowed);

  const boost::json::object* object_ = nullptr;
  std::string pointer_;
  std::vector<field_error>* errors_;
  std::vector<std::string_view> taken_;
  /// The object is missing or no object, which has been reported already.
  bool silent_ = false;
};

/// What is wrong with `value` as a text of the allowed length, or an empty sentence.
std::string check_text(std::string_view value, length allowed);
/// The same, whatever it holds.
std::string check_length(std::string_view value, length allowed);

} // namespace waybill::http
