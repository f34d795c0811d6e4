#pragma once

#include "tests/actors/support/order_node.hpp"

#include <string>
#include <vector>

namespace waybill::test {

/// Checks the invariants I1 to I7 on what is durable: the log, the states and the provider's ledger.
class auditor {
public:
  explicit auditor(const order_node& node) : node_(node) {}

  /// What does not hold; empty when all is well.
  std::vector<std::string> check() const;

private:
  const order_node& node_;
};

} // namespace waybill::test
