#include "tracing/tracer.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "tracing/otlp.hpp"

#include <algorithm>
#include <charconv>
#include <future>

namespace waybill::tracing {

namespace {

/// OTLP 1.x, section "OTLP/HTTP Response": only these ask for another attempt.
bool may_be_repeated(unsigned status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

/// The seconds of Retry-After; its other form, a date, is not worth a clock of others.
std::optional<milliseconds> retry_after(std::string_view text) {
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return std::chrono::seconds{seconds};
}

} // namespace

std::string_view name_of(drop_reason reason) noexcept {
  switch (reason) {
    case drop_reason::queue_full: return "queue_full";
    case drop_reason::refused: return "refused";
    case drop_reason::undeliverable: return "undeliverable";
  }
  return "undeliverable";
}

result<std::shared_ptr<tracer>> tracer::start(const tracer_settings& settings, attributes resource,
                                              std::string database, tracer_counters counters) {
  auto url = outbound::parse_http_url(settings.endpoint);
  if (url.has_error())
    return url.error();
  outbound::http_client_options options;
  options.response_timeout = options.total_timeout = settings.timeout;
  options.max_connections_per_host = 1;
  options.max_requests = 1;
  auto client = outbound::http_client::make(options);
  if (client.has_error())
    return client.error();
  std::shared_ptr<tracer> made{new tracer{settings, std::move(*url), std::move(resource), std::move(database),
                                          std::move(counters), std::move(*client)}};
  made->thread_ = std::thread{[self = made.get()] { self->run(); }};
  return made;
}

tracer::tracer(tracer_settings settings, outbound::http_url url, attributes resource, std::string database,
               tracer_counters counters, std::shared_ptr<outbound::http_client> client)
  : settings_(std::move(settings)), url_(std::move(url)), resource_(std::move(resource)),
    database_(std::move(database)), counters_(std::move(counters)), queue_(settings_.max_waiting, settings_.max_batch),
    client_(std::move(client)) {}

tracer::~tracer() {
  stop();
}

trace_context tracer::begin_trace() const {
  trace_context begun{new_trace_id(), new_span_id()};
  begun.sampled = is_sampled(begun.trace, settings_.ratio);
  return begun;
}

void tracer::add(span item) {
  if (!queue_.put(std::move(item)))
    counters_.dropped(drop_reason::queue_full, 1);
}

void tracer::stop() {
  if (!thread_.joinable())
    return;
  give_up_at_ = (clock::now() + settings_.flush).time_since_epoch().count();
  queue_.close();
  ended_.get_future().wait_for(settings_.flush);
  // Fails the request under way, and those that would follow.
  client_->stop();
  thread_.join();
}

// -- the thread -------------------------------------------------------------------------------------------------------

void tracer::run() {
  for (;;) {
    // In this order: nothing comes into a closed queue.
    const bool closed = queue_.is_closed();
    auto batch = queue_.take(settings_.gather);
    if (!batch.empty())
      deliver(std::move(batch));
    else if (closed)
      break;
  }
  ended_.set_value();
}

void tracer::deliver(std::vector<span> batch) {
  const auto body = encode_request(resource_, batch);
  auto pause = settings_.first_pause;
  for (std::size_t attempts = 1;; ++attempts) {
    const auto wanted = attempt(body, batch.size(), pause);
    if (!wanted)
      return;
    const auto again_at = clock::now() + *wanted;
    if (attempts >= settings_.max_attempts || again_at.time_since_epoch().count() >= give_up_at_)
      break;
    queue_.rest(*wanted);
    if (clock::now().time_since_epoch().count() >= give_up_at_)
      break;
    pause = std::min(2 * pause, settings_.longest_pause);
  }
  counters_.dropped(drop_reason::undeliverable, batch.size());
}

std::optional<milliseconds> tracer::attempt(const std::string& body, std::size_t spans, milliseconds pause) {
  outbound::http_request request;
  request.method = "POST";
  request.url = url_;
  request.headers = {{"Content-Type", "application/x-protobuf"}, {"User-Agent", "waybill/" WAYBILL_VERSION}};
  request.body = body;
  // A collector that gets a span twice knows it by its ids.
  request.repeatable = true;
  const auto left = clock::duration{give_up_at_.load()} - clock::now().time_since_epoch();
  request.timeout = std::clamp(std::chrono::duration_cast<milliseconds>(left), milliseconds{1}, settings_.timeout);
  std::promise<outbound::http_result> promise;
  auto future = promise.get_future();
  client_->send(std::move(request), [&promise](outbound::http_result answer) { promise.set_value(std::move(answer)); });
  const auto answer = future.get();
  if (answer.has_error()) {
    complain(answer.error().detail);
    return pause;
  }
  if (answer->status / 100 == 2) {
    const auto rejected = std::min<std::size_t>(rejected_spans(answer->body), spans);
    counters_.exported(spans - rejected);
    if (rejected > 0)
      counters_.dropped(drop_reason::refused, rejected);
    return std::nullopt;
  }
  complain("it answers " + std::to_string(answer->status));
  if (may_be_repeated(answer->status))
    return retry_after(answer->header("Retry-After")).value_or(pause);
  counters_.dropped(drop_reason::refused, spans);
  return std::nullopt;
}

/// A line in a minute at most.
void tracer::complain(const std::string& reason) {
  constexpr std::chrono::seconds quiet{60};
  const auto now = clock::now();
  if (complained_ && now - *complained_ < quiet)
    return;
  complained_ = now;
  log_warning("spans cannot be sent to {}: {}", settings_.endpoint, reason);
}

} // namespace waybill::tracing
