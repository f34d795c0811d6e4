#pragma once

#include <boost/describe/class.hpp>

#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// Something that must hold and does not. `invariant` is its id in the design, `I1` to `I7`; `subject` the stream, row
/// or key it is about; `detail` a sentence that holds no secrets.
struct violation {
  std::string invariant;
  std::string subject;
  std::string detail;
  friend bool operator==(const violation&, const violation&) = default;
};
BOOST_DESCRIBE_STRUCT(violation, (), (invariant, subject, detail))

using violations = std::vector<violation>;

} // namespace waybill
