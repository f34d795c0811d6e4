#pragma once

#include "domain/invariants.hpp"
#include "messages/journal/audit.hpp"
#include "messages/journal/queries.hpp"
#include "persistence/audit/followed_streams.hpp"
#include "persistence/audit/provider_ledger.hpp"

#include <cstdint>
#include <optional>

namespace waybill {

/// Checks audit units over connections of its own: replays their streams with the domain's functions and compares the
/// result with what is stored. Entities change while they are checked. Therefore what is compared is of one version, or
/// was read in an order in which the later cannot be older; and a violation is reported only when a second check finds
/// it again. Blocks; belongs to one thread at a time; reconnects by itself.
class audit_check {
public:
  /// `ledger` is the payment provider's database, if it is at hand.
  audit_check(const store_config& store, std::optional<store_config> ledger, audit_limits limits = {});

  /// All fail with ec::unavailable when the database cannot be reached.
  result<audit_unit_report> check(const check_audit_unit& request);
  result<audit_unit_page> list(const list_audit_units& request);
  result<log_page> read(const read_log& query);

  /// How many streams were checked without their beginning, because old events are removed: the check of these starts
  /// from the stored state, with which nothing is compared.
  [[nodiscard]] std::uint64_t cut_streams() const noexcept { return cut_streams_; }

private:
  template <class Function>
  auto guarded(Function run) -> result<decltype(run())>;

  audit_unit_report check_once(const check_audit_unit& request);
  void check_files();
  void check_unit(check_context& context, const std::string& id);

  connection store_;
  provider_ledger ledger_;
  audit_limits limits_;
  followed_streams followed_;
  std::uint64_t cut_streams_ = 0;
};

} // namespace waybill
