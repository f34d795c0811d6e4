#pragma once

#include "domain/courier.hpp"
#include "domain/delivery.hpp"
#include "domain/json/json_writer.hpp"

/// The JSON of couriers and their deliveries, as clients see it.
namespace waybill::http {

void write_courier(json_writer& out, const courier::state& courier);

/// `whole`: with the recipient and the courier, which only operators and the courier of the delivery may see.
void write_job(json_writer& out, const delivery::state& delivery, bool whole);

} // namespace waybill::http
