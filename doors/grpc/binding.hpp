#pragma once

#include "doors/grpc/port.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace google::protobuf {
class FieldDescriptor;
class Message;
class MethodDescriptor;
} // namespace google::protobuf

namespace waybill::grpc_door {

/// How the messages of one method are the request and the answer of its route: the options in
/// proto/waybill/v1/options.proto, read once.
class binding {
public:
  /// The method has a route; a test holds all of them against the routing table.
  explicit binding(const google::protobuf::MethodDescriptor& method);

  [[nodiscard]] const google::protobuf::MethodDescriptor& method() const noexcept { return method_; }

  /// Adds method, target, body and headers to `to`. Otherwise an answer that refuses the request: a field that names
  /// the resource is empty.
  bool make_request(const google::protobuf::Message& from, http_request& to, http_answer& refusal) const;

  /// Reads an answer that is no problem.
  void read_answer(const http_answer& from, google::protobuf::Message& to) const;

  /// `GET /v1/orders/{order_id}`.
  [[nodiscard]] const std::string& route() const noexcept { return route_; }

private:
  using field = google::protobuf::FieldDescriptor;

  void add_headers(const google::protobuf::Message& from, http_request& to) const;

  const google::protobuf::MethodDescriptor& method_;
  std::string route_;
  std::string verb_;
  bool has_body_ = false;
  /// Of the path: text as it stands, or a field.
  std::vector<std::variant<std::string, const field*>> path_;
  /// In the query or in the body.
  std::vector<const field*> members_;
  std::vector<std::pair<const field*, std::string>> request_headers_;
  std::vector<std::pair<const field*, std::string>> answer_headers_;
  /// Null: the response has the document's members itself.
  const field* document_ = nullptr;
};

/// A problem of the door's own, in the form of the gateway's.
http_answer problem_answer(unsigned status, std::string_view code, std::string_view detail,
                           std::string_view pointer = {});

/// `text` for a path or a query (RFC 3986, section 2).
std::string percent_encoded(std::string_view text);

} // namespace waybill::grpc_door
