#pragma once

#include "domain/bulk/bulk_action.hpp"

#include <string>

namespace waybill::http {

/// The JSON of a bulk action, as clients see it.
std::string text_of(const bulk::state& action);

} // namespace waybill::http
