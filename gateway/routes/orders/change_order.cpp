#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_body.hpp"
#include "gateway/routes/orders/order_views.hpp"

// What happens to an order before it is dispatched: it is changed, held, released.

namespace waybill::http {

namespace {

response shown(const request& req, const order::state& what) {
  return resource(req, text_of(write_order, what), what.version);
}

/// Saying it twice is safe unless the version that the first attempt made refuses the second.
template <class Command>
task<order::state> tell_order(worker& w, const request& req, Command what) {
  if (what.expected_version == 0)
    co_return co_await w.query<order::state>(req, w.services().orders, std::move(what));
  co_return co_await w.command<order::state>(req, w.services().orders, std::move(what));
}

} // namespace

task<response> change_one_order(worker& w, const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  auto wanted = read_change(body, errors);
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  wanted.id = path_id<order_id>(req);
  wanted.intent = intent_of(req);
  wanted.expected_version = expected_version(req);
  wanted.origin = req.origin();
  wanted.on_behalf = req.who.as_viewer();
  if (!wanted.lines) {
    const auto now = co_await tell_order(w, req, std::move(wanted));
    co_return shown(req, now);
  }
  // Whoever may not see the order learns nothing of products either.
  co_await visible_order(w, req);
  co_await price_lines(w, req, *wanted.lines, errors);
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  // The order knows a wish for other lines by its intent, whatever its version.
  const auto now = co_await w.query<order::state>(req, w.services().orders, std::move(wanted));
  co_return shown(req, now);
}

task<response> hold_one_order(worker& w, const request& req) {
  hold_order wanted{path_id<order_id>(req), read_reason(req), expected_version(req), req.origin(), req.who.as_viewer()};
  const auto now = co_await tell_order(w, req, std::move(wanted));
  co_return shown(req, now);
}

task<response> release_one_order(worker& w, const request& req) {
  release_order wanted{path_id<order_id>(req), read_reason(req), expected_version(req), req.origin(),
                       req.who.as_viewer()};
  const auto now = co_await tell_order(w, req, std::move(wanted));
  co_return shown(req, now);
}

} // namespace waybill::http
