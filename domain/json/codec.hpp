#pragma once

#include "domain/base/enum_name.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "domain/json/json_writer.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/fwd.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// The JSON form of described structs (Boost.Describe): what the event log, the entity states and API clients see.
///
/// Ids are strings, times RFC 3339, enums their names, structs objects with the members in their order, an empty
/// optional is left out, a map of texts an object. Reading is made for evolution: a missing member keeps its default
/// and an unknown one is ignored. All functions are pure and thread-safe.
namespace waybill {

namespace codec {

/// What is wrong with a text, and in which member: filled from the inside out.
struct problem {
  std::string where;
  std::string reason;
};

void append_number(std::string& out, std::int64_t number);
void append_number(std::string& out, std::uint64_t number);
void append_time(std::string& out, timestamp time);
void append_text_map(std::string& out, const std::map<std::string, std::string>& texts);

bool read_string(const boost::json::value& from, std::string& to, problem& why);
bool read_number(const boost::json::value& from, std::int64_t& to, problem& why);
bool read_number(const boost::json::value& from, std::uint64_t& to, problem& why);
bool read_bool(const boost::json::value& from, bool& to, problem& why);
bool read_time(const boost::json::value& from, timestamp& to, problem& why);
/// Texts by their names.
using text_map = std::map<std::string, std::string>;
bool read_text_map(const boost::json::value& from, text_map& to, problem& why);
bool is_null(const boost::json::value& from) noexcept;
bool expect_object(const boost::json::value& from, problem& why);
bool expect_array(const boost::json::value& from, problem& why);
/// The member `name` of the object `from`, or null.
const boost::json::value* find_member(const boost::json::value& from, std::string_view name);
std::size_t array_size(const boost::json::value& from);
const boost::json::value& array_at(const boost::json::value& from, std::size_t index);
/// Both return false, for `return`.
bool fail(problem& why, std::string_view reason);
bool fail_in_member(problem& why, std::string_view name);
bool fail_in_element(problem& why, std::size_t index);
failure to_failure(const problem& why);
/// ec::unreadable.
failure unreadable(std::string detail);

/// A parsed text; keeps the JSON library out of this header.
class document {
public:
  /// Fails with ec::unreadable.
  static result<document> parse(std::string_view text);
  document(document&&) noexcept;
  document& operator=(document&&) noexcept;
  document(const document&) = delete;
  document& operator=(const document&) = delete;
  ~document();

  [[nodiscard]] const boost::json::value& root() const noexcept;
  /// Null when the text is not an object.
  [[nodiscard]] boost::json::object* object() noexcept;

private:
  struct impl;
  explicit document(std::unique_ptr<impl> content) noexcept;
  std::unique_ptr<impl> content_;
};

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<id<Tag>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public>;

/// Large enough for every value of the integer type `T`.
template <class T>
using wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;

template <class Enum>
bool read_enum(const boost::json::value& from, Enum& to, problem& why) {
  std::string word;
  if (!read_string(from, word, why))
    return false;
  bool is_known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>([&](auto enumerator) {
    if (word == enumerator.name) {
      to = enumerator.value;
      is_known = true;
    }
  });
  return is_known || fail(why, "is an unknown word");
}

template <class T>
bool read(const boost::json::value& from, T& to, problem& why);

template <class T>
bool read_vector(const boost::json::value& from, std::vector<T>& to, problem& why) {
  if (!expect_array(from, why))
    return false;
  const auto size = array_size(from);
  to.clear();
  to.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    T element{};
    if (!read(array_at(from, i), element, why))
      return fail_in_element(why, i);
    to.push_back(std::move(element));
  }
  return true;
}

template <class T>
bool read_struct(const boost::json::value& from, T& to, problem& why) {
  if (!expect_object(from, why))
    return false;
  bool ok = true;
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    if (!ok)
      return;
    if (const auto* value = find_member(from, member.name); value && !read(*value, to.*member.pointer, why))
      ok = fail_in_member(why, member.name);
  });
  return ok;
}

template <class T>
bool read(const boost::json::value& from, T& to, problem& why) {
  if constexpr (std::is_same_v<T, std::string>) {
    return read_string(from, to, why);
  } else if constexpr (is_id<T>) {
    return read_string(from, to.value, why);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return read_time(from, to, why);
  } else if constexpr (std::is_same_v<T, bool>) {
    return read_bool(from, to, why);
  } else if constexpr (std::is_integral_v<T>) {
    wide<T> number = 0;
    if (!read_number(from, number, why))
      return false;
    if (!std::in_range<T>(number))
      return fail(why, "is out of range");
    to = static_cast<T>(number);
    return true;
  } else if constexpr (std::is_enum_v<T>) {
    return read_enum(from, to, why);
  } else if constexpr (is_optional<T>) {
    to.reset();
    return is_null(from) || read(from, to.emplace(), why);
  } else if constexpr (is_vector<T>) {
    return read_vector(from, to, why);
  } else if constexpr (std::is_same_v<T, text_map>) {
    return read_text_map(from, to, why);
  } else {
    return read_struct(from, to, why);
  }
}

