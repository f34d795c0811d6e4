#include "domain/base/json_writer.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/transport/worker.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

/// What the process does with the machine, for whoever looks for the reason why it is slow or large. Reads /proc, which
/// does not block.

// There where jemalloc is linked in (jemalloc(3)).
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old, std::size_t* old_size, void* now,
                                             std::size_t now_size);

namespace waybill::http {

namespace {

constexpr milliseconds patience{2'000};
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
    const auto one = parse_stat(text);
    if (one.id == 0)
      continue;
    out.begin_object()
      .member("id", one.id)
      .member("name", one.name)
      .member("state", one.state)
      .member("cpu_user_ms", one.user_ms)
      .member("cpu_system_ms", one.system_ms)
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

void write_http(json_writer& out, worker& w) {
  const auto& metrics = w.metrics();
  auto& parts = w.parts();
  out.key("http")
    .begin_object()
    .member("connections", metrics.connections.load())
    .member("requests_in_flight", metrics.in_flight.load())
    .member("requests_admitted", parts.requests.inside())
    .member("requests_limit", parts.requests.limit())
    .member("websockets", metrics.websockets.load())
    .member("event_subscribers", metrics.subscribers.load())
    .member("buffered_bytes", metrics.buffered.load())
    .member("rate_limited_buckets", parts.rates.in_use(clock::now()))
    .member("draining", w.draining())
    .end_object();
}

task<void> write_actors(json_writer& out, worker& w) {
  list_actors question;
  question.by_mailbox = true;
  question.limit = most_actors;
  const auto answer = co_await ask<actor_list>(w.bridge_handle(), w.services().face, patience, question);
  out.key("actors").begin_object();
  if (answer) {
    out.member("total", answer->total).key("longest_mailboxes").begin_array();
    for (const auto& one : answer->actors)
      out.begin_object()
        .member("type", one.type)
        .member("id", one.id)
        .member("mailbox", one.mailbox)
        .member("handled", one.handled)
        .end_object();
    out.end_array();
  } else {
    out.member("missing", "the node did not tell in time");
  }
  out.end_object();
}

} // namespace

task<response> show_process(worker& w, const request&) {
  json_writer out;
  out.begin_object().member("node", w.services().node).member("pid", ::getpid());
  write_http(out, w);
  write_memory(out);
  write_threads(out);
  if (w.services().face)
    co_await write_actors(out, w);
  response result;
  result.body = out.end_object().take();
  co_return result;
}

} // namespace waybill::http
