#include "scenarios/api_answers.hpp"
#include "scenarios/story_player.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace asio = boost::asio;
namespace json = boost::json;

// The steps of a story that break something on purpose.
namespace waybill::scenarios {

namespace {

constexpr unsigned ok = 200;
constexpr unsigned not_found = 404;
constexpr milliseconds poll_interval{100};
/// Behind a load balancer each request goes to another gateway: the one that causes the fault answers within this time.
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

asio::awaitable<void> story_player::play(const chaos_step& step) {
  json::object body{{"fault", step.fault}};
  if (step.order.empty())
    body["lasts_ms"] = step.lasts.count();
  else
    body["order"] = order_id(step.order);
  outbound::api_request request;
  request.method = "POST";
  request.target = "/v1/chaos";
  request.body = json::serialize(body);
  const auto answer = co_await ask(std::move(request));
  if (answer.status != 202)
    give_up_on("POST /v1/chaos", answer);
  note("POST /v1/chaos", step.fault);
  chaos_node_ = text_of(parse(answer, "POST /v1/chaos"), "node");
  chaos_over_ = false;
  chaos_steps_noted_ = 0;
  // A fault that takes no time is over now.
  co_await follow_chaos(clock::now());
}

asio::awaitable<std::optional<json::value>> story_player::read_chaos() {
  outbound::api_request request;
  request.target = "/v1/chaos";
  const auto answer = co_await ask_until_available(std::move(request));
  if (answer.status == not_found && !chaos_node_.empty())
    co_return std::nullopt;
  if (answer.status != ok)
    give_up_on("GET /v1/chaos", answer);
  auto state = parse(answer, "GET /v1/chaos");
  if (text_of(state, "node") != chaos_node_)
    co_return std::nullopt;
  co_return std::optional{std::move(state)};
}

asio::awaitable<void> story_player::follow_chaos(clock::time_point until) {
  const auto answer_by = std::max(until, clock::now() + longest_silence);
  for (;;) {
    const auto state = co_await read_chaos();
    if (state)
      note_chaos(*state);
    if (chaos_over_ || clock::now() >= (state ? until : answer_by))
      co_return;
    co_await pause(poll_interval);
  }
}

void story_player::note_chaos(const json::value& state) {
  const auto* steps = state.get_object().if_contains("steps");
  if (steps != nullptr && steps->is_array())
    for (; chaos_steps_noted_ < steps->get_array().size(); ++chaos_steps_noted_)
      if (const auto* text = steps->get_array()[chaos_steps_noted_].if_string())
        note("chaos", std::string{*text});
  const auto status = text_of(state, "status");
  chaos_over_ = status != "running";
  if (status == "failed")
    give_up("the fault failed: " + joined(state, "steps"));
}

asio::awaitable<void> story_player::play(const wait_chaos_step& step) {
  co_await follow_chaos(clock::now() + step.within);
  if (!chaos_over_)
    give_up("the fault is not over after " + std::to_string(step.within.count()) + " ms");
}

/// One of the workers follows the fault; the others stop when it is over.
asio::awaitable<void> story_player::in_chaos(const std::string& crowd, std::size_t count,
                                             std::function<asio::awaitable<void>(std::size_t)> each) {
  seen_.failed[crowd] = 0;
  const std::function<asio::awaitable<void>(std::size_t)> worker = [&](std::size_t i) {
    return i == 0 ? follow_chaos(deadline_) : each(i - 1);
  };
  co_await for_all(count + 1, worker);
}

asio::awaitable<void> story_player::buy_in_chaos(const crowd_step& step, std::uint32_t number, std::string& id) {
  if (chaos_over_)
    co_return;
  std::string problem;
  try {
    auto request = order_request(step.order);
    request.headers.emplace_back("Idempotency-Key", key_of(step.as + "-" + std::to_string(number)));
    const auto placed = co_await ask(std::move(request));
    if (placed.status != 201)
      give_up_on("POST /v1/orders", placed);
    id = text_of(parse(placed, "POST /v1/orders"), "id");
    outbound::api_request read_order;
    read_order.target = "/v1/orders/" + id;
    const auto answer = co_await ask(std::move(read_order));
    if (answer.status != 200)
      give_up_on("GET /v1/orders/{id}", answer);
  } catch (const std::exception& e) {
    problem = e.what();
  }
  if (problem.empty())
    co_return;
  constexpr std::int64_t noted_at_most = 10;
  if (++seen_.failed[step.as] <= noted_at_most)
    note("failed", problem);
}

asio::awaitable<void> story_player::play(const readyz_step& step) {
  const auto until = clock::now() + step.within;
  for (;;) {
    outbound::api_request request;
    request.target = "/readyz";
    const auto answer = co_await ask(std::move(request));
    if (answer.status == step.is) {
      const auto missing = joined(parse(answer, "GET /readyz"), "missing");
      note("GET /readyz", std::to_string(answer.status) + (missing.empty() ? "" : ": " + missing));
      co_return;
    }
    if (clock::now() >= until)
      give_up("GET /readyz is still " + std::to_string(answer.status) + " after " + std::to_string(step.within.count())
              + " ms");
    co_await pause(poll_interval);
  }
}

asio::awaitable<void> story_player::play(const refuse_step& step) {
  const auto until = clock::now() + step.within;
  for (;;) {
    auto request = order_request(step.order);
    request.headers.emplace_back("Idempotency-Key", key_of(step.key));
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
              + std::to_string(step.within.count()) + " ms");
    co_await pause(poll_interval);
  }
}

} // namespace waybill::scenarios
