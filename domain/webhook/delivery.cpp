#include "domain/webhook/delivery.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace waybill::webhook {

namespace {

constexpr std::uint32_t ok_from = 200;
constexpr std::uint32_t ok_below = 300;
constexpr std::uint32_t gone_status = 410;
constexpr std::uint32_t too_many_requests = 429;
constexpr std::uint32_t service_unavailable = 503;
/// What is kept of a reason.
constexpr std::size_t longest_error = 200;

std::string reason_of(const attempt& last) {
  if (last.status == 0)
    return last.error.substr(0, longest_error);
  return "the answer was " + std::to_string(last.status);
}

milliseconds wait_before(std::uint32_t attempts, const attempt& last, const delivery_settings& settings,
                         std::uint32_t random) {
  const auto planned = settings.schedule[attempts - 1];
  const auto widest = planned.count() * settings.jitter_percent / 100;
  auto wait = planned + milliseconds{widest > 0 ? static_cast<std::int64_t>(random) % (widest + 1) : 0};
  const bool asks = last.status == too_many_requests || last.status == service_unavailable;
  if (asks && last.retry_after)
    wait = std::max(wait, std::min(*last.retry_after, settings.longest_retry_after));
  return wait;
}

template <class Number>
bool read_number(std::string_view text, Number& to) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), to);
  return code == std::errc{} && end == text.data() + text.size();
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
std::optional<timestamp> read_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t whole = 29;
  if (text.size() != whole || text.substr(25) != " GMT" || text.substr(3, 2) != ", ")
    return std::nullopt;
  unsigned day = 0;
  int year = 0;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (month == months.end() || !read_number(text.substr(5, 2), day) || !read_number(text.substr(12, 4), year)
      || !read_number(text.substr(17, 2), hours) || !read_number(text.substr(20, 2), minutes)
      || !read_number(text.substr(23, 2), seconds))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
                                         std::chrono::day{day}};
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 60)
    return std::nullopt;
  return timestamp{std::chrono::sys_days{date}} + std::chrono::hours{hours} + std::chrono::minutes{minutes}
         + std::chrono::seconds{seconds};
}

} // namespace

delivery new_delivery(timestamp now) {
  delivery made;
  made.next_attempt_at = made.created_at = made.changed_at = now;
  return made;
}

verdict take_attempt(delivery& target, const attempt& last, const delivery_settings& settings, std::uint32_t random) {
  ++target.attempts;
  target.last_status = last.status;
  target.last_duration_ms = last.took.count();
  target.changed_at = last.at;
  if (last.status >= ok_from && last.status < ok_below) {
    target.status = delivery_status::delivered;
    target.last_error.clear();
    target.next_attempt_at.reset();
    return verdict::delivered;
  }
  target.last_error = reason_of(last);
  if (last.status == gone_status) {
    target.next_attempt_at = last.at;
    return verdict::gone;
  }
  if (target.attempts > settings.schedule.size()) {
    target.status = delivery_status::failed;
    target.next_attempt_at.reset();
    return verdict::failed;
  }
  target.next_attempt_at = last.at + wait_before(target.attempts, last, settings, random);
  return verdict::again;
}

webhook_message_id message_of(std::string_view event_id) {
  return derive_id<webhook_message_id>(event_id);
}

std::optional<milliseconds> read_retry_after(std::string_view text, timestamp now) {
  constexpr std::int64_t most = 10LL * 366 * 24 * 3600;
  std::int64_t seconds = 0;
  if (!text.empty() && read_number(text, seconds))
    return seconds >= 0 ? std::optional{milliseconds{std::min(seconds, most) * 1000}} : std::nullopt;
  const auto date = read_http_date(text);
  if (!date)
    return std::nullopt;
  return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(*date - now));
}

} // namespace waybill::webhook
