#pragma once

#include "tests/actors/support/order_node.hpp"

#include <string>
#include <vector>

namespace waybill::test {

/// Checks the invariants I1 to I7 on all that is durable: the log, the states and the provider's ledger.
class auditor {
public:
  explicit auditor(const order_node& node) : node_(node) {}

  /// The violations; empty when there are none.
  std::vector<std::string> check() const;

private:
  const order_node& node_;
};

} // namespace waybill::test
