#pragma once

#include "domain/invariants.hpp"
#include "persistence/audit/provider_ledger.hpp"

#include <string>
#include <vector>

namespace waybill {

/// Checks one order together with its payments and its delivery. Throws what SOCI throws.
class order_unit {
public:
  order_unit(check_context& context, provider_ledger& ledger, std::string id)
    : context_{context}, ledger_{ledger}, id_{std::move(id)} {}

  void check();

private:
  void check_row(const audited_entity& stored);
  std::vector<invariants::payment_history> check_payments(const order::state& order);
  void check_claims(const order::state& order);
  std::vector<std::string> find_broken_claims(const order::state& order);
  void check_holdings(const order::state& order, const std::vector<invariants::payment_history>& payments,
                      const delivery::state* delivery);

  check_context& context_;
  provider_ledger& ledger_;
  std::string id_;
};

} // namespace waybill
