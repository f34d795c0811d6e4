#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Log lines from everywhere: `log_info("order {} rejected: {}", id, reason)`. No header of a logging library is needed
/// for it. Where the lines go is the program's decision: nodes/process/log.cpp sets the sink.
namespace waybill {

enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };

/// A value that stands in a log line: a text, a number, a truth value or an id. Valid while what it was made of is.
class log_argument {
public:
  log_argument(std::string_view text) noexcept : text_(text) {}
  log_argument(const std::string& text) noexcept : text_(text) {}
  log_argument(const char* text) noexcept : text_(text != nullptr ? text : "") {}

  template <std::integral T>
  requires(!std::same_as<T, char>) log_argument(T value)
  noexcept {
    if constexpr (std::same_as<T, bool>) {
      text_ = value ? "true" : "false";
    } else {
      kind_ = value < 0 ? kind::negative : kind::number;
      number_ = static_cast<std::uint64_t>(value);
      if (kind_ == kind::negative)
        number_ = 0 - number_;
    }
  }

  /// An id or another named text.
  template <class T>
  requires std::same_as<std::remove_cvref_t<decltype(std::declval<const T&>().value)>, std::string>
  log_argument(const T& named)
  noexcept : text_(named.value) {}

  void append_to(std::string& out) const;

private:
  enum class kind : std::uint8_t { text, number, negative };

  std::string_view text_;
  std::uint64_t number_ = 0;
  kind kind_ = kind::text;
};

/// The text of a log line with a `{}` for each argument; a wrong number of them does not compile. `{{` and `}}` stand
/// for braces.
template <class... Ts>
struct log_message {
  template <std::size_t Size>
  consteval log_message(const char (&literal)[Size]) : text(literal, Size - 1) {
    std::size_t fields = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] == '{' && text[i + 1] == '}')
        ++fields;
      if (text[i] == '{' || text[i] == '}')
        ++i;
    }
    if (fields != sizeof...(Ts))
      throw "as many {} as arguments"; // Not a constant expression: the compiler shows this line.
  }

  std::string_view text;
};

/// `format` with each `{}` replaced by the next argument. Total: a field without an argument, or of another form, stays
/// as it is written; an argument without a field is left out.
std::string format_log_line(std::string_view format, std::initializer_list<log_argument> arguments);

/// Takes each line of `level` or above it; called from any thread, must not throw.
using log_sink = void (*)(log_level level, std::string_view message);

/// At first lines go to standard error as they are.
void set_log_sink(log_sink sink) noexcept;

/// Lines below `lowest` are not made; at first `info`.
void set_log_level(log_level lowest) noexcept;

namespace detail {

extern std::atomic<log_level> lowest_log_level;

/// Never throws: without memory for it, the line is lost.
void write_log_line(log_level level, std::string_view format, std::initializer_list<log_argument> arguments) noexcept;

} // namespace detail

/// Whether lines of `level` are written; asked first where an argument is costly.
inline bool is_logged(log_level level) noexcept {
  return level >= detail::lowest_log_level.load(std::memory_order_relaxed);
}

template <class... Ts>
void log_line(log_level level, log_message<std::type_identity_t<Ts>...> message, const Ts&... arguments) noexcept {
  if (is_logged(level))
    detail::write_log_line(level, message.text, {log_argument{arguments}...});
}

template <class... Ts>
void log_debug(log_message<std::type_identity_t<Ts>...> message, const Ts&... arguments) noexcept {
  log_line<Ts...>(log_level::debug, message, arguments...);
}

template <class... Ts>
void log_info(log_message<std::type_identity_t<Ts>...> message, const Ts&... arguments) noexcept {
  log_line<Ts...>(log_level::info, message, arguments...);
}

template <class... Ts>
void log_warning(log_message<std::type_identity_t<Ts>...> message, const Ts&... arguments) noexcept {
  log_line<Ts...>(log_level::warning, message, arguments...);
}

template <class... Ts>
void log_error(log_message<std::type_identity_t<Ts>...> message, const Ts&... arguments) noexcept {
  log_line<Ts...>(log_level::error, message, arguments...);
}

} // namespace waybill
