#include "domain/octets/octets.hpp"
#include "gateway/http/conditions.hpp"
#include "gateway/pages/page_file.hpp"
#include "gateway/pages/pages.hpp"

#include <map>
#include <mutex>

namespace waybill::http::pages {

namespace {

std::string_view type_of(std::string_view name) noexcept {
  if (name.ends_with(".js"))
    return "text/javascript; charset=utf-8";
  if (name.ends_with(".css"))
    return "text/css; charset=utf-8";
  if (name.ends_with(".html"))
    return "text/html; charset=utf-8";
  if (name.ends_with(".svg"))
    return "image/svg+xml";
  return "application/json";
}

/// A hash of the octets. Each file is hashed once in the life of the process, two milliseconds for the largest.
std::string tag_of(const page_file& file) {
  static std::mutex mutex;
  static std::map<std::string_view, std::string> known;
  constexpr std::size_t digits = 16;
  const std::lock_guard guard{mutex};
  auto& tag = known[file.name];
  if (tag.empty())
    tag = '"' + sha256_hex(file.text).substr(0, digits) + '"';
  return tag;
}

using finder = const page_file* (*)(std::string_view name) noexcept;

response serve(const request& req, std::string_view name, finder find, caching cache) {
  const auto* file = find(name);
  if (!file)
    throw not_found("there is no such file");
  response result;
  result.content_type = type_of(name);
  result.cache = cache;
  const auto* packed = find(std::string{name} + ".gz");
  if (packed)
    result.set("Vary", "Accept-Encoding");
  if (packed && accepts_gzip(req)) {
    file = packed;
    result.set("Content-Encoding", "gzip");
  }
  const auto tag = tag_of(*file);
  result.set("ETag", tag);
  require_match(req, tag);
  if (none_match_hits(req, tag))
    result.status = 304;
  else
    result.body = file->text;
  return result;
}

response serve_file(const request& req, std::string_view name) {
  return serve(req, name, find_page, name.ends_with(".json") ? caching::revalidate : caching::page);
}

} // namespace

response serve_client(const request& req, std::string_view name) {
  if (find_web_file(name))
    return serve(req, name, find_web_file, caching::page);
  return serve_file(req, "not_built.html");
}

task<response> show_home(context&, const request& req) {
  co_return serve_client(req, "pages/home.html");
}

task<response> show_shop(context&, const request& req) {
  co_return serve_client(req, "pages/shop.html");
}

task<response> show_courier(context&, const request& req) {
  co_return serve_client(req, "pages/courier.html");
}

task<response> show_console(context&, const request& req) {
  co_return serve_client(req, "pages/console.html");
}

task<response> show_scenarios(context&, const request& req) {
  co_return serve_client(req, "pages/scenarios.html");
}

task<response> show_web_asset(context&, const request& req) {
  // Its name has the hash of what it holds.
  co_return serve(req, "assets/" + req.id, find_web_file, caching::forever);
}

task<response> show_element(context&, const request& req) {
  co_return serve(req, "elements/" + req.id, find_web_file, caching::revalidate);
}

task<response> show_asset(context&, const request& req) {
  if (!req.id.ends_with(".js") && !req.id.ends_with(".css"))
    throw not_found("there is no such file");
  co_return serve_file(req, req.id);
}

task<response> show_docs(context&, const request& req) {
  co_return serve_file(req, "docs.html");
}

task<response> show_openapi(context&, const request& req) {
  co_return serve_file(req, "openapi.json");
}

task<response> show_asyncapi(context&, const request& req) {
  co_return serve_file(req, "asyncapi.json");
}

} // namespace waybill::http::pages
