#include "doors/grpc/message_json.hpp"

#include "domain/base/time.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cctype>
#include <chrono>
#include <cstdint>

namespace waybill::grpc_door {

namespace {

namespace pb = google::protobuf;
namespace json = boost::json;
using pb::FieldDescriptor;

/// `OrderStatus` begins its values with `ORDER_STATUS_`.
std::string prefix_of(const pb::EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0 && !prefix.empty())
      prefix += '_';
    prefix += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return prefix + '_';
}

// timestamp.proto: the years 1 to 9999.
constexpr std::int64_t first_second = -62'135'596'800;
constexpr std::int64_t last_second = 253'402'300'799;
constexpr std::int32_t last_nanosecond = 999'999'999;

/// RFC 3339. What is out of range is a text that no route takes.
std::string time_text(const pb::Timestamp& from) {
  if (from.seconds() < first_second || from.seconds() > last_second || from.nanos() < 0
      || from.nanos() > last_nanosecond)
    return "out of range";
  using std::chrono::microseconds;
  return to_rfc3339(timestamp{std::chrono::seconds{from.seconds()} + microseconds{from.nanos() / 1'000}});
}

void set_time(std::string_view text, pb::Timestamp& to) {
  const auto time = parse_rfc3339(text);
  if (!time)
    return;
  const auto micros = time->time_since_epoch().count();
  const auto seconds = micros >= 0 ? micros / 1'000'000 : (micros - 999'999) / 1'000'000;
  to.set_seconds(seconds);
  to.set_nanos(static_cast<std::int32_t>((micros - seconds * 1'000'000) * 1'000));
}

void set_value(const json::value& from, pb::Value& to);

void set_struct(const json::object& from, pb::Struct& to) {
  auto& fields = *to.mutable_fields();
  for (const auto& [name, value] : from)
    set_value(value, fields[std::string{name.data(), name.size()}]);
}

void set_value(const json::value& from, pb::Value& to) {
  switch (from.kind()) {
    case json::kind::null: to.set_null_value(pb::NULL_VALUE); break;
    case json::kind::bool_: to.set_bool_value(from.get_bool()); break;
    case json::kind::int64: to.set_number_value(static_cast<double>(from.get_int64())); break;
    case json::kind::uint64: to.set_number_value(static_cast<double>(from.get_uint64())); break;
    case json::kind::double_: to.set_number_value(from.get_double()); break;
    case json::kind::string: to.set_string_value(from.get_string().data(), from.get_string().size()); break;
    case json::kind::array: {
      auto& list = *to.mutable_list_value();
      for (const auto& item : from.get_array())
        set_value(item, *list.add_values());
      break;
    }
    case json::kind::object: set_struct(from.get_object(), *to.mutable_struct_value()); break;
  }
}

void fill_message(const json::value& from, pb::Message& to) {
  if (auto* time = dynamic_cast<pb::Timestamp*>(&to)) {
    if (from.is_string())
      set_time({from.get_string().data(), from.get_string().size()}, *time);
  } else if (auto* any = dynamic_cast<pb::Struct*>(&to)) {
    if (from.is_object())
      set_struct(from.get_object(), *any);
  } else {
    read_object(from, to);
  }
}

/// Calls `set` with the value in the type of the field, if it has it.
template <class Set>
void with_scalar(const json::value& from, const FieldDescriptor& field, Set set) {
  json::error_code wrong;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (from.is_string())
        set(std::string{from.get_string().data(), from.get_string().size()});
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      if (from.is_bool())
        set(from.get_bool());
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      if (from.is_string())
        set(number_of(*field.enum_type(), {from.get_string().data(), from.get_string().size()}));
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      if (const auto value = from.to_number<std::int32_t>(wrong); !wrong)
        set(value);
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      if (const auto value = from.to_number<std::int64_t>(wrong); !wrong)
        set(value);
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (const auto value = from.to_number<std::uint32_t>(wrong); !wrong)
        set(value);
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (const auto value = from.to_number<std::uint64_t>(wrong); !wrong)
        set(value);
      return;
    default: return;
  }
}

/// The functions of Reflection that set or add a value of each type, under one name.
struct setter {
  const pb::Reflection& by;
  pb::Message& to;
  const FieldDescriptor& field;

  void operator()(std::string value) const {
    field.is_repeated() ? by.AddString(&to, &field, std::move(value)) : by.SetString(&to, &field, std::move(value));
  }
  void operator()(bool value) const {
    field.is_repeated() ? by.AddBool(&to, &field, value) : by.SetBool(&to, &field, value);
  }
  void operator()(std::int32_t value) const {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM)
      field.is_repeated() ? by.AddEnumValue(&to, &field, value) : by.SetEnumValue(&to, &field, value);
    else
      field.is_repeated() ? by.AddInt32(&to, &field, value) : by.SetInt32(&to, &field, value);
  }
  void operator()(std::int64_t value) const {
    field.is_repeated() ? by.AddInt64(&to, &field, value) : by.SetInt64(&to, &field, value);
  }
  void operator()(std::uint32_t value) const {
    field.is_repeated() ? by.AddUInt32(&to, &field, value) : by.SetUInt32(&to, &field, value);
  }
  void operator()(std::uint64_t value) const {
    field.is_repeated() ? by.AddUInt64(&to, &field, value) : by.SetUInt64(&to, &field, value);
  }
};

void read_one(const json::value& from, pb::Message& to, const FieldDescriptor& field) {
  const auto& by = *to.GetReflection();
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
    return with_scalar(from, field, setter{by, to, field});
  auto* inner = field.is_repeated() ? by.AddMessage(&to, &field) : by.MutableMessage(&to, &field);
  fill_message(from, *inner);
}

std::int64_t whole_number(const pb::Message& from, const FieldDescriptor& field, int index) {
  const auto& by = *from.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? by.GetRepeatedInt32(from, &field, index) : by.GetInt32(from, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? by.GetRepeatedInt64(from, &field, index) : by.GetInt64(from, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? by.GetRepeatedUInt32(from, &field, index) : by.GetUInt32(from, &field);
    default: return 0;
  }
}

std::uint64_t unsigned_number(const pb::Message& from, const FieldDescriptor& field, int index) {
  const auto& by = *from.GetReflection();
  return field.is_repeated() ? by.GetRepeatedUInt64(from, &field, index) : by.GetUInt64(from, &field);
}

const pb::Message& message_in(const pb::Message& from, const FieldDescriptor& field, int index) {
  const auto& by = *from.GetReflection();
  return field.is_repeated() ? by.GetRepeatedMessage(from, &field, index) : by.GetMessage(from, &field);
}

bool is_text(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING || field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM
         || field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

void write_one(json_writer& out, const pb::Message& from, const FieldDescriptor& field, int index) {
  const bool is_object =
    field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field.message_type() != pb::Timestamp::descriptor();
  if (!is_object && is_text(field)) {
    out.text(text_of(from, field, index));
  } else if (!is_object) {
    out.raw(text_of(from, field, index));
  } else {
    const auto& inner = message_in(from, field, index);
    const auto& type = *inner.GetDescriptor();
    out.begin_object();
    for (int i = 0; i < type.field_count(); ++i)
      if (is_given(inner, *type.field(i)))
        write_value(out.key(type.field(i)->name()), inner, *type.field(i));
    out.end_object();
  }
}

} // namespace

std::string word_of(const pb::EnumValueDescriptor& value) {
  if (value.number() == 0)
    return {};
  auto word = value.name().substr(prefix_of(*value.type()).size());
  for (char& c : word)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word;
}

int number_of(const pb::EnumDescriptor& type, std::string_view word) {
  auto name = prefix_of(type);
  for (const char c : word)
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto* value = type.FindValueByName(name);
  return value != nullptr ? value->number() : 0;
}

bool is_given(const pb::Message& from, const FieldDescriptor& field) {
  const auto& by = *from.GetReflection();
  if (field.is_repeated())
    return by.FieldSize(from, &field) > 0;
  if (field.has_presence())
    return by.HasField(from, &field);
  return field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM || by.GetEnumValue(from, &field) != 0;
}

std::string text_of(const pb::Message& from, const FieldDescriptor& field, int index) {
  const auto& by = *from.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? by.GetRepeatedString(from, &field, index) : by.GetString(from, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? by.GetRepeatedBool(from, &field, index) : by.GetBool(from, &field)) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto number = many ? by.GetRepeatedEnumValue(from, &field, index) : by.GetEnumValue(from, &field);
      // What this server does not know is a word that no route takes.
      const auto* value = field.enum_type()->FindValueByNumber(number);
      return value != nullptr ? word_of(*value) : std::to_string(number);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto* time = dynamic_cast<const pb::Timestamp*>(&message_in(from, field, index));
      return time != nullptr ? time_text(*time) : std::string{};
    }
    case FieldDescriptor::CPPTYPE_UINT64: return std::to_string(unsigned_number(from, field, index));
    default: return std::to_string(whole_number(from, field, index));
  }
}

void write_value(json_writer& out, const pb::Message& from, const FieldDescriptor& field) {
  if (!field.is_repeated())
    return write_one(out, from, field, 0);
  out.begin_array();
  const int count = from.GetReflection()->FieldSize(from, &field);
  for (int i = 0; i < count; ++i)
    write_one(out, from, field, i);
  out.end_array();
}

void read_value(const json::value& from, pb::Message& to, const FieldDescriptor& field) {
  if (from.is_null())
    return;
  if (!field.is_repeated())
    return read_one(from, to, field);
  if (from.is_array())
    for (const auto& item : from.get_array())
      read_one(item, to, field);
}

void read_object(const json::value& from, pb::Message& to) {
  if (!from.is_object())
    return;
  const auto& type = *to.GetDescriptor();
  for (const auto& [name, value] : from.get_object())
    if (const auto* field = type.FindFieldByName({name.data(), name.size()}))
      read_value(value, to, *field);
}

} // namespace waybill::grpc_door
