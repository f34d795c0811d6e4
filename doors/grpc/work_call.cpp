#include "doors/grpc/work_call.hpp"

#include "doors/grpc/message_json.hpp"
#include "doors/grpc/status.hpp"

#include <google/rpc/status.pb.h>
#include <waybill/v1/delivery_service.pb.h>
#include <waybill/v1/event.pb.h>

#include <boost/json/parse.hpp>

#include <google/protobuf/descriptor.h>

#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace waybill::grpc_door {

namespace {

using ::grpc::ByteBuffer;
using work_reactor = ::grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>;

/// No courier has more jobs.
constexpr auto jobs_limit = "&limit=200";
/// Of a courier: what is offered to them or was taken by them, in the order in which they are told.
constexpr std::string_view open_statuses[] = {"started", "assigned", "offered"};

boost::json::value parse_json(const std::string& text) {
  boost::json::error_code wrong;
  auto parsed = boost::json::parse(text, wrong);
  return wrong ? boost::json::value{} : parsed;
}

/// What an event says of a courier's job.
struct job_event {
  std::string type;
  std::string delivery;
  std::string courier;
  std::string reason;
  std::uint32_t attempt = 0;
};

job_event read_job_event(const std::string& text) {
  v1::Event event;
  read_object(parse_json(text), event);
  const auto& data = event.data().fields();
  const auto text_of_data = [&](const char* name) {
    const auto member = data.find(name);
    return member == data.end() ? std::string{} : member->second.string_value();
  };
  const auto attempt = data.find("attempt");
  return {event.type(), event.stream(), text_of_data("courier"), text_of_data("reason"),
          attempt == data.end() ? 0 : static_cast<std::uint32_t>(attempt->second.number_value())};
}

/// The stream of one worker. It does by the routes of couriers and deliveries what a courier's own program would do.
/// One report is carried out at a time; while its answers wait for the worker, no more events are read.
class work_call final : public work_reactor, public subscriber, public std::enable_shared_from_this<work_call> {
public:
  work_call(const call_environment& with, ::grpc::CallbackServerContext& call)
    : with_(with), template_(begin_request(call)) {
    template_.deadline = std::chrono::steady_clock::time_point::max();
  }

  void start() {
    self_ = shared_from_this();
    StartRead(&read_);
  }

  // -- gRPC -----------------------------------------------------------------------------------------------------------

  void OnReadDone(bool ok) override {
    const std::lock_guard guard{mutex_};
    is_reading_ = false;
    if (!ok)
      return leave(::grpc::Status::OK);
    v1::WorkRequest said;
    if (!read_message(read_, said))
      return leave(unreadable_message());
    if (is_ready_ && said.has_report())
      return report(said.report());
    if (!is_ready_ && said.has_start())
      return begin(said.start());
    leave(to_status(problem_answer(400, "validation_failed", "a worker says `start` once, and then reports")));
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard guard{mutex_};
    is_writing_ = false;
    messages_.pop_front();
    if (!ok)
      return leave(::grpc::Status::CANCELLED);
    step();
  }

  void OnCancel() override {
    const std::lock_guard guard{mutex_};
    messages_.erase(messages_.begin() + (is_writing_ ? 1 : 0), messages_.end());
    leave(::grpc::Status::CANCELLED);
  }

  void OnDone() override { self_.reset(); }

  // -- the subscription -----------------------------------------------------------------------------------------------

  /// The courier's jobs are asked for behind the beginning of the subscription, so that no offer falls in between.
  void on_begin() override {
    const std::lock_guard guard{mutex_};
    look_for_jobs(0);
  }

  void on_events(std::vector<std::string> events) override {
    const std::lock_guard guard{mutex_};
    wants_page_ = true;
    for (const auto& event : events)
      on_event(read_job_event(event));
    step();
  }

  void on_end(http_answer reason) override {
    const std::lock_guard guard{mutex_};
    is_subscribed_ = false;
    leave(is_problem(reason) ? to_status(reason) : begin_again());
  }

private:
  // All under the lock. Answers of the gateway come on its threads and take it.

