#pragma once

#include "functions/limits.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Runs programs of others that are not trusted: Lua 5.4 without files, processes, clocks, chance, modules, bytecode,
/// coroutines and metatables, within limits. The same input gives the same result. All functions may be called by any
/// thread, and block it for as long as the limits allow; a thread needs 1 MiB of stack.
namespace waybill::sandbox {

enum class error_kind : std::uint8_t {
  /// The source does not compile.
  source,
  /// The input is no JSON, or has a whole number that Lua cannot hold.
  input,
  /// The function raised an error.
  raised,
  /// What it returned is no JSON.
  result,
  /// A limit is reached.
  steps,
  time,
  memory,
  depth
};
BOOST_DESCRIBE_ENUM(error_kind, source, input, raised, result, steps, time, memory, depth)

struct script_error {
  error_kind kind = error_kind::raised;
  /// A sentence, without the line.
  std::string message;
  /// In the source, from 1; zero: of no line.
  std::uint32_t line = 0;
};

struct outcome {
  /// JSON; empty after an error.
  std::string result;
  std::optional<script_error> error;
};

/// Compiles `source` as text, without running it.
std::optional<script_error> check(std::string_view source, const limits& allowed = {});

/// Runs `source`, the body of a function, with the JSON text `input` as its global `input`.
outcome run(std::string_view source, std::string_view input, const limits& allowed = {});

/// For people: `line 3: attempt to index a nil value`.
std::string to_text(const script_error& error);

} // namespace waybill::sandbox
