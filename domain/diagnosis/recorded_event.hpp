#pragma once

#include "domain/base/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What is read of the log to find out what happened to an order.
namespace waybill::diagnosis {

/// An event of an order, of one of its payments or of its delivery, as the log keeps it.
struct recorded_event {
  std::string stream;
  std::uint64_t version = 0;
  std::string type;
  std::uint16_t schema = 1;
  timestamp at;
  /// Who caused it: `customer/cus_...`, or empty when it is not known.
  std::string by;
  std::string node;
  std::string data;
};

/// In the order of the log, in which every event stands behind those that it follows from.
using record = std::vector<recorded_event>;

} // namespace waybill::diagnosis
