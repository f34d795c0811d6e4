#pragma once

#include <string>
#include <string_view>

namespace waybill {

/// `data` of an event of `type` without the members that its struct hides (payment tokens, request fingerprints, hashes
/// of refresh tokens), whatever its schema. Data of a type that hides nothing is returned as it is. Data that cannot be
/// read becomes an empty object, rather than leak.
std::string public_event_data(std::string_view type, std::string data);

} // namespace waybill
