#pragma once

#include <string>
#include <string_view>

namespace waybill::shell {

/// Statuses, and other words that say how somebody is, in colour: red for what needs a person, yellow for what did not
/// go well, green for what did. For terminals only.
std::string with_colours(std::string_view text);

} // namespace waybill::shell
