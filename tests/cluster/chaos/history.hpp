#pragma once

#include "domain/base/time.hpp"
#include "tests/cluster/chaos/requests.hpp"
#include "tests/cluster/chaos/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The requests and their answers: all that the checker knows from outside.
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
  /// Counts the logs: grows when the subscriber was told that its position belongs to another one, and begins again.
  std::uint32_t log = 0;
};

/// An event with the time at which it happened.
struct live_event {
  std::string id;
  std::string stream;
  std::uint64_t version = 0;
  timestamp at;
};

/// A fault as it was done.
struct incident {
  fault injected;
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
  /// The process had become ready before.
  bool served = true;
  /// As child_process::wait; -1000 when it had to be killed.
  int code = 0;
  std::string last_words;
};

/// The number of logged events just before a foreign transaction ended, and how many of them the slowest subscriber
/// had.
struct foreign_hold {
  timestamp at;
  std::size_t logged = 0;
  std::size_t followed = 0;
};

/// An event stream whose right was taken away.
struct revoked_stream {
  std::string description;
  std::size_t gateway = 0;
  timestamp revoked;
  std::optional<timestamp> ended;
  std::string reason;
  std::vector<live_event> events;
  /// When it was looked at.
  timestamp looked;
  /// Nothing else was wrong at the time.
  bool alone = false;
  /// The answer to a later request with the revoked key; zero: no request, or no answer.
  unsigned asked_again = 0;
};

/// The answer to a read from a position of a replaced log.
struct lost_position {
  std::size_t gateway = 0;
  /// The new log had more in it than the old one.
  bool overtaken = false;
  unsigned status = 0;
  std::string code;
};

/// An order that the replaced log had and the new one has not.
struct lost_order {
  std::size_t gateway = 0;
  std::string id;
  /// The last answer of all that were waited for.
  unsigned status = 0;
};

/// PostgreSQL was put back to a backup.
struct restored_log {
  timestamp at;
  std::vector<lost_position> positions;
  std::vector<lost_order> orders;
};

/// A subscriber of `latest` after many events without any subscriber.
struct quiet_gateway {
  std::size_t gateway = 0;
  /// The version of the first event that it got, and the version in an answer after its beginning.
  std::uint64_t first = 0;
  std::uint64_t expected = 0;
  /// The version that the stream had before it began.
  std::uint64_t before = 0;
};

struct quiet_hour {
  std::uint64_t logged = 0;
  /// From the log, by all together, until each had its event.
  std::uint64_t rows_read = 0;
  std::vector<quiet_gateway> gateways;
};

/// Lines of orders of long ago, made before the load.
struct long_history {
  /// Of each product.
  std::uint64_t closed = 0;
  /// Of all, while the products were loaded for their first orders after that.
  std::uint64_t rows_read = 0;
};

struct history {
  std::vector<exchange> exchanges;
  /// By subscriber.
  std::vector<std::vector<seen_event>> followed;
  std::vector<incident> incidents;
  std::vector<foreign_hold> foreign;
  std::vector<revoked_stream> revoked;
  std::vector<restored_log> restored;
  std::optional<quiet_hour> quiet;
  std::optional<long_history> past;
  std::vector<ended_process> ended;
  /// Nodes that were started and did not become ready in time.
  std::vector<std::string> not_ready;
  /// When all faults had healed, when the last request of the load was answered, and when everything was at rest.
  timestamp healed;
  timestamp load_ended;
  timestamp rested;
  /// The time until which the subscribers followed; the nodes log further events when they end.
  timestamp followed_until = timestamp::max();
};

} // namespace waybill::chaos
