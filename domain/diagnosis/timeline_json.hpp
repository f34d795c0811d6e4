#pragma once

#include "domain/diagnosis/timeline.hpp"
#include "domain/json/json_writer.hpp"

namespace waybill::diagnosis {

/// The timeline as HTTP and the shell tell it. Times in milliseconds with three decimals, so that sums are exact.
void write_timeline(json_writer& out, const timeline& whole);

/// `12.345`.
std::string milliseconds_text(microseconds time);

} // namespace waybill::diagnosis
