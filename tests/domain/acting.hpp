#pragma once

#include "domain/base/errors.hpp"
#include "domain/base/time.hpp"
#include "domain/json/codec.hpp"

#include <chrono>
#include <string>

namespace waybill::test {

/// When everything happens.
inline const timestamp begin = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

/// Decides `cmd` for what keeps secrets, applies the events, and returns their types, or the word for the refusal.
template <class State, class Command>
std::string act(State& current, const Command& cmd) {
  const auto decision = decide(current, cmd);
  if (!decision)
    return std::string{to_string(decision.error().code)};
  std::string types;
  if (!decision->empty())
    take_private(current, cmd);
  for (const auto& event : *decision) {
    apply(current, event, begin);
    types += std::string{encode_event(event).type} + ' ';
  }
  return types;
}

} // namespace waybill::test
