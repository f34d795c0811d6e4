#include "outbound/tool_client.hpp"

#include "domain/base/errors.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <deque>
#include <optional>

#include <sys/socket.h>

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace waybill::outbound {

namespace {

using clock = std::chrono::steady_clock;
using error_code = boost::system::error_code;

bool same_name(std::string_view x, std::string_view y) {
  return beast::iequals(x, y);
}

bool is_repeatable(const request& what) {
  if (what.method == "GET" || what.method == "HEAD" || what.method == "PUT" || what.method == "DELETE")
    return true;
  return std::any_of(what.headers.begin(), what.headers.end(),
                     [](const auto& header) { return same_name(header.first, "Idempotency-Key"); });
}

bool is_port(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc{} && end == text.data() + text.size() && number > 0;
}

failure failure_of(const error_code& code, const endpoint& server, std::string_view doing) {
  const auto where = server.host + ":" + server.port;
  if (code == beast::error::timeout || code == asio::error::operation_aborted)
    return {ec::timed_out, std::string{doing} + " " + where + ": no answer in time"};
  // A server that closes is unavailable; anything else that the parser refuses is no HTTP.
  const bool closed = code == beast::http::error::end_of_stream || code == beast::http::error::partial_message;
  if (!closed && code.category() == make_error_code(beast::http::error::end_of_stream).category())
    return {ec::internal, std::string{doing} + " " + where + ": " + code.message()};
  return {ec::unavailable, std::string{doing} + " " + where + ": " + code.message()};
}

} // namespace

result<endpoint> parse_url(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  const auto refuse = [&](const char* why) {
    return failure{ec::invalid_argument, "'" + std::string{url} + "' is not a usable URL: " + why};
  };
  if (!parsed)
    return refuse("expected http://host[:port]");
  if (parsed->scheme() != "http")
    return refuse("only http is spoken here");
  if (parsed->host().empty() || parsed->has_userinfo() || parsed->has_query() || parsed->has_fragment())
    return refuse("expected http://host[:port][/path] and nothing else");
  if (parsed->has_port() && !is_port(parsed->port()))
    return refuse("the port is not one");
  endpoint out{parsed->host_address(), parsed->has_port() ? std::string{parsed->port()} : "80",
               std::string{parsed->encoded_path()}};
  while (out.prefix.ends_with('/'))
    out.prefix.pop_back();
  return out;
}

std::string escape(std::string_view value) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  static constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : value) {
    if (unreserved.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string_view response::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (same_name(key, name))
      return value;
  return {};
}

// Shared with the coroutines under way, so that the client may go before them.
struct client::pool : std::enable_shared_from_this<client::pool> {
  struct connection {
    explicit connection(const asio::any_io_executor& executor) : stream(executor) {}
    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    clock::time_point idle_since{};
    bool used = false;
  };

  // A place among the connections that may be open at once.
  struct place {
    explicit place(std::shared_ptr<pool> owner) : owner_(std::move(owner)) { ++owner_->busy; }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() {
      --owner_->busy;
      if (!owner_->waiting.empty())
        owner_->waiting.front()->cancel();
    }
    std::shared_ptr<pool> owner_;
  };

  asio::any_io_executor executor;
  endpoint server;
  client_options options;
  std::vector<std::unique_ptr<connection>> idle;
  std::deque<asio::steady_timer*> waiting;
  std::size_t busy = 0;

  pool(asio::any_io_executor run_on, endpoint where, client_options how)
    : executor(std::move(run_on)), server(std::move(where)), options(how) {}

  // True when there is a place; false when none came free until the deadline.
  asio::awaitable<bool> wait_for_place(clock::time_point deadline) {
    while (busy >= options.max_connections) {
      asio::steady_timer timer{executor, deadline};
      waiting.push_back(&timer);
      error_code code;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, code));
      waiting.erase(std::find(waiting.begin(), waiting.end(), &timer));
      if (clock::now() >= deadline)
        co_return false;
    }
    co_return true;
  }

  /// Whether nothing came since the last answer: what comes then is the end, and a request would be lost to it.
  static bool is_open(connection& idle) {
    char octet = 0;
    return ::recv(idle.stream.socket().native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0
           && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  std::unique_ptr<connection> take_idle() {
    while (!idle.empty()) {
      auto found = std::move(idle.back());
      idle.pop_back();
      if (clock::now() - found->idle_since < options.max_idle && is_open(*found))
        return found;
    }
    return nullptr;
  }

  asio::awaitable<error_code> connect(connection& target, clock::time_point deadline) {
    error_code code;
    target.stream.expires_at(deadline);
    const auto address = asio::ip::make_address(server.host, code);
    if (!code) {
      // Asking the system's resolver would cost a thread; an address needs none.
      const asio::ip::tcp::endpoint peer{address, static_cast<std::uint16_t>(std::stoul(server.port))};
      co_await target.stream.async_connect(peer, asio::redirect_error(asio::use_awaitable, code));
    } else {
      code = {};
      asio::ip::tcp::resolver resolver{executor};
      const auto peers =
        co_await resolver.async_resolve(server.host, server.port, asio::redirect_error(asio::use_awaitable, code));
      if (!code)
        co_await target.stream.async_connect(peers, asio::redirect_error(asio::use_awaitable, code));
    }
    if (!code)
      target.stream.socket().set_option(asio::ip::tcp::no_delay{true}, code);
    co_return code;
  }

  beast::http::request<beast::http::string_body> encode(const request& what) const {
    beast::http::request<beast::http::string_body> out;
    out.version(11);
    out.method_string(what.method);
    out.target(server.prefix + what.target);
    const bool v6 = server.host.find(':') != std::string::npos;
    out.set(beast::http::field::host, (v6 ? "[" + server.host + "]" : server.host) + ":" + server.port);
    out.set(beast::http::field::user_agent, "waybill/" WAYBILL_VERSION);
    if (!server.token.empty())
      out.set(beast::http::field::authorization, "Bearer " + server.token);
    if (!what.body.empty())
      out.set(beast::http::field::content_type, "application/json");
    for (const auto& [name, value] : what.headers)
      out.set(name, value);
    out.body() = what.body;
    out.prepare_payload();
    return out;
  }

  asio::awaitable<error_code> exchange(connection& over, const request& what, clock::time_point deadline,
                                       response& answer) {
    auto message = encode(what);
    error_code code;
    over.stream.expires_at(deadline);
    co_await beast::http::async_write(over.stream, message, asio::redirect_error(asio::use_awaitable, code));
    if (code)
      co_return code;
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(options.max_body_bytes);
    if (what.method == "HEAD")
      parser.skip(true);
    co_await beast::http::async_read(over.stream, over.buffer, parser, asio::redirect_error(asio::use_awaitable, code));
    if (code)
      co_return code;
    over.used = parser.keep_alive();
    auto parsed = parser.release();
    answer.status = parsed.result_int();
    for (const auto& field : parsed)
      answer.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
    answer.body = std::move(parsed.body());
    co_return code;
  }

  void give_back(std::unique_ptr<connection> done) {
    if (!done->used)
      return;
    done->stream.expires_never();
    done->idle_since = clock::now();
    idle.push_back(std::move(done));
  }
};

client::client(asio::any_io_executor executor, endpoint server, client_options options)
  : pool_(std::make_shared<pool>(std::move(executor), std::move(server), options)) {}

asio::awaitable<result<response>> client::send(request what) {
  const auto shared = pool_;
  const auto deadline = clock::now() + what.timeout;
  if (!co_await shared->wait_for_place(deadline))
    co_return failure{ec::timed_out, "no free connection to " + shared->server.host + ":" + shared->server.port};
  const pool::place held{shared};
  auto over = shared->take_idle();
  for (;;) {
    if (!over) {
      over = std::make_unique<pool::connection>(shared->executor);
      const auto code = co_await shared->connect(*over, deadline);
      if (code)
        co_return failure_of(code, shared->server, "connecting to");
    }
    const bool reused = std::exchange(over->used, false);
    response answer;
    const auto code = co_await shared->exchange(*over, what, deadline, answer);
    if (!code) {
      shared->give_back(std::move(over));
      co_return answer;
    }
    over.reset();
    if (code == beast::error::timeout || !reused || !is_repeatable(what))
      co_return failure_of(code, shared->server, "asking");
  }
}

} // namespace waybill::outbound
