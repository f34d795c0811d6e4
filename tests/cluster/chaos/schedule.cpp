#include "tests/cluster/chaos/schedule.hpp"

#include "tests/cluster/chaos/dice.hpp"

#include <algorithm>
#include <array>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t schedule_purpose = 1;

struct named_kind {
  fault_kind kind;
  std::string_view word;
};

constexpr std::array names{named_kind{fault_kind::kill, "kill"},
                           named_kind{fault_kind::stop, "stop"},
                           named_kind{fault_kind::stop_between, "stop-between"},
                           named_kind{fault_kind::cut, "cut"},
                           named_kind{fault_kind::isolate, "isolate"},
                           named_kind{fault_kind::database_stop, "pg-stop"},
                           named_kind{fault_kind::database_crash, "pg-crash"},
                           named_kind{fault_kind::terminate, "pg-terminate"},
                           named_kind{fault_kind::outage_kill, "outage-kill"},
                           named_kind{fault_kind::hang_kill, "hang-kill"},
                           named_kind{fault_kind::refuse, "refuse"},
                           named_kind{fault_kind::foreign_transaction, "foreign"},
                           named_kind{fault_kind::revoke, "revoke"},
                           named_kind{fault_kind::roll, "roll"},
                           named_kind{fault_kind::join, "join"},
                           named_kind{fault_kind::power_loss, "power-loss"}};

