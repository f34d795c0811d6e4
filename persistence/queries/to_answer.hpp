#pragma once

#include "messages/type_ids.hpp"

#include <caf/error.hpp>
#include <caf/result.hpp>
#include <caf/unit.hpp>

#include <type_traits>
#include <utility>

namespace waybill {

/// What an actor answers with the outcome of a call to its store: the value, or the failure as CAF's error.
template <class T>
caf::result<T> to_answer(result<T> outcome) {
  if (!outcome)
    return caf::make_error(outcome.error().code, outcome.error().detail);
  if constexpr (std::is_void_v<T>)
    return caf::unit;
  else
    return std::move(*outcome);
}

} // namespace waybill
