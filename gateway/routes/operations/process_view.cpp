#include "domain/json/json_writer.hpp"
#include "gateway/routes/handlers.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

// What the process uses of the machine, to find out why it is slow or large. Reads /proc, which does not block.

// Defined when jemalloc is linked (jemalloc(3)).
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old, std::size_t* old_size, void* now,
                                             std::size_t now_size);

namespace waybill::http::routes::operations {

namespace {

constexpr milliseconds actors_timeout{2'000};
constexpr std::uint32_t most_actors = 50;

struct thread_line {
  std::int64_t id = 0;
  std::string name;
  std::string state;
  std::int64_t user_ms = 0;
  std::int64_t system_ms = 0;
};

/// One line of /proc/self/task/<id>/stat (proc(5)); the name in parentheses may hold anything.
thread_line parse_stat(const std::string& text) {
  thread_line result;
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos)
    return result;
  std::from_chars(text.data(), text.data() + open, result.id);
  result.name = text.substr(open + 1, close - open - 1);
  std::istringstream rest{text.substr(close + 1)};
  rest >> result.state;
  std::string skipped;
  constexpr int between = 10;
  for (int i = 0; i < between; ++i)
    rest >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  rest >> user >> system;
  const auto tick_ms = 1'000 / std::max(::sysconf(_SC_CLK_TCK), 1L);
  result.user_ms = user * tick_ms;
  result.system_ms = system * tick_ms;
  return result;
}

void write_threads(json_writer& out) {
  out.key("threads").begin_array();
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task", gone}) {
    std::ifstream file{task.path() / "stat"};
    std::string text;
    std::getline(file, text);
    const auto thread = parse_stat(text);
    if (thread.id == 0)
      continue;
    out.begin_object()
      .member("id", thread.id)
      .member("name", thread.name)
      .member("state", thread.state)
      .member("cpu_user_ms", thread.user_ms)
      .member("cpu_system_ms", thread.system_ms)
      .end_object();
  }
  out.end_array();
}

void write_memory(json_writer& out) {
  std::int64_t pages = 0;
  std::int64_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> pages >> resident;
  const std::int64_t page = ::sysconf(_SC_PAGESIZE);
  out.key("memory").begin_object().member("virtual_bytes", pages * page).member("resident_bytes", resident * page);
  if (mallctl != nullptr) {
    // The figures are those of the last epoch.
    std::uint64_t epoch = 1;
    std::size_t size = sizeof epoch;
    mallctl("epoch", &epoch, &size, &epoch, size);
    out.key("allocator").begin_object();
    for (const auto& [name, key] :
         {std::pair{"allocated_bytes", "stats.allocated"}, std::pair{"active_bytes", "stats.active"},
          std::pair{"metadata_bytes", "stats.metadata"}, std::pair{"resident_bytes", "stats.resident"},
          std::pair{"retained_bytes", "stats.retained"}}) {
      std::size_t value = 0;
      size = sizeof value;
      if (mallctl(key, &value, &size, nullptr, 0) == 0)
        out.member(name, value);
    }
    out.end_object();
  }
  out.end_object();
}

void write_http(json_writer& out, context& ctx) {
  const auto& metrics = ctx.metrics();
  auto& state = ctx.state();
  out.key("http")
    .begin_object()
    .member("connections", metrics.connections.value())
    .member("requests_in_flight", metrics.in_flight.value())
    .member("requests_admitted", state.requests.inside())
    .member("requests_limit", state.requests.limit())
    .member("websockets", metrics.websockets.value())
    .member("event_subscribers", metrics.subscribers.value())
    .member("buffered_bytes", metrics.buffered.value())
    .member("rate_limited_buckets", state.rates.in_use(clock::now()))
    .member("draining", ctx.draining())
    .end_object();
}

task<void> write_actors(json_writer& out, context& ctx) {
  waybill::list_actors question;
  question.by_mailbox = true;
  question.limit = most_actors;
  const auto answer = co_await ctx.ask_for<actor_list>(ctx.services().node_api, question, actors_timeout);
  out.key("actors").begin_object();
  if (answer) {
    out.member("total", answer->total).key("longest_mailboxes").begin_array();
    for (const auto& actor : answer->actors)
      out.begin_object()
        .member("type", actor.type)
        .member("id", actor.id)
        .member("mailbox", actor.mailbox)
        .member("handled", actor.handled)
        .end_object();
    out.end_array();
    if (!answer->missing.empty())
      out.member("missing", "not all parts of the node answered in time");
  } else {
    out.member("missing", "the node did not answer in time");
  }
  out.end_object();
}

} // namespace

task<response> show_process(context& ctx, const request&) {
  json_writer out;
  out.begin_object().member("node", ctx.services().node).member("pid", ::getpid());
  write_http(out, ctx);
  write_memory(out);
  write_threads(out);
  if (ctx.services().node_api)
    co_await write_actors(out, ctx);
  response result;
  result.body = out.end_object().take();
  co_return result;
}

} // namespace waybill::http::routes::operations
