#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace waybill {

/// Why something failed. The values stand in errors.hpp, for the sources that name one: a new value then does not
/// recompile the others.
enum class ec : std::uint8_t;

/// The stable word for `code`, as in `out_of_stock`.
std::string_view to_string(ec code) noexcept;

/// ec::internal, for the default below.
inline constexpr ec default_error{18};

/// Why a command was refused; `detail` is a sentence for people and never holds secrets or SQL.
struct failure {
  ec code = default_error;
  std::string detail;
};

/// A value or the reason why there is none.
template <class T>
using result = boost::system::result<T, failure>;

/// Makes `result<T>::value()` throw std::runtime_error instead of failing to compile.
[[noreturn]] void throw_exception_from_error(const failure& reason, const boost::source_location& where);

} // namespace waybill
