#pragma once

#include "domain/base/enum_name.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Transition tables: what every entity's `decide` checks and its `apply` follows.
namespace waybill {

/// Statuses as bits.
template <class Status>
class status_set {
public:
  constexpr status_set(std::initializer_list<Status> members) {
    for (const auto member : members)
      bits_ |= bit(member);
  }
  [[nodiscard]] constexpr bool contains(Status x) const noexcept { return (bits_ & bit(x)) != 0; }

private:
  static constexpr std::uint32_t bit(Status x) noexcept { return std::uint32_t{1} << static_cast<unsigned>(x); }
  std::uint32_t bits_ = 0;
};

/// An event of type `event` leads from any status of `from` to `to`. A type may have several rows, with disjoint
/// `from`.
template <class Status>
struct transition {
  std::string_view event;
  status_set<Status> from;
  Status to;
};

/// Where `event` leads from `from`; nothing when it is not allowed there.
template <class Status>
constexpr std::optional<Status> find_transition(std::span<const transition<Status>> table, Status from,
                                                std::string_view event) noexcept {
  for (const auto& row : table)
    if (row.event == event && row.from.contains(from))
      return row.to;
  return std::nullopt;
}

/// The refusal (ec::illegal_transition) of `event`, which would lead from the status `from` to `to`, in the words of
/// who asked for it: `an order in the status completed cannot be retried, which would lead to fulfilling`.
failure refuse_transition(std::string_view event, std::string_view from, std::string_view to, std::string_view because);

template <class Status>
failure illegal(std::string_view event, Status from, Status to, std::string_view because = {}) {
  return refuse_transition(event, name_of(from), name_of(to), because);
}

/// The refusal of `event` from `from` by `table`.
template <class Status>
failure illegal(std::span<const transition<Status>> table, std::string_view event, Status from,
                std::string_view because = {}) {
  for (const auto& row : table)
    if (row.event == event)
      return illegal(event, from, row.to, because);
  return illegal(event, from, from, because);
}

/// Counts one applied event: what every entity's state does alike.
template <class State>
void touch(State& current, timestamp at) {
  if (current.version == 0)
    current.created_at = at;
  current.updated_at = at;
  ++current.version;
}

} // namespace waybill
