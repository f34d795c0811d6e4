#include "gateway/routes/orders/order_filter.hpp"

#include "domain/json/codec.hpp"
#include "domain/text/folding.hpp"
#include "domain/user.hpp"

#include <algorithm>

namespace waybill::http::routes::orders {

namespace {

constexpr std::size_t longest_text = 200;

bool is_status(std::string_view word) {
  auto known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<order::status>>(
    [&](auto status) { known = known || (status.value != order::status::none && word == status.name); });
  return known;
}

std::vector<std::string> read_statuses(query_reader& from) {
  auto words = from.all("status");
  std::erase(words, "");
  std::ranges::sort(words);
  const auto doubled = std::ranges::unique(words);
  words.erase(doubled.begin(), doubled.end());
  if (!std::ranges::all_of(words, is_status))
    from.complain("status", "is not a status of an order");
  return words;
}

/// What an order waits for follows from its state; the statuses in which it can wait so have an index.
void read_reason(query_reader& from, order_filter& to) {
  const auto word = from.text("waits_for", 32);
  if (word.empty())
    return;
  const auto reason = order::to_waiting(word);
  // A completed order that waits for a refund stands among all that were ever completed.
  if (!reason || *reason == order::waiting::refund) {
    from.complain("waits_for", "must be stock, payment, payer, dispatch, revision, release, courier, settlement, "
                               "compensation or operator");
    return;
  }
  to.query.search.reason = *reason;
  std::vector<std::string> statuses;
  for (const auto status : order::statuses_of(*reason))
    if (const std::string name{name_of(status)};
        to.query.statuses.empty() || std::ranges::find(to.query.statuses, name) != to.query.statuses.end())
      statuses.push_back(name);
  if (statuses.empty())
    to.query.ids.emplace();
  to.query.statuses = std::move(statuses);
}

void read_text(query_reader& from, order_filter& to) {
  to.text = from.text("q", longest_text);
  if (!to.text.starts_with(order_id::prefix()))
    return;
  const bool fits = to.text.size() >= min_id_prefix && to.text.size() <= order_id::prefix().size() + 20;
  auto whole = to.text;
  whole.resize(order_id::prefix().size() + 20, '0');
  if (!fits || !is_id(whole, order_id::prefix()))
    from.complain("q", "must be an order's id or at least its first 13 characters");
  else
    to.query.id_prefix = to.text;
}

/// An e-mail address of an account stands for its orders, anything else for words in the orders.
task<void> resolve_text(context& ctx, const request& req, order_filter& filter) {
  auto& query = filter.query;
  if (filter.text.empty() || !query.id_prefix.empty())
    co_return;
  if (const auto email = user::normal_email(filter.text)) {
    const find_user account{*email};
    const auto found = co_await ctx.query<user_page>(req, ctx.services().reader, account);
    if (!found.users.empty()) {
      const auto customer = sibling_id<customer_id>(user_id{found.users.front().id}).value;
      if (!query.customer.empty() && query.customer != customer)
        query.ids.emplace();
      query.customer = customer;
      co_return;
    }
  }
  query.search.words = folded_words(filter.text);
}

/// Which orders repeat something only their actors know; what they are stands in the database.
task<state_page> page_of_retrying(context& ctx, const request& req, list_orders query) {
  const list_retrying question{query.cursor_time, query.cursor_id, query.oldest_first, query.limit, true};
  const auto list = co_await ctx.query<retrying_list>(req, ctx.services().retrying_orders, question);
  query.ids.emplace();
  for (const auto& entity : list.entities)
    query.ids->push_back(entity.id);
  query.cursor_time.reset();
  auto page = co_await ctx.query<state_page>(req, ctx.services().reader, query);
  page.more = list.more;
  page.next.reset();
  if (list.more && !list.entities.empty())
    page.next = list_place{list.entities.back().created_at, list.entities.back().id};
  co_return page;
}

} // namespace

order_filter read_filter(query_reader& from, const request& req) {
  order_filter filter;
  auto& query = filter.query;
  query.statuses = read_statuses(from);
  query.customer = from.text("customer_id", 64);
  if (!query.customer.empty() && !is_id(query.customer, customer_id::prefix()))
    from.complain("customer_id", "is not the id of a customer");
  query.created_after = from.time("created_after");
  query.created_before = from.time("created_before");
  read_reason(from, filter);
  query.search.product = from.text("product_id", 64);
  if (!query.search.product.empty() && !is_id(query.search.product, product_id::prefix()))
    from.complain("product_id", "is not the id of a product");
  read_text(from, filter);
  filter.retrying = from.boolean("retrying");
  const bool for_operators = !query.search.is_empty() || !filter.text.empty() || filter.retrying;
  if (for_operators)
    require_operator(req);
  if (!req.caller.is_operator())
    query.customer = req.caller.customer.value;
  return filter;
}

task<state_page> page_of_orders(context& ctx, const request& req, order_filter filter) {
  co_await resolve_text(ctx, req, filter);
  // Nothing can be both.
  if (filter.query.ids)
    co_return state_page{};
  if (filter.retrying)
    co_return co_await page_of_retrying(ctx, req, std::move(filter.query));
  co_return co_await ctx.query<state_page>(req, ctx.services().reader, filter.query);
}

} // namespace waybill::http::routes::orders
