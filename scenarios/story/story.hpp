#pragma once

#include "domain/base/money.hpp"
#include "domain/base/time.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// What a story says, as read from its JSON file; README.md describes the form.
namespace waybill::scenarios {

/// A product that the run makes for itself; `as` is what the rest of the story calls it.
struct product_spec {
  std::string as;
  std::string name;
  money price;
  std::int64_t on_hand = 0;
};

struct line_spec {
  std::string product;
  std::int64_t quantity = 0;
};

/// What a customer orders.
struct order_spec {
  std::vector<line_spec> lines;
  std::string token;
  std::string recipient;
  std::string address;
};

/// Places an order, `times` times at once with the same bytes. `key` names an idempotency key of this run; empty: none.
struct place_step {
  std::string as;
  order_spec order;
  std::string key;
  std::uint32_t times = 1;
  /// The allowed statuses; at least one answer must be a 201.
  std::vector<unsigned> accepts;
  /// A request that is answered with 503 is sent again under its key.
  bool patient = false;
};

struct wait_step {
  std::string order;
  std::vector<std::string> until;
  milliseconds within{0};
};

enum class stream_kind : std::uint8_t { order, payment, delivery };

struct wait_event_step {
  std::string order;
  stream_kind of = stream_kind::order;
  std::string type;
  milliseconds within{0};
};

struct cancel_step {
  std::string order;
  std::string reason;
};

/// Many buyers at once, each with their own order.
struct crowd_step {
  std::string as;
  std::uint32_t buyers = 0;
  order_spec order;
  /// If set, every buyer cancels: the first one at once, each next one so much later after its order was accepted.
  std::optional<milliseconds> cancel_apart;
  /// Each buyer comes so much later than the one before.
  milliseconds apart{0};
  /// Buyers come only while the last fault lasts, at most `buyers`; they send each request once, and a request that is
  /// not answered as it should be counts as failed.
  bool while_chaos = false;
};

/// Waits until all orders of a crowd have one of the statuses.
struct wait_all_step {
  std::string crowd;
  std::vector<std::string> until;
  milliseconds within{0};
};

/// Breaks something on purpose, by POST /v1/chaos.
struct chaos_step {
  /// `kill_owner`, `database_away` or `rolling_restart`.
  std::string fault;
  /// Of kill_owner.
  std::string order;
  /// Of the others: how long the database is away, how long another restart may be begun.
  milliseconds lasts{0};
};

/// Waits until the last fault is over.
struct wait_chaos_step {
  milliseconds within{0};
};

/// Waits until GET /readyz answers with a status.
struct readyz_step {
  unsigned is = 200;
  milliseconds within{0};
};

/// Sends an order until the answer is 503 with Retry-After; always under the same key, so that it can be placed later.
struct refuse_step {
  std::string as;
  order_spec order;
  std::string key;
  milliseconds within{0};
};

using story_step = std::variant<place_step, wait_step, wait_event_step, cancel_step, crowd_step, wait_all_step,
                                chaos_step, wait_chaos_step, readyz_step, refuse_step>;

/// A member of the order's JSON, by JSON pointer, is one of `allowed`.
struct expect_field {
  std::string order;
  std::string pointer;
  std::vector<boost::json::value> allowed;
};

/// The stream of the order, its payment or its delivery has events of these types in this order, others in between.
struct expect_sequence {
  std::string order;
  stream_kind of = stream_kind::order;
  std::vector<std::string> types;
};

/// So many events of a type in a stream.
struct expect_count {
  std::string order;
  stream_kind of = stream_kind::order;
  std::string type;
  std::int64_t at_least = 0;
  std::optional<std::int64_t> at_most;
};

/// The product's stock afterwards.
struct expect_stock {
  std::string product;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t available = 0;
};

/// What the answers to the requests for an order have in common.
struct expect_answers {
  std::string order;
  std::int64_t distinct_orders = 1;
  std::int64_t replayed_at_least = 0;
};

/// So many orders of a crowd ended in a status.
struct expect_crowd {
  std::string crowd;
  std::string status;
  std::int64_t number = 0;
};

/// So many requests of a crowd that came while a fault lasted were not answered as they should be.
struct expect_failed {
  std::string crowd;
  std::int64_t number = 0;
};

/// Every order of a crowd has all the members, by JSON pointer, of at least one of the alternatives.
struct expect_each {
  using members = std::vector<std::pair<std::string, boost::json::value>>;
  std::string crowd;
  std::vector<members> alternatives;
};

/// The stock is less by exactly what the completed orders of a crowd took, and nothing is reserved any more.
struct expect_sold {
  std::string product;
  std::string crowd;
  std::int64_t on_hand_before = 0;
  /// Of the product in each order.
  std::int64_t quantity = 0;
};

struct expectation {
  /// A claim for people: "the first line's stock is given back".
  std::string text;
  std::variant<expect_field, expect_sequence, expect_count, expect_stock, expect_answers, expect_crowd, expect_each,
               expect_sold, expect_failed>
    check;
};

struct story {
  int number = 0;
  std::string name;
  std::string summary;
  std::vector<product_spec> products;
  std::vector<story_step> steps;
  std::vector<expectation> expectations;

  /// Whether it breaks something on purpose: needs a node that was started with --chaos=on.
  [[nodiscard]] bool needs_chaos() const;
  /// Whether it needs more than one node.
  [[nodiscard]] bool needs_cluster() const;
};

/// A story that this program cannot read; the text names the file and the place in it.
struct invalid_story : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct story_source {
  /// `<number>-<words>.json`.
  std::string_view file;
  std::string_view text;
};

/// The stories that were compiled in.
const std::vector<story_source>& embedded_stories();

/// Reads one story. Strict: unknown and missing members, names that the story has not declared, unknown statuses, event
/// types of another stream and unknown words for couriers throw invalid_story.
story parse_story(const story_source& source);

/// Sorted by number; throws invalid_story, also when two have the same number.
std::vector<story> parse_stories(const std::vector<story_source>& sources);

std::string_view to_string(stream_kind of) noexcept;

} // namespace waybill::scenarios
