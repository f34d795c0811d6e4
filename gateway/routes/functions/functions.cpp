#include "domain/base/log.hpp"
#include "functions/built_in.hpp"
#include "functions/limits.hpp"
#include "gateway/events/event_filter.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/functions/function_views.hpp"
#include "gateway/routes/handlers.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

// Functions: changed by admins, shown to operators and called by them and by their programs.

namespace waybill::http::routes::functions {

namespace {

constexpr std::string_view list_name = "functions";

template <class View, class... Arguments>
std::string json_of(View view, const Arguments&... shown) {
  json_writer out;
  view(out, shown...);
  return out.take();
}

/// The name in the path. Throws not_found for what can be no name.
std::string path_name(const request& req) {
  if (!function::is_name(req.id))
    throw not_found("there is no function of that name");
  return req.id;
}

/// The source may be anything but a control character that no text has; it is checked by the compiler.
std::string read_source(object_reader& from) {
  const auto* value = from.optional("source");
  if (value == nullptr) {
    from.complain("source", "is missing");
    return {};
  }
  const auto* text = value->if_string();
  if (text == nullptr)
    from.complain("source", "must be a text");
  else if (text->empty() || text->size() > sandbox::max_source)
    from.complain("source", "must have 1 to " + std::to_string(sandbox::max_source) + " octets");
  else
    return std::string{*text};
  return {};
}

std::string sentence_of(const function_error& error) {
  return error.line == 0 ? error.message : "line " + std::to_string(error.line) + ": " + error.message;
}

[[noreturn]] void throw_refused_source(const function_error& error) {
  auto refused = invalid_fields(422, {{"/source", sentence_of(error)}});
  refused.line = error.line;
  throw refused;
}

[[noreturn]] void throw_failed(const function_error& error) {
  throw problem{422, "function_failed", sentence_of(error), {}, {}, error.line};
}

constexpr length trigger_count{0, 16};

/// The types of events that it is called for; none when they are left out.
std::vector<std::string> read_triggers(object_reader& from) {
  if (from.optional("triggers") == nullptr)
    return {};
  return read_types(from, "triggers", trigger_count);
}

std::optional<function::guard> read_guard(object_reader& from) {
  const auto* value = from.optional("guard");
  if (value == nullptr || value->is_null())
    return std::nullopt;
  constexpr length allowed{1, 20};
  auto guard = from.object("guard");
  const auto on_failure = guard.text("on_failure", allowed);
  if (!on_failure.empty() && on_failure != "allow" && on_failure != "refuse")
    guard.complain("on_failure", "must be allow or refuse");
  guard.finish();
  return function::guard{on_failure == "allow" ? function::guard_failure::allow : function::guard_failure::refuse};
}

/// The change is known to the guards of this gateway before its answer; the others learn of it from the log.
task<void> refresh(context& ctx) {
  constexpr milliseconds patience{2'000};
  const auto known = co_await ctx.ask_for<void>(ctx.services().guard_keeper, refresh_guards{}, patience);
  if (!known && ctx.services().guards)
    log_warning("the guards of orders are not known to have changed yet: {}", known.error().detail);
}

response function_response(const request& req, const function::state& shown,
                           const std::optional<trigger_view>& trigger) {
  auto text = json_of([](json_writer& out, const function::state& from,
                         const std::optional<trigger_view>& progress) { write_function(out, from, progress); },
                      shown, trigger);
  // How far its triggers have come changes without a new version.
  const auto tag = trigger ? etag_of(shown.version, text) : etag_of(shown.version);
  return resource(req, std::move(text), tag);
}

/// Bounds the number of functions, so that a faulty client cannot make them without end. Requests at the same time may
/// exceed it by a few.
task<void> check_number(context& ctx, const request& req, const std::string& name) {
  const list_functions query{{}, limits::functions};
  const auto page = co_await ctx.query<function_page>(req, ctx.services().reader, query);
  const bool is_known = std::ranges::find(page.functions, name, &function::summary::name) != page.functions.end();
  if (page.functions.size() >= limits::functions && !is_known)
    throw limit_reached(limits::functions, "functions");
}

/// What is built in stands among the others, by its name.
std::string next_page(const function_page& page, const list_functions& query, json_writer& items) {
  std::size_t written = 0;
  std::string last;
  auto stored = page.functions.begin();
  const auto known = sandbox::built_ins();
  auto built_in = std::ranges::find_if(known, [&](const auto& each) { return each.name > query.after; });
  while (written < query.limit && (stored != page.functions.end() || built_in != known.end())) {
    const bool takes_stored =
      stored != page.functions.end() && (built_in == known.end() || stored->name < built_in->name);
    if (takes_stored) {
      last = stored->name;
      write_summary(items, *stored++);
    } else {
      // What is stored behind the page may come first.
      if (page.more && stored == page.functions.end())
        break;
      last = built_in->name;
      write_summary(items, *built_in++);
    }
    ++written;
  }
  const bool more = page.more || stored != page.functions.end() || built_in != known.end();
  return more ? to_cursor(list_name, {{}, last}) : std::string{};
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_functions query;
  query.limit = from.limit();
  query.after = from.name_cursor(list_name);
  from.finish();
  const auto page = co_await ctx.query<function_page>(req, ctx.services().reader, query);
  json_writer items;
  items.begin_array();
  const auto cursor = next_page(page, query, items);
  co_return list_response(req, items.end_array().take(), cursor);
}

task<response> put(context& ctx, const request& req) {
  put_function command;
  command.name = path_name(req);
  command.id = function::id_of(command.name);
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  command.source = read_source(from);
  command.triggers = read_triggers(from);
  command.guard = read_guard(from);
  from.finish();
  require_valid(body, errors);
  command.expected_version = expected_first_version(req);
  command.origin = req.origin();
  co_await check_number(ctx, req, command.name);
  const auto name = command.name;
  const auto saved = co_await ctx.change<function_saved>(req, ctx.services().functions, std::move(command));
  if (saved.error)
    throw_refused_source(*saved.error);
  co_await refresh(ctx);
  auto answer = function_response(req, saved.function, saved.trigger);
  if (saved.created) {
    answer.status = 201;
    answer.set("Location", "/v1/functions/" + name);
  }
  co_return answer;
}

task<response> show(context& ctx, const request& req) {
  const auto name = path_name(req);
  if (const auto* known = sandbox::find_built_in(name)) {
    auto text = json_of([](json_writer& out, const sandbox::built_in& from) { write_function(out, from); }, *known);
    co_return resource(req, std::move(text), built_in_version);
  }
  const get_function question{function::id_of(name)};
  const auto found = co_await ctx.query<function_view>(req, ctx.services().functions, question);
  co_return function_response(req, found.function, found.trigger);
}

task<response> list_versions(context& ctx, const request& req) {
  query_reader from{req};
  from.finish();
  const auto name = path_name(req);
  json_writer items;
  items.begin_array();
  if (const auto* known = sandbox::find_built_in(name)) {
    write_version(items, *known);
  } else {
    const get_function question{function::id_of(name)};
    const auto found = co_await ctx.query<function_view>(req, ctx.services().functions, question);
    const auto& versions = found.function.versions;
    for (auto each = versions.rbegin(); each != versions.rend(); ++each)
      write_version(items, *each, each->number == found.function.current);
  }
  co_return list_response(req, items.end_array().take(), {});
}

task<response> roll_back(context& ctx, const request& req) {
  roll_back_function command;
  command.id = function::id_of(path_name(req));
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  const auto number = from.integer("version", {1, std::numeric_limits<std::int64_t>::max()});
  from.finish();
  require_valid(body, errors);
  command.number = static_cast<std::uint64_t>(number);
  command.expected_version = expected_first_version(req);
  command.origin = req.origin();
  const auto changed = co_await ctx.change<function_view>(req, ctx.services().functions, std::move(command));
  co_await refresh(ctx);
  co_return function_response(req, changed.function, changed.trigger);
}

task<response> remove(context& ctx, const request& req) {
  const remove_function command{function::id_of(path_name(req)), expected_first_version(req), req.origin()};
  co_await ctx.change<void>(req, ctx.services().functions, command);
  co_await refresh(ctx);
  co_return no_content();
}

/// Asked once: a call that waits for its turn must not come twice.
task<response> invoke(context& ctx, const request& req) {
  const auto name = path_name(req);
  static_cast<void>(read_body(req));
  const invoke_function call{function::id_of(name), std::string{req.body}};
  const auto ran = co_await ctx.command<function_ran>(req, ctx.services().functions, call);
  if (ran.error)
    throw_failed(*ran.error);
  response answer;
  json_writer out;
  answer.body = out.begin_object().key("result").raw(ran.result).end_object().take();
  co_return answer;
}

} // namespace waybill::http::routes::functions
