#include "doors/grpc/binding.hpp"

#include "doors/grpc/message_json.hpp"

#include <waybill/v1/options.pb.h>

#include <boost/json/parse.hpp>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>

namespace waybill::grpc_door {

namespace {

namespace pb = google::protobuf;

/// The value of a request's header.
std::string header_text(std::string_view name, std::string value) {
  if (name == "If-Match")
    return '"' + value + '"';
  if (name == "Prefer")
    return "wait=" + value;
  return value;
}

std::string_view header_in(const header_list& headers, std::string_view name) {
  const auto entry = std::ranges::find_if(headers, [&](const auto& header) { return header.first == name; });
  return entry == headers.end() ? std::string_view{} : std::string_view{entry->second};
}

std::string header_of(const pb::FieldDescriptor& field) {
  return field.options().GetExtension(v1::header);
}

} // namespace

binding::binding(const pb::MethodDescriptor& method)
  : method_(method), route_(method.options().GetExtension(v1::route)) {
  const auto blank = std::min(route_.find(' '), route_.size());
  verb_ = route_.substr(0, blank);
  has_body_ = verb_ != "GET" && verb_ != "DELETE";
  const auto& input = *method.input_type();
  std::vector<const field*> in_path;
  for (auto at = std::min(blank + 1, route_.size()); at < route_.size();) {
    const auto open = std::min(route_.find('{', at), route_.size());
    path_.emplace_back(route_.substr(at, open - at));
    if (open == route_.size())
      break;
    const auto close = route_.find('}', open);
    const auto* named = input.FindFieldByName(route_.substr(open + 1, close - open - 1));
    path_.emplace_back(named);
    in_path.push_back(named);
    at = close + 1;
  }
  for (int i = 0; i < input.field_count(); ++i) {
    const auto* member = input.field(i);
    if (std::ranges::find(in_path, member) != in_path.end())
      continue;
    if (auto header = header_of(*member); !header.empty())
      request_headers_.emplace_back(member, std::move(header));
    else
      members_.push_back(member);
  }
  const auto& output = *method.output_type();
  for (int i = 0; i < output.field_count(); ++i) {
    const auto* member = output.field(i);
    if (auto header = header_of(*member); !header.empty())
      answer_headers_.emplace_back(member, std::move(header));
    else if (member->options().GetExtension(v1::document))
      document_ = member;
  }
}

bool binding::make_request(const pb::Message& from, http_request& to, http_answer& refusal) const {
  to.method = verb_;
  to.target.clear();
  for (const auto& part : path_) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      to.target += *literal;
      continue;
    }
    const auto* member = std::get<const field*>(part);
    const auto value = text_of(from, *member, 0);
    if (value.empty()) {
      refusal =
        problem_answer(422, "validation_failed", "the request holds values that are not allowed", '/' + member->name());
      return false;
    }
    to.target += percent_encoded(value);
  }
  add_headers(from, to);
  if (has_body_) {
    json_writer body;
    body.begin_object();
    for (const auto* member : members_)
      if (is_given(from, *member))
        write_value(body.key(member->name()), from, *member);
    to.body = body.end_object().take();
    to.headers.emplace_back("Content-Type", "application/json");
    return true;
  }
  char mark = to.target.find('?') == std::string::npos ? '?' : '&';
  for (const auto* member : members_) {
    if (!is_given(from, *member))
      continue;
    const int count = member->is_repeated() ? from.GetReflection()->FieldSize(from, member) : 1;
    for (int i = 0; i < count; ++i) {
      const auto value = text_of(from, *member, i);
      // A parameter that is empty, or a number that was not set, counts as left out.
      if (value.empty() || (value == "0" && !member->has_presence()))
        continue;
      to.target += mark + member->name() + '=' + percent_encoded(value);
      mark = '&';
    }
  }
  return true;
}

void binding::add_headers(const pb::Message& from, http_request& to) const {
  for (const auto& [member, name] : request_headers_)
    if (from.GetReflection()->HasField(from, member))
      to.headers.emplace_back(name, header_text(name, text_of(from, *member, 0)));
}

void binding::read_answer(const http_answer& from, pb::Message& to) const {
  const auto& reflection = *to.GetReflection();
  for (const auto& [member, name] : answer_headers_)
    reflection.SetBool(&to, member, header_in(from.headers, name) == "true");
  if (from.body.empty())
    return;
  boost::json::error_code wrong;
  const auto json = boost::json::parse(from.body, wrong);
  if (wrong)
    return;
  if (document_ != nullptr)
    read_value(json, to, *document_);
  else
    read_object(json, to);
}

http_answer problem_answer(unsigned status, std::string_view code, std::string_view detail, std::string_view pointer) {
  json_writer out;
  out.begin_object().member("status", status).member("code", code).member("detail", detail);
  if (!pointer.empty()) {
    out.key("errors").begin_array().begin_object().member("pointer", pointer).member("detail", "must not be empty");
    out.end_object().end_array();
  }
  return {status, {}, out.end_object().take()};
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
                       || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += digits[octet >> 4U];
    out += digits[octet & 15U];
  }
  return out;
}

} // namespace waybill::grpc_door
