#include "domain/base/errors.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include "domain/base/codec.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

namespace waybill::http {

namespace {

void throw_if_any(std::vector<field_error>& errors) {
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
}

money read_price(object_reader from) {
  money result;
  result.amount = from.integer("amount", limits::price);
  result.currency = from.text("currency", {3, 3});
  if (!result.currency.empty() && !is_currency(result.currency))
    from.complain("currency", "must be three capital letters");
  from.finish();
  return result;
}

response shown(const request& req, const product_view& what) {
  return resource(req, text_of(write_product, what), what.version);
}

/// The fields to change: all of them for PUT, those that are there for PATCH.
change_product read_change(const request& req, bool whole) {
  change_product result;
  result.id = path_id<product_id>(req);
  result.expected_version = expected_version(req);
  result.origin = req.origin();
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  if (whole || from.optional("sku"))
    result.sku = from.text("sku", limits::sku);
  if (whole || from.optional("name"))
    result.name = from.text("name", limits::product_name);
  if (whole || from.optional("price"))
    result.price = read_price(from.object("price"));
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  throw_if_any(errors);
  return result;
}

/// What several look-ups at once gather in.
struct gathering {
  gathering(net::io_context& io, std::size_t n) : done(io, clock::time_point::max()), left(n) {}
  timer done;
  std::size_t left;
  std::vector<std::pair<product_id, result<product_view>>> found;
};

task<void> fetch_one(std::shared_ptr<bridge> way, product_actor whom, milliseconds limit, product_id id,
                     std::shared_ptr<gathering> into) {
  const get_product wanted{id};
  auto answer = co_await ask<product_view>(std::move(way), std::move(whom), limit, wanted);
  into->found.emplace_back(std::move(id), std::move(answer));
  if (--into->left == 0)
    into->done.cancel();
}

task<response> change(worker& w, const request& req, bool whole) {
  auto wanted = read_change(req, whole);
  const auto changed = co_await w.command<product_view>(req, w.services().products, std::move(wanted));
  co_return shown(req, changed);
}

} // namespace

task<std::vector<std::pair<product_id, result<product_view>>>> fetch_products(worker& w, const request&,
                                                                              std::vector<product_id> ids) {
  const auto into = std::make_shared<gathering>(w.io(), ids.size());
  const auto limit = w.config().attempt_timeout;
  if (ids.size() == 1)
    co_await fetch_one(w.bridge_handle(), w.services().products, limit, ids.front(), into);
  for (std::size_t i = 0; ids.size() > 1 && i < ids.size(); ++i)
    net::co_spawn(w.io(), fetch_one(w.bridge_handle(), w.services().products, limit, ids[i], into), net::detached);
  error_code ignored;
  if (into->left > 0)
    co_await into->done.async_wait(net::redirect_error(use_task, ignored));
  co_return std::move(into->found);
}

task<response> show_product(worker& w, const request& req) {
  const get_product wanted{path_id<product_id>(req)};
  const auto found = co_await w.query<product_view>(req, w.services().products, wanted);
  if (found.withdrawn)
    throw not_found("the product is withdrawn");
  co_return shown(req, found);
}

task<response> list_all_products(worker& w, const request& req) {
  query_reader from{req};
  list_products wanted;
  wanted.query = from.text("q", 200);
  wanted.limit = from.limit();
  wanted.cursor_id = from.cursor("products", product_id::prefix(), false).id;
  from.finish();
  const auto page = co_await w.query<state_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  std::string last;
  for (const auto& text : page.states) {
    auto one = decode<product_view>(text);
    if (!one)
      throw to_problem(one.error());
    write_product(items, *one);
    last = one->id.value;
  }
  items.end_array();
  co_return list_response(req, items.take(), page.more ? to_cursor("products", {{}, last}) : "");
}

task<response> add_product(worker& w, const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  create_product wanted;
  wanted.id = make_id<product_id>();
  wanted.sku = from.text("sku", limits::sku);
  wanted.name = from.text("name", limits::product_name);
  wanted.price = read_price(from.object("price"));
  wanted.on_hand = from.integer("on_hand", limits::stock);
  wanted.origin = req.origin();
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  throw_if_any(errors);
  const auto made = co_await w.command<product_view>(req, w.services().products, std::move(wanted));
  auto result = shown(req, made);
  result.status = 201;
  result.set("Location", "/v1/products/" + made.id.value);
  co_return result;
}

task<response> replace_product(worker& w, const request& req) {
  return change(w, req, true);
}

task<response> patch_product(worker& w, const request& req) {
  return change(w, req, false);
}

task<response> remove_product(worker& w, const request& req) {
  withdraw_product wanted{path_id<product_id>(req), expected_version(req), req.origin()};
  co_await w.command<product_view>(req, w.services().products, std::move(wanted));
  response result;
  result.status = 204;
  co_return result;
}

task<response> adjust_product_stock(worker& w, const request& req) {
  adjust_stock wanted;
  wanted.id = path_id<product_id>(req);
  wanted.expected_version = expected_version(req);
  wanted.origin = req.origin();
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  wanted.delta = from.integer("delta", limits::stock_change);
  wanted.reason = from.text("reason", limits::reason);
  from.finish();
  if (errors.empty() && wanted.delta == 0)
    from.complain("delta", "must not be zero");
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  throw_if_any(errors);
  auto answer =
    co_await ask<product_view>(w.bridge_handle(), w.services().products, w.config().attempt_timeout, std::move(wanted));
  if (!answer && answer.error().code == ec::invalid_argument)
    throw problem{409, "insufficient_stock", answer.error().detail, {}, {}};
  if (!answer)
    throw to_problem(answer.error());
  co_return shown(req, *answer);
}

} // namespace waybill::http
