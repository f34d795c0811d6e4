#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/money.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>

namespace waybill::order {

/// A product as it was when the order was placed, or its lines revised. Quantities are 1..10,000.
struct line {
  product_id product;
  std::string sku;
  std::string name;
  std::int64_t quantity = 0;
  money unit_price;
};
BOOST_DESCRIBE_STRUCT(line, (), (product, sku, name, quantity, unit_price))

struct recipient {
  std::string name;
  std::string address;
};
BOOST_DESCRIBE_STRUCT(recipient, (), (name, address))

/// Who wanted a change: the kind and the id that the event's `by` has.
struct person {
  std::string kind;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(person, (), (kind, id))

} // namespace waybill::order
