#pragma once

#include "domain/function/function.hpp"
#include "messages/common.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The queries for functions.
namespace waybill {

/// Sorted by name, those behind `after`. Functions that were removed are left out.
struct list_functions {
  std::string after;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_functions, (), (after, limit))

struct function_page {
  std::vector<function::summary> functions;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(function_page, (), (functions, more))

/// Asks whether any function has changed.
struct get_function_revision {};
BOOST_DESCRIBE_STRUCT(get_function_revision, (), ())

struct function_revision {
  /// Grows whenever a function is registered, changed or removed. Zero: there never was one.
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(function_revision, (), (number))

/// The guards may have changed. Never leaves the node.
struct refresh_guards {};
BOOST_DESCRIBE_STRUCT(refresh_guards, (), ())

} // namespace waybill
