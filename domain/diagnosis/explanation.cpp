#include "domain/diagnosis/explanation.hpp"

#include "domain/diagnosis/timeline.hpp"
#include "domain/json/codec.hpp"
#include "domain/order_view/history.hpp"

#include <algorithm>
#include <utility>

namespace waybill::diagnosis {

namespace {

std::string sentence_for(order::waiting reason, const order::state& order) {
  switch (reason) {
    case order::waiting::nothing:
      return "It is " + std::string{name_of(order.status)} + (order.reason.empty() ? "" : " (" + order.reason + ")")
             + ": nothing is under way.";
    case order::waiting::stock: return "It waits for the stock of its products to be reserved.";
    case order::waiting::payer: return "It is paid later, and nobody has paid it yet.";
    case order::waiting::payment: return "It waits for the payment provider to authorise the payment.";
    case order::waiting::dispatch:
      return order.dispatch_at ? "It can still be changed, and is dispatched after that."
                               : "It waits for its delivery to be accepted.";
    case order::waiting::revision: return "Its lines are being changed.";
    case order::waiting::release: return "An operator holds it: " + (order.hold ? order.hold->reason : "") + ".";
    case order::waiting::courier: return "It waits for a courier to bring it.";
    case order::waiting::settlement: return "It is delivered and waits for the capture of the money.";
    case order::waiting::compensation: return "What it holds is being given back: " + order.reason + ".";
    case order::waiting::refund: return "It waits for a refund.";
    case order::waiting::attention: return "It cannot go on by itself: " + order.reason + ".";
  }
  return {};
}

/// The latest attempt at what it waits for that came to nothing.
std::string error_of(const timeline& whole) {
  if (whole.steps.empty() || whole.steps.back().ended)
    return {};
  const auto& attempts = whole.steps.back().attempts;
  const auto is_error = [](const timeline_attempt& attempt) {
    return attempt.outcome == "declined" || attempt.outcome == "aborted" || attempt.outcome == "no_answer";
  };
  const auto last = std::find_if(attempts.rbegin(), attempts.rend(), is_error);
  if (last == attempts.rend()) {
    // Couriers take their time; a provider that does not answer for so long is away or slow.
    constexpr std::chrono::seconds patience{1};
    const bool has_open = !attempts.empty() && attempts.back().outcome.empty() && attempts.back().of != "offer";
    if (!has_open || attempts.back().took < patience)
      return {};
    return "the provider was asked for " + attempts.back().of + " " + duration_text(attempts.back().took)
           + " ago and has not answered";
  }
  if (last->outcome == "no_answer")
    return "the provider did not answer " + last->of + " in time";
  if (last->of == "offer")
    return "courier " + last->asked + " " + last->outcome + " it" + (last->reason.empty() ? "" : ": " + last->reason);
  return "the provider declined " + last->of + ": " + last->reason;
}

/// What has to happen for the next attempt when no time is set for it.
std::string event_before_next(order::waiting reason) {
  switch (reason) {
    case order::waiting::payer: return "when somebody pays it";
    case order::waiting::release: return "when an operator releases it";
    case order::waiting::attention: return "when an operator decides";
    case order::waiting::courier: return "when a courier takes it, or brings it";
    default: return "when the other side answers";
  }
}

/// What went wrong before an order came to need attention.
std::string error_before_attention(const order::state& order) {
  return order.attention ? "step " + order.attention->step + " failed: " + order.reason : order.reason;
}

struct read_story {
  order::history past;
  std::optional<recorded_event> led_by;
};

result<read_story> read(const record& events) {
  read_story story;
  auto reason = order::waiting::nothing;
  for (const auto& item : events) {
    if (!item.type.starts_with("order."))
      continue;
    const auto event = decode_event<order::event>(item.type, item.schema, item.data);
    if (event.has_error())
      return event.error();
    story.past.add(*event, item.at);
    if (!story.led_by || story.past.reason() != reason)
      story.led_by = item;
    reason = story.past.reason();
  }
  return story;
}

} // namespace

std::vector<std::string> remedies_for(order::waiting reason, const order::state& order) {
  const auto& id = order.id.value;
  const auto cancel = "cancel " + id + " --reason \"...\"";
  switch (reason) {
    case order::waiting::attention:
      return {"retry " + id + " --reason \"...\"", "resolve " + id + " --outcome completed --reason \"...\"",
              "resolve " + id + " --outcome cancelled --reason \"...\""};
    case order::waiting::release: return {"release " + id + " --reason \"...\"", cancel};
    case order::waiting::dispatch: return {"hold " + id + " --reason \"...\"", cancel};
    case order::waiting::stock:
    case order::waiting::payer:
    case order::waiting::payment:
    case order::waiting::courier: return {cancel};
    default: return {};
  }
}

result<explanation> explain(const std::vector<open_work>& open, const record& events, timestamp now) {
  const auto whole = timeline_of(events, now);
  if (whole.has_error())
    return whole.error();
  auto story = read(events);
  if (story.has_error())
    return story.error();
  const auto& order = story->past.present();
  explanation why{};
  why.reason = story->past.reason();
  why.sentence = sentence_for(why.reason, order);
  why.led_by = std::move(story->led_by);
  why.remedies = remedies_for(why.reason, order);
  if (why.reason == order::waiting::nothing)
    return why;
  why.since = story->past.since();
  why.deadline = order.step_by;
  if (!whole->steps.empty())
    why.attempts = whole->steps.back().attempts.size();
  for (const auto& work : open) {
    why.attempts = std::max<std::uint64_t>(why.attempts, work.attempts);
    if (!work.last_failure.empty())
      why.last_error = work.step + ": " + work.last_failure;
    if (!work.under_way && work.next && (!why.next_at || *work.next < *why.next_at))
      why.next_at = work.next;
  }
  if (const auto outside = error_of(*whole); !outside.empty())
    why.last_error = outside;
  if (why.reason == order::waiting::attention)
    why.last_error = error_before_attention(order);
  if (why.reason == order::waiting::dispatch && order.dispatch_at && *order.dispatch_at > now)
    why.next_at = order.dispatch_at;
  return why;
}

std::string duration_text(std::chrono::microseconds time) {
  using namespace std::chrono;
  const auto two = [](auto large, const char* unit, auto small, const char* part) {
    return std::to_string(large) + " " + unit + (small == 0 ? "" : " " + std::to_string(small) + " " + part);
  };
  const auto s = duration_cast<seconds>(time).count();
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  if (s >= day)
    return two(s / day, "d", s % day / hour, "h");
  if (s >= hour)
    return two(s / hour, "h", s % hour / minute, "min");
  if (s >= minute)
    return two(s / minute, "min", s % minute, "s");
  if (s > 0)
    return std::to_string(s) + "." + std::to_string(duration_cast<milliseconds>(time).count() % 1000 / 100) + " s";
  return std::to_string(duration_cast<milliseconds>(time).count()) + " ms";
}

std::vector<std::pair<std::string, std::string>> rows_of(const explanation& why, timestamp now) {
  std::vector<std::pair<std::string, std::string>> rows{{"why", why.sentence}};
  const auto ahead = [now](timestamp at) {
    return at >= now ? to_rfc3339(at) + " (in " + duration_text(at - now) + ")"
                     : to_rfc3339(at) + " (" + duration_text(now - at) + " ago)";
  };
  if (why.since)
    rows.emplace_back("since", ahead(*why.since));
  if (why.led_by) {
    const auto& event = *why.led_by;
    rows.emplace_back("led here by", event.type + " (version " + std::to_string(event.version) + ", " + event.by + ")");
  }
  const auto add_troubles = [&] {
    for (const auto& trouble : why.troubles)
      rows.emplace_back(&trouble == why.troubles.data() ? "in the cluster" : "", trouble);
  };
  if (why.reason == order::waiting::nothing) {
    add_troubles();
    return rows;
  }
  rows.emplace_back("attempts", std::to_string(why.attempts));
  rows.emplace_back("last error", why.last_error.empty() ? "none" : why.last_error);
  rows.emplace_back("next attempt", why.next_at ? ahead(*why.next_at) : event_before_next(why.reason));
  rows.emplace_back("given up", why.deadline ? ahead(*why.deadline) : "never");
  add_troubles();
  for (const auto& remedy : why.remedies)
    rows.emplace_back(&remedy == why.remedies.data() ? "you can" : "", remedy);
  return rows;
}

} // namespace waybill::diagnosis
