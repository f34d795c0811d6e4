#include "persistence/audit/audit_check.hpp"

#include "persistence/audit/order_unit.hpp"
#include "persistence/audit/product_unit.hpp"
#include "persistence/audit/stream_unit.hpp"
#include "persistence/queries/log/log_reader.hpp"
#include "persistence/trouble/known_stores.hpp"

#include <algorithm>
#include <string_view>

namespace waybill {

namespace {

/// Before the key of an entry of the provider's ledger, in the id of its unit.
constexpr std::string_view ledger_prefix = "ledger:";

/// The unit of the files themselves.
constexpr std::string_view files_unit = "files";

/// Reads the whole file. PostgreSQL checks its pages by itself when it reads them.
void require_sound_file(connection& database) {
  if (database.kind() != dialect::sqlite)
    return;
  std::string first;
  database.session() << "pragma quick_check(1)", soci::into(first);
  if (first != "ok")
    throw store_unusable{store_trouble::damaged, first};
}

} // namespace

audit_check::audit_check(const store_config& store, std::optional<store_config> ledger, audit_limits limits)
  : store_{store, access::read}, ledger_{std::move(ledger)}, limits_{limits}, followed_{limits.most_followed} {}

template <class Function>
auto audit_check::guarded(Function run) -> result<decltype(run())> {
  const connection::time_limit limit{store_};
  std::optional<connection::time_limit> ledger_limit;
  if (auto* ledger = ledger_.database())
    ledger_limit.emplace(*ledger);
  try {
    connection::require_reachable();
    auto answer = run();
    store_.note_success();
    return answer;
  } catch (const std::exception&) {
    auto reason = store_.explain(std::current_exception());
    store_.disconnect();
    ledger_.disconnect();
    followed_.clear();
    return reason;
  }
}

/// A unit with violations is checked again: what only seemed to be one is gone then, or differs.
result<audit_unit_report> audit_check::check(const check_audit_unit& request) {
  return guarded([&] {
    auto report = check_once(request);
    if (report.found.empty())
      return report;
    const auto second = check_once(request);
    std::erase_if(report.found, [&](const violation& violation) {
      return std::find(second.found.begin(), second.found.end(), violation) == second.found.end();
    });
    report.rows += second.rows;
    // Go on from what is stored next time, instead of finding the same violation for ever.
    if (!report.found.empty())
      followed_.forget(request.id);
    return report;
  });
}

result<audit_unit_page> audit_check::list(const list_audit_units& request) {
  return guarded([&] {
    audit_unit_page page;
    const bool in_ledger = request.after.starts_with(ledger_prefix);
    if (!in_ledger)
      page.units = list_audited(store_, request.after, request.limit);
    if (!page.units.empty() || ledger_.open() == nullptr)
      return page;
    page.units =
      list_audited(*ledger_.open(), in_ledger ? request.after.substr(ledger_prefix.size()) : "", request.limit);
    for (auto& key : page.units)
      key.insert(0, ledger_prefix);
    return page;
  });
}

result<log_page> audit_check::read(const read_log& query) {
  return to_log_answer(guarded([&] { return read_log_page(store_, query); }));
}

audit_unit_report audit_check::check_once(const check_audit_unit& request) {
  check_context context{store_, limits_, request.thorough};
  check_unit(context, request.id);
  cut_streams_ += context.cut_streams.size();
  return std::move(context.report);
}

void audit_check::check_files() {
  require_sound_file(store_);
  if (auto* ledger = ledger_.open())
    require_sound_file(*ledger);
}

void audit_check::check_unit(check_context& context, const std::string& id) {
  const auto unit = audit_unit_of(id);
  if (id == files_unit)
    check_files();
  else if (id.starts_with(ledger_prefix))
    ledger_.check_entry(context, id.substr(ledger_prefix.size()));
  else if (unit != id && find_audited(store_, unit))
    ++context.report.rows; // a part of an order, which is checked with it
  else if (is_id(unit, order_id::prefix()))
    order_unit{context, ledger_, unit}.check();
  else if (is_id(unit, product_id::prefix()))
    product_unit{context, followed_, unit}.check();
  else
    check_stream_unit(context, followed_, unit);
}

} // namespace waybill
