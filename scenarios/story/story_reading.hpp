#pragma once

#include "scenarios/story/json_fields.hpp"
#include "scenarios/story/story.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What reading the steps and the expectations of a story share. Throws invalid_story.
namespace waybill::scenarios {

/// The names that the story has declared so far; looking up another one throws.
struct story_names {
  std::string product(fields& at) const;
  std::string crowd(fields& at, std::string_view key = "crowd") const;
  std::string order(fields& at, std::string_view key) const;

  /// With what is on hand at the start.
  std::map<std::string, std::int64_t> products;
  std::set<std::string> orders;
  std::map<std::string, std::vector<line_spec>> crowds;
};

template <class Range>
bool contains(const Range& range, std::string_view word) {
  return std::find(std::begin(range), std::end(range), word) != std::end(range);
}

/// Whether an order can have this status.
bool is_status(std::string_view word);

/// The member `of`.
stream_kind read_stream(fields& at);

/// Throws for an event type that does not belong to the stream.
void check_type(const fields& at, std::string_view key, stream_kind of, const std::string& type);

expectation read_expectation(fields& at, const story_names& names);

} // namespace waybill::scenarios
