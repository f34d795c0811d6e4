#include "persistence/backup/database_check.hpp"

#include "domain/base/errors.hpp"
#include "persistence/audit/audit_check.hpp"
#include "persistence/database/connection.hpp"
#include "persistence/database/migrations.hpp"

#include <string>
#include <utility>

namespace waybill {

namespace {

result<void> check_integrity(const store_config& store) {
  connection database{store, access::read};
  try {
    std::string first;
    database.session() << "pragma integrity_check(1)", soci::into(first);
    if (first != "ok")
      return failure{ec::unreadable, store.url + " is damaged: " + first};
    return {};
  } catch (const std::exception& problem) {
    return failure{ec::unreadable, store.url + " cannot be read: " + problem.what()};
  }
}

bool is_up_to_date(const store_config& store) {
  connection database{store, access::read};
  int number = 0;
  database.session() << "select coalesce(max(number), 0) from schema_migrations", soci::into(number);
  return number == sqlite_migrations().back().number;
}

result<void> audit_everything(audit_check& checker, database_report& report) {
  constexpr std::uint32_t page_size = 500;
  for (std::string at;;) {
    const auto page = checker.list({at, page_size});
    if (page.has_error())
      return page.error();
    if (page->units.empty())
      return {};
    for (const auto& unit : page->units) {
      auto checked = checker.check({unit, true});
      if (checked.has_error())
        return checked.error();
      ++report.units;
      report.events += checked->events;
      for (auto& violation : checked->found)
        report.found.push_back(std::move(violation));
    }
    at = page->units.back();
  }
}

} // namespace

result<database_report> check_database(const store_config& store, const std::optional<store_config>& ledger,
                                       bool audit) {
  if (auto sound = check_integrity(store); sound.has_error())
    return sound.error();
  if (ledger)
    if (auto sound = check_integrity(*ledger); sound.has_error())
      return sound.error();
  database_report report;
  try {
    report.audited = audit && is_up_to_date(store);
  } catch (const std::exception& problem) {
    return failure{ec::unreadable, store.url + " is no database of Waybill: " + problem.what()};
  }
  if (!report.audited)
    return report;
  audit_check checker{store, ledger};
  if (auto done = audit_everything(checker, report); done.has_error())
    return done.error();
  return report;
}

} // namespace waybill
