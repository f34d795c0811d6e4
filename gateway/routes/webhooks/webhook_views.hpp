#pragma once

#include "domain/json/json_writer.hpp"
#include "messages/webhooks.hpp"

/// The JSON of webhook endpoints, as clients see it, without their secrets.
namespace waybill::http {

/// Opens the object and leaves it open.
void write_endpoint_members(json_writer& out, const webhook::state& endpoint, const webhook_progress& progress);
void write_endpoint(json_writer& out, const webhook_view& endpoint);
/// Opens the object and leaves it open.
void write_endpoint_delivery_members(json_writer& out, const webhook_delivery_row& row);
void write_endpoint_delivery(json_writer& out, const webhook_delivery_row& row);

} // namespace waybill::http
