#include "domain/base/errors.hpp"
#include "domain/octets/octets.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/guards/guard_orders.hpp"
#include "gateway/routes/orders/order_body.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "gateway/routes/orders/order_views.hpp"
#include "gateway/routes/product_lookup.hpp"

#include <map>

namespace waybill::http::routes::orders {

namespace {

/// Equal for bodies with the same values; blanks and the order of members do not count. A digest, because the body
/// holds the payment token.
std::string fingerprint_of(const place_order& order) {
  json_writer out;
  out.begin_array();
  for (const auto& line : order.lines)
    out.text(line.product.value).number(line.quantity);
  out.null().text(order.payment.method).text(order.payment.token).text(order.delivery.name);
  const auto text = out.text(order.delivery.address).text(order.note).end_array().take();
  return to_base64url(sha256(text));
}

/// The order as it was when it was placed, which is what the first request was answered with.
order::state as_placed(order::state order) {
  order.status = order::status::placed;
  order.payment_status = order.deferral ? order::payment_status::awaiting : order::payment_status::pending;
  order.fulfillment_status = order::fulfillment_status::none;
  if (order.deferral)
    order.payment = {std::string{order::deferred_method}, {}};
  order.deferral.reset();
  order.stock_reserved = false;
  order.reason.clear();
  order.hold.reset();
  order.refunded.amount = 0;
  if (order.original) {
    order.lines = std::move(order.original->lines);
    order.total = std::move(order.original->total);
    order.delivery = std::move(order.original->delivery);
    order.note = std::move(order.original->note);
  }
  order.updated_at = order.created_at;
  order.version = 1;
  return order;
}

/// The order that the key created before, if any. Its answer must not depend on what became of its products.
task<std::optional<order_placed>> find_replay(context& ctx, const place_order& command) {
  const get_order question{command.id, {false, command.customer}};
  auto existing = co_await ctx.ask_for<order::state>(ctx.services().orders, question);
  if (!existing && existing.error().code == ec::not_found)
    co_return std::nullopt;
  if (!existing)
    throw to_problem(existing.error());
  if (existing->fingerprint != command.fingerprint)
    throw to_problem({ec::idempotency_key_reused, "the key was used before with another body"});
  co_return order_placed{std::move(*existing), true};
}

/// Asks the guards about a new order. An order that its key created before is not judged again: it is given, also when
/// it was created meanwhile.
task<std::optional<order_placed>> pass_guards(context& ctx, order_guards::list guards, place_order& command,
                                              bool has_key) {
  std::optional<order_placed> known;
  if (has_key)
    known = co_await find_replay(ctx, command);
  if (known)
    co_return known;
  auto refused = co_await ask_guards(ctx, std::move(guards), command);
  if (refused && has_key)
    known = co_await find_replay(ctx, command);
  if (refused && !known)
    throw std::move(*refused);
  co_return known;
}

response created(const request& req, const order::state& order, bool replayed) {
  auto result = resource(req, text_of(write_order, order), order.version);
  result.status = 201;
  result.set("Location", "/v1/orders/" + order.id.value);
  if (replayed)
    result.set("Idempotent-Replayed", "true");
  return result;
}

} // namespace

task<void> price_lines(context& ctx, std::vector<order::line>& lines, std::vector<field_error>& errors) {
  std::map<product_id, result<product_view>> views;
  for (const auto& line : lines)
    views.emplace(line.product, failure{ec::not_found, {}});
  std::vector<product_id> ids;
  for (const auto& [id, view] : views)
    if (is_id(id.value, product_id::prefix()))
      ids.push_back(id);
  auto answers = co_await products::fetch_products(ctx, ids);
  for (auto& [id, answer] : answers)
    views.insert_or_assign(id, std::move(answer));
  const auto pointer = [](std::size_t i) { return "/lines/" + std::to_string(i) + "/product_id"; };
  std::string currency;
  money total;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto& line = lines[i];
    const auto& view = views.at(line.product);
    if (!view && view.error().code != ec::not_found)
      throw to_problem(view.error());
    if (!view || view->withdrawn) {
      errors.push_back({pointer(i), view ? "the product is withdrawn" : "there is no such product"});
      continue;
    }
    if (currency.empty())
      currency = view->price.currency;
    if (view->price.currency != currency) {
      errors.push_back({pointer(i), "is priced in another currency than the lines before"});
      continue;
    }
    line.sku = view->sku;
    line.name = view->name;
    line.unit_price = view->price;
    const auto sum = multiply(line.unit_price, line.quantity);
    const auto more = sum ? add(total, *sum) : sum;
    if (!more)
      errors.push_back({"/lines/" + std::to_string(i) + "/quantity", "makes the total too large"});
    else
      total = *more;
  }
}

task<response> place(context& ctx, const request& req) {
  const auto key = idempotency_key(req);
  const auto body = read_body(req);
  std::vector<field_error> errors;
  auto command = read_order(body, errors);
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  command.fingerprint = fingerprint_of(command);
  command.id = key.empty() ? make_id<order_id>() : derive_id<order_id>(req.caller.id + "\nPOST /v1/orders\n" + key);
  command.is_new = key.empty();
  command.customer = req.caller.customer;
  command.origin = req.origin();
  co_await price_lines(ctx, command.lines, errors);
  std::optional<order_placed> placed;
  if (!errors.empty()) {
    if (!key.empty())
      placed = co_await find_replay(ctx, command);
    if (!placed)
      throw invalid_fields(422, std::move(errors));
  }
  if (!placed)
    if (auto guards = present_guards(ctx))
      placed = co_await pass_guards(ctx, std::move(guards), command, !key.empty());
  if (!placed)
    placed = co_await ctx.query<order_placed>(req, ctx.services().orders, command);
  const bool replayed = placed->replayed && !key.empty();
  const std::chrono::seconds wait{preferred_wait(req.header(field::prefer))};
  if (wait.count() == 0)
    co_return created(req, placed->replayed ? as_placed(std::move(placed->order)) : placed->order, replayed);
  // The order is accepted whatever happens now: a wait that fails is no failure of the request, and waiting is no load.
  if (req.permit)
    req.permit->done();
  const viewer owner{false, command.customer};
  const auto settled = co_await await_settled(ctx, command.id, owner, wait);
  auto result = created(req, settled ? *settled : placed->order, replayed);
  if (settled)
    result.set("Preference-Applied", "wait=" + std::to_string(wait.count()));
  co_return result;
}

} // namespace waybill::http::routes::orders
