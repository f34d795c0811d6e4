#pragma once

#include "domain/invariants.hpp"
#include "persistence/audit/check_context.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// The ledger of the payment provider, and the comparison of its entries with our events (I6, I7). Throws what SOCI
/// throws.
class provider_ledger {
public:
  using entries = std::map<std::string, ledger_row>;

  /// Without `config` there is no ledger to compare with.
  explicit provider_ledger(std::optional<store_config> config);

  /// Null without a ledger. The connection need not be made.
  connection* database() { return database_ ? &*database_ : nullptr; }

  /// Null while the ledger does not exist: the provider may not have started yet.
  connection* open();

  void disconnect() noexcept;

  /// The entries of these payments that are known by the payment's id alone. Read them before the payments: what the
  /// provider has was intended here before.
  entries read_entries(check_context& context, const std::vector<std::string>& payments);

  /// Compares our operations of one payment with `theirs`; `ours` is null when there is no such payment.
  void check_payment(check_context& context, const std::string& payment, const invariants::payment_history* ours,
                     const entries& theirs);

  /// The other way round: there must be an operation of ours for the entry with this key.
  void check_entry(check_context& context, const std::string& key);

private:
  std::optional<store_config> config_;
  std::optional<connection> database_;
  bool exists_ = false;
};

} // namespace waybill
