#pragma once

#include "gateway/context/context.hpp"

#include <string_view>

/// The files that are compiled in: the pages with their scripts and styles, the API documents, and Swagger UI.
namespace waybill::http::pages {

/// A file, compressed for clients that accept it, with an ETag of its octets. Throws a problem with status 404.
response serve_file(const request& req, std::string_view name);

// Handlers of routes.
task<response> show_index(context& ctx, const request& req);
task<response> show_asset(context& ctx, const request& req);
task<response> show_docs(context& ctx, const request& req);
task<response> show_openapi(context& ctx, const request& req);
task<response> show_asyncapi(context& ctx, const request& req);

} // namespace waybill::http::pages
