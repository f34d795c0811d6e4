#pragma once

#include "domain/json/codec.hpp"
#include "domain/json/json_writer.hpp"
#include "gateway/http/problem.hpp"

#include <string>
#include <utility>
#include <vector>

/// What handlers share: values as JSON texts, stored states as values.
namespace waybill::http {

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

template <class T>
std::string text_of(void (*write)(json_writer&, const T&), const T& value) {
  json_writer out;
  write(out, value);
  return out.take();
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

} // namespace waybill::http
