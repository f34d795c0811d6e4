#pragma once

#include "gateway/context/context.hpp"

#include <string_view>

/// The files that are compiled in: the pages with their scripts and styles, what web/ is built to, the API documents,
/// and Swagger UI.
namespace waybill::http::pages {

/// A page of web/, compressed for clients that accept it, with an ETag of its octets; where web/ was not built, the
/// page that says so.
response serve_client(const request& req, std::string_view name);

// Handlers of routes.
task<response> show_home(context& ctx, const request& req);
task<response> show_shop(context& ctx, const request& req);
task<response> show_courier(context& ctx, const request& req);
task<response> show_console(context& ctx, const request& req);
task<response> show_scenarios(context& ctx, const request& req);
task<response> show_web_asset(context& ctx, const request& req);
task<response> show_element(context& ctx, const request& req);
task<response> show_asset(context& ctx, const request& req);
task<response> show_docs(context& ctx, const request& req);
task<response> show_openapi(context& ctx, const request& req);
task<response> show_asyncapi(context& ctx, const request& req);

} // namespace waybill::http::pages
