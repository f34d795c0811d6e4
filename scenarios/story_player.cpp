#include "scenarios/story_player.hpp"

#include "scenarios/api_answers.hpp"

#include "domain/base/ids.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace asio = boost::asio;
namespace json = boost::json;

namespace waybill::scenarios {

namespace {

constexpr milliseconds request_timeout{10'000};
constexpr int max_pages = 20;

} // namespace

story_player::story_player(asio::any_io_executor executor, const story& tale, const run_options& options)
  : executor_(std::move(executor)), options_(options), number_(tale.number),
    client_(executor_, options.server, {.ca_file = options.ca_file}), started_(clock::now()),
    deadline_(started_ + options.limit), suffix_(make_id_suffix()), repeats_unavailable_(tale.needs_chaos()) {}

std::int64_t story_player::elapsed_ms() const {
  return std::chrono::duration_cast<milliseconds>(clock::now() - started_).count();
}

void story_player::note(std::string event, std::string detail) {
  notes_.push_back({elapsed_ms(), std::move(event), std::move(detail)});
}

asio::awaitable<void> story_player::pause(milliseconds time) {
  asio::steady_timer timer{executor_, std::min(clock::now() + time, deadline_)};
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<outbound::http_response> story_player::ask(outbound::api_request request) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - clock::now());
  const auto name = request.method + " " + request.target;
  if (left.count() <= 0)
    give_up(name + ": the run took longer than " + std::to_string(options_.limit.count()) + " ms");
  request.timeout = std::min(request_timeout, left);
  if (!options_.run_id.empty())
    request.headers.emplace_back("X-Request-Id", options_.run_id + '-' + std::to_string(++requests_));
  auto answer = co_await client_.send(std::move(request));
  if (!answer)
    give_up(name + ": " + answer.error().detail);
  answered_ = true;
  co_return std::move(*answer);
}

asio::awaitable<json::value> story_player::get(std::string target) {
  outbound::api_request request;
  request.target = std::move(target);
  const auto name = "GET " + request.target;
  outbound::http_response answer;
  if (repeats_unavailable_)
    answer = co_await ask_until_available(std::move(request));
  else
    answer = co_await ask(std::move(request));
  if (answer.status != 200)
    give_up_on(name, answer);
  co_return parse(answer, name);
}

asio::awaitable<void> story_player::create(const product_spec& product) {
  outbound::api_request request;
  request.method = "POST";
  request.target = "/v1/products";
  request.body = json::serialize(
    json::object{{"sku", "scenario-" + std::to_string(number_) + "-" + suffix_ + "-" + product.as},
                 {"name", product.name},
                 {"price", json::object{{"amount", product.price.amount}, {"currency", product.price.currency}}},
                 {"on_hand", product.on_hand}});
  const auto answer = co_await ask(std::move(request));
  if (answer.status != 201)
    give_up_on("POST /v1/products", answer);
  const auto created = parse(answer, "POST /v1/products");
  const auto id = text_of(created, "id");
  if (id.empty())
    give_up("POST /v1/products answered without an id");
  products_[product.as] = id;
  note("POST /v1/products", product.name + ", " + std::to_string(product.on_hand) + " on hand: " + id);
}

asio::awaitable<void> story_player::send_copies(const outbound::api_request& request, std::uint32_t times, bool patient,
                                                std::vector<outbound::http_response>& answers) {
  struct shared_state {
    std::vector<outbound::http_response> answers;
    std::exception_ptr trouble;
    std::uint32_t left = 0;
  };
  const auto state = std::make_shared<shared_state>();
  state->left = times;
  // Its cancellation is the signal that the last answer is there.
  const auto all_done = std::make_shared<asio::steady_timer>(executor_, asio::steady_timer::time_point::max());
  for (std::uint32_t i = 0; i < times; ++i)
    asio::co_spawn(
      executor_,
      [](std::shared_ptr<story_player> self, outbound::api_request copy,
         bool again) -> asio::awaitable<outbound::http_response> {
        if (again)
          co_return co_await self->ask_until_available(std::move(copy));
        co_return co_await self->ask(std::move(copy));
      }(shared_from_this(), request, patient),
      [state, all_done](std::exception_ptr trouble, outbound::http_response answer) {
        if (trouble)
          state->trouble = trouble;
        else
          state->answers.push_back(std::move(answer));
        if (--state->left == 0)
          all_done->cancel();
      });
  boost::system::error_code ignored;
  if (state->left > 0)
    co_await all_done->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (state->trouble)
    std::rethrow_exception(state->trouble);
  answers = std::move(state->answers);
}

outbound::api_request story_player::order_request(const order_spec& order) const {
  json::array lines;
  for (const auto& line : order.lines)
    lines.push_back(json::object{{"product_id", products_.at(line.product)}, {"quantity", line.quantity}});
  outbound::api_request request;
  request.method = "POST";
  request.target = "/v1/orders";
  request.body =
    json::serialize(json::object{{"lines", std::move(lines)},
                                 {"payment", json::object{{"method", "card"}, {"token", order.token}}},
                                 {"delivery", json::object{{"name", order.recipient}, {"address", order.address}}}});
  return request;
}

asio::awaitable<void> story_player::play(const place_step& step) {
  auto request = order_request(step.order);
  if (!step.key.empty())
    request.headers.emplace_back("Idempotency-Key", key_of(step.key));
  if (orders_.empty())
    first_order_at_ms_ = elapsed_ms();
  std::vector<outbound::http_response> answers;
  co_await send_copies(request, step.times, step.patient, answers);
  keep_answers(step, answers);
}

void story_player::keep_answers(const place_step& step, const std::vector<outbound::http_response>& answers) {
  std::map<unsigned, int> statuses;
  auto& known = seen_.answers[step.as];
  const outbound::http_response* unexpected = nullptr;
  for (const auto& response : answers) {
    ++statuses[response.status];
    if (std::find(step.accepts.begin(), step.accepts.end(), response.status) == step.accepts.end())
      unexpected = &response;
    answer kept{response.status, {}, response.header("Idempotent-Replayed") == "true"};
    if (response.status == 201) {
      kept.order_id = text_of(parse(response, "POST /v1/orders"), "id");
      if (kept.order_id.empty())
        give_up("POST /v1/orders answered without an id");
      orders_.emplace(step.as, kept.order_id);
      if (std::find(order_ids_.begin(), order_ids_.end(), kept.order_id) == order_ids_.end())
        order_ids_.push_back(kept.order_id);
    }
    known.push_back(std::move(kept));
  }
  std::string detail;
  for (const auto& [status, count] : statuses)
    detail += (detail.empty() ? "" : ", ") + (answers.size() > 1 ? std::to_string(count) + " times " : "")
              + std::to_string(status);
  const auto placed = orders_.find(step.as);
  note("POST /v1/orders", detail + (placed == orders_.end() ? "" : ": " + placed->second));
  if (unexpected != nullptr)
    give_up_on("POST /v1/orders", *unexpected);
  if (placed == orders_.end())
    give_up("POST /v1/orders: no answer was a 201");
}

const std::string& story_player::order_id(const std::string& name) const {
  const auto order = orders_.find(name);
  if (order == orders_.end())
    give_up("the order '" + name + "' was never placed");
  return order->second;
}

asio::awaitable<void> story_player::play(const wait_step& step) {
  const auto id = order_id(step.order);
  const auto until = clock::now() + step.within;
  for (;;) {
    const auto order = co_await get("/v1/orders/" + id);
    const auto status = text_of(order, "status");
    if (std::find(step.until.begin(), step.until.end(), status) != step.until.end()) {
      note("GET /v1/orders/{id}", id + " is " + status);
      co_return;
    }
    if (clock::now() >= until)
      give_up(id + " is still " + status + " after " + std::to_string(step.within.count()) + " ms, not "
              + step.until.front());
    co_await pause(options_.poll_interval);
  }
}

asio::awaitable<void> story_player::play(const wait_event_step& step) {
  const auto id = order_id(step.order);
  const auto until = clock::now() + step.within;
  for (;;) {
    const auto events_so_far = co_await stream_events(id, step.of);
    if (std::any_of(events_so_far.begin(), events_so_far.end(),
                    [&](const seen_event& x) { return x.type == step.type; }))
      co_return;
    if (clock::now() >= until)
      give_up("no " + step.type + " for " + id + " within " + std::to_string(step.within.count()) + " ms");
    co_await pause(options_.poll_interval);
  }
}

asio::awaitable<void> story_player::play(const cancel_step& step) {
  outbound::api_request request;
  request.method = "POST";
  request.target = "/v1/orders/" + order_id(step.order) + "/cancel";
  request.body = json::serialize(json::object{{"reason", step.reason}});
  const auto name = "POST " + request.target;
  const auto answer = co_await ask(std::move(request));
  note("POST /v1/orders/{id}/cancel", std::to_string(answer.status) + problem_of(answer));
  if (answer.status != 200 && answer.status != 202)
    give_up_on(name, answer);
}

asio::awaitable<story_player::events> story_player::read_events(std::string target, std::string stream) {
  events out;
  std::set<std::string> known;
  std::string cursor;
  for (int page = 0; page < max_pages; ++page) {
    const auto more = cursor.empty() ? std::string{} : "&after=" + outbound::percent_encode(cursor);
    const auto body = co_await get(target + more);
    const auto* items = body.get_object().if_contains("items");
    if (items == nullptr || !items->is_array())
      give_up("GET " + target + " answered without items");
    for (const auto& item : items->get_array()) {
      auto event = read_event(item);
      if (text_of(item, "stream") == stream && known.insert(event.id).second)
        out.push_back(std::move(event));
    }
    auto next = text_of(body, "next_cursor");
    if (items->get_array().empty() || next.empty() || next == cursor)
      break;
    cursor = std::move(next);
  }
  co_return out;
}

asio::awaitable<story_player::events> story_player::stream_events(const std::string& order, stream_kind of) {
  if (of == stream_kind::order)
    co_return co_await read_events("/v1/orders/" + order + "/events?limit=200", order);
  const waybill::order_id id{order};
  const auto stream = of == stream_kind::payment ? sibling_id<payment_id>(id).value : sibling_id<delivery_id>(id).value;
  co_return co_await read_events("/v1/events?limit=200&stream=" + outbound::percent_encode(stream), stream);
}

asio::awaitable<void> story_player::read_results() {
  for (const auto& [name, id] : orders_) {
    seen_.orders[name] = co_await get("/v1/orders/" + id);
    for (const auto of : {stream_kind::order, stream_kind::payment, stream_kind::delivery})
      seen_.events[name][of] = co_await stream_events(id, of);
  }
  for (const auto& [name, id] : products_)
    seen_.products[name] = co_await get("/v1/products/" + id);
}

asio::awaitable<void> story_player::withdraw_products() {
  for (const auto& [name, id] : products_) {
    outbound::api_request request;
    request.method = "DELETE";
    request.target = "/v1/products/" + id;
    const auto answer = co_await ask(std::move(request));
    if (answer.status != 204)
      note("DELETE /v1/products/{id}", std::to_string(answer.status) + problem_of(answer));
  }
}

void story_player::write(story_report& out) const {
  out.order_ids = order_ids_;
  out.steps = notes_;
  std::vector<std::pair<timestamp, const seen_event*>> happened;
  for (const auto& [name, streams] : seen_.events)
    for (const auto& [of, list] : streams)
      for (const auto& event : list)
        if (const auto at = parse_rfc3339(event.occurred_at))
          happened.emplace_back(*at, &event);
  std::stable_sort(happened.begin(), happened.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  // The server's clock may differ from ours: the first event counts as having happened when the first order was sent.
  for (const auto& [at, event] : happened) {
    const auto since = std::chrono::duration_cast<milliseconds>(at - happened.front().first).count();
    out.steps.push_back({first_order_at_ms_ + since, event->type, event->detail});
  }
  std::stable_sort(out.steps.begin(), out.steps.end(),
                   [](const report_step& x, const report_step& y) { return x.at_ms < y.at_ms; });
  out.duration_ms = elapsed_ms();
}

} // namespace waybill::scenarios
