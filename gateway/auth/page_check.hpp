#pragma once

#include "gateway/config.hpp"
#include "gateway/http/request.hpp"

namespace waybill::http {

/// Refuses what a page of another origin has a browser send to a node that takes a caller without a token for the demo
/// user: no token protects it, and the page need not see the answer. Browsers tell by Origin and Sec-Fetch-Site
/// (Fetch Metadata, section 2.3); programs send neither. Throws a problem with status 403.
void check_page(const request& req, const gateway_config& config);

} // namespace waybill::http
