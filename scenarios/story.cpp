#include "scenarios/story.hpp"

#include "scenarios/json_fields.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace json = boost::json;

namespace waybill::scenarios {

namespace {

constexpr std::array<std::string_view, 8> statuses{"placed",   "confirmed",  "fulfilling", "completed",
                                                   "rejected", "cancelling", "cancelled",  "needs_attention"};
constexpr std::array<std::string_view, 5> courier_words{"complete", "decline", "abort", "vanish", "hold"};
constexpr std::int64_t max_wait_ms = 20'000;

template <class Range>
bool contains(const Range& range, std::string_view what) {
  return std::find(std::begin(range), std::end(range), what) != std::end(range);
}

// A directive `[couriers: word, word]` in an address.
void check_address(const fields& at, const std::string& address) {
  static constexpr std::string_view opening = "[couriers:";
  const auto begin = address.find('[');
  if (begin == std::string::npos)
    return;
  const auto end = address.find(']', begin);
  if (!std::string_view{address}.substr(begin).starts_with(opening) || end == std::string::npos)
    at.refuse("address", "expected [couriers: word, word]");
  auto rest = std::string_view{address}.substr(begin + opening.size(), end - begin - opening.size());
  for (bool more = true; more;) {
    const auto comma = rest.find(',');
    more = comma != std::string_view::npos;
    auto word = rest.substr(0, comma);
    rest.remove_prefix(more ? comma + 1 : rest.size());
    while (word.starts_with(' '))
      word.remove_prefix(1);
    if (!contains(courier_words, word))
      at.refuse("address", "no courier knows the word '" + std::string{word} + "'");
  }
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

// What the story has declared so far.
class reader {
public:
  explicit reader(fields root) : root_(std::move(root)) {}

  story read() {
    story out;
    out.number = static_cast<int>(root_.number("number", 1, 9'999));
    out.name = root_.text("name");
    out.summary = root_.text("summary");
    for (auto& item : root_.objects("products"))
      out.products.push_back(read_product(item));
    for (auto& item : root_.objects("steps"))
      out.steps.push_back(read_step(item));
    for (auto& item : root_.objects("expect"))
      out.expectations.push_back(read_expectation(item));
    root_.done();
    return out;
  }

private:
  product_spec read_product(fields& at) {
    product_spec out;
    out.as = at.text("as");
    out.name = at.text("name");
    auto price = at.object("price");
    out.price = {price.number("amount", 0, 1'000'000'000), price.text("currency")};
    if (out.price.currency.size() != 3)
      price.refuse("currency", "expected three letters");
    price.done();
    out.on_hand = at.number("on_hand", 0, 1'000'000'000);
    if (!products_.emplace(out.as, out.on_hand).second)
      at.refuse("as", "'" + out.as + "' is declared twice");
    at.done();
    return out;
  }

  step read_step(fields& at) {
    static constexpr std::array<std::string_view, 6> kinds{"place",  "wait",  "wait_event",
                                                           "cancel", "crowd", "wait_all"};
    const auto kind = at.only_member();
    if (!contains(kinds, kind))
      at.refuse(kind, "expected place, wait, wait_event, cancel, crowd or wait_all");
    auto body = at.object(kind);
    at.done();
    step out;
    if (kind == "place")
      out = read_place(body);
    else if (kind == "wait")
      out = read_wait(body);
    else if (kind == "wait_event")
      out = read_wait_event(body);
    else if (kind == "crowd")
      out = read_crowd(body);
    else if (kind == "wait_all")
      out = read_wait_all(body);
    else
      out = cancel_step{order(body, "order"), body.text("reason")};
    body.done();
    return out;
  }

  order_spec read_order(fields& at) {
    order_spec out;
    for (auto& item : at.objects("lines")) {
      line_spec line{product(item), item.number("quantity", 1, 10'000)};
      item.done();
      out.lines.push_back(std::move(line));
    }
    if (out.lines.empty() || out.lines.size() > 100)
      at.refuse("lines", "expected 1 to 100 lines");
    out.token = at.text("token");
    out.recipient = at.text("recipient");
    out.address = at.text("address");
    check_address(at, out.address);
    return out;
  }

  place_step read_place(fields& at) {
    place_step out;
    out.as = at.text("as");
    out.what = read_order(at);
    out.key = at.has("key") ? at.text("key") : std::string{};
    out.times = at.has("times") ? static_cast<std::uint32_t>(at.number("times", 1, 1'000)) : 1;
    out.accepts = {201};
    if (at.has("accepts")) {
      out.accepts.clear();
      for (const auto status : at.numbers("accepts", 200, 599))
        out.accepts.push_back(static_cast<unsigned>(status));
    }
    if (!orders_.insert(out.as).second && out.key.empty())
      at.refuse("as", "'" + out.as + "' is placed twice without a key");
    if (out.times > 1 && out.key.empty())
      at.refuse("times", "needs a key");
    return out;
  }

  crowd_step read_crowd(fields& at) {
    crowd_step out;
    out.as = at.text("as");
    out.buyers = static_cast<std::uint32_t>(at.number("buyers", 1, 1'000));
    out.what = read_order(at);
    if (at.has("cancel_apart_ms"))
      out.cancel_apart = milliseconds{at.number("cancel_apart_ms", 0, 1'000)};
    if (!crowds_.emplace(out.as, out.what.lines).second)
      at.refuse("as", "'" + out.as + "' is declared twice");
    return out;
  }

  wait_step read_wait(fields& at) {
    wait_step out{order(at, "order"), at.texts("until"), milliseconds{at.number("within_ms", 1, max_wait_ms)}};
    check_statuses(at, out.until);
    return out;
  }

  wait_all_step read_wait_all(fields& at) {
    wait_all_step out{crowd(at), at.texts("until"), milliseconds{at.number("within_ms", 1, max_wait_ms)}};
    check_statuses(at, out.until);
    return out;
  }

  static void check_statuses(const fields& at, const std::vector<std::string>& words) {
    for (const auto& status : words)
      if (!contains(statuses, status))
        at.refuse("until", "'" + status + "' is no status of an order");
  }

  wait_event_step read_wait_event(fields& at) {
    wait_event_step out{order(at, "order"), read_stream(at), at.text("type"),
                        milliseconds{at.number("within_ms", 1, max_wait_ms)}};
    check_type(at, "type", out.of, out.type);
    return out;
  }

  expectation read_expectation(fields& at) {
    expectation out;
    out.text = at.text("text");
    if (at.has("field"))
      out.check = read_field(at);
    else if (at.has("in_order"))
      out.check = read_sequence(at);
    else if (at.has("count"))
      out.check = read_count(at);
    else if (at.has("each_one_of"))
      out.check = read_each(at);
    else if (at.has("crowd"))
      out.check = expect_crowd{crowd(at), status(at), at.number("is", 0, 1'000)};
    else if (at.has("sold_to"))
      out.check = read_sold(at);
    else if (at.has("product"))
      out.check = read_stock(at);
    else if (at.has("answers"))
      out.check = expect_answers{order(at, "answers"), at.number("distinct_orders", 1, 1'000),
                                 at.has("replayed_at_least") ? at.number("replayed_at_least", 0, 1'000) : 0};
    else
      at.refuse("", "expected one of field, in_order, count, each_one_of, crowd, sold_to, product, answers");
    at.done();
    return out;
  }

  expect_field read_field(fields& at) {
    expect_field out{order(at, "order"), at.text("field"), {}};
    if (!out.pointer.starts_with('/'))
      at.refuse("field", "expected a JSON pointer such as /status");
    if (at.has("one_of"))
      out.allowed = at.values("one_of");
    else
      out.allowed.push_back(at.any("is"));
    return out;
  }

  expect_sequence read_sequence(fields& at) {
    expect_sequence out{order(at, "order"), read_stream(at), at.texts("in_order")};
    for (const auto& type : out.types)
      check_type(at, "in_order", out.of, type);
    return out;
  }

  expect_count read_count(fields& at) {
    expect_count out{order(at, "order"), read_stream(at), at.text("count"), 0, std::nullopt};
    check_type(at, "count", out.of, out.type);
    if (at.has("at_least")) {
      out.at_least = at.number("at_least", 1, 1'000);
    } else {
      out.at_least = at.number("is", 0, 1'000);
      out.at_most = out.at_least;
    }
    return out;
  }

  expect_stock read_stock(fields& at) {
    expect_stock out;
    out.product = product(at);
    out.on_hand = at.number("on_hand", 0, 1'000'000'000);
    out.reserved = at.number("reserved", 0, 1'000'000'000);
    out.available = at.number("available", 0, 1'000'000'000);
    return out;
  }

  expect_each read_each(fields& at) {
    expect_each out{crowd(at), {}};
    for (const auto& one : at.values("each_one_of")) {
      const auto* object = one.if_object();
      if (object == nullptr || object->empty())
        at.refuse("each_one_of", "expected objects");
      auto& members = out.alternatives.emplace_back();
      for (const auto& [pointer, value] : *object)
        members.emplace_back(pointer, value);
    }
    return out;
  }

  expect_sold read_sold(fields& at) {
    expect_sold out;
    out.product = product(at);
    out.crowd = crowd(at, "sold_to");
    out.on_hand_before = products_.at(out.product);
    for (const auto& line : crowds_.at(out.crowd))
      out.quantity += line.product == out.product ? line.quantity : 0;
    return out;
  }

  std::string status(fields& at) {
    auto word = at.text("status");
    if (!contains(statuses, word))
      at.refuse("status", "'" + word + "' is no status of an order");
    return word;
  }

  std::string product(fields& at) {
    auto name = at.text("product");
    if (!products_.contains(name))
      at.refuse("product", "there is no product '" + name + "' in this story");
    return name;
  }

  std::string crowd(fields& at, std::string_view key = "crowd") {
    auto name = at.text(key);
    if (!crowds_.contains(name))
      at.refuse(key, "there is no crowd '" + name + "' before");
    return name;
  }

  std::string order(fields& at, std::string_view key) {
    auto name = at.text(key);
    if (!orders_.contains(name))
      at.refuse(key, "no order '" + name + "' was placed before");
    return name;
  }

  fields root_;
  /// With what is on hand at the start.
  std::map<std::string, std::int64_t> products_;
  std::set<std::string> orders_;
  std::map<std::string, std::vector<line_spec>> crowds_;
};

} // namespace

std::string_view to_string(stream_kind of) noexcept {
  switch (of) {
    case stream_kind::order: return "order";
    case stream_kind::payment: return "payment";
    case stream_kind::delivery: return "delivery";
  }
  return "order";
}

story parse_story(const story_source& source) {
  boost::system::error_code code;
  const auto parsed = json::parse(source.text, code);
  if (code)
    throw invalid_story{std::string{source.file} + ": not JSON: " + code.message()};
  auto out = reader{fields{parsed, std::string{source.file} + ": "}}.read();
  if (!source.file.starts_with(std::to_string(out.number) + "-"))
    throw invalid_story{std::string{source.file} + ": the name does not begin with the story's number"};
  if (out.expectations.empty())
    throw invalid_story{std::string{source.file} + ": expects nothing"};
  return out;
}

std::vector<story> parse_stories(const std::vector<story_source>& sources) {
  std::vector<story> out;
  for (const auto& source : sources)
    out.push_back(parse_story(source));
  std::sort(out.begin(), out.end(), [](const story& x, const story& y) { return x.number < y.number; });
  const auto same =
    std::adjacent_find(out.begin(), out.end(), [](const story& x, const story& y) { return x.number == y.number; });
  if (same != out.end())
    throw invalid_story{"two stories have the number " + std::to_string(same->number)};
  return out;
}

} // namespace waybill::scenarios
