#pragma once

#include "gateway/context/metrics.hpp"

#include <chrono>
#include <cstdint>

/// What both kinds of event streams share. A subscriber pulls page after page and asks for the next one only when the
/// client has taken the last: replay and live are the same thing, nothing is skipped in between, and a slow client
/// holds one page of memory.
namespace waybill::http {

inline constexpr std::uint32_t feed_page_size = 100;
/// Before the feed is asked again after it failed.
inline constexpr std::chrono::milliseconds feed_pause{500};

/// Counts a subscriber for as long as it lives.
struct subscriber_count {
  explicit subscriber_count(http_metrics& m) : metrics(m) { metrics.subscribers.fetch_add(1); }
  ~subscriber_count() { metrics.subscribers.fetch_sub(1); }
  subscriber_count(const subscriber_count&) = delete;
  subscriber_count& operator=(const subscriber_count&) = delete;
  http_metrics& metrics;
};

} // namespace waybill::http
