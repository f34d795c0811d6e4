#include "doors/grpc/streams/event_call.hpp"

#include "doors/grpc/message_json.hpp"
#include "doors/grpc/status.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace waybill::grpc_door {

void event_call::start(http_request request) {
  const std::lock_guard guard{mutex_};
  self_ = shared_from_this();
  subscription_ = port_->subscribe(std::move(request), self_);
}

void event_call::on_begin() {
  StartSendInitialMetadata();
  const std::lock_guard guard{mutex_};
  if (shows_beginning())
    pages_.emplace_back();
  step();
}

void event_call::on_events(std::vector<std::string> events) {
  const std::lock_guard guard{mutex_};
  wants_page_ = true;
  if (!events.empty() && !is_dropped_)
    pages_.push_back(std::move(events));
  step();
}

void event_call::on_end(http_answer reason) {
  const std::lock_guard guard{mutex_};
  end(is_problem(reason) ? to_status(reason) : begin_again());
  step();
}

void event_call::OnWriteDone(bool ok) {
  const std::lock_guard guard{mutex_};
  is_writing_ = false;
  messages_.pop_front();
  if (!ok)
    drop();
  step();
}

void event_call::OnCancel() {
  const std::lock_guard guard{mutex_};
  drop();
  step();
}

void event_call::prepared(message_list messages) {
  const std::lock_guard guard{mutex_};
  is_preparing_ = false;
  if (!is_dropped_)
    std::ranges::move(messages, std::back_inserter(messages_));
  step();
}

void event_call::failed(::grpc::Status status) {
  const std::lock_guard guard{mutex_};
  is_preparing_ = false;
  end(std::move(status));
  step();
}

bool event_call::is_dropped() {
  const std::lock_guard guard{mutex_};
  return is_dropped_;
}

void event_call::end(::grpc::Status status) {
  if (!end_)
    end_ = std::move(status);
  if (subscription_)
    subscription_->cancel();
}

/// The client takes no more. The subscription has a last word, with which the stream ends.
void event_call::drop() {
  is_dropped_ = true;
  pages_.clear();
  messages_.erase(messages_.begin() + (is_writing_ ? 1 : 0), messages_.end());
  if (subscription_)
    subscription_->cancel();
}

/// Begins what is to be done next.
void event_call::step() {
  while (!is_writing_ && !is_preparing_ && !is_finished_) {
    if (!messages_.empty()) {
      is_writing_ = true;
      StartWrite(&messages_.front());
    } else if (!pages_.empty()) {
      auto page = std::move(pages_.front());
      pages_.pop_front();
      auto made = prepare(std::move(page));
      is_preparing_ = !made;
      if (made)
        std::ranges::move(*made, std::back_inserter(messages_));
    } else if (end_) {
      is_finished_ = true;
      Finish(*end_);
    } else {
      if (std::exchange(wants_page_, false))
        subscription_->resume();
      return;
    }
  }
}

void read_event(const std::string& text, v1::Event& to) {
  boost::json::error_code wrong;
  const auto json = boost::json::parse(text, wrong);
  if (!wrong)
    read_object(json, to);
}

event_reactor* refused_stream(::grpc::Status status) {
  class refusal final : public event_reactor {
    void OnDone() override { delete this; }
  };
  auto* made = new refusal;
  made->Finish(std::move(status));
  return made;
}

} // namespace waybill::grpc_door
