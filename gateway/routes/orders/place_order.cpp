#include "domain/base/errors.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_body.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include <openssl/sha.h>

#include <array>
#include <map>

namespace waybill::http {

namespace {

/// An answer to a request that waits may need this much longer than the wait itself.
constexpr milliseconds grace{2'000};
/// A wait is asked for in pieces of this length: a gateway that goes down does not hold its client for the whole of it,
/// and an order that moves to another node meanwhile is asked for there.
constexpr milliseconds wait_piece{500};
/// Between pieces that ended early: the owner's clock may be ahead.
constexpr milliseconds wait_pause{100};

/// Tells bodies apart by what they mean: blanks and the order of members do not count. A digest, because the body
/// holds the payment token.
std::string fingerprint_of(const place_order& what) {
  json_writer out;
  out.begin_array();
  for (const auto& line : what.lines)
    out.text(line.product.value).number(line.quantity);
  out.null().text(what.payment.method).text(what.payment.token).text(what.delivery.name);
  const auto text = out.text(what.delivery.address).text(what.note).end_array().take();
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

/// The order as it was answered at first.
order::state as_first_answered(order::state now) {
  now.status = order::status::placed;
  now.payment_status = order::payment_status::pending;
  now.fulfillment_status = order::fulfillment_status::none;
  now.reason.clear();
  now.hold.reset();
  now.refunded.amount = 0;
  if (now.original) {
    now.lines = std::move(now.original->lines);
    now.total = std::move(now.original->total);
    now.delivery = std::move(now.original->delivery);
    now.note = std::move(now.original->note);
  }
  now.updated_at = now.created_at;
  now.version = 1;
  return now;
}

/// The order under this id, if the key was used before: the answer must not depend on what became of its products.
task<std::optional<order_placed>> find_replay(worker& w, const place_order& wanted) {
  const get_order same{wanted.id, {false, wanted.customer}};
  auto found = co_await ask<order::state>(w.bridge_handle(), w.services().orders, w.config().attempt_timeout, same);
  if (!found && found.error().code == ec::not_found)
    co_return std::nullopt;
  if (!found)
    throw to_problem(found.error());
  if (found->fingerprint != wanted.fingerprint)
    throw to_problem({ec::idempotency_key_reused, "the key was used before with another body"});
  co_return order_placed{std::move(*found), true};
}

response made(const request& req, const order::state& what, bool replayed) {
  auto result = resource(req, text_of(write_order, what), what.version);
  result.status = 201;
  result.set("Location", "/v1/orders/" + what.id.value);
  if (replayed)
    result.set("Idempotent-Replayed", "true");
  return result;
}

/// The order when it is settled, or as it is when `wait` is over or the gateway goes down; nothing when it could not be
/// asked for.
task<std::optional<order::state>> await_settled(worker& w, const order_id& id, const customer_id& owner,
                                                std::chrono::seconds wait) {
  const auto end = now() + wait;
  std::optional<order::state> latest;
  do {
    const auto began = clock::now();
    const await_order until{id, false, std::min(end, now() + wait_piece), {false, owner}};
    auto answer = co_await ask<order::state>(w.bridge_handle(), w.services().orders, wait_piece + grace, until);
    if (answer)
      latest = std::move(*answer);
    if (latest && order::is_settled(latest->status))
      break;
    if (clock::now() - began < wait_piece) {
      timer pause{w.io(), wait_pause};
      co_await pause.async_wait(use_task);
    }
  } while (now() < end && !w.draining());
  co_return latest;
}

} // namespace

task<void> price_lines(worker& w, const request& req, std::vector<order::line>& lines,
                       std::vector<field_error>& errors) {
  std::map<product_id, result<product_view>> views;
  for (const auto& line : lines)
    views.emplace(line.product, failure{ec::not_found, {}});
  std::vector<product_id> ids;
  for (const auto& [id, view] : views)
    if (is_id(id.value, product_id::prefix()))
      ids.push_back(id);
  auto answers = co_await fetch_products(w, req, ids);
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

task<response> create_order(worker& w, const request& req) {
  const auto key = idempotency_key(req);
  const auto body = read_body(req);
  std::vector<field_error> errors;
  auto wanted = read_order(body, errors);
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  wanted.fingerprint = fingerprint_of(wanted);
  wanted.id = key.empty() ? make_id<order_id>() : derive_id<order_id>(req.who.id + "\nPOST /v1/orders\n" + key);
  wanted.customer = req.who.customer;
  wanted.origin = req.origin();
  co_await price_lines(w, req, wanted.lines, errors);
  std::optional<order_placed> placed;
  if (!errors.empty()) {
    if (!key.empty())
      placed = co_await find_replay(w, wanted);
    if (!placed)
      throw invalid_fields(422, std::move(errors));
  }
  if (!placed)
    placed = co_await w.query<order_placed>(req, w.services().orders, wanted);
  const bool replayed = placed->replayed && !key.empty();
  const std::chrono::seconds wait{preferred_wait(req.header("Prefer"))};
  if (wait.count() == 0)
    co_return made(req, placed->replayed ? as_first_answered(std::move(placed->order)) : placed->order, replayed);
  // The order is accepted whatever comes now: a wait that fails is no failure of the request, and no load.
  if (req.place)
    req.place->done();
  const auto settled = co_await await_settled(w, wanted.id, wanted.customer, wait);
  auto result = made(req, settled ? *settled : placed->order, replayed);
  if (settled)
    result.set("Preference-Applied", "wait=" + std::to_string(wait.count()));
  co_return result;
}

} // namespace waybill::http
