#pragma once

#include "domain/courier.hpp"
#include "domain/delivery.hpp"
#include "gateway/json_out.hpp"

/// The JSON of couriers and of what they have to do.
namespace waybill::http {

void write_courier(json_out& out, const courier::state& what);

/// `whole`: with the recipient and the courier, which is for operators and for the courier whose delivery it is.
void write_job(json_out& out, const delivery::state& what, bool whole);

} // namespace waybill::http
