#pragma once

#include "domain/json/json_writer.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace google::protobuf {
class Descriptor;
class EnumDescriptor;
class EnumValueDescriptor;
class FieldDescriptor;
class Message;
} // namespace google::protobuf

/// Messages of protobuf as the JSON of the HTTP API, and back. It is not protobuf's own mapping to JSON: there 64-bit
/// numbers are strings and words of enums are in capitals.
namespace waybill::grpc_door {

/// The word of an enum's value in the API: `ORDER_STATUS_NEEDS_ATTENTION` of OrderStatus is `needs_attention`. Empty
/// for the value zero.
std::string word_of(const google::protobuf::EnumValueDescriptor& value);

/// The number of a word; zero, which is UNSPECIFIED, for one that is not known.
int number_of(const google::protobuf::EnumDescriptor& type, std::string_view word);

/// Whether a field of a request says something: it was set, or it has no absence (then its value is judged by the
/// route, also an empty one). An enum says nothing with its zero.
bool is_given(const google::protobuf::Message& from, const google::protobuf::FieldDescriptor& field);

/// The value of a field as JSON.
void write_value(json_writer& out, const google::protobuf::Message& from,
                 const google::protobuf::FieldDescriptor& field);

/// The scalar value of a field, or one of a repeated field, as text, for paths, queries and headers.
std::string text_of(const google::protobuf::Message& from, const google::protobuf::FieldDescriptor& field, int index);

/// Sets the fields that have the names of the object's members. Members without a field, nulls, and values of another
/// type than the field's are left out.
void read_object(const boost::json::value& from, google::protobuf::Message& to);

/// Sets one field.
void read_value(const boost::json::value& from, google::protobuf::Message& to,
                const google::protobuf::FieldDescriptor& field);

} // namespace waybill::grpc_door
