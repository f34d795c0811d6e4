#include "domain/json/readable_amounts.hpp"

#include "domain/base/currency.hpp"
#include "domain/base/money.hpp"

#include <string>
#include <utility>

namespace waybill {

boost::json::value with_readable_amounts(boost::json::value value) {
  if (auto* object = value.if_object()) {
    const auto* amount = object->if_contains("amount");
    const auto* currency = object->if_contains("currency");
    if (object->size() == 2 && amount != nullptr && amount->is_int64() && currency != nullptr && currency->is_string())
      return boost::json::string(to_text(money{amount->get_int64(), std::string{currency->get_string()}}));
    for (auto& [key, part] : *object)
      part = with_readable_amounts(std::move(part));
  } else if (auto* array = value.if_array()) {
    for (auto& part : *array)
      part = with_readable_amounts(std::move(part));
  }
  return value;
}

} // namespace waybill
