#include "persistence/rows/further_events.hpp"

#include "domain/base/number.hpp"
#include "domain/json/codec.hpp"
#include "domain/json/json_writer.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace waybill {

namespace {

/// Goes through a text that add_further wrote. It knows where values end, but not what they are: the data of an event
/// is given as it was stored.
class json_cursor {
public:
  explicit json_cursor(std::string_view text) : text_{text} {}

  [[nodiscard]] bool next_is(char c) const noexcept { return at_ < text_.size() && text_[at_] == c; }

  void expect(char c) {
    if (!next_is(c))
      unreadable();
    ++at_;
  }

  /// The text of the value at this place.
  std::string_view value() {
    const auto begin = at_;
    if (next_is('"'))
      pass_string();
    else if (next_is('{') || next_is('['))
      pass_nested();
    else
      at_ = std::min(text_.find_first_of(",}]", at_), text_.size());
    if (at_ == begin)
      unreadable();
    return text_.substr(begin, at_ - begin);
  }

  [[nodiscard]] bool is_at_end() const noexcept { return at_ == text_.size(); }

  [[noreturn]] void unreadable() const {
    throw std::runtime_error{"the further events of a row of the log are unreadable at octet " + std::to_string(at_)};
  }

private:
  void pass_string() {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"')
      at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size())
      unreadable();
    ++at_;
  }

  void pass_nested() {
    std::size_t depth = 0;
    do {
      at_ = text_.find_first_of("\"{}[]", at_);
      if (at_ == std::string_view::npos) {
        at_ = text_.size();
        unreadable();
      }
      if (next_is('"')) {
        pass_string();
        continue;
      }
      depth = next_is('{') || next_is('[') ? depth + 1 : depth - 1;
      ++at_;
    } while (depth > 0);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string to_text(std::string_view value, const json_cursor& cursor) {
  if (value.size() < 2 || value.front() != '"')
    cursor.unreadable();
  if (value.find('\\') == std::string_view::npos)
    return std::string{value.substr(1, value.size() - 2)};
  return std::string{boost::json::parse({value.data(), value.size()}).as_string()};
}

std::int64_t to_integer(std::string_view value, const json_cursor& cursor) {
  const auto number = parse_number<std::int64_t>(value);
  if (!number)
    cursor.unreadable();
  return *number;
}

/// Members that a newer program added are passed over.
further_event parse_event(json_cursor& cursor) {
  further_event event;
  for (char before = '{'; before == '{' || !cursor.next_is('}'); before = ',') {
    cursor.expect(before);
    const auto name = to_text(cursor.value(), cursor);
    cursor.expect(':');
    const auto value = cursor.value();
    if (name == "type")
      event.type = to_text(value, cursor);
    else if (name == "schema")
      event.schema = static_cast<std::uint16_t>(to_integer(value, cursor));
    else if (name == "later")
      event.later = std::chrono::microseconds{to_integer(value, cursor)};
    else if (name == "order")
      event.order = to_text(value, cursor);
    else if (name == "customer")
      event.customer = to_text(value, cursor);
    else if (name == "meta")
      event.meta = value;
    else if (name == "data")
      event.data = value;
  }
  cursor.expect('}');
  if (event.type.empty() || event.data.empty())
    cursor.unreadable();
  return event;
}

void add_member(std::string& out, std::string_view name, const std::optional<std::string>& text) {
  if (!text)
    return;
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, *text);
}

} // namespace

void add_further(std::string& array, const further_event& event) {
  array += array.empty() ? "[{\"type\":" : ",{\"type\":";
  append_json_string(array, event.type);
  array += ",\"schema\":";
  codec::append_number(array, std::uint64_t{event.schema});
  if (event.later.count() != 0) {
    array += ",\"later\":";
    codec::append_number(array, std::int64_t{event.later.count()});
  }
  add_member(array, "order", event.order);
  add_member(array, "customer", event.customer);
  if (event.meta) {
    array += ",\"meta\":";
    array += *event.meta;
  }
  array += ",\"data\":";
  array += event.data;
  array += '}';
}

void close_further(std::string& array) {
  if (!array.empty())
    array += ']';
}

std::vector<further_event> parse_further(std::string_view array) {
  std::vector<further_event> events;
  if (array.empty())
    return events;
  json_cursor cursor{array};
  cursor.expect('[');
  events.push_back(parse_event(cursor));
  while (!cursor.next_is(']')) {
    cursor.expect(',');
    events.push_back(parse_event(cursor));
  }
  cursor.expect(']');
  if (!cursor.is_at_end())
    cursor.unreadable();
  return events;
}

std::string mark_of_type(std::string_view type, bool begins_so) {
  std::string mark{"\"type\":"};
  append_json_string(mark, type);
  if (begins_so)
    mark.pop_back();
  return mark;
}

std::string mark_of_customer(std::string_view customer) {
  std::string mark{"\"customer\":"};
  append_json_string(mark, customer);
  return mark;
}

} // namespace waybill
