#pragma once

#include "domain/base/result.hpp"

#include <caf/error.hpp>

#include <string_view>

namespace waybill {

/// Our failure as CAF carries it.
caf::error to_error(const failure& reason);

/// The failure that an answer from another actor carries. A request without an answer in time is ec::timed_out. Any
/// other error (as a rule the actor or its node has ended) is ec::unavailable with CAF's words, for logs and operators.
failure to_failure(const caf::error& reason);

/// The same for clients, who do not see CAF's words: `unavailable` is the sentence instead.
failure to_failure(const caf::error& reason, std::string_view unavailable);

} // namespace waybill
