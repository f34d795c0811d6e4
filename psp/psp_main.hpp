#pragma once

#include <string>
#include <vector>

namespace waybill::psp {

/// `waybill psp`: serves until SIGTERM or SIGINT. Answers with the exit code.
int psp_main(const std::vector<std::string>& words);

} // namespace waybill::psp
