#include "domain/diagnosis/operations.hpp"

#include "domain/json/codec.hpp"

#include <algorithm>
#include <map>

namespace waybill::diagnosis {

namespace {

class ledger {
public:
  void take(const payment::intent_recorded& event, const recorded_event& item) {
    open_[item.stream] = all_.size();
    all_.push_back({.key = event.key, .operation = event.operation, .amount = event.amount, .asked_at = item.at});
  }
  void take(const payment::unknown&, const recorded_event& item) {
    if (auto* operation = open(item))
      operation->was_unknown = true;
  }
  void take(const payment::declined& event, const recorded_event& item) {
    if (auto* operation = answer(item, "declined"))
      operation->reason = event.reason;
  }
  void take(const payment::authorized& event, const recorded_event& item) {
    if (auto* operation = answer(item, "approved"))
      operation->reference = event.reference;
  }
  void take(const payment::captured&, const recorded_event& item) { answer(item, "approved"); }
  void take(const payment::voided&, const recorded_event& item) { answer(item, "approved"); }
  void take(const payment::refunded&, const recorded_event& item) { answer(item, "approved"); }

  std::vector<provider_operation> finish() { return std::move(all_); }

private:
  provider_operation* open(const recorded_event& item) {
    const auto place = open_.find(item.stream);
    return place == open_.end() ? nullptr : &all_[place->second];
  }

  provider_operation* answer(const recorded_event& item, const char* outcome) {
    auto* operation = open(item);
    if (operation == nullptr)
      return nullptr;
    operation->answered_at = item.at;
    operation->outcome = outcome;
    open_.erase(item.stream);
    return operation;
  }

  std::vector<provider_operation> all_;
  std::map<std::string, std::size_t> open_;
};

} // namespace

result<std::vector<provider_operation>> operations_of(const record& events) {
  ledger all;
  for (const auto& item : events) {
    if (!item.type.starts_with("payment."))
      continue;
    const auto event = decode_event<payment::event>(item.type, item.schema, item.data);
    if (event.has_error())
      return event.error();
    std::visit([&](const auto& alternative) { all.take(alternative, item); }, *event);
  }
  return all.finish();
}

} // namespace waybill::diagnosis
