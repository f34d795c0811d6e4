#include "gateway/auth/page_check.hpp"

#include "gateway/http/answer_text.hpp"
#include "gateway/http/problem.hpp"

namespace waybill::http {

void check_page(const request& req, const gateway_config& config) {
  const bool is_demo = req.caller.is_anybody() && !req.caller.authenticated;
  if (!is_demo)
    return;
  const auto site = req.header(field::sec_fetch_site);
  // A page that may call us sends its origin; only a request that has none is judged by its site.
  const bool own = req.headers.has(field::origin)
                     ? origin_allowed(req.header(field::origin), req.header(field::host), config)
                     : site.empty() || site == "same-origin" || site == "none";
  if (!own)
    throw problem{403, "forbidden", "requests from other origins may not change anything", {}, {}};
}

} // namespace waybill::http
