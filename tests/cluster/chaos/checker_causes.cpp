#include "tests/cluster/chaos/checker.hpp"

#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "domain/payment.hpp"

#include <array>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

// The part of the checker that looks at what came of what: an effect in the log stands behind its cause, or was
// committed with it. Transactions are compared, not places: what was committed together became durable together. What
// another node writes because of an event, and what is placed behind it, is written by a transaction that gets its
// number later (see persistence/rows/log_sql.hpp).

namespace waybill::chaos {

namespace {

struct type_pair {
  std::string_view cause;
  std::string_view effect;
};

/// Between the entities of one order. The order of events within a stream is checked elsewhere (I5).
constexpr std::array pairs{type_pair{"order.placed", "stock.reserved"},
                           type_pair{"order.placed", "payment.intent_recorded"},
                           type_pair{"payment.authorized", "order.payment_authorized"},
                           type_pair{"order.confirmed", "delivery.requested"},
                           type_pair{"delivery.requested", "order.fulfillment_started"},
                           type_pair{"delivery.completed", "order.delivered"},
                           type_pair{"order.delivered", "stock.committed"},
                           type_pair{"order.delivered", "payment.captured"},
                           type_pair{"payment.captured", "order.payment_captured"}};

std::string describe(const stored_event& event) {
  return event.type + " of " + event.stream + " (transaction " + std::to_string(event.position.transaction) + ")";
}

/// What happened because of one order. Steps may be repeated: of each type the first event counts, of each product.
class order_check {
public:
  void add(const stored_event& event) {
    const bool is_stock = event.type.starts_with("stock.");
    const auto [known, is_first] = first_.emplace(std::pair{event.type, is_stock ? event.stream : ""}, &event);
    if (!is_first && event.position < known->second->position)
      known->second = &event;
  }

  void run(std::vector<violation>& into) const {
    for (const auto& [cause, effect] : pairs)
      for (const auto& [key, event] : first_)
        if (key.first == effect)
          require(find(cause), cause, *event, into);
    const auto* placed = find("order.placed");
    if (placed == nullptr)
      return;
    for (const auto& product : products_of(*placed)) {
      require_of(product, "stock.reserved", "order.stock_reserved", into);
      require_of(product, "stock.committed", "order.completed", into);
      if (find("stock.reserved", product) != nullptr)
        require_of(product, "stock.released", "order.compensated", into);
    }
    if (const auto* given_back = find("order.compensated"); given_back && find("payment.authorized") != nullptr)
      require(find("payment.voided"), "payment.voided", *given_back, into);
  }

private:
  static void require(const stored_event* cause, std::string_view type, const stored_event& effect,
                      std::vector<violation>& into) {
    if (cause == nullptr)
      into.push_back({"cause", describe(effect) + " without " + std::string{type}});
    else if (cause->position.transaction > effect.position.transaction)
      into.push_back({"cause", describe(effect) + " before " + describe(*cause)});
  }

  void require_of(const std::string& product, std::string_view cause, std::string_view effect,
                  std::vector<violation>& into) const {
    if (const auto* event = find(effect))
      require(find(cause, product), std::string{cause} + " of " + product, *event, into);
  }

  const stored_event* find(std::string_view type, const std::string& product = {}) const {
    const auto found = first_.find({std::string{type}, product});
    return found == first_.end() ? nullptr : found->second;
  }

  static std::set<std::string> products_of(const stored_event& placed) {
    std::set<std::string> products;
    const auto event = decode_event<order::event>(placed.type, placed.schema, placed.data);
    if (const auto* content = event ? std::get_if<order::placed>(&*event) : nullptr)
      for (const auto& line : content->lines)
        products.insert(line.product.value);
    return products;
  }

  /// By type, and product if it is about stock.
  std::map<std::pair<std::string, std::string>, const stored_event*> first_;
};

} // namespace

std::vector<violation> check_causes(const test::stored_contents& stores) {
  std::unordered_map<std::string, order_check> orders;
  for (const auto& event : stores.events)
    if (!event.order.empty())
      orders[event.order].add(event);
  std::vector<violation> violations;
  for (const auto& [id, order] : orders)
    order.run(violations);
  return violations;
}

std::vector<violation> check_calls(const test::stored_contents& stores, const test::stored_contents& provider) {
  std::unordered_map<std::string, const stored_event*> intents;
  for (const auto& event : stores.events) {
    if (event.type != payment::intent_recorded::type)
      continue;
    const auto content = decode_event<payment::event>(event.type, event.schema, event.data);
    if (const auto* intent = content ? std::get_if<payment::intent_recorded>(&*content) : nullptr)
      intents.emplace(intent->key, &event);
  }
  std::vector<violation> violations;
  for (const auto& call : provider.events) {
    const auto intent = intents.find(call.stream);
    if (intent == intents.end())
      violations.push_back({"G4", "the provider was asked for " + describe(call) + ", which our log does not have"});
    else if (intent->second->position.transaction > call.position.transaction)
      violations.push_back(
        {"G4", "the provider was asked for " + describe(call) + " before " + describe(*intent->second)});
  }
  return violations;
}

} // namespace waybill::chaos
