#include "doors/grpc/streams/notification_call.hpp"

#include "doors/grpc/message_json.hpp"
#include "doors/grpc/status.hpp"

#include <waybill/v1/notification_service.pb.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill::grpc_door {

namespace {

/// As many as GET /v1/notifications takes.
constexpr std::size_t most_ids = 100;

/// What an event says of a notification: everything but the notification itself.
struct announcement {
  std::string customer;
  std::string id;
  std::string position;
};

std::string member_text(const boost::json::value& json, std::string_view name) {
  const auto* object = json.if_object();
  const auto* member = object == nullptr ? nullptr : object->if_contains(name);
  const auto* text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

announcement read_announcement(const std::string& event) {
  boost::json::error_code wrong;
  const auto json = boost::json::parse(event, wrong);
  const auto* object = json.if_object();
  const auto* data = object == nullptr ? nullptr : object->if_contains("data");
  if (data == nullptr)
    return {};
  return {member_text(*data, "customer"), member_text(*data, "notification"), member_text(json, "position")};
}

/// A page of events on its way to messages.
struct page_under_way {
  std::vector<announcement> all;
  /// How many of them have been looked at.
  std::size_t done = 0;
  std::vector<::grpc::ByteBuffer> messages = {};
};

/// The end of those behind `done` that are of the same customer, so that one look shows all of them.
std::size_t end_of_look(const page_under_way& page) {
  const auto& customer = page.all[page.done].customer;
  const auto most = std::min(page.all.size(), page.done + most_ids);
  auto end = page.done + 1;
  while (end < most && page.all[end].customer == customer)
    ++end;
  return end;
}

std::string target_of(const page_under_way& page, std::size_t end) {
  auto target = "/v1/notifications?limit=" + std::to_string(most_ids)
                + "&customer_id=" + percent_encoded(page.all[page.done].customer) + "&id=";
  // One parameter: a request may have 64.
  for (auto i = page.done; i < end; ++i)
    target += (i == page.done ? "" : ",") + percent_encoded(page.all[i].id);
  return target;
}

/// Adds the messages of those up to `end`. What the caller may not see is not in the answer, and left out.
void add_messages(const http_answer& answer, page_under_way& page, std::size_t end) {
  boost::json::error_code wrong;
  const auto json = boost::json::parse(answer.body, wrong);
  const auto* object = json.if_object();
  const auto* items = object == nullptr ? nullptr : object->if_contains("items");
  std::map<std::string, const boost::json::value*> by_id;
  if (items != nullptr && items->is_array())
    for (const auto& item : items->get_array())
      by_id.emplace(member_text(item, "id"), &item);
  for (; page.done < end; ++page.done) {
    const auto& wanted = page.all[page.done];
    const auto shown = by_id.find(wanted.id);
    if (shown == by_id.end())
      continue;
    google::protobuf::Arena arena;
    auto& message = *google::protobuf::Arena::CreateMessage<v1::StreamNotificationsResponse>(&arena);
    read_object(*shown->second, *message.mutable_notification());
    message.set_customer_id(wanted.customer);
    message.set_position(wanted.position);
    page.messages.push_back(to_buffer(message));
  }
}

/// Events say of which notification they tell, not its text: that is looked up, page by page, where HTTP reads it.
class notification_call final : public event_call {
public:
  notification_call(std::shared_ptr<gateway_port> port, const http_request& opening)
    : event_call(std::move(port)), look_(opening) {
    look_.is_charged = true;
    look_.deadline = std::chrono::steady_clock::time_point::max();
  }

private:
  std::optional<message_list> prepare(std::vector<std::string> events) override {
    auto page = std::make_shared<page_under_way>();
    for (const auto& event : events)
      page->all.push_back(read_announcement(event));
    if (page->all.empty())
      return message_list{};
    look_on(std::move(page));
    return std::nullopt;
  }

  void look_on(std::shared_ptr<page_under_way> page) {
    const auto end = end_of_look(*page);
    auto look = look_;
    look.target = target_of(*page, end);
    const auto self = std::static_pointer_cast<notification_call>(shared_from_this());
    port().send(std::move(look), [self, page = std::move(page), end](const http_answer& answer) mutable {
      if (is_problem(answer)) {
        self->failed(to_status(answer));
        return;
      }
      add_messages(answer, *page, end);
      if (page->done == page->all.size() || self->is_dropped())
        self->prepared(std::move(page->messages));
      else
        self->look_on(std::move(page));
    });
  }

  /// A request of the caller, but for its target.
  http_request look_;
};

} // namespace

event_reactor* answer_notifications(const call_environment& with, const binding& by,
                                    ::grpc::CallbackServerContext& call, const ::grpc::ByteBuffer& request) {
  return open_stream<v1::StreamNotificationsRequest>(by, call, request, [&](const auto&, const http_request& opening) {
    return std::make_shared<notification_call>(with.port, opening);
  });
}

} // namespace waybill::grpc_door
