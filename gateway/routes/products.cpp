#include "domain/base/errors.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"
#include "gateway/routes/product_lookup.hpp"
#include "gateway/routes/view_text.hpp"

#include "domain/json/codec.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include <optional>
#include <string>

namespace waybill::http::routes::products {

namespace {

/// A price, or in a merge patch those members of it that are to be others (RFC 7396).
struct price_patch {
  std::optional<std::int64_t> amount;
  std::optional<std::string> currency;

  [[nodiscard]] bool is_part() const { return amount.has_value() != currency.has_value(); }
  [[nodiscard]] money over(const money& present) const {
    return {amount.value_or(present.amount), currency.value_or(present.currency)};
  }
};

price_patch read_price(object_reader from, bool whole) {
  price_patch result;
  if (whole || from.optional("amount"))
    result.amount = from.integer("amount", limits::price);
  if (whole || from.optional("currency"))
    result.currency = from.text("currency", {3, 3});
  if (result.currency && !result.currency->empty() && !is_currency(*result.currency))
    from.complain("currency", "must be a currency of ISO 4217, such as EUR");
  from.finish();
  return result;
}

response product_response(const request& req, const product_view& product) {
  return resource(req, text_of(write_product, product), product.version);
}

/// All fields for PUT, only those in the body for PATCH. A price of which only a part is given is put into `price`.
change_product read_change(const request& req, bool whole, price_patch& price) {
  change_product result;
  result.id = path_id<product_id>(req);
  result.expected_version = expected_version(req);
  result.origin = req.origin();
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  if (whole || from.optional("sku"))
    result.change.sku = from.text("sku", limits::sku);
  if (whole || from.optional("name"))
    result.change.name = from.text("name", limits::product_name);
  if (whole || from.optional("price"))
    price = read_price(from.object("price"), whole);
  from.finish();
  require_valid(body, errors);
  if (price.amount && price.currency)
    result.change.price = price.over({});
  return result;
}

/// The answers of several questions that are under way at once.
struct gathered_products {
  gathered_products(net::io_context& io, std::size_t n) : done(io, clock::time_point::max()), left(n) {}
  timer done;
  std::size_t left;
  std::vector<std::pair<product_id, result<product_view>>> answers;
};

task<void> fetch_product(context& ctx, product_id id, std::shared_ptr<gathered_products> into) {
  const get_product question{id};
  auto answer = co_await ctx.ask_for<product_view>(ctx.services().products, question);
  into->answers.emplace_back(std::move(id), std::move(answer));
  if (--into->left == 0)
    into->done.cancel();
}

waybill::adjust_stock read_adjustment(const request& req) {
  waybill::adjust_stock command;
  command.id = path_id<product_id>(req);
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  command.delta = from.integer("delta", limits::stock_change);
  command.reason = from.text("reason", limits::reason);
  from.finish();
  if (errors.empty() && command.delta == 0)
    from.complain("delta", "must not be zero");
  require_valid(body, errors);
  return command;
}

/// An idempotency key counts for its caller and its path.
adjustment_id adjustment_of(const request& req, const std::string& key) {
  return derive_id<adjustment_id>(req.caller.id + "\nPOST /v1/products/" + req.id + "/stock\n" + key);
}

/// With a key the adjustment is carried out once, without one each request is a new one.
task<result<stock_adjusted_once>> send_adjustment(context& ctx, const request& req, waybill::adjust_stock command) {
  const auto& products = ctx.services().products;
  const auto key = idempotency_key(req);
  if (!key.empty()) {
    adjust_stock_once once{command.id,
                           adjustment_of(req, key),
                           command.delta,
                           std::move(command.reason),
                           command.expected_version,
                           std::move(command.origin)};
    co_return co_await ctx.ask_for<stock_adjusted_once>(products, std::move(once));
  }
  auto product = co_await ctx.ask_for<product_view>(products, std::move(command));
  if (!product)
    co_return product.error();
  co_return stock_adjusted_once{std::move(*product), false};
}

task<response> apply_change(context& ctx, const request& req, bool whole) {
  constexpr int most_attempts = 3;
  price_patch price;
  auto command = read_change(req, whole, price);
  if (!price.is_part()) {
    const auto product = co_await ctx.command<product_view>(req, ctx.services().products, std::move(command));
    co_return product_response(req, product);
  }
  const bool any_version = command.expected_version == 0;
  for (int attempt = 1;; ++attempt) {
    const get_product question{command.id};
    const auto present = co_await ctx.query<product_view>(req, ctx.services().products, question);
    command.change.price = price.over(present.price);
    if (any_version)
      command.expected_version = present.version;
    const auto changed = co_await ctx.ask_for<product_view>(ctx.services().products, command);
    if (changed)
      co_return product_response(req, *changed);
    if (!any_version || attempt == most_attempts || changed.error().code != ec::version_mismatch)
      throw to_problem(changed.error());
  }
}

} // namespace

task<std::vector<std::pair<product_id, result<product_view>>>> fetch_products(context& ctx,
                                                                              std::vector<product_id> ids) {
  const auto into = std::make_shared<gathered_products>(ctx.io(), ids.size());
  if (ids.size() == 1)
    co_await fetch_product(ctx, ids.front(), into);
  for (std::size_t i = 0; ids.size() > 1 && i < ids.size(); ++i)
    net::co_spawn(ctx.io(), fetch_product(ctx, ids[i], into), net::detached);
  error_code ignored;
  if (into->left > 0)
    co_await into->done.async_wait(net::redirect_error(use_task, ignored));
  co_return std::move(into->answers);
}

task<response> show(context& ctx, const request& req) {
  const get_product question{path_id<product_id>(req)};
  const auto product = co_await ctx.query<product_view>(req, ctx.services().products, question);
  if (product.withdrawn)
    throw not_found("the product is withdrawn");
  co_return product_response(req, product);
}

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_products query;
  query.query = from.text("q", 200);
  query.limit = from.limit();
  query.cursor_id = from.cursor("products", product_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<state_page>(req, ctx.services().reader, query);
  const auto products = decode_all<product_view>(page.states);
  const bool more = page.more && !products.empty();
  co_return list_response(req, array_of(products, write_product),
                          more ? to_cursor("products", {{}, products.back().id.value}) : "");
}

task<response> add(context& ctx, const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  create_product command;
  auto& create = command.create;
  create.product = make_id<product_id>();
  create.sku = from.text("sku", limits::sku);
  create.name = from.text("name", limits::product_name);
  create.price = read_price(from.object("price"), true).over({});
  create.on_hand = from.integer("on_hand", limits::stock);
  command.origin = req.origin();
  from.finish();
  require_valid(body, errors);
  const auto product = co_await ctx.command<product_view>(req, ctx.services().products, std::move(command));
  auto result = product_response(req, product);
  result.status = 201;
  result.set("Location", "/v1/products/" + product.id.value);
  co_return result;
}

task<response> replace(context& ctx, const request& req) {
  return apply_change(ctx, req, true);
}

task<response> change(context& ctx, const request& req) {
  return apply_change(ctx, req, false);
}

task<response> withdraw(context& ctx, const request& req) {
  const withdraw_product command{path_id<product_id>(req), expected_version(req), req.origin()};
  co_await ctx.command<product_view>(req, ctx.services().products, command);
  co_return no_content();
}

task<response> adjust_stock(context& ctx, const request& req) {
  auto command = read_adjustment(req);
  const auto answer = co_await send_adjustment(ctx, req, std::move(command));
  if (!answer && answer.error().code == ec::invalid_argument)
    throw problem{409, "insufficient_stock", answer.error().detail, {}, {}};
  if (!answer)
    throw to_problem(answer.error());
  auto result = product_response(req, answer->product);
  if (answer->replayed)
    result.set("Idempotent-Replayed", "true");
  co_return result;
}

} // namespace waybill::http::routes::products
