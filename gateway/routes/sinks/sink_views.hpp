#pragma once

#include "domain/json/json_writer.hpp"
#include "messages/sinks/sinks.hpp"

namespace waybill::http {

/// The JSON of a sink, as clients see it, without its password.
void write_sink(json_writer& out, const sink_view& shown);

} // namespace waybill::http