  /// Sends a request; `then` gets its answer under the lock.
  template <class Then>
  void ask(std::string method, std::string target, std::string body, Then then) {
    auto request = template_;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.is_charged = request.method == "GET";
    if (!request.body.empty())
      request.headers.emplace_back("Content-Type", "application/json");
    ++under_way_;
    with_.port->send(std::move(request), [self = shared_from_this(), then](http_answer answer) {
      const std::lock_guard guard{self->mutex_};
      --self->under_way_;
      then(*self, std::move(answer));
      self->step();
    });
  }

  void begin(const v1::WorkRequest::Start& start) {
    courier_ = start.courier_id();
    if (courier_.empty())
      return leave(to_status(problem_answer(422, "validation_failed", "the request holds values that are not allowed",
                                            "/start/courier_id")));
    json_writer body;
    body.begin_object().member("online", true);
    if (start.has_jobs())
      body.member("capacity", start.jobs());
    // Counted before, so that a stream which ends meanwhile does not take the courier offline.
    with_.workers->enter(courier_);
    is_counted_ = true;
    ask("PATCH", "/v1/couriers/" + percent_encoded(courier_), body.end_object().take(),
        [](work_call& self, http_answer answer) { self.on_online(answer); });
  }

  void on_online(const http_answer& answer) {
    if (is_problem(answer))
      return leave(to_status(answer));
    is_online_ = true;
    if (is_leaving_)
      return;
    read_object(parse_json(answer.body), *ready_.mutable_ready()->mutable_courier());
    auto request = template_;
    request.method = "GET";
    request.target = "/v1/events/stream?type=delivery.*&type=courier.went_offline";
    is_subscribed_ = true;
    subscription_ = with_.port->subscribe(std::move(request), shared_from_this());
  }

  void look_for_jobs(std::size_t status) {
    if (status == std::size(open_statuses) || is_leaving_)
      return;
    const auto target = "/v1/deliveries?courier_id=" + percent_encoded(courier_)
                        + "&status=" + std::string{open_statuses[status]} + jobs_limit;
    ask("GET", target, {}, [status](work_call& self, const http_answer& answer) { self.on_jobs(answer, status); });
  }

  void on_jobs(const http_answer& answer, std::size_t status) {
    if (is_problem(answer))
      return leave(to_status(answer));
    if (!is_ready_)
      write(ready_);
    is_ready_ = true;
    v1::ListDeliveriesResponse jobs;
    read_object(parse_json(answer.body), jobs);
    for (auto& job : *jobs.mutable_items())
      show_job(std::move(job));
    look_for_jobs(status + 1);
  }

  void on_event(const job_event& event) {
    if (event.type == "courier.went_offline" && event.delivery == courier_)
      return leave(to_status(problem_answer(409, "illegal_transition", "the courier was set offline")));
    if (event.courier != courier_)
      return;
    if (event.type == "delivery.offered") {
      ask("GET", "/v1/deliveries/" + percent_encoded(event.delivery), {},
          [](work_call& self, const http_answer& answer) { self.on_offer(answer); });
      return;
    }
    const bool ends =
      event.type == "delivery.declined" || event.type == "delivery.aborted" || event.type == "delivery.cancelled";
    const auto job = jobs_.find(event.delivery);
    // What the worker itself has said is no news.
    if (!ends || job == jobs_.end() || (event.attempt != 0 && job->second != event.attempt)
        || event.delivery == reported_)
      return;
    v1::WorkResponse told;
    told.mutable_lost()->set_delivery_id(event.delivery);
    told.mutable_lost()->set_attempt(job->second);
    told.mutable_lost()->set_reason(event.reason);
    jobs_.erase(job);
    write(told);
  }

  void on_offer(const http_answer& answer) {
    if (is_problem(answer))
      return;
    v1::Delivery job;
    read_object(parse_json(answer.body), job);
    // The offer may have passed meanwhile.
    if (job.courier_id() == courier_ && job.status() == v1::DELIVERY_STATUS_OFFERED)
      show_job(std::move(job));
  }

  void show_job(v1::Delivery job) {
    auto& shown = jobs_[job.id()];
    if (std::exchange(shown, job.attempt()) == job.attempt())
      return;
    v1::WorkResponse told;
    *told.mutable_job()->mutable_delivery() = std::move(job);
    write(told);
  }

