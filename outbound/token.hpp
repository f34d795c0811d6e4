#pragma once

#include "domain/base/result.hpp"

#include <string>

namespace waybill::outbound {

/// The token that a tool sends: what `--token` gave, else the first line of the file that `--token-file` named, else
/// the variable WAYBILL_TOKEN, else none. Fails with ec::invalid_argument, and a sentence without the token.
result<std::string> find_token(const std::string& given, const std::string& file);

} // namespace waybill::outbound
