#pragma once

#include "scenarios/story/story.hpp"
#include "scenarios/story_report.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Whether a run saw what its story expects. Pure.
namespace waybill::scenarios {

struct seen_event {
  std::string id;
  std::string type;
  std::string occurred_at;
  /// For people; holds neither tokens nor addresses.
  std::string detail;
};

/// Reads one event of the API's form; throws std::runtime_error when a member is missing.
seen_event read_event(const boost::json::value& event);

struct answer {
  unsigned status = 0;
  /// Of a 201.
  std::string order_id;
  bool replayed = false;
};

/// What a run has seen, under the names that the story uses.
struct facts {
  std::map<std::string, boost::json::value, std::less<>> orders;
  std::map<std::string, boost::json::value, std::less<>> products;
  /// Each stream in its own order.
  std::map<std::string, std::map<stream_kind, std::vector<seen_event>>, std::less<>> events;
  std::map<std::string, std::vector<answer>, std::less<>> answers;
  /// The orders of each crowd.
  std::map<std::string, std::vector<boost::json::value>, std::less<>> crowds;
  /// By crowd: how many requests were not answered as they should be while a fault lasted.
  std::map<std::string, std::int64_t, std::less<>> failed;
};

checked evaluate(const expectation& expected, const facts& seen);

} // namespace waybill::scenarios
