#pragma once

#include "domain/json/codec.hpp"
#include "domain/json/json_writer.hpp"
#include "gateway/http/problem.hpp"

#include <string>
#include <utility>
#include <vector>

/// What the handlers of lists share: stored states as values, and values as a JSON array.
namespace waybill::http::routes {

/// Throws a problem when a stored state cannot be read.
template <class State>
std::vector<State> decode_all(const std::vector<std::string>& texts) {
  std::vector<State> states;
  states.reserve(texts.size());
  for (const auto& text : texts) {
    auto state = decode<State>(text);
    if (!state)
      throw to_problem(state.error());
    states.push_back(std::move(*state));
  }
  return states;
}

/// A JSON array; `write(json_writer&, item)` writes each item.
template <class Items, class Write>
std::string array_of(const Items& items, Write write) {
  json_writer out;
  out.begin_array();
  for (const auto& item : items)
    write(out, item);
  return out.end_array().take();
}

} // namespace waybill::http::routes