/// Whether no client may see the member `name` of `T`: `T::hidden` lists its name.
template <class T>
constexpr bool is_hidden(std::string_view name) noexcept {
  if constexpr (requires { T::hidden; }) {
    for (const std::string_view hidden : T::hidden)
      if (hidden == name)
        return true;
  }
  return false;
}

template <class E>
inline constexpr std::uint16_t schema_of = [] {
  if constexpr (requires { E::schema; })
    return std::uint16_t{E::schema};
  else
    return std::uint16_t{1};
}();

template <class E, class Event>
result<Event> decode_alternative(std::uint16_t schema, std::string_view data) {
  if (schema > schema_of<E>)
    return unreadable(std::string{E::type} + " has a newer schema than this program knows");
  auto parsed = document::parse(data);
  if (!parsed)
    return parsed.error();
  if constexpr (requires(boost::json::object & old) { E::upcast(old, schema); }) {
    if (auto* old = parsed->object(); old && schema < schema_of<E>)
      E::upcast(*old, schema);
  }
  E decoded{};
  problem why;
  if (!read(parsed->root(), decoded, why))
    return unreadable(std::string{E::type} + ": " + to_failure(why).detail);
  return Event{std::move(decoded)};
}

template <class Event>
struct event_decoder;

template <class... Es>
struct event_decoder<std::variant<Es...>> {
  using event = std::variant<Es...>;

  static result<event> decode(std::string_view type, std::uint16_t schema, std::string_view data) {
    result<event> decoded = unreadable("unknown event type " + std::string{type});
    ((type == Es::type ? (decoded = decode_alternative<Es, event>(schema, data), true) : false) || ...);
    return decoded;
  }
};

} // namespace codec

enum class json_members : std::uint8_t {
  all,
  /// Those that clients may see. A struct names the others: `static constexpr std::array hidden{"token"};`.
  visible
};

/// Adds the JSON text of `x` to `out`. Bytes of a string that are not UTF-8 become U+FFFD, so that what was written can
/// always be read.
template <json_members Which = json_members::all, class T>
void append_json(std::string& out, const T& x) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    append_json_string(out, x);
  } else if constexpr (codec::is_id<T>) {
    append_json_string(out, x.value);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    codec::append_time(out, x);
  } else if constexpr (std::is_same_v<T, bool>) {
    out += x ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    codec::append_number(out, static_cast<codec::wide<T>>(x));
  } else if constexpr (std::is_enum_v<T>) {
    append_json_string(out, name_of(x));
  } else if constexpr (codec::is_optional<T>) {
    if (x)
      append_json<Which>(out, *x);
    else
      out += "null";
  } else if constexpr (codec::is_vector<T>) {
    out += '[';
    for (const auto& element : x) {
      if (&element != x.data())
        out += ',';
      append_json<Which>(out, element);
    }
    out += ']';
  } else if constexpr (std::is_same_v<T, codec::text_map>) {
    codec::append_text_map(out, x);
  } else {
    char separator = '{';
    boost::mp11::mp_for_each<codec::members_of<T>>([&](auto member) {
      if constexpr (Which == json_members::all || !codec::is_hidden<T>(decltype(member)::name)) {
        const auto& value = x.*member.pointer;
        if constexpr (codec::is_optional<std::remove_cvref_t<decltype(value)>>) {
          if (!value)
            return;
        }
        out += separator;
        out += '"';
        out += member.name;
        out += "\":";
        append_json<Which>(out, value);
        separator = ',';
      }
    });
    out += separator == '{' ? "{}" : "}";
  }
}

/// The JSON text of `x`.
template <json_members Which = json_members::all, class T>
std::string encode(const T& x) {
  std::string out;
  out.reserve(256);
  append_json<Which>(out, x);
  return out;
}

/// Reads what `encode` wrote, now or in an older version. Fails with ec::unreadable; the detail names the member.
template <class T>
result<T> decode(std::string_view json) {
  auto parsed = codec::document::parse(json);
  if (!parsed)
    return parsed.error();
  T decoded{};
  codec::problem why;
  if (!codec::read(parsed->root(), decoded, why))
    return codec::to_failure(why);
  // What older versions wrote in another way; found by its argument.
  if constexpr (requires { upcast(decoded); })
    upcast(decoded);
  return decoded;
}

/// An event as the log keeps it. `type` points to a literal.
struct encoded_event {
  std::string_view type;
  std::uint16_t schema = 1;
  std::string data;
};

/// `Event` is a variant of event structs, each with a static `type` and, once its form has changed, a static `schema`.
template <class Event>
encoded_event encode_event(const Event& event) {
  return std::visit(
    []<class E>(const E& alternative) {
      return encoded_event{E::type, codec::schema_of<E>, encode(alternative)};
    },
    event);
}

/// Reads an event of the log. A struct whose schema is above 1 turns older data into its present form with a static
/// `upcast(boost::json::object&, std::uint16_t from)`. Fails with ec::unreadable, also for an unknown type and for a
/// schema newer than this program.
template <class Event>
result<Event> decode_event(std::string_view type, std::uint16_t schema, std::string_view data) {
  return codec::event_decoder<Event>::decode(type, schema, data);
}

} // namespace waybill
