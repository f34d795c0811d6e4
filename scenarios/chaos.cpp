#include "scenarios/answers.hpp"
#include "scenarios/session.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace asio = boost::asio;
namespace json = boost::json;

// The part of a run in which something is broken on purpose.
namespace waybill::scenarios {

namespace {

constexpr unsigned ok = 200;
constexpr unsigned not_found = 404;
constexpr milliseconds look_interval{100};
/// Of the gateway that stages the fault, behind something that sends each request to another one.
constexpr milliseconds longest_silence{2'000};

/// The sentences of a list of texts.
std::string joined(const json::value& object, const char* key) {
  const auto* list = object.get_object().if_contains(key);
  std::string out;
  if (list != nullptr && list->is_array())
    for (const auto& item : list->get_array())
      if (item.is_string())
        out += (out.empty() ? "" : "; ") + std::string{item.get_string()};
  return out;
}

} // namespace

asio::awaitable<void> session::stage(const chaos_step& what) {
  json::object body{{"fault", what.fault}};
  if (what.order.empty())
    body["lasts_ms"] = what.lasts.count();
  else
    body["order"] = order_id(what.order);
  outbound::request request;
  request.method = "POST";
  request.target = "/v1/chaos";
  request.body = json::serialize(body);
  const auto answer = co_await ask(std::move(request));
  if (answer.status != 202)
    surprised_by("POST /v1/chaos", answer);
  note("POST /v1/chaos", what.fault);
  chaos_at_ = text_of(parse(answer, "POST /v1/chaos"), "node");
  chaos_over_ = false;
  chaos_steps_told_ = 0;
  // What is over at once is told at once.
  co_await follow_chaos(clock::now());
}

asio::awaitable<std::optional<json::value>> session::look_at_chaos() {
  outbound::request look;
  look.target = "/v1/chaos";
  const auto answer = co_await ask_patiently(std::move(look));
  if (answer.status == not_found && !chaos_at_.empty())
    co_return std::nullopt;
  if (answer.status != ok)
    surprised_by("GET /v1/chaos", answer);
  auto state = parse(answer, "GET /v1/chaos");
  if (text_of(state, "node") != chaos_at_)
    co_return std::nullopt;
  co_return std::optional{std::move(state)};
}

asio::awaitable<void> session::follow_chaos(clock::time_point until) {
  const auto heard_by = std::max(until, clock::now() + longest_silence);
  for (;;) {
    const auto state = co_await look_at_chaos();
    if (state)
      take_chaos(*state);
    if (chaos_over_ || clock::now() >= (state ? until : heard_by))
      co_return;
    co_await pause(look_interval);
  }
}

void session::take_chaos(const json::value& state) {
  const auto* steps = state.get_object().if_contains("steps");
  if (steps != nullptr && steps->is_array())
    for (; chaos_steps_told_ < steps->get_array().size(); ++chaos_steps_told_)
      if (const auto* text = steps->get_array()[chaos_steps_told_].if_string())
        note("chaos", std::string{*text});
  const auto status = text_of(state, "status");
  chaos_over_ = status != "running";
  if (status == "failed")
    give_up("the fault did not go as it should: " + joined(state, "steps"));
}

asio::awaitable<void> session::wait_chaos(const wait_chaos_step& what) {
  co_await follow_chaos(clock::now() + what.within);
  if (!chaos_over_)
    give_up("the fault is not over after " + std::to_string(what.within.count()) + " ms");
}

/// One of the workers follows the fault, so that the others know when it is over.
asio::awaitable<void> session::in_chaos(const std::string& crowd, std::size_t count,
                                        std::function<asio::awaitable<void>(std::size_t)> each) {
  seen_.failed[crowd] = 0;
  const std::function<asio::awaitable<void>(std::size_t)> one = [&](std::size_t i) {
    return i == 0 ? follow_chaos(deadline_) : each(i - 1);
  };
  co_await for_all(count + 1, one);
}

asio::awaitable<void> session::buy_in_chaos(const crowd_step& what, std::uint32_t number, std::string& id) {
  if (chaos_over_)
    co_return;
  std::string trouble;
  try {
    auto request = order_request(what.what);
    request.headers.emplace_back("Idempotency-Key", key_of(what.as + "-" + std::to_string(number)));
    const auto placed = co_await ask(std::move(request));
    if (placed.status != 201)
      surprised_by("POST /v1/orders", placed);
    id = text_of(parse(placed, "POST /v1/orders"), "id");
    outbound::request look;
    look.target = "/v1/orders/" + id;
    const auto found = co_await ask(std::move(look));
    if (found.status != 200)
      surprised_by("GET /v1/orders/{id}", found);
  } catch (const std::exception& e) {
    trouble = e.what();
  }
  if (trouble.empty())
    co_return;
  constexpr std::int64_t told_at_most = 10;
  if (++seen_.failed[what.as] <= told_at_most)
    note("failed", trouble);
}

asio::awaitable<void> session::await_readyz(const readyz_step& what) {
  const auto until = clock::now() + what.within;
  for (;;) {
    outbound::request request;
    request.target = "/readyz";
    const auto answer = co_await ask(std::move(request));
    if (answer.status == what.is) {
      const auto missing = joined(parse(answer, "GET /readyz"), "missing");
      note("GET /readyz", std::to_string(answer.status) + (missing.empty() ? "" : ": " + missing));
      co_return;
    }
    if (clock::now() >= until)
      give_up("GET /readyz is still " + std::to_string(answer.status) + " after " + std::to_string(what.within.count())
              + " ms");
    co_await pause(look_interval);
  }
}

asio::awaitable<void> session::be_refused(const refuse_step& what) {
  const auto until = clock::now() + what.within;
  for (;;) {
    auto request = order_request(what.what);
    request.headers.emplace_back("Idempotency-Key", key_of(what.key));
    const auto answer = co_await ask(std::move(request));
    const auto later = answer.header("Retry-After");
    if (answer.status == service_unavailable && !later.empty()) {
      note("POST /v1/orders", "503, Retry-After: " + std::string{later} + problem_of(answer));
      co_return;
    }
    if (answer.status == service_unavailable)
      give_up("POST /v1/orders answered 503 without Retry-After");
    if (clock::now() >= until)
      give_up("POST /v1/orders still answers " + std::to_string(answer.status) + " after "
              + std::to_string(what.within.count()) + " ms");
    co_await pause(look_interval);
  }
}

} // namespace waybill::scenarios
