#pragma once

#include "domain/base/json_writer.hpp"
#include "messages/webhooks.hpp"

/// The JSON that clients see of webhook endpoints. Nothing here has a secret.
namespace waybill::http {

/// Opens the object and leaves it open.
void write_endpoint_members(json_writer& out, const webhook::state& what, const webhook_progress& progress);
void write_endpoint(json_writer& out, const webhook_view& what);
void write_endpoint_delivery(json_writer& out, const webhook_delivery_row& what);

} // namespace waybill::http
