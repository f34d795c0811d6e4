#pragma once

#include "domain/base/json_writer.hpp"
#include "domain/courier.hpp"
#include "domain/delivery.hpp"

/// The JSON of couriers and of what they have to do.
namespace waybill::http {

void write_courier(json_writer& out, const courier::state& what);

/// `whole`: with the recipient and the courier, which is for operators and for the courier whose delivery it is.
void write_job(json_writer& out, const delivery::state& what, bool whole);

} // namespace waybill::http
