#include "tests/cluster/chaos/load.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include <functional>
#include <stdexcept>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace json = boost::json;
using steady = std::chrono::steady_clock;

constexpr std::size_t most_connections = 1'000;

std::string text_of(const json::object& from, const char* name) {
  const auto* value = from.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

std::uint64_t number_of(const json::object& from, const char* name) {
  const auto* value = from.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

std::uint64_t number_in_quotes(std::string_view text) {
  return text.size() > 2 && text.front() == '"' ? std::strtoull(text.data() + 1, nullptr, 10) : 0;
}

/// The orders, or the events of an order, that an answer shows.
std::vector<sight> read_sights(request_kind kind, const json::object& body) {
  std::vector<sight> seen;
  const auto add = [&](const json::object& object) {
    if (kind == request_kind::history)
      seen.push_back({text_of(object, "stream"), number_of(object, "version"), text_of(object, "type")});
    else
      seen.push_back({text_of(object, "id"), number_of(object, "version"), text_of(object, "status")});
  };
  if (const auto* items = body.if_contains("items"); items != nullptr && items->is_array()) {
    for (const auto& item : items->get_array())
      if (item.is_object())
        add(item.get_object());
  } else {
    add(body);
  }
  return seen;
}

void read_answer(const outbound::http_response& answer, exchange& into) {
  into.status = answer.status;
  into.has_retry_after = !answer.header("Retry-After").empty();
  into.replayed = answer.header("Idempotent-Replayed") == "true";
  into.etag = number_in_quotes(answer.header("ETag"));
  into.digest = std::hash<std::string>{}(answer.body);
  boost::system::error_code trouble;
  const auto body = json::parse(answer.body, trouble);
  if (trouble || !body.is_object())
    into.trouble = "the body is no JSON object";
  else if (answer.status >= 400)
    into.trouble = text_of(body.get_object(), "code");
  else
    into.seen = read_sights(into.kind, body.get_object());
}

/// A refused request is repeated after its Retry-After, which is one second.
milliseconds again_after(unsigned status) {
  return status == 503 ? 1'000ms : 250ms;
}

/// Whether an answer says what became of the request; the others are repeated.
bool is_definite(unsigned status) {
  return status != 0 && status < 500 && status != 429 && status != 409;
}

} // namespace

load::load(const request_plan& plan, load_settings settings, const accounts& people,
           std::vector<std::optional<std::string>>& accepted, std::vector<exchange>& exchanges)
  : plan_{plan}, settings_{std::move(settings)}, people_{people}, accepted_{accepted}, exchanges_{exchanges} {
  accepted_.resize(plan_.orders.size());
  for (const auto& url : settings_.gateways) {
    auto server = outbound::parse_api_server(url);
    if (!server)
      throw std::runtime_error("no gateway at '" + url + "'");
    outbound::api_client_options options;
    options.max_connections = most_connections;
    clients_.emplace_back(context_.get_executor(), *server, options);
  }
  asio::co_spawn(context_, dispatch(), [this](std::exception_ptr) {
    all_sent_ = true;
    finished_ = under_way_ == 0;
  });
  thread_ = std::jthread{[this] { context_.run(); }};
}

load::~load() {
  context_.stop();
}

asio::awaitable<void> load::dispatch() {
  asio::steady_timer timer{context_};
  for (const auto& request : plan_.requests) {
    if (start_ + request.at > steady::now()) {
      timer.expires_at(start_ + request.at);
      co_await timer.async_wait(asio::use_awaitable);
    }
    // A plan without times is sent as quickly as it is answered.
    while (under_way_ >= most_connections / 2)
      co_await pause(5ms);
    for (std::size_t copy = 0; copy < request.copies; ++copy) {
      auto mine = request;
      mine.gateway = (request.gateway + copy) % clients_.size();
      spawn(mine);
    }
  }
}

void load::spawn(planned_request request) {
  ++under_way_;
  asio::co_spawn(context_, carry_out(request), [this](std::exception_ptr) {
    --under_way_;
    finished_ = all_sent_ && under_way_ == 0;
  });
}

asio::awaitable<void> load::carry_out(planned_request request) {
  const auto give_up = std::max(steady::now(), start_ + request.at) + settings_.patience;
  if (request.kind == request_kind::place || request.kind == request_kind::race)
    co_await place(request, give_up);
  else
    co_await about_accepted(request, give_up);
}

asio::awaitable<void> load::place(planned_request request, deadline give_up) {
  for (std::size_t attempt = 0;; ++attempt) {
    auto message = message_of(request);
    const auto status = co_await send(request, (request.gateway + attempt) % clients_.size(), std::move(message));
    // Without a key it must not be said twice.
    if (is_definite(status) || !request.persistent || steady::now() >= give_up)
      co_return;
    co_await pause(again_after(status));
  }
}

asio::awaitable<void> load::about_accepted(planned_request request, deadline give_up) {
  if (request.kind != request_kind::list) {
    // Others than cancels are asked only if there is something to ask for; without a key there is one attempt.
    const bool waits = request.kind == request_kind::cancel;
    const bool keyed = plan_.orders[request.order].keyed;
    const auto until = !waits ? steady::now() : keyed ? give_up : steady::now() + settings_.answer_within;
    const bool there = co_await await_acceptance(request.order, until);
    if (!there)
      co_return;
  }
  for (std::size_t attempt = 0;; ++attempt) {
    auto message = message_of(request);
    const auto status = co_await send(request, (request.gateway + attempt) % clients_.size(), std::move(message));
    const bool refused = request.kind == request_kind::cancel && status == 409;
    if (is_definite(status) || refused || !request.persistent || steady::now() >= give_up)
      co_return;
    co_await pause(again_after(status));
  }
}

asio::awaitable<bool> load::await_acceptance(std::size_t order, deadline give_up) {
  while (!accepted_[order]) {
    if (steady::now() >= give_up)
      co_return false;
    co_await pause(50ms);
  }
  co_return true;
}

asio::awaitable<void> load::pause(milliseconds how_long) {
  asio::steady_timer timer{context_, how_long};
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<unsigned> load::send(const planned_request& request, std::size_t gateway,
                                     outbound::api_request message) {
  exchange seen;
  seen.kind = request.kind;
  seen.label = plan_.orders.at(request.order).label;
  seen.keyed = plan_.orders[request.order].keyed;
  seen.gateway = gateway;
  seen.reader = request.reader;
  seen.began = now();
  const auto answer = co_await clients_[gateway].send(std::move(message));
  seen.ended = now();
  if (answer)
    read_answer(*answer, seen);
  else
    seen.trouble = answer.error().detail;
  note_accepted(request, seen);
  const auto status = seen.status;
  exchanges_.push_back(std::move(seen));
  co_return status;
}

void load::note_accepted(const planned_request& request, const exchange& seen) {
  const bool places = request.kind == request_kind::place || request.kind == request_kind::race;
  if (!places || seen.status != 201 || seen.seen.empty() || accepted_[request.order])
    return;
  accepted_[request.order] = seen.seen.front().id;
  ++accepted_count_;
}

outbound::api_request load::message_of(const planned_request& request) const {
  const auto& order = plan_.orders.at(request.order);
  const auto path = "/v1/orders/" + accepted_[request.order].value_or("");
  outbound::api_request message;
  message.timeout = settings_.answer_within;
  message.headers = people_.owner(request.order);
  switch (request.kind) {
    case request_kind::place:
    case request_kind::race:
    case request_kind::reuse_key: {
      message.method = "POST";
      message.target = "/v1/orders";
      auto wanted = order;
      if (request.kind == request_kind::reuse_key)
        wanted.lines.front().quantity += 7;
      message.body = body_of(wanted, settings_.products);
      if (order.keyed)
        message.headers.emplace_back("Idempotency-Key", order.label);
      break;
    }
    case request_kind::cancel:
      message.method = "POST";
      message.target = path + "/cancel";
      message.body = R"({"reason":"changed my mind"})";
      break;
    case request_kind::read: message.target = path; break;
    case request_kind::history: message.target = path + "/events?limit=200"; break;
    case request_kind::list: message.target = "/v1/orders?limit=20"; break;
  }
  return message;
}

} // namespace waybill::chaos
