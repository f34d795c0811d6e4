#include "scenarios/story/story_reading.hpp"

#include <array>

namespace json = boost::json;

namespace waybill::scenarios {

namespace {

constexpr std::array<std::string_view, 8> statuses{"placed",   "confirmed",  "fulfilling", "completed",
                                                   "rejected", "cancelling", "cancelled",  "needs_attention"};

std::string read_status(fields& at) {
  auto word = at.text("status");
  if (!is_status(word))
    at.refuse("status", "'" + word + "' is no status of an order");
  return word;
}

expect_field read_field(fields& at, const story_names& names) {
  expect_field out{names.order(at, "order"), at.text("field"), {}};
  if (!out.pointer.starts_with('/'))
    at.refuse("field", "expected a JSON pointer such as /status");
  if (at.has("one_of"))
    out.allowed = at.values("one_of");
  else
    out.allowed.push_back(at.any("is"));
  return out;
}

expect_sequence read_sequence(fields& at, const story_names& names) {
  expect_sequence out{names.order(at, "order"), read_stream(at), at.texts("in_order")};
  for (const auto& type : out.types)
    check_type(at, "in_order", out.of, type);
  return out;
}

expect_count read_count(fields& at, const story_names& names) {
  expect_count out{names.order(at, "order"), read_stream(at), at.text("count"), 0, std::nullopt};
  check_type(at, "count", out.of, out.type);
  if (at.has("at_least")) {
    out.at_least = at.number("at_least", 1, 1'000);
  } else {
    out.at_least = at.number("is", 0, 1'000);
    out.at_most = out.at_least;
  }
  return out;
}

expect_stock read_stock(fields& at, const story_names& names) {
  expect_stock out;
  out.product = names.product(at);
  out.on_hand = at.number("on_hand", 0, 1'000'000'000);
  out.reserved = at.number("reserved", 0, 1'000'000'000);
  out.available = at.number("available", 0, 1'000'000'000);
  return out;
}

expect_each read_each(fields& at, const story_names& names) {
  expect_each out{names.crowd(at), {}};
  for (const auto& alternative : at.values("each_one_of")) {
    const auto* object = alternative.if_object();
    if (object == nullptr || object->empty())
      at.refuse("each_one_of", "expected objects");
    auto& members = out.alternatives.emplace_back();
    for (const auto& [pointer, value] : *object)
      members.emplace_back(pointer, value);
  }
  return out;
}

expect_sold read_sold(fields& at, const story_names& names) {
  expect_sold out;
  out.product = names.product(at);
  out.crowd = names.crowd(at, "sold_to");
  out.on_hand_before = names.products.at(out.product);
  for (const auto& line : names.crowds.at(out.crowd))
    out.quantity += line.product == out.product ? line.quantity : 0;
  return out;
}

} // namespace

expectation read_expectation(fields& at, const story_names& names) {
  expectation out;
  out.text = at.text("text");
  if (at.has("field"))
    out.check = read_field(at, names);
  else if (at.has("in_order"))
    out.check = read_sequence(at, names);
  else if (at.has("count"))
    out.check = read_count(at, names);
  else if (at.has("each_one_of"))
    out.check = read_each(at, names);
  else if (at.has("failed"))
    out.check = expect_failed{names.crowd(at), at.number("failed", 0, 1'000)};
  else if (at.has("crowd"))
    out.check = expect_crowd{names.crowd(at), read_status(at), at.number("is", 0, 1'000)};
  else if (at.has("sold_to"))
    out.check = read_sold(at, names);
  else if (at.has("product"))
    out.check = read_stock(at, names);
  else if (at.has("answers"))
    out.check = expect_answers{names.order(at, "answers"), at.number("distinct_orders", 1, 1'000),
                               at.has("replayed_at_least") ? at.number("replayed_at_least", 0, 1'000) : 0};
  else
    at.refuse("", "expected one of field, in_order, count, each_one_of, failed, crowd, sold_to, product, answers");
  at.done();
  return out;
}

std::string story_names::product(fields& at) const {
  auto name = at.text("product");
  if (!products.contains(name))
    at.refuse("product", "there is no product '" + name + "' in this story");
  return name;
}

std::string story_names::crowd(fields& at, std::string_view key) const {
  auto name = at.text(key);
  if (!crowds.contains(name))
    at.refuse(key, "there is no crowd '" + name + "' before");
  return name;
}

std::string story_names::order(fields& at, std::string_view key) const {
  auto name = at.text(key);
  if (!orders.contains(name))
    at.refuse(key, "no order '" + name + "' was placed before");
  return name;
}

bool is_status(std::string_view word) {
  return contains(statuses, word);
}

stream_kind read_stream(fields& at) {
  const auto of = at.text("of");
  for (const auto kind : {stream_kind::order, stream_kind::payment, stream_kind::delivery})
    if (of == to_string(kind))
      return kind;
  at.refuse("of", "expected order, payment or delivery");
}

void check_type(const fields& at, std::string_view key, stream_kind of, const std::string& type) {
  if (!type.starts_with(std::string{to_string(of)} + "."))
    at.refuse(key, "'" + type + "' is no event of the " + std::string{to_string(of)});
}

} // namespace waybill::scenarios
