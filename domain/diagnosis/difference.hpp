#pragma once

#include "domain/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace waybill::diagnosis {

/// A value that two JSON documents do not have in common. `pointer` is a JSON pointer (RFC 6901); `before` and `after`
/// are JSON texts, empty where there is no such value.
struct difference {
  std::string pointer;
  std::string before;
  std::string after;
};

/// Members by their names, elements of arrays by their places. Fails with ec::unreadable for what is no JSON.
result<std::vector<difference>> differences_between(std::string_view before, std::string_view after);

} // namespace waybill::diagnosis