  void report(const v1::WorkRequest::Report& said) {
    const auto* known = v1::WorkRequest::Action_descriptor()->FindValueByNumber(said.action());
    const auto word = known != nullptr ? word_of(*known) : std::string{};
    if (word.empty() || said.delivery_id().empty()) {
      on_outcome(said, problem_answer(422, "validation_failed", "the report holds values that are not allowed",
                                      word.empty() ? "/action" : "/delivery_id"));
      step();
      return;
    }
    json_writer body;
    body.begin_object();
    if (said.has_attempt())
      body.member("attempt", said.attempt());
    if (said.has_reason())
      body.member("reason", said.reason());
    reported_ = said.delivery_id();
    ask("POST", "/v1/deliveries/" + percent_encoded(reported_) + '/' + word, body.end_object().take(),
        [said](work_call& self, const http_answer& answer) { self.on_outcome(said, answer); });
  }

  void on_outcome(const v1::WorkRequest::Report& said, const http_answer& answer) {
    v1::WorkResponse told;
    auto& outcome = *told.mutable_outcome();
    outcome.set_delivery_id(said.delivery_id());
    outcome.set_action(said.action());
    if (is_problem(answer)) {
      outcome.mutable_error()->ParseFromString(to_status(answer).error_details());
    } else {
      read_object(parse_json(answer.body), *outcome.mutable_delivery());
      const bool keeps = outcome.delivery().status() == v1::DELIVERY_STATUS_ASSIGNED
                         || outcome.delivery().status() == v1::DELIVERY_STATUS_STARTED;
      if (!keeps || outcome.delivery().courier_id() != courier_)
        jobs_.erase(said.delivery_id());
    }
    reported_.clear();
    write(told);
  }

  void write(const google::protobuf::Message& message) {
    if (!is_leaving_)
      messages_.push_back(to_buffer(message));
  }

  /// The stream ends with this status when all that was said is told, and the courier is offline.
  void leave(const ::grpc::Status& status) {
    if (!std::exchange(is_leaving_, true))
      end_ = status;
    if (subscription_)
      subscription_->cancel();
    step();
  }

  /// Begins what is to be done next.
  void step() {
    if (is_finished_)
      return;
    if (!is_writing_ && !messages_.empty()) {
      is_writing_ = true;
      StartWrite(&messages_.front());
    }
    const bool is_idle = under_way_ == 0 && !is_writing_;
    if (!is_leaving_) {
      if (is_idle && std::exchange(wants_page_, false))
        subscription_->resume();
      if (is_ready_ && !is_reading_ && reported_.empty()) {
        is_reading_ = true;
        StartRead(&read_);
      }
    } else if (is_idle && !is_subscribed_) {
      if (std::exchange(is_counted_, false) && with_.workers->leave(courier_) && std::exchange(is_online_, false))
        ask("PATCH", "/v1/couriers/" + percent_encoded(courier_), R"({"online":false})",
            [](work_call&, const http_answer&) {});
      else
        finish();
    }
  }

  void finish() {
    is_finished_ = true;
    Finish(end_);
  }

  const call_environment& with_;
  /// With the worker's token and address.
  http_request template_;
  /// gRPC's share, until OnDone.
  std::shared_ptr<work_call> self_;
  std::mutex mutex_;
  std::shared_ptr<running_subscription> subscription_;
  std::string courier_;
  v1::WorkResponse ready_;
  /// What the worker was told that it has, with the number of the offer.
  std::map<std::string, std::uint32_t> jobs_;
  /// The delivery of the report that is being carried out.
  std::string reported_;
  ByteBuffer read_;
  std::deque<ByteBuffer> messages_;
  ::grpc::Status end_;
  std::size_t under_way_ = 0;
  bool is_reading_ = true;
  bool is_writing_ = false;
  bool is_subscribed_ = false;
  bool is_ready_ = false;
  bool is_online_ = false;
  bool is_counted_ = false;
  bool wants_page_ = false;
  bool is_leaving_ = false;
  bool is_finished_ = false;
};

} // namespace

work_reactor* serve_worker(const call_environment& with, ::grpc::CallbackServerContext& call) {
  const auto made = std::make_shared<work_call>(with, call);
  made->start();
  return made.get();
}

} // namespace waybill::grpc_door
