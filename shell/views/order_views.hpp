#pragma once

#include "domain/bulk/bulk_action.hpp"
#include "domain/diagnosis/difference.hpp"
#include "domain/diagnosis/explanation.hpp"
#include "domain/diagnosis/replay.hpp"
#include "domain/diagnosis/timeline.hpp"
#include "domain/order/order.hpp"
#include "shell/syntax/command.hpp"

#include <span>
#include <string>
#include <vector>

/// What the shell prints of orders and what happened to them. Pure.
namespace waybill::shell {

std::string render(const diagnosis::timeline& whole, output_format format);
std::string render_why(const order::state& order, const diagnosis::explanation& why, timestamp now,
                       output_format format);

/// An order as it was after the event of its version.
std::string render_past(const order::state& order, timestamp at, output_format format);

/// What differs between two states of an order, by the names that HTTP has; in a table, which people read, amounts have
/// the decimals of their currency.
result<std::vector<diagnosis::difference>> changes_between(const order::state& before, const order::state& after,
                                                           output_format format);

struct compared_versions {
  std::string order;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<diagnosis::difference> changes;
  /// The types of the events between.
  std::vector<std::string> events;
};
std::string render(const compared_versions& compared, output_format format);

struct replayed_file {
  std::string file;
  std::string order;
  std::string program;
  std::vector<diagnosis::deviation> deviations;
};
std::string render(const std::vector<replayed_file>& files, output_format format);

/// Orders under way, as `stuck` lists them; what the nodes know to be wrong is in what is not a table.
std::string render_stuck(std::span<const order::state> orders, timestamp now, bool more,
                         const std::vector<std::string>& troubles, output_format format);

/// What the nodes know to be wrong, behind a table.
std::string render_troubles(const std::vector<std::string>& troubles);

/// A bulk action that is over, or stopped.
std::string render(const bulk::state& action, output_format format);

} // namespace waybill::shell
