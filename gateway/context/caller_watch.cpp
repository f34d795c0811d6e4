#include "gateway/context/caller_watch.hpp"

#include "gateway/http/text.hpp"

#include <algorithm>
#include <utility>

namespace waybill::http {

namespace {

constexpr std::size_t most_in_a_question = 100;
constexpr std::chrono::milliseconds pause_after_failure{500};

template <class Places>
void forget_ended(Places& places) {
  std::erase_if(places, [](const auto& place) { return place.to.expired(); });
}

} // namespace

std::shared_ptr<const caller_watch::listener> caller_watch::add(const std::string& caller_id, listener changed) {
  auto made = std::make_shared<const listener>(std::move(changed));
  auto& entry = callers_[caller_id];
  forget_ended(entry.listeners);
  entry.listeners.push_back({made});
  // Whoever comes with an old token is not served for a whole interval.
  entry.due = {};
  return made;
}

std::vector<std::string> caller_watch::take_due(clock::time_point now) {
  std::vector<std::string> due;
  for (auto& [id, entry] : callers_)
    forget_ended(entry.listeners);
  std::erase_if(callers_, [](const auto& known) { return known.second.listeners.empty() && !known.second.is_asked; });
  for (auto& [id, entry] : callers_) {
    if (due.size() == most_in_a_question)
      break;
    if (entry.is_asked || entry.due > now)
      continue;
    entry.is_asked = true;
    entry.due = now + interval_;
    for (auto& each : entry.listeners)
      each.is_new = false;
    due.push_back(id);
  }
  return due;
}

void caller_watch::tell(const std::vector<std::string>& asked, const found_callers& answer) {
  std::unordered_map<std::string, role_set> roles;
  for (const auto& found : answer.callers)
    roles[found.id] = to_role_set(split_words(found.roles));
  for (const auto& id : asked) {
    const auto known = callers_.find(id);
    if (known == callers_.end())
      continue;
    known->second.is_asked = false;
    const auto now_has = roles.contains(id) ? std::optional{roles[id]} : std::nullopt;
    // Listeners may end their streams, and with them their places here.
    const auto listeners = known->second.listeners;
    for (const auto& [to, is_new] : listeners)
      if (const auto alive = to.lock(); alive && !is_new)
        (*alive)(now_has);
  }
}

void caller_watch::fail(const std::vector<std::string>& asked, clock::time_point now) {
  for (const auto& id : asked)
    if (const auto known = callers_.find(id); known != callers_.end()) {
      known->second.is_asked = false;
      known->second.due = now + pause_after_failure;
    }
}

} // namespace waybill::http
