#include "scenarios/story/story.hpp"

#include "scenarios/story/json_fields.hpp"
#include "scenarios/story/story_reading.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace json = boost::json;

namespace waybill::scenarios {

namespace {

constexpr std::array<std::string_view, 10> step_kinds{"place",    "wait",  "wait_event", "cancel", "crowd",
                                                      "wait_all", "chaos", "wait_chaos", "readyz", "refuse"};
constexpr std::string_view kill_owner = "kill_owner";
constexpr std::string_view rolling_restart = "rolling_restart";
constexpr std::array<std::string_view, 3> faults{kill_owner, "database_away", rolling_restart};
constexpr std::array<std::string_view, 5> courier_words{"complete", "decline", "abort", "vanish", "hold"};
constexpr std::int64_t max_wait_ms = 20'000;

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
      out.expectations.push_back(read_expectation(item, names_));
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
    if (!is_currency(out.price.currency))
      price.refuse("currency", "expected a currency of ISO 4217");
    price.done();
    out.on_hand = at.number("on_hand", 0, 1'000'000'000);
    if (!names_.products.emplace(out.as, out.on_hand).second)
      at.refuse("as", "'" + out.as + "' is declared twice");
    at.done();
    return out;
  }

  story_step read_step(fields& at) {
    const auto kind = at.only_member();
    if (!contains(step_kinds, kind))
      at.refuse(kind, "expected place, wait, wait_event, cancel, crowd, wait_all, chaos, wait_chaos, readyz or refuse");
    auto body = at.object(kind);
    at.done();
    auto out = read_step(kind, body);
    body.done();
    return out;
  }

  story_step read_step(std::string_view kind, fields& body) {
    if (kind == "place")
      return read_place(body);
    if (kind == "wait")
      return read_wait(body);
    if (kind == "wait_event")
      return read_wait_event(body);
    if (kind == "crowd")
      return read_crowd(body);
    if (kind == "wait_all")
      return read_wait_all(body);
    if (kind == "chaos")
      return read_chaos(body);
    if (kind == "wait_chaos")
      return wait_chaos_step{within(body)};
    if (kind == "readyz")
      return readyz_step{static_cast<unsigned>(body.number("is", 200, 599)), within(body)};
    if (kind == "refuse")
      return refuse_step{body.text("as"), read_order(body), body.text("key"), within(body)};
    return cancel_step{names_.order(body, "order"), body.text("reason")};
  }

  static milliseconds within(fields& at) { return milliseconds{at.number("within_ms", 1, max_wait_ms)}; }

  chaos_step read_chaos(fields& at) {
    chaos_step out;
    out.fault = at.text("fault");
    if (!contains(faults, out.fault))
      at.refuse("fault", "expected kill_owner, database_away or rolling_restart");
    if (out.fault == kill_owner)
      out.order = names_.order(at, "order");
    else
      out.lasts = milliseconds{at.number("lasts_ms", 1, max_wait_ms)};
    chaos_ = true;
    return out;
  }

  order_spec read_order(fields& at) {
    order_spec out;
    for (auto& item : at.objects("lines")) {
      line_spec line{names_.product(item), item.number("quantity", 1, 10'000)};
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
    out.order = read_order(at);
    out.key = at.has("key") ? at.text("key") : std::string{};
    out.times = at.has("times") ? static_cast<std::uint32_t>(at.number("times", 1, 1'000)) : 1;
    out.accepts = {201};
    if (at.has("accepts")) {
      out.accepts.clear();
      for (const auto status : at.numbers("accepts", 200, 599))
        out.accepts.push_back(static_cast<unsigned>(status));
    }
    if (at.has("patient"))
      out.patient = at.flag("patient");
    if (out.patient && out.key.empty())
      at.refuse("patient", "needs a key");
    if (!names_.orders.insert(out.as).second && out.key.empty())
      at.refuse("as", "'" + out.as + "' is placed twice without a key");
    if (out.times > 1 && out.key.empty())
      at.refuse("times", "needs a key");
    return out;
  }

  crowd_step read_crowd(fields& at) {
    crowd_step out;
    out.as = at.text("as");
    out.buyers = static_cast<std::uint32_t>(at.number("buyers", 1, 1'000));
    out.order = read_order(at);
    if (at.has("cancel_apart_ms"))
      out.cancel_apart = milliseconds{at.number("cancel_apart_ms", 0, 1'000)};
    if (at.has("apart_ms"))
      out.apart = milliseconds{at.number("apart_ms", 1, 1'000)};
    if (at.has("while_chaos"))
      out.while_chaos = at.flag("while_chaos");
    if (out.while_chaos && !chaos_)
      at.refuse("while_chaos", "there is no chaos before");
    if (!names_.crowds.emplace(out.as, out.order.lines).second)
      at.refuse("as", "'" + out.as + "' is declared twice");
    return out;
  }

  wait_step read_wait(fields& at) {
    wait_step out{names_.order(at, "order"), at.texts("until"), milliseconds{at.number("within_ms", 1, max_wait_ms)}};
    check_statuses(at, out.until);
    return out;
  }

  wait_all_step read_wait_all(fields& at) {
    wait_all_step out{names_.crowd(at), at.texts("until"), milliseconds{at.number("within_ms", 1, max_wait_ms)}};
    check_statuses(at, out.until);
    return out;
  }

  static void check_statuses(const fields& at, const std::vector<std::string>& words) {
    for (const auto& word : words)
      if (!is_status(word))
        at.refuse("until", "'" + word + "' is no status of an order");
  }

  wait_event_step read_wait_event(fields& at) {
    wait_event_step out{names_.order(at, "order"), read_stream(at), at.text("type"),
                        milliseconds{at.number("within_ms", 1, max_wait_ms)}};
    check_type(at, "type", out.of, out.type);
    return out;
  }

  fields root_;
  story_names names_;
  /// An earlier step breaks something.
  bool chaos_ = false;
};

} // namespace

bool story::needs_chaos() const {
  return std::any_of(steps.begin(), steps.end(),
                     [](const story_step& x) { return std::holds_alternative<chaos_step>(x); });
}

bool story::needs_cluster() const {
  return std::any_of(steps.begin(), steps.end(), [](const story_step& x) {
    const auto* chaos = std::get_if<chaos_step>(&x);
    return chaos != nullptr && chaos->fault == rolling_restart;
  });
}

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
