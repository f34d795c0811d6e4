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

/// The parts of reading a story that its steps and its expectations share. What is not understood throws invalid_story.
namespace waybill::scenarios {

/// What the story has declared so far; looking up a name that it has not refuses it.
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
bool contains(const Range& range, std::string_view what) {
  return std::find(std::begin(range), std::end(range), what) != std::end(range);
}

/// Whether an order can have this status.
bool is_status(std::string_view word);

/// The member `of`.
stream_kind read_stream(fields& at);

/// Refuses an event type that is none of the stream's.
void check_type(const fields& at, std::string_view key, stream_kind of, const std::string& type);

expectation read_expectation(fields& at, const story_names& names);

} // namespace waybill::scenarios
