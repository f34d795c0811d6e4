#pragma once

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <string_view>

namespace waybill {

/// The name of a described enumerator, as in `needs_attention`; empty for a value that is none.
template <class Enum>
std::string_view name_of(Enum x) {
  std::string_view name;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>([&](auto enumerator) {
    if (enumerator.value == x)
      name = enumerator.name;
  });
  return name;
}

} // namespace waybill
