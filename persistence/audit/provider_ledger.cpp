#include "persistence/audit/provider_ledger.hpp"

#include "domain/ledger.hpp"
#include "persistence/audit/replay.hpp"
#include "persistence/files/sqlite_file.hpp"

#include <filesystem>
#include <set>
#include <string_view>

namespace waybill {

namespace {

constexpr payment::operation operations[] = {payment::operation::authorize, payment::operation::capture,
                                             payment::operation::void_authorization, payment::operation::refund};

std::string ledger_key(const std::string& payment, payment::operation operation) {
  return payment + "/" + std::string{name_of(operation)};
}

void compare_entry(check_context& context, const std::string& key, const invariants::provider_operation* ours,
                   const ledger_row* theirs) {
  auto& violations = context.report.found;
  if (theirs == nullptr) {
    invariants::compare_with_ledger(key, ours, nullptr, violations);
    return;
  }
  if (theirs->version != 1)
    context.complain("I6", key, "the provider did it " + std::to_string(theirs->version) + " times");
  const auto entry = decode<ledger_entry>(theirs->state);
  if (!entry) {
    context.complain("I7", key, "the provider's entry cannot be read: " + entry.error().detail);
    return;
  }
  invariants::compare_with_ledger(key, ours, &*entry, violations);
}

const invariants::provider_operation* find_operation(const invariants::payment_history* payment,
                                                     const std::string& key) {
  if (payment == nullptr)
    return nullptr;
  const auto operation = payment->operations.find(key);
  return operation == payment->operations.end() ? nullptr : &operation->second;
}

} // namespace

provider_ledger::provider_ledger(std::optional<store_config> config) : config_{std::move(config)} {
  if (config_)
    database_.emplace(*config_, access::read);
}

connection* provider_ledger::open() {
  if (!database_)
    return nullptr;
  if (!exists_) {
    // To connect to a file that does not exist would make it.
    const auto path = sqlite_path(config_->url);
    const bool absent = path && !std::filesystem::exists(*path);
    exists_ = !absent && has_tables(*database_);
  }
  return exists_ ? &*database_ : nullptr;
}

void provider_ledger::disconnect() noexcept {
  if (database_)
    database_->disconnect();
  exists_ = false;
}

provider_ledger::entries provider_ledger::read_entries(check_context& context,
                                                       const std::vector<std::string>& payments) {
  auto* opened = open();
  if (opened == nullptr)
    return {};
  std::vector<std::string> keys;
  for (const auto& payment : payments)
    for (const auto operation : operations)
      keys.push_back(ledger_key(payment, operation));
  auto rows = find_ledger_rows(*opened, keys);
  context.report.rows += rows.size();
  return rows;
}

void provider_ledger::check_payment(check_context& context, const std::string& payment,
                                    const invariants::payment_history* ours, const entries& theirs) {
  auto* opened = open();
  // Of a cut stream the events that tell of the operations are gone.
  if (opened == nullptr || context.cut_streams.contains(payment))
    return;
  std::set<std::string> keys;
  for (const auto operation : operations)
    keys.insert(ledger_key(payment, operation));
  // Each refund has a key of its own.
  if (ours != nullptr)
    for (const auto& [key, operation] : ours->operations)
      keys.insert(key);
  for (const auto& key : keys) {
    const auto* operation = find_operation(ours, key);
    if (const auto entry = theirs.find(key); entry != theirs.end()) {
      compare_entry(context, key, operation, &entry->second);
    } else if (operation != nullptr && !operation->is_open()) {
      // Most likely the provider did it after the ledger was read.
      const auto later = find_ledger_rows(*opened, {key});
      ++context.report.rows;
      compare_entry(context, key, operation, later.empty() ? nullptr : &later.begin()->second);
    }
  }
}

void provider_ledger::check_entry(check_context& context, const std::string& key) {
  auto* opened = open();
  if (opened == nullptr)
    return;
  const auto theirs = find_ledger_rows(*opened, {key});
  if (theirs.empty())
    return;
  const auto id = key.substr(0, key.find('/'));
  invariants::payment_history payment;
  const auto stored = find_audited(context.store, id);
  const auto events = read_stream(context.store, id, 0);
  if (context.is_cut(id, events.empty() ? 0 : events.front().version, get_if_stored(stored)))
    return;
  if (!replay::apply_events<payment::event>(context, id, events, nullptr, payment))
    return;
  compare_entry(context, key, find_operation(&payment, key), &theirs.begin()->second);
}

} // namespace waybill
