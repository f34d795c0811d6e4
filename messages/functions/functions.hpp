#pragma once

#include "domain/function/function.hpp"
#include "domain/function/trigger.hpp"
#include "messages/common.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Functions: small programs of others that run on request, for events, and before an order is placed.
namespace waybill {

/// Why a source does not compile or a call has failed. This is an answer and no failure of the request: whoever wrote
/// the function must change it.
struct function_error {
  /// One of sandbox::error_kind.
  std::string kind;
  std::string message;
  /// Of the source, from 1; zero: of no line.
  std::uint32_t line = 0;
};
BOOST_DESCRIBE_STRUCT(function_error, (), (kind, message, line))

struct put_function {
  function_id id;
  std::string name;
  std::string source;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
  std::vector<std::string> triggers{};
  std::optional<function::guard> guard{};
};
BOOST_DESCRIBE_STRUCT(put_function, (), (id, name, source, expected_version, origin, triggers, guard))

/// How far a function with triggers has come, for people.
struct trigger_view {
  /// The events up to this position are done.
  std::string position;
  /// The age of the event that is being handled; zero when there is none.
  milliseconds lag{0};
  function::trigger_progress progress;
};
BOOST_DESCRIBE_STRUCT(trigger_view, (), (position, lag, progress))

struct function_view {
  function::state function;
  /// None without triggers.
  std::optional<trigger_view> trigger;
};
BOOST_DESCRIBE_STRUCT(function_view, (), (function, trigger))

struct function_saved {
  function::state function;
  /// There was none of that name before.
  bool created = false;
  /// Nothing was saved.
  std::optional<function_error> error = {};
  /// None without triggers.
  std::optional<trigger_view> trigger = {};
};
BOOST_DESCRIBE_STRUCT(function_saved, (), (function, created, error, trigger))

struct get_function {
  function_id id;
};
BOOST_DESCRIBE_STRUCT(get_function, (), (id))

struct roll_back_function {
  function_id id;
  std::uint64_t number = 0;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(roll_back_function, (), (id, number, expected_version, origin))

struct remove_function {
  function_id id;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(remove_function, (), (id, expected_version, origin))

/// `input` is JSON. A call changes nothing, so it may be repeated.
struct invoke_function {
  function_id id;
  std::string input;
  /// Zero: as long as any call may take. Otherwise somebody waits who is in a hurry: the call goes before others, and
  /// ends after this time, of which waiting is a part.
  milliseconds within{0};
};
BOOST_DESCRIBE_STRUCT(invoke_function, (), (id, input, within))

struct function_ran {
  /// JSON; empty after an error.
  std::string result;
  std::optional<function_error> error;
};
BOOST_DESCRIBE_STRUCT(function_ran, (), (result, error))

// -- on the node that runs them ---------------------------------------------------------------------------------------

struct check_source {
  std::string source;
};
BOOST_DESCRIBE_STRUCT(check_source, (), (source))

struct source_checked {
  std::optional<function_error> error;
};
BOOST_DESCRIBE_STRUCT(source_checked, (), (error))

/// Never leaves the node.
struct run_source {
  std::string source;
  std::string input;
  /// As in invoke_function.
  milliseconds within{0};
};
BOOST_DESCRIBE_STRUCT(run_source, (), (source, input, within))

} // namespace waybill
