#include "shell/views/trace_story.hpp"

#include "domain/base/enum_name.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace waybill::shell {

std::vector<untraced_node> trace_story::add(const message_trace& noted, time_point now) {
  // First all names: a message may have come from any of them.
  for (const auto& part : noted.nodes)
    if (!part.process.empty())
      nodes_[part.process] = part.node;
  for (const auto& part : noted.nodes)
    add_messages(part, now);
  std::vector<untraced_node> news;
  for (const auto& missing : noted.missing) {
    const auto is_same = [&](const untraced_node& x) { return x.node == missing.node && x.reason == missing.reason; };
    if (std::ranges::any_of(told_, is_same))
      continue;
    told_.push_back(missing);
    news.push_back(missing);
  }
  return news;
}

seen_messages& trace_story::seen_of(const noted_messages& noted) {
  auto known = std::ranges::find(seen_, noted.node, &seen_messages::node);
  if (known == seen_.end())
    known = seen_.insert(seen_.end(), {noted.node, noted.since, 0});
  // The node was started anew, or has given this asker up in between.
  if (known->since != noted.since)
    *known = {noted.node, noted.since, 0};
  return *known;
}

void trace_story::add_messages(const noted_messages& noted, time_point now) {
  auto& seen = seen_of(noted);
  if (noted.before > seen.count && !noted.messages.empty())
    add({noted.messages.front().at, "dropped", std::to_string(noted.before - seen.count) + " messages",
         "more came than were fetched in time", noted.node},
        now);
  for (const auto& message : noted.messages) {
    trace_line line{message.at, std::string{name_of(message.kind)}, message.name, message.detail, noted.node};
    line.from = message.from;
    line.to = message.to;
    line.outcome = message.outcome;
    if (!message.from_process.empty()) {
      const auto known = nodes_.find(message.from_process);
      line.from_node = known == nodes_.end() ? "unknown" : known->second;
    }
    add(std::move(line), now);
  }
  seen.count = std::max(seen.count, noted.before + noted.messages.size());
}

void trace_story::add(const stored_event& event, time_point now) {
  trace_line line{event.at, "event", event.type, event.stream + " on node " + event.node, event.node};
  line.to = event.stream;
  add(std::move(line), now);
}

void trace_story::add(trace_line line, time_point now) {
  waiting_.push_back({std::move(line), now});
}

std::vector<trace_line> trace_story::take_due(time_point now) {
  std::optional<timestamp> last;
  for (const auto& [line, arrived] : waiting_)
    if (now - arrived >= patience_)
      last = last ? std::max(*last, line.at) : line.at;
  return last ? take_until(*last) : std::vector<trace_line>{};
}

std::vector<trace_line> trace_story::take_all() {
  return take_until(timestamp::max());
}

std::vector<trace_line> trace_story::take_until(timestamp last) {
  std::vector<trace_line> taken;
  std::vector<arrived_line> left;
  for (auto& item : waiting_) {
    if (item.line.at <= last)
      taken.push_back(std::move(item.line));
    else
      left.push_back(std::move(item));
  }
  waiting_ = std::move(left);
  std::ranges::stable_sort(taken, {}, &trace_line::at);
  return taken;
}

} // namespace waybill::shell
