#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "domain/order/lines.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A function: a small program of somebody else that Waybill runs on request. This is what is registered of it; what it
/// may do is decided in functions/.
namespace waybill::function {

/// Of a function. The oldest one is forgotten first, but never the one that is called; the log keeps them all.
inline constexpr std::size_t max_versions = 20;

/// Whether `name` can be the name of a function: small letters, digits and single dashes between them, 1 to 63
/// characters, a letter first.
bool is_name(std::string_view name) noexcept;

/// Its id, from which its name can be read: `fun_calculate-total`.
function_id id_of(std::string_view name);

// -- what it does by itself -------------------------------------------------------------------------------------------

/// What becomes of an order when its guard cannot say: it fails, takes too long, or no node runs functions.
enum class guard_failure : std::uint8_t { allow, refuse };
BOOST_DESCRIBE_ENUM(guard_failure, allow, refuse)

/// The function is asked before each order is placed.
struct guard {
  guard_failure on_failure = guard_failure::refuse;
  friend bool operator==(const guard&, const guard&) = default;
};
BOOST_DESCRIBE_STRUCT(guard, (), (on_failure))

// -- events -----------------------------------------------------------------------------------------------------------

/// A new version, which is the one that is called from now on. `number` counts the versions of that name from 1,
/// `digest` is the SHA-256 of the source in hexadecimal digits. What older programs do not know is left out when there
/// is none.
struct registered {
  static constexpr std::string_view type = "function.registered";
  function_id function;
  std::string name;
  std::uint64_t number = 0;
  std::string source;
  std::string digest;
  order::person by;
  /// The types of events that it is called for, as in the filters of event streams.
  std::optional<std::vector<std::string>> triggers{};
  std::optional<function::guard> guard{};
  /// It had no triggers before: the position in the log behind which it is called for events.
  std::optional<std::string> triggers_after{};
};
BOOST_DESCRIBE_STRUCT(registered, (), (function, name, number, source, digest, by, triggers, guard, triggers_after))

/// An earlier version is called again, with its triggers and its guard.
struct rolled_back {
  static constexpr std::string_view type = "function.rolled_back";
  std::uint64_t number = 0;
  order::person by;
  /// As in `registered`.
  std::optional<std::string> triggers_after{};
};
BOOST_DESCRIBE_STRUCT(rolled_back, (), (number, by, triggers_after))

struct removed {
  static constexpr std::string_view type = "function.removed";
  order::person by;
};
BOOST_DESCRIBE_STRUCT(removed, (), (by))

using event = std::variant<registered, rolled_back, removed>;

// -- state ------------------------------------------------------------------------------------------------------------

struct source_version {
  std::uint64_t number = 0;
  std::string source;
  std::string digest;
  order::person by;
  timestamp at;
  std::vector<std::string> triggers{};
  std::optional<function::guard> guard{};
};
BOOST_DESCRIBE_STRUCT(source_version, (), (number, source, digest, by, at, triggers, guard))

struct state {
  function_id id;
  std::string name;
  /// The number of the version that is called; zero once the function is removed.
  std::uint64_t current = 0;
  /// The highest number that was ever given.
  std::uint64_t last = 0;
  /// Oldest first; empty once the function is removed.
  std::vector<source_version> versions;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
  /// The position in the log behind which it is called for events; empty for one that never had triggers.
  std::string triggers_after{};
};
BOOST_DESCRIBE_STRUCT(state, (), (id, name, current, last, versions, created_at, updated_at, version, triggers_after))

/// Whether it was registered and not removed since.
bool is_there(const state& current) noexcept;

/// Null when there is none, or it is not kept any more.
const source_version* find_version(const state& current, std::uint64_t number) noexcept;

/// The version that is called has triggers.
bool has_triggers(const state& current) noexcept;

/// It does something without being called by somebody: it has triggers or is a guard.
bool acts_by_itself(const state& current) noexcept;

/// Without sources, for lists.
struct summary {
  std::string name;
  std::uint64_t current = 0;
  std::string digest;
  order::person by;
  timestamp registered_at;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
  std::vector<std::string> triggers{};
  std::optional<function::guard> guard{};
  std::string triggers_after{};
};
BOOST_DESCRIBE_STRUCT(summary, (),
                      (name, current, digest, by, registered_at, created_at, updated_at, version, triggers, guard,
                       triggers_after))

/// Of a function that is there.
summary summarize(const state& current);

// -- commands ---------------------------------------------------------------------------------------------------------

/// What is called already makes no new version. `log_end`: the end of the log now, where triggers begin that were not
/// there before.
struct put {
  std::string name;
  std::string source;
  order::person by;
  std::vector<std::string> triggers{};
  std::optional<function::guard> guard{};
  std::string log_end{};
};
/// `log_end` as in `put`.
struct roll_back {
  std::uint64_t number = 0;
  order::person by;
  std::string log_end{};
};
struct remove {
  order::person by;
};

using command = std::variant<put, roll_back, remove>;

/// The events that `cmd` leads to; none when what it asks for already holds, so that every command is safe to repeat.
/// Fails with ec::not_found for a function that is not there or a version that is not kept, ec::invalid_argument for a
/// name that cannot be one.
result<std::vector<event>> decide(const state& current, const command& cmd);

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

} // namespace waybill::function