/// After a fault has healed nothing new begins for so long.
constexpr milliseconds calm{4'000};
/// From a kill until everything must move again, with some time to spare.
constexpr milliseconds recovery{6'000};
/// About the time that a node needs to leave and to come back.
constexpr milliseconds restart_time{5'000};

/// Faults that leave the time to begin another one while they last.
bool can_be_overlapped(fault_kind kind) {
  return kind != fault_kind::kill && kind != fault_kind::roll && kind != fault_kind::join
         && kind != fault_kind::outage_kill && kind != fault_kind::hang_kill && kind != fault_kind::power_loss
         && kind != fault_kind::revoke;
}

/// Faults that take the time that others need, that all nodes must be told of, or whose check holds only when nothing
/// else is wrong.
bool can_overlap_another(fault_kind kind) {
  return kind != fault_kind::roll && kind != fault_kind::join && kind != fault_kind::revoke
         && kind != fault_kind::refuse;
}

bool takes_the_database(fault_kind kind) {
  return kind == fault_kind::database_stop || kind == fault_kind::database_crash || kind == fault_kind::terminate
         || kind == fault_kind::outage_kill || kind == fault_kind::hang_kill || kind == fault_kind::stop_between;
}

/// A roll waits for nodes and would hold back the end of the other; two about the same thing are one.
bool can_overlap(const fault& first, const fault& second) {
  return can_be_overlapped(first.kind) && can_overlap_another(second.kind) && first.target != second.target
         && !(takes_the_database(first.kind) && takes_the_database(second.kind));
}

class scheduler {
public:
  explicit scheduler(const schedule_settings& settings) : settings_(settings), dice_(settings.seed, schedule_purpose) {}

  std::vector<fault> run() {
    std::vector<fault> all;
    auto at = dice_.between(2s, 4s);
    while (at < settings_.duration && !settings_.kinds.empty()) {
      auto next = make(draw(), all.empty() ? std::string{} : all.back().target);
      next.at = at;
      const bool impatient = dice_.one_in(4);
      if (impatient && !all.empty() && all.back().lasts >= 2s && can_overlap(all.back(), next))
        next.at = all.back().at + all.back().lasts / 2;
      all.push_back(next);
      at = std::max(at, next.at + length(next));
    }
    return all;
  }

private:
  /// From a deck that is shuffled when it is used up, so that a short schedule has many kinds.
  fault_kind draw() {
    if (deck_.empty()) {
      deck_ = settings_.kinds;
      dice_.shuffle(deck_);
    }
    const auto kind = deck_.back();
    deck_.pop_back();
    return kind;
  }

  [[nodiscard]] bool is_aimed_at(const member& member) const {
    return settings_.roles.empty()
           || std::ranges::any_of(settings_.roles, [&](const std::string& role) { return has_role(member, role); });
  }

  /// Not the node of the fault before, which may still last, unless there is no other node.
  std::string any_node(const std::string& but, bool aimed = true) {
    std::vector<std::string> left;
    for (const auto& member : settings_.members)
      if (member.name != but && (!aimed || is_aimed_at(member)))
        left.push_back(member.name);
    return left.empty() ? but : dice_.pick(left);
  }

  fault make(fault_kind kind, const std::string& before) {
    fault made;
    made.kind = kind;
    made.target = any_node(before);
    switch (kind) {
      case fault_kind::kill: made.lasts = dice_.between(500ms, 5s); break;
      case fault_kind::stop: made.lasts = settings_.lease + dice_.between(500ms, 3s); break;
      case fault_kind::stop_between:
        // Every second one at a node that answers reads from its memory.
        if (const auto both = both_before(before); both && dice_.one_in(2))
          made.target = *both;
        made.lasts = settings_.lease + dice_.between(500ms, 3s);
        break;
      case fault_kind::cut:
        made.peer = dice_.one_in(3) ? std::string{database} : any_node(made.target, false);
        made.one_way = dice_.one_in(2);
        if (made.one_way && dice_.one_in(2))
          std::swap(made.target, made.peer);
        made.lasts = dice_.between(2s, 8s);
        break;
      case fault_kind::power_loss: made.lasts = dice_.between(7s, 12s); break;
      case fault_kind::isolate: made.lasts = dice_.between(2s, 8s); break;
      case fault_kind::database_stop:
      case fault_kind::database_crash:
        made.target = database;
        made.lasts = dice_.between(200ms, 4s);
        break;
      case fault_kind::terminate: made.target = database; break;
      case fault_kind::foreign_transaction:
        made.target = database;
        made.lasts = dice_.between(4s, 9s);
        break;
      case fault_kind::revoke:
        made.target = "all";
        made.lasts = settings_.revoked_within + dice_.between(4s, 6s);
        break;
      case fault_kind::outage_kill:
      case fault_kind::hang_kill: made.lasts = dice_.between(2s, 4s); break;
      case fault_kind::refuse:
        made.target = "all";
        made.lasts = dice_.between(3s, 6s);
        break;
      case fault_kind::roll:
        // A rolling restart of the whole cluster takes a minute: for long runs.
        made.target = settings_.duration > 5min && dice_.one_in(3) ? "all" : any_role();
        break;
      case fault_kind::join:
        made.target = any_role();
        made.lasts = dice_.between(5s, 8s);
        break;
    }
    return made;
  }

  std::string any_role() {
    std::vector<std::string> roles;
    for (const auto& member : settings_.members)
      if (is_aimed_at(member))
        roles.push_back(member.role.substr(0, member.role.find(',')));
    return dice_.pick(roles);
  }

  /// A node that is gateway and order node, unless the fault before is about it or faults are aimed elsewhere.
  [[nodiscard]] std::optional<std::string> both_before(const std::string& before) const {
    for (const auto& member : settings_.members)
      if (has_role(member, "gateway") && has_role(member, "order") && member.name != before && is_aimed_at(member))
        return member.name;
    return std::nullopt;
  }

  milliseconds length(const fault& fault) {
    switch (fault.kind) {
      case fault_kind::kill:
      case fault_kind::outage_kill:
      case fault_kind::hang_kill: return std::max(fault.lasts + calm, recovery + 1s) + calm;
      case fault_kind::roll: {
        const auto count = std::ranges::count_if(settings_.members, [&](const member& member) {
          return fault.target == "all" || has_role(member, fault.target);
        });
        return restart_time * count + calm;
      }
      case fault_kind::join: return fault.lasts + restart_time + calm;
      default: return fault.lasts + calm;
    }
  }

  const schedule_settings& settings_;
  dice dice_;
  std::vector<fault_kind> deck_;
};

} // namespace

std::vector<member> standard_members() {
  return {{"gateway-1", "gateway"},   {"gateway-2", "gateway"},     {"order-1", "order"},
          {"order-2", "order"},       {"shop-1", "gateway,order"},  {"payment-1", "payment"},
          {"payment-2", "payment"},   {"inventory-1", "inventory"}, {"inventory-2", "inventory"},
          {"delivery-1", "delivery"}, {"delivery-2", "delivery"},   {"notification-1", "notification"},
          {"account-1", "account"}};
}

std::vector<member> whole_members() {
  const std::string every_role = "gateway,order,payment,inventory,delivery,notification,account";
  return {{"whole-1", every_role}, {"whole-2", every_role}, {"whole-3", every_role}};
}

bool has_role(const member& member, std::string_view role) {
  const std::string_view all{member.role};
  for (std::size_t begin = 0; begin <= all.size();) {
    const auto end = std::min(all.find(',', begin), all.size());
    if (all.substr(begin, end - begin) == role)
      return true;
    begin = end + 1;
  }
  return false;
}

std::string_view word_of(fault_kind kind) noexcept {
  return std::ranges::find(names, kind, &named_kind::kind)->word;
}

std::optional<fault_kind> fault_of(std::string_view word) noexcept {
  const auto* found = std::ranges::find(names, word, &named_kind::word);
  return found == names.end() ? std::nullopt : std::optional{found->kind};
}

std::vector<fault_kind> all_faults() {
  std::vector<fault_kind> all;
  for (const auto& entry : names)
    all.push_back(entry.kind);
  return all;
}

bool drains(fault_kind kind) noexcept {
  return kind == fault_kind::roll || kind == fault_kind::join;
}

bool needs_links(fault_kind kind) noexcept {
  return kind == fault_kind::cut || kind == fault_kind::isolate || kind == fault_kind::power_loss;
}

std::string describe(const fault& fault) {
  auto text = std::string{word_of(fault.kind)} + " " + fault.target;
  if (!fault.peer.empty())
    text += (fault.one_way ? " -> " : " <-> ") + fault.peer;
  if (fault.lasts.count() != 0)
    text += " for " + std::to_string(fault.lasts.count()) + " ms";
  return text;
}

std::vector<fault> make_schedule(const schedule_settings& settings) {
  return scheduler{settings}.run();
}

bool stands_alone(const std::vector<fault>& schedule, std::size_t index) {
  constexpr auto before = 2s;
  const auto& it = schedule[index];
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const auto& other = schedule[i];
    if (i != index && other.at < it.at + recovery && other.at + other.lasts > it.at - before)
      return false;
  }
  return true;
}

} // namespace waybill::chaos
