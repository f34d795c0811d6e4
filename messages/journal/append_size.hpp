#pragma once

#include "messages/journal/append.hpp"

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <variant>

namespace waybill {

namespace append_size {

template <class T>
struct is_variant : std::false_type {};
template <class... Ts>
struct is_variant<std::variant<Ts...>> : std::true_type {};

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

/// What `value` holds outside itself.
template <class T>
std::size_t octets_behind(const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return value.size();
  } else if constexpr (is_variant<T>::value) {
    return std::visit([](const auto& held) { return octets_behind(held); }, value);
  } else if constexpr (is_optional<T>::value) {
    return value ? octets_behind(*value) : 0;
  } else if constexpr (std::ranges::range<T>) {
    std::size_t sum = 0;
    for (const auto& element : value)
      sum += sizeof(element) + octets_behind(element);
    return sum;
  } else if constexpr (requires { value.value; }) {
    return octets_behind(value.value);
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    std::size_t sum = 0;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
      [&](auto member) { sum += octets_behind(value.*member.pointer); });
    return sum;
  } else {
    return 0;
  }
}

} // namespace append_size

/// How much memory `request` takes, about: its parts and the texts in them, without what an allocator adds.
inline std::size_t octets_of(const append& request) {
  return sizeof(request) + append_size::octets_behind(request);
}

} // namespace waybill
