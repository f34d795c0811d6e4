#pragma once

#include <boost/describe/class.hpp>

#include <cstdint>

namespace waybill {

/// The sender no longer waits for the answer to a request of its own: work on it ends, or never begins. `request` is
/// the number of the message that carried it (caf::message_id::request_id). For receivers of the same process; does
/// nothing when the request is answered already.
struct abandon_request {
  std::uint64_t request = 0;
};
BOOST_DESCRIBE_STRUCT(abandon_request, (), (request))

} // namespace waybill
