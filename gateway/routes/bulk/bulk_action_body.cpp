#include "gateway/routes/bulk/bulk_action_body.hpp"

#include "domain/json/codec.hpp"
#include "gateway/http/field_limits.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <set>
#include <string>
#include <utility>

namespace waybill::http::routes::bulk_actions {

namespace {

namespace json = boost::json;

constexpr length word{1, 32};
constexpr length order_list{1, bulk::max_orders};

bool read_boolean(object_reader& from, std::string_view name) {
  const auto* value = from.optional(name);
  if (value != nullptr && !value->is_bool())
    from.complain(name, "must be true or false");
  return value != nullptr && value->is_bool() && value->get_bool();
}

void read_action(object_reader& from, start_bulk_action& to) {
  const auto name = from.text("action", word);
  bool known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<bulk::action>>([&](auto action) {
    if (name == action.name) {
      to.action = action.value;
      known = true;
    }
  });
  if (!known && !name.empty())
    from.complain("action", "must be cancel, hold, release, retry or resolve");
  const auto outcome = from.optional_text("outcome", word);
  const bool resolves = known && to.action == bulk::action::resolve;
  if (outcome.has_value() != resolves && known)
    from.complain("outcome", resolves ? "is required to resolve orders" : "is allowed for resolve only");
  else if (outcome == "completed")
    to.outcome = order::status::completed;
  else if (outcome && outcome != "cancelled")
    from.complain("outcome", "must be completed or cancelled");
}

void read_orders(object_reader& from, std::vector<field_error>& errors, start_bulk_action& to) {
  std::set<std::string> seen;
  const auto ids = to_words(from.array("orders", order_list));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto pointer = from.pointer_to("orders") + '/' + std::to_string(i);
    if (!is_id(ids[i], order_id::prefix()))
      errors.push_back({pointer, "is not the id of an order"});
    else if (!seen.insert(ids[i]).second)
      errors.push_back({pointer, "comes twice"});
    to.orders.emplace_back(ids[i]);
  }
}

/// The member of a filter as the parameter of a list has it.
std::optional<std::string> parameter_of(const json::value& value) {
  if (value.is_string())
    return std::string{value.get_string()};
  if (value.is_bool())
    return value.get_bool() ? "true" : "false";
  if (!value.is_array())
    return std::nullopt;
  std::string words;
  for (const auto& item : value.get_array()) {
    if (!item.is_string())
      return std::nullopt;
    words += (words.empty() ? "" : ",") + std::string{item.get_string()};
  }
  return words;
}

/// A filter means what the same parameters of `GET /v1/orders` mean.
orders::order_filter read_selection(const request& req, const json::value& value, std::vector<field_error>& errors) {
  const auto* members = value.if_object();
  if (members == nullptr) {
    errors.push_back({"/filter", "must be an object"});
    return {};
  }
  auto as_list = req;
  as_list.query.clear();
  for (const auto& [name, member] : *members) {
    auto text = parameter_of(member);
    if (!text)
      errors.push_back({"/filter/" + std::string{name}, "must be a text, a list of texts, true or false"});
    else
      as_list.query.emplace_back(name, std::move(*text));
  }
  query_reader from{as_list};
  auto filter = orders::read_filter(from, as_list);
  try {
    from.finish();
  } catch (problem& wrong) {
    for (auto& error : wrong.errors)
      errors.push_back({"/filter" + error.pointer, std::move(error.detail)});
  }
  return filter;
}

} // namespace

bulk_action_body read_bulk_action(const request& req, const json::value& body, std::vector<field_error>& errors) {
  bulk_action_body result;
  object_reader from{body, "", errors};
  read_action(from, result.command);
  result.command.reason = from.text("reason", limits::reason);
  result.command.dry_run = read_boolean(from, "dry_run");
  const auto* filter = from.optional("filter");
  const bool has_orders = from.optional("orders") != nullptr;
  if ((filter != nullptr) == has_orders && body.is_object())
    from.complain("orders", "either orders or filter is required");
  else if (filter != nullptr)
    result.filter = read_selection(req, *filter, errors);
  else if (has_orders)
    read_orders(from, errors, result.command);
  from.finish();
  return result;
}

task<void> select_orders(context& ctx, const request& req, orders::order_filter filter, start_bulk_action& to) {
  // A page that looks for something may be short.
  constexpr int most_pages = 20;
  auto& query = filter.query;
  query.oldest_first = true;
  query.limit = max_listed_ids;
  for (int number = 0; number < most_pages; ++number) {
    const auto page = co_await orders::page_of_orders(ctx, req, filter);
    to.more = page.more;
    for (const auto& text : page.states) {
      const auto order = decode<order::state>(text);
      if (!order)
        throw to_problem(order.error());
      if (to.orders.size() == bulk::max_orders) {
        to.more = true;
        co_return;
      }
      to.orders.push_back(order->id);
      query.cursor_time = order->created_at;
      query.cursor_id = order->id.value;
    }
    if (page.next) {
      query.cursor_time = page.next->time;
      query.cursor_id = page.next->id;
    }
    if (!page.more)
      co_return;
  }
}

} // namespace waybill::http::routes::bulk_actions
