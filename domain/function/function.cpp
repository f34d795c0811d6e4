#include "domain/function/function.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"
#include "domain/octets/octets.hpp"

#include <algorithm>

namespace waybill::function {

namespace {

using events = std::vector<event>;

constexpr std::size_t longest_name = 63;

failure missing() {
  return {ec::not_found, "there is no such function"};
}

struct decider {
  const state& current;

  result<events> operator()(const put& cmd) const {
    if (!is_name(cmd.name))
      return failure{ec::invalid_argument, "a function cannot have that name"};
    auto digest = sha256_hex(cmd.source);
    const auto* present = find_version(current, current.current);
    if (present != nullptr && present->digest == digest && present->triggers == cmd.triggers
        && present->guard == cmd.guard)
      return events{};
    registered made{id_of(cmd.name), cmd.name, current.last + 1, cmd.source, std::move(digest), cmd.by};
    if (!cmd.triggers.empty())
      made.triggers = cmd.triggers;
    made.guard = cmd.guard;
    made.triggers_after = beginning_of(cmd.triggers, cmd.log_end);
    return events{std::move(made)};
  }

  /// Where triggers begin; nothing when there are none, or some go on.
  [[nodiscard]] std::optional<std::string> beginning_of(const std::vector<std::string>& triggers,
                                                        const std::string& log_end) const {
    return triggers.empty() || has_triggers(current) ? std::nullopt : std::optional{log_end};
  }

  result<events> operator()(const roll_back& cmd) const {
    if (!is_there(current))
      return missing();
    const auto* wanted = find_version(current, cmd.number);
    if (wanted == nullptr)
      return failure{ec::not_found, "version " + std::to_string(cmd.number) + " of the function is not kept"};
    if (current.current == cmd.number)
      return events{};
    return events{rolled_back{cmd.number, cmd.by, beginning_of(wanted->triggers, cmd.log_end)}};
  }

  result<events> operator()(const remove& cmd) const {
    if (current.version == 0)
      return missing();
    if (!is_there(current))
      return events{};
    return events{removed{cmd.by}};
  }
};

struct applier {
  state& current;
  timestamp at;

  void operator()(const registered& e) const {
    current.id = e.function;
    current.name = e.name;
    current.last = current.current = e.number;
    current.versions.push_back(
      {e.number, e.source, e.digest, e.by, at, e.triggers.value_or(std::vector<std::string>{}), e.guard});
    begin(e.triggers_after);
    forget_oldest();
  }
  void operator()(const rolled_back& e) const {
    current.current = e.number;
    begin(e.triggers_after);
  }
  void operator()(const removed&) const {
    current.current = 0;
    current.versions.clear();
  }

  void begin(const std::optional<std::string>& triggers_after) const {
    if (triggers_after)
      current.triggers_after = *triggers_after;
  }

  /// The newest is the one that is called: it is the last to go.
  void forget_oldest() const {
    auto& kept = current.versions;
    if (kept.size() > max_versions)
      kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(max_versions));
  }
};

bool is_small_letter(char c) {
  return c >= 'a' && c <= 'z';
}

} // namespace

bool is_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > longest_name || !is_small_letter(name.front()) || name.back() == '-')
    return false;
  const auto is_allowed = [](char c) { return is_small_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return std::ranges::all_of(name, is_allowed) && name.find("--") == std::string_view::npos;
}

function_id id_of(std::string_view name) {
  return function_id{std::string{function_id::prefix()}.append(name)};
}

bool is_there(const state& current) noexcept {
  return current.current != 0;
}

const source_version* find_version(const state& current, std::uint64_t number) noexcept {
  const auto place = std::ranges::find(current.versions, number, &source_version::number);
  return place == current.versions.end() ? nullptr : &*place;
}

bool has_triggers(const state& current) noexcept {
  const auto* present = find_version(current, current.current);
  return present != nullptr && !present->triggers.empty();
}

bool acts_by_itself(const state& current) noexcept {
  const auto* present = find_version(current, current.current);
  return present != nullptr && (!present->triggers.empty() || present->guard);
}

summary summarize(const state& current) {
  const auto* present = find_version(current, current.current);
  const source_version none{};
  const auto& shown = present != nullptr ? *present : none;
  return {current.name,   current.current,    shown.digest,          shown.by,
          shown.at,       current.created_at, current.updated_at,    current.version,
          shown.triggers, shown.guard,        current.triggers_after};
}

result<std::vector<event>> decide(const state& current, const command& cmd) {
  return std::visit(decider{current}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  std::visit(applier{current, at}, recorded);
  touch(current, at);
}

} // namespace waybill::function
