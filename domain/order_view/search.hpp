#pragma once

#include "domain/order_view/waiting.hpp"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace waybill::order {

/// What is looked for in the states of orders, because no index has it.
struct search {
  std::optional<waiting> reason;
  /// One of the lines is of this product.
  std::string product;
  /// Folded (domain/text/folding.hpp); each must stand in the order's recipient, address, note, or in the SKU or name
  /// of a line, or be the last four or more characters of its id.
  std::vector<std::string> words;

  [[nodiscard]] bool is_empty() const noexcept { return !reason && product.empty() && words.empty(); }
};
BOOST_DESCRIBE_STRUCT(search, (), (reason, product, words))

bool matches(const search& wanted, const state& order);

} // namespace waybill::order
