#pragma once

#include "domain/base/time.hpp"
#include "tests/cluster/chaos/requests.hpp"
#include "tests/cluster/chaos/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What was asked and what was answered: all that the checker knows from outside.
namespace waybill::chaos {

/// An order as an answer showed it; in a history, an event of one of its streams.
struct sight {
  std::string id;
  std::uint64_t version = 0;
  std::string status;
};

/// One request over HTTP and its answer.
struct exchange {
  request_kind kind = request_kind::place;
  /// The label of the order that it is about.
  std::string label;
  bool keyed = false;
  std::size_t gateway = 0;
  std::size_t reader = 0;
  timestamp began;
  timestamp ended;
  /// Zero: no answer came.
  unsigned status = 0;
  /// The problem's code, or why no answer came.
  std::string trouble;
  bool has_retry_after = false;
  bool replayed = false;
  /// The version in the ETag.
  std::uint64_t etag = 0;
  /// Of the body.
  std::size_t digest = 0;
  std::vector<sight> seen;
};

/// An event as a subscriber got it.
struct seen_event {
  std::string id;
  std::string stream;
  std::uint64_t version = 0;
  std::string position;
  /// Of the whole event.
  std::size_t digest = 0;
  /// Counts the subscriber's connections.
  std::uint32_t connection = 0;
};

/// A fault as it was done.
struct incident {
  fault what;
  timestamp began;
  timestamp healed;
  /// The schedule says that nothing else was wrong at the time.
  bool alone = false;
};

/// A process that ended, and whether it was asked to.
struct ended_process {
  std::string node;
  timestamp at;
  bool asked = false;
  /// It had come to serve.
  bool served = true;
  /// As child_process::wait; -1000 when it had to be killed.
  int code = 0;
  std::string last_words;
};

struct history {
  std::vector<exchange> exchanges;
  /// By subscriber.
  std::vector<std::vector<seen_event>> followed;
  std::vector<incident> incidents;
  std::vector<ended_process> ended;
  /// Nodes that were started and did not become ready in time.
  std::vector<std::string> not_ready;
  /// When all faults had healed, when the last request of the load was answered, and when everything was at rest.
  timestamp healed;
  timestamp load_ended;
  timestamp rested;
  /// Up to when the subscribers followed; what the nodes write when they end comes later.
  timestamp followed_until = timestamp::max();
};

} // namespace waybill::chaos
