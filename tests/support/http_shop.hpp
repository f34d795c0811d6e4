#pragma once

#include "outbound/api_client.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace waybill::test {

/// Sends one request to `url` and waits for the answer. Blocks.
outbound::http_result call(const std::string& url, outbound::api_request request);
outbound::http_result get(const std::string& url, const std::string& target);

/// A string in the JSON of `body` by its pointer (`/items/0/id`); empty when there is none.
std::string text_at(const std::string& body, const std::string& pointer);

/// An order that a customer wants, and what came of it.
struct wish {
  /// The Idempotency-Key; also the order's note, so that one key with two orders shows.
  std::string key;
  std::string body;
  bool cancel = false;
  /// The order's id once the answer was 201.
  std::optional<std::string> order;
  /// The status of an answer other than 201, if the last attempt ended with one.
  unsigned refused = 0;
};

/// Makes two well stocked products and a scarce one. Throws std::runtime_error when the shop refuses.
std::vector<std::string> stock_products(const std::string& url);

/// `count` wishes of all kinds: cards that are good, declined, charged without an answer, flaky; couriers who decline,
/// abort or never come; out of stock; cancelled by the customer.
std::vector<wish> mixed_wishes(std::size_t count, const std::vector<std::string>& products);

/// Settings of a node with times that are short enough for tests of many orders. An order may end as cancelled by
/// chance: couriers decline and abort, and a late one counts as vanished.
std::vector<std::string> quick_settings();

/// Options for orders that must be delivered: no courier declines, aborts or vanishes by chance, and none is too late
/// on a busy machine.
std::vector<std::string> reliable_couriers();

/// `settings` with `options` in place of those of the same names.
std::vector<std::string> with_options(std::vector<std::string> settings, const std::vector<std::string>& options);

/// Places all wishes that have no order yet, from a thread of its own.
class rush {
public:
  /// With `patience` zero each wish is sent once; otherwise one that is not answered with 201 is sent again under its
  /// key until then. `wishes` must outlive this object, and be left alone until wait() or the destructor returns.
  rush(std::string url, std::vector<wish>& wishes, milliseconds patience = milliseconds{0});
  ~rush();
  rush(const rush&) = delete;
  rush& operator=(const rush&) = delete;

  /// How many have been answered with 201.
  [[nodiscard]] std::size_t accepted() const noexcept { return accepted_; }
  /// Returns when all were sent, and answered or given up.
  void wait();

private:
  boost::asio::awaitable<void> customer(outbound::api_client& client);
  boost::asio::awaitable<bool> place(outbound::api_client& client, wish& wanted);

  std::string url_;
  std::vector<wish>& wishes_;
  std::chrono::steady_clock::time_point give_up_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> accepted_ = 0;
  std::jthread thread_;
};

/// Waits until every order is final. Returns the ids of those that are not after `limit`, with their status.
std::vector<std::string> await_final(const std::string& url, const std::vector<wish>& wishes,
                                     milliseconds limit = std::chrono::seconds{60});

/// Waits until every order in the list is final, without reading any order: that would activate it. Returns the orders
/// that are not final after `limit`, by status.
std::vector<std::string> await_rest_untouched(const std::string& url, milliseconds limit = std::chrono::seconds{60});

/// Sends each accepted wish again under its key, and again while it is 503. Returns the keys whose answer is not a
/// replay of the same order.
std::vector<std::string> find_wrong_replays(const std::string& url, const std::vector<wish>& wishes);

std::size_t count_accepted(const std::vector<wish>& wishes);

/// Reads all events after `cursor` as a subscriber would, moves the cursor, and adds their ids to `ids`.
void follow_log(const std::string& url, std::string& cursor, std::vector<std::string>& ids);

/// The texts, one a line, for a message.
std::string lines_of(const std::vector<std::string>& lines);

} // namespace waybill::test
