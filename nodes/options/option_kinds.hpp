#pragma once

#include "domain/base/number.hpp"
#include "nodes/options/options.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

/// The kinds of rows that the table of options is made of. `at(config)` is a reference to the part of the configuration
/// that the option stands for.
namespace waybill::option_kinds {

template <class At>
option number(std::string_view name, std::string_view help, std::int64_t low, std::int64_t high, At at) {
  return {name, help, false,
          [=](node_config& config, std::string_view text) -> std::string {
            const auto value = parse_number<std::int64_t>(text);
            if (!value || *value < low || *value > high)
              return "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
            auto& target = at(config);
            target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
            return {};
          },
          [=](const node_config& config) { return std::to_string(at(const_cast<node_config&>(config))); }};
}

template <class At>
option duration(std::string_view name, std::string_view help, milliseconds low, At at) {
  return {name, help, false,
          [=](node_config& config, std::string_view text) -> std::string {
            const auto value = parse_duration(text);
            if (!value || *value < low)
              return "a duration such as 250ms, 4s, 2m or 1h, at least " + duration_text(low);
            at(config) = *value;
            return {};
          },
          [=](const node_config& config) { return duration_text(at(const_cast<node_config&>(config))); }};
}

template <class At>
option address(std::string_view name, std::string_view help, At at) {
  return {name, help, false,
          [=](node_config& config, std::string_view text) -> std::string {
            auto value = parse_endpoint(text);
            if (!value)
              return expected_address(text, "127.0.0.1:4000");
            at(config) = std::move(*value);
            return {};
          },
          [=](const node_config& config) { return to_string(at(const_cast<node_config&>(config))); }};
}

template <class Value, std::size_t N, class At>
option choice(std::string_view name, std::string_view help, std::array<std::pair<std::string_view, Value>, N> words,
              At at) {
  return {name, help, false,
          [=](node_config& config, std::string_view text) -> std::string {
            std::string expected = "one of";
            for (const auto& [word, value] : words) {
              if (word == text) {
                at(config) = value;
                return {};
              }
              expected += ' ';
              expected += word;
            }
            return expected;
          },
          [=](const node_config& config) -> std::string {
            for (const auto& [word, value] : words)
              if (value == at(const_cast<node_config&>(config)))
                return std::string{word};
            return {};
          }};
}

template <class At>
option toggle(std::string_view name, std::string_view help, At at) {
  return choice(name, help, std::array<std::pair<std::string_view, bool>, 2>{{{"on", true}, {"off", false}}}, at);
}

/// Never shown.
template <class At>
option secret(std::string_view name, std::string_view help, At at) {
  return {
    name, help, true,
    [=](node_config& config, std::string_view text) -> std::string {
      at(config) = text;
      return {};
    },
    [=](const node_config& config) { return std::string{at(const_cast<node_config&>(config)).empty() ? "" : "***"}; }};
}

/// The path of a file that is read at the start; empty: none.
template <class At>
option file(std::string_view name, std::string_view help, At at) {
  return {name, help, false,
          [=](node_config& config, std::string_view text) -> std::string {
            at(config) = text;
            return {};
          },
          [=](const node_config& config) { return at(const_cast<node_config&>(config)); }};
}

using std::chrono::hours;
inline constexpr auto max_count = std::int64_t{std::numeric_limits<std::int32_t>::max()};
inline constexpr milliseconds instantly{0};
inline constexpr milliseconds shortest{1};

#define AT(part)                                                                                                       \
  [](node_config & c) -> auto& {                                                                                       \
    return c.part;                                                                                                     \
  }

} // namespace waybill::option_kinds
