#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/money.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <string>

/// What a customer orders, how they pay and where it goes.
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

/// How the customer pays. `token` stands for a card at the provider: it is never logged or shown.
struct payment_means {
  static constexpr std::array hidden{"token"};
  std::string method;
  std::string token;
};
BOOST_DESCRIBE_STRUCT(payment_means, (), (method, token))

/// Who asked for a change: kind and id as in the event's `by`.
struct person {
  std::string kind;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(person, (), (kind, id))

} // namespace waybill::order
