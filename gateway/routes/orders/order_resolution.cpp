#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

// What an operator can do for an order that needs attention.

namespace waybill::http {

namespace {

std::string read_retry_reason(const request& req) {
  if (req.body.empty())
    return {};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  auto reason = from.optional_text("reason", limits::reason);
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  return reason.value_or("");
}

void read_outcome(const request& req, resolve_order& to) {
  constexpr length word{1, 32};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  const auto outcome = from.text("outcome", word);
  to.reason = from.text("reason", limits::reason);
  from.finish();
  if (outcome == "completed")
    to.outcome = order::status::completed;
  else if (outcome == "cancelled")
    to.outcome = order::status::cancelled;
  else if (!outcome.empty())
    from.complain("outcome", "must be completed or cancelled");
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
}

} // namespace

task<response> retry_one_order(worker& w, const request& req) {
  retry_order wanted{path_id<order_id>(req), intent_of(req), read_retry_reason(req),
                     expected_version(req),  req.origin(),   req.who.as_viewer()};
  const auto& orders = w.services().orders;
  order::state now;
  if (wanted.expected_version == 0)
    now = co_await w.query<order::state>(req, orders, std::move(wanted));
  else
    now = co_await w.command<order::state>(req, orders, std::move(wanted));
  co_return resource(req, text_of(write_order, now), now.version);
}

task<response> resolve_one_order(worker& w, const request& req) {
  resolve_order wanted;
  wanted.id = path_id<order_id>(req);
  wanted.expected_version = expected_version(req);
  wanted.origin = req.origin();
  wanted.on_behalf = req.who.as_viewer();
  read_outcome(req, wanted);
  const auto now = co_await w.command<order::state>(req, w.services().orders, std::move(wanted));
  co_return resource(req, text_of(write_order, now), now.version);
}

} // namespace waybill::http
