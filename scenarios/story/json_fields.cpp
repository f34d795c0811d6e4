#include "scenarios/story/json_fields.hpp"

#include "scenarios/story/story.hpp"

namespace json = boost::json;

namespace waybill::scenarios {

fields::fields(const json::value& object, std::string where) : object_(object.if_object()), where_(std::move(where)) {
  if (object_ == nullptr)
    refuse("", "expected an object");
}

bool fields::has(std::string_view key) const {
  return object_->contains(key);
}

std::string fields::only_member() const {
  if (object_->size() != 1)
    refuse("", "expected one member");
  return std::string{object_->begin()->key()};
}

const json::value& fields::any(std::string_view key) {
  asked_.emplace(key);
  const auto* found = object_->if_contains(key);
  if (found == nullptr)
    refuse(key, "is missing");
  return *found;
}

std::string fields::text(std::string_view key) {
  const auto* found = any(key).if_string();
  if (found == nullptr || found->empty())
    refuse(key, "expected a text that is not empty");
  return std::string{*found};
}

std::int64_t fields::number(std::string_view key, std::int64_t min, std::int64_t max) {
  const auto* found = any(key).if_int64();
  if (found == nullptr || *found < min || *found > max)
    refuse(key, "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return *found;
}

bool fields::flag(std::string_view key) {
  const auto* found = any(key).if_bool();
  if (found == nullptr)
    refuse(key, "expected true or false");
  return *found;
}

fields fields::object(std::string_view key) {
  return fields{any(key), where_ + "/" + std::string{key}};
}

const json::array& fields::list(std::string_view key) {
  const auto* found = any(key).if_array();
  if (found == nullptr)
    refuse(key, "expected a list");
  return *found;
}

std::vector<fields> fields::objects(std::string_view key) {
  std::vector<fields> out;
  for (const auto& item : list(key))
    out.emplace_back(item, where_ + "/" + std::string{key} + "/" + std::to_string(out.size()));
  return out;
}

std::vector<json::value> fields::values(std::string_view key) {
  const auto& found = list(key);
  if (found.empty())
    refuse(key, "expected a list that is not empty");
  return {found.begin(), found.end()};
}

std::vector<std::string> fields::texts(std::string_view key) {
  std::vector<std::string> out;
  for (const auto& item : values(key)) {
    const auto* text = item.if_string();
    if (text == nullptr || text->empty())
      refuse(key, "expected texts that are not empty");
    out.emplace_back(*text);
  }
  return out;
}

std::vector<std::int64_t> fields::numbers(std::string_view key, std::int64_t min, std::int64_t max) {
  std::vector<std::int64_t> out;
  for (const auto& item : values(key)) {
    const auto* number = item.if_int64();
    if (number == nullptr || *number < min || *number > max)
      refuse(key, "expected whole numbers from " + std::to_string(min) + " to " + std::to_string(max));
    out.push_back(*number);
  }
  return out;
}

void fields::refuse(std::string_view key, const std::string& why) const {
  throw invalid_story{where_ + (key.empty() ? "" : "/") + std::string{key} + ": " + why};
}

void fields::done() const {
  for (const auto& member : *object_)
    if (!asked_.contains(member.key()))
      refuse(member.key(), "is not known");
}

} // namespace waybill::scenarios
