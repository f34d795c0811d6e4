#include "domain/base/number.hpp"
#include "domain/json/json_parse.hpp"
#include "domain/json/json_writer.hpp"
#include "domain/user.hpp"
#include "gateway/auth/account_check.hpp"
#include "gateway/pages/pages.hpp"
#include "gateway/routes/handlers.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace waybill::http::routes::scenarios {

namespace {

/// How long GET /scenario/{n} waits for the end of the story.
constexpr std::chrono::seconds longest_run{30};
/// How soon a wait notices that the gateway shuts down.
constexpr milliseconds wait_piece{500};

scenario_service& service(context& ctx) {
  if (!ctx.services().scenarios)
    throw not_found("this node plays no scenarios");
  return *ctx.services().scenarios;
}

int number_of(const request& req) {
  if (const auto number = parse_number<int>(req.id))
    return *number;
  throw not_found("there is no such scenario");
}

std::string own_url(context& ctx) {
  const auto& ports = ctx.state().ports;
  const auto& address = ports.loopback == ports.http ? ctx.config().address : "127.0.0.1";
  auto host = address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address;
  if (host.find(':') != std::string::npos)
    host = '[' + host + ']';
  return "http://" + host + ':' + std::to_string(ports.loopback);
}

/// The token that a scenario plays with: of an admin, because it makes products and places orders. The user does not
/// exist, and the token lives for a minute only.
std::string token_of_player(const context& ctx) {
  if (!ctx.config().auth_required)
    return {};
  const auto keys = ctx.services().keys ? ctx.services().keys->keys() : nullptr;
  if (!keys)
    throw to_problem({ec::unavailable, {}});
  auto rules = ctx.config().tokens;
  rules.lifetime = std::chrono::minutes{1};
  return make_access_token(*keys, rules, scenario_player().value, {std::string{user::admin_role}}, now());
}

/// Throws not_found when there is no such scenario.
void require_scenario(context& ctx, int number) {
  const auto stories = parse_json(service(ctx).list());
  const auto* items = stories ? stories->if_array() : nullptr;
  const auto is_it = [&](const boost::json::value& story) {
    const auto* object = story.if_object();
    const auto* found = object ? object->if_contains("scenario") : nullptr;
    return found && found->is_int64() && found->get_int64() == number;
  };
  if (!items || std::none_of(items->begin(), items->end(), is_it))
    throw not_found("there is no such scenario");
}

/// Starts a run and gives its id; throws when there is no such scenario.
std::string start_run(context& ctx, int number) {
  auto& scenarios = service(ctx);
  const auto runs = ctx.state().runs;
  const auto added = runs->add(number);
  if (!added)
    throw to_problem(failure{ec::overloaded, {}});
  const auto& id = *added;
  scenarios.run(number, {id, own_url(ctx), token_of_player(ctx)},
                [runs, id](result<std::string> report) { runs->finish(id, std::move(report)); });
  if (const auto run = runs->find(id); run && run->report && !*run->report)
    throw to_problem(run->report->error());
  return id;
}

/// Waits until a run has ended, the time is over or the gateway shuts down.
task<void> await_run(context& ctx, const std::string& id) {
  struct waiting {
    explicit waiting(net::io_context& io) : limit(io) {}
    timer limit;
    bool done = false;
  };
  const auto state = std::make_shared<waiting>(ctx.io());
  const auto runs = ctx.state().runs;
  // The coroutine may be destroyed while it waits.
  struct forget_at_end {
    ~forget_at_end() { runs.forget(number); }
    scenario_runs& runs;
    std::uint64_t number;
  };
  const auto number = runs->wait(id, [state, &io = ctx.io()] {
    net::post(io, [state] {
      state->done = true;
      state->limit.cancel();
    });
  });
  const forget_at_end registration{*runs, number};
  const auto end = clock::now() + longest_run;
  while (!state->done && !ctx.draining() && clock::now() < end) {
    error_code ignored;
    state->limit.expires_after(wait_piece);
    co_await state->limit.async_wait(net::redirect_error(use_task, ignored));
  }
}

} // namespace

task<response> list(context& ctx, const request&) {
  response result;
  json_writer out;
  result.body = out.begin_object().key("items").raw(service(ctx).list()).key("next_cursor").null().end_object().take();
  co_return result;
}

task<response> start(context& ctx, const request& req) {
  const auto number = number_of(req);
  const auto id = start_run(ctx, number);
  json_writer out;
  response result;
  result.status = 202;
  result.body =
    out.begin_object().member("id", id).member("scenario", number).member("status", "running").end_object().take();
  result.set("Location", "/v1/scenario-runs/" + id);
  co_return result;
}

task<response> show_run(context& ctx, const request& req) {
  const auto run = ctx.state().runs->find(req.id);
  if (!run)
    throw not_found("there is no such run, or it is too old");
  json_writer out;
  out.begin_object().member("id", run->id).member("scenario", run->scenario);
  out.member("status", !run->report ? "running" : *run->report ? "completed" : "failed").key("report");
  if (run->report && *run->report)
    out.raw(**run->report);
  else
    out.null();
  if (run->report && !*run->report)
    out.member("detail", run->report->error().detail);
  response result;
  result.body = out.end_object().take();
  co_return result;
}

task<response> play(context& ctx, const request& req) {
  const auto number = number_of(req);
  response result;
  // Everybody may have the page (access_rule::has_page), and links lead to it: its script starts the run.
  if (accepts_html(req)) {
    result = pages::serve_client(req, "pages/scenarios.html");
    result.set("Vary", "Accept");
    co_return result;
  }
  result.set("Vary", "Accept");
  // Whoever only looks whether there is something must not make orders.
  if (req.method == verb::head) {
    require_scenario(ctx, number);
    co_return result;
  }
  const auto id = start_run(ctx, number);
  if (req.permit)
    req.permit->done();
  co_await await_run(ctx, id);
  const auto run = ctx.state().runs->find(id);
  if (!run || !run->report)
    throw problem{503,
                  "unavailable",
                  "the scenario has not ended within 30 s; its report will be at /v1/scenario-runs/" + id,
                  {},
                  {{"Retry-After", "5"}, {"Location", "/v1/scenario-runs/" + id}}};
  if (!*run->report)
    throw to_problem(run->report->error());
  result.body = **run->report;
  co_return result;
}

} // namespace waybill::http::routes::scenarios
