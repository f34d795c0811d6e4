#pragma once

#include "domain/invariants.hpp"
#include "messages/journal/audit.hpp"
#include "persistence/audit/audit_reading.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace waybill {

struct audit_limits {
  /// Events that are read at once.
  std::uint32_t page = 1'000;
  /// Streams longer than this are followed from where they were when they were first seen, unless the check is
  /// thorough.
  std::uint64_t long_stream = 5'000;
  /// How many streams are followed; those not seen for the longest time are let go.
  std::size_t most_followed = 1'000;
};

/// Checks units of the audit over connections of its own: replays their streams with the domain's functions and holds
/// what is stored against it. Entities move on while they are looked at, so that what is compared is of one version or
/// was read in an order in which the later cannot be older; what does not hold is looked at a second time before it is
/// reported. Blocks; belongs to one thread at a time; reconnects by itself.
class audit_check {
public:
  /// `ledger` is where the payment provider keeps its books, if that is at hand.
  audit_check(const store_config& store, std::optional<store_config> ledger, audit_limits limits = {});

  /// All fail with ec::unavailable when the database cannot be reached.
  result<audit_unit_report> check(const check_audit_unit& wanted);
  result<audit_unit_page> list(const list_audit_units& wanted);
  result<log_page> read(const read_log& wanted);

  /// Of how many streams the beginning was gone when they were looked at, because old events are removed: of these the
  /// stored state was the start, and nothing was compared with it.
  [[nodiscard]] std::uint64_t cut_streams() const noexcept { return cut_streams_; }

private:
  /// How far a long-lived stream was replayed.
  struct followed_stream {
    product::state product;
    std::uint64_t version = 0;
    std::uint64_t last_seen = 0;
  };

  template <class Function>
  auto guarded(Function what) -> result<decltype(what())>;

  audit_unit_report check_once(const check_audit_unit& wanted);
  void check_order(const std::string& id);
  void check_order_row(const std::string& id, const audited_entity& stored);
  std::vector<invariants::payment_history> check_payments(const std::string& id, const order::state& order);
  void check_holdings(const order::state& order, const std::vector<invariants::payment_history>& payments,
                      const delivery::state* delivery);
  void check_ledger(const std::string& payment, const invariants::payment_history* ours,
                    const std::map<std::string, ledger_row>& theirs);
  void check_product(const std::string& id);
  void check_product_row(const std::string& id, const audited_entity& stored);
  void check_committed(const std::string& id, const product::state& product, const std::vector<std::string>& touched);
  void check_reservations(const std::string& id, const product::state& product,
                          const std::vector<std::string>& touched);
  void check_stream(const std::string& id);
  void check_ledger_entry(const std::string& key);
  void compare_entry(const std::string& key, const invariants::provider_operation* ours, const ledger_row* theirs);

  template <class Event, class Current>
  bool replay(const std::string& id, const std::vector<stored_event>& events, const audited_entity* stored,
              Current& current);
  template <class Event, class Current>
  std::optional<audited_entity> replay_all(const std::string& id, Current& current);
  template <class Event, class Current>
  void go_on_from_stored(const std::string& id, const std::vector<stored_event>& events, const audited_entity& stored,
                         Current& current);
  bool is_cut(const std::string& id, std::uint64_t oldest, const audited_entity* stored);
  void must_be_finished(const std::string& id, const std::optional<audited_entity>& stored);
  void complain(const char* invariant, const std::string& subject, std::string detail);

  followed_stream& follow(const std::string& id);
  product::state start_of(const std::string& id, const audited_entity* stored);
  bool was_overtaken(const std::string& id, std::uint64_t version, const audited_entity* stored);
  connection* ledger();

  connection store_;
  std::optional<store_config> ledger_config_;
  std::optional<connection> ledger_;
  bool ledger_is_there_ = false;
  audit_limits limits_;
  std::unordered_map<std::string, followed_stream> followed_;
  std::uint64_t looks_ = 0;
  /// Of the check under way.
  audit_unit_report report_;
  bool thorough_ = false;
  /// Streams whose beginning is gone.
  std::set<std::string> cut_;
  std::uint64_t cut_streams_ = 0;
};

} // namespace waybill
