#pragma once

#include "gateway/metrics/metrics_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace waybill::http {

/// Appends a backslash before what may not stand in a help text or, `in_quotes`, in the value of a label.
void append_escaped(std::string& out, std::string_view text, bool in_quotes);
void append_number(std::string& out, std::int64_t value);
/// As short as can be without another value being meant; without an exponent where people read it better so.
void append_number(std::string& out, double value);

/// The lines before the samples of a family. `name` is that of the samples, `unit` may be empty.
void append_family(std::string& out, exposition format, std::string_view name, std::string_view type,
                   std::string_view unit, std::string_view help);

/// The metrics of this process.
void append_process_metrics(std::string& out, exposition format);

} // namespace waybill::http
