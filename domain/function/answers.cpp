#include "domain/function/answers.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/ids.hpp"
#include "domain/json/json_parse.hpp"
#include "domain/text/code_points.hpp"
#include "domain/text/unicode.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace waybill::function {

namespace {

namespace json = boost::json;

failure wrong(std::string sentence) {
  return {ec::invalid_argument, std::move(sentence)};
}

/// The one member of an answer; null when it is no object with one member of these names.
const json::object::value_type* only_member(const json::value& from) {
  const auto* object = from.if_object();
  return object != nullptr && object->size() == 1 ? &*object->begin() : nullptr;
}

/// Nothing for what is no sentence for people.
std::optional<std::string> read_sentence(const json::value& from) {
  const auto* text = from.if_string();
  if (text == nullptr)
    return std::nullopt;
  const std::string_view sentence{text->data(), text->size()};
  std::size_t characters = 0;
  for (auto rest = sentence; !rest.empty(); ++characters)
    take(rest);
  if (!has_visible_characters(sentence) || has_control_characters(sentence) || characters > max_sentence)
    return std::nullopt;
  return std::string{sentence};
}

std::string no_sentence(std::string_view what) {
  return std::string{what} + " must be a text of 1 to " + std::to_string(max_sentence)
         + " characters, without control characters";
}

result<std::optional<notification>> read_notification(const json::value& from) {
  const auto* object = from.if_object();
  if (object == nullptr)
    return wrong("notification must be {text, customer_id}");
  notification read;
  for (const auto& [name, value] : *object) {
    if (name == "text") {
      const auto text = read_sentence(value);
      if (!text)
        return wrong(no_sentence("the text of a notification"));
      read.text = *text;
    } else if (name == "customer_id") {
      const auto* id = value.if_string();
      if (id == nullptr || !is_id({id->data(), id->size()}, customer_id::prefix()))
        return wrong("customer_id must be the id of a customer");
      read.customer.assign(id->data(), id->size());
    } else {
      return wrong("a notification has text and customer_id, and nothing else");
    }
  }
  if (read.text.empty())
    return wrong("a notification must have a text");
  return std::optional{std::move(read)};
}

result<guard_answer> read_metadata(const json::value& from) {
  const auto* object = from.if_object();
  if (object == nullptr)
    return wrong("metadata must be texts by their keys");
  guard_answer read;
  for (const auto& [name, value] : *object) {
    const auto* text = value.if_string();
    if (text == nullptr)
      return wrong("each value of metadata must be a text");
    read.metadata.insert_or_assign(std::string{name.data(), name.size()}, std::string{text->data(), text->size()});
  }
  if (auto sentence = order::check_metadata(read.metadata); !sentence.empty())
    return wrong(std::move(sentence));
  return read;
}

} // namespace

result<std::optional<notification>> read_trigger_answer(std::string_view text) {
  const auto answer = parse_json(text);
  if (!answer)
    return answer.error();
  if (answer->is_null())
    return std::optional<notification>{};
  const auto* member = only_member(*answer);
  if (member == nullptr || member->key() != "notification")
    return wrong("it must return nil or {notification = {text = ...}}");
  return read_notification(member->value());
}

result<guard_answer> read_guard_answer(std::string_view text) {
  const auto answer = parse_json(text);
  if (!answer)
    return answer.error();
  if (answer->is_null() || (answer->is_bool() && answer->get_bool()))
    return guard_answer{};
  const auto* member = only_member(*answer);
  if (member != nullptr && member->key() == "metadata")
    return read_metadata(member->value());
  if (member == nullptr || member->key() != "refuse")
    return wrong("a guard must return nil, {refuse = reason} or {metadata = {key = text}}");
  auto reason = read_sentence(member->value());
  if (!reason)
    return wrong(no_sentence("the reason of a refusal"));
  return guard_answer{std::move(reason), {}};
}

} // namespace waybill::function
