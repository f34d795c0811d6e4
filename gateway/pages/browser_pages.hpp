#pragma once

#include "gateway/routes/router.hpp"

/// A link carries no token. So where a path is also a page, everybody may have the page, and it asks for what it shows
/// by itself, with a token.
namespace waybill::http {

/// Whether a browser navigates here: it is the one that accepts text/html.
bool wants_page(const request& req);

/// Whether a browser gets a page instead of what the route says.
bool has_page(const route& one) noexcept;

} // namespace waybill::http
