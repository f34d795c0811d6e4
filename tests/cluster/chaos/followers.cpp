#include "tests/cluster/chaos/followers.hpp"

#include "outbound/api_client.hpp"
#include "tests/cluster/chaos/dice.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <stdexcept>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
namespace json = boost::json;

constexpr std::uint32_t purpose = 3;
using stream_type = websocket::stream<beast::tcp_stream>;

const std::string beginning(26, '0');

std::string subscribe_frame(const std::string& after) {
  return json::serialize(json::value{{"type", "subscribe"}, {"id", "log"}, {"after", after}});
}

} // namespace

struct followers::follower {
  follower(std::uint64_t seed, std::vector<seen_event>& list) : luck(seed, purpose), events(list) {}

  dice luck;
  std::vector<seen_event>& events;
  std::unordered_set<std::string> known;
  /// The beginning of the log.
  std::string cursor = beginning;
  std::uint32_t connection = 0;
  std::atomic<std::uint32_t> log = 0;
  std::atomic<std::size_t> different = 0;
};

followers::followers(follower_settings settings, const accounts& people, std::vector<std::vector<seen_event>>& followed)
  : settings_{std::move(settings)}, people_{people}, followed_{followed} {
  followed_.assign(settings_.count, {});
  for (std::size_t i = 0; i < settings_.count; ++i) {
    all_.push_back(std::make_unique<follower>(settings_.seed + i, followed_[i]));
    asio::co_spawn(context_, follow(*all_.back()), asio::detached);
  }
  thread_ = std::jthread{[this] { context_.run(); }};
}

followers::~followers() {
  stop();
}

void followers::stop() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

std::size_t followers::slowest() const {
  const auto least =
    std::ranges::min_element(all_, {}, [](const auto& follower) { return follower->different.load(); });
  return least == all_.end() ? 0 : (*least)->different.load();
}

std::uint32_t followers::begun_again() const {
  const auto least = std::ranges::min_element(all_, {}, [](const auto& follower) { return follower->log.load(); });
  return least == all_.end() ? 0 : (*least)->log.load();
}

std::string followers::position() const {
  const std::lock_guard guard{mutex_};
  return all_.empty() ? beginning : all_.front()->cursor;
}

asio::awaitable<void> followers::follow(follower& follower) {
  asio::steady_timer timer{context_};
  for (;;) {
    ++connections_;
    ++follower.connection;
    const auto url = follower.luck.pick(settings_.gateways);
    try {
      co_await connect_and_read(follower, url);
    } catch (const boost::system::system_error&) {
      // The gateway is gone, or we left it: on to the next.
    }
    timer.expires_after(200ms);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> followers::connect_and_read(follower& follower, const std::string& url) {
  const auto server = outbound::parse_api_server(url);
  if (!server)
    throw std::runtime_error("no gateway at '" + url + "'");
  const asio::ip::tcp::endpoint peer{asio::ip::make_address(server->url.host), server->url.port};
  const auto stream = std::make_shared<stream_type>(context_);
  auto& socket = beast::get_lowest_layer(*stream);
  socket.expires_after(5s);
  co_await socket.async_connect(peer, asio::use_awaitable);
  socket.expires_never();
  stream->set_option(websocket::stream_base::timeout{5s, 6s, true});
  stream->set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
    for (const auto& [name, value] : people_.admin())
      request.set(name, value);
  }));
  const auto host = server->url.authority();
  co_await stream->async_handshake(host, "/v1/ws", asio::use_awaitable);
  const auto frame = subscribe_frame(follower.cursor);
  co_await stream->async_write(asio::buffer(frame), asio::use_awaitable);

  // Leaves without a word, as a phone does.
  asio::steady_timer restlessness{context_, follower.luck.between(5s, 15s)};
  restlessness.async_wait([weak = std::weak_ptr{stream}](boost::system::error_code cancelled) {
    if (const auto still = weak.lock(); still && !cancelled)
      beast::get_lowest_layer(*still).close();
  });
  beast::flat_buffer buffer;
  for (;;) {
    co_await stream->async_read(buffer, asio::use_awaitable);
    const auto text = beast::buffers_to_string(buffer.data());
    const bool goes_on = take(follower, text);
    if (!goes_on)
      co_return;
    buffer.clear();
  }
}

bool followers::take(follower& follower, std::string_view frame) {
  boost::system::error_code trouble;
  const auto parsed = json::parse(frame, trouble);
  const auto* object = trouble ? nullptr : parsed.if_object();
  const auto* event = object == nullptr ? nullptr : object->if_contains("event");
  if (event == nullptr) {
    const auto* code = object == nullptr ? nullptr : object->if_contains("code");
    if (code == nullptr || !code->is_string() || code->get_string() != "cursor_expired")
      return true;
    const std::lock_guard guard{mutex_};
    follower.cursor = beginning;
    follower.known.clear();
    follower.different = 0;
    ++follower.log;
    return false;
  }
  seen_event seen;
  seen.id = event->at("id").as_string();
  seen.stream = event->at("stream").as_string();
  seen.version = event->at("version").to_number<std::uint64_t>();
  seen.position = event->at("position").as_string();
  seen.digest = std::hash<std::string_view>{}(frame);
  seen.connection = follower.connection;
  seen.log = follower.log;
  {
    const std::lock_guard guard{mutex_};
    follower.cursor = seen.position;
  }
  if (follower.known.insert(seen.id).second)
    ++follower.different;
  follower.events.push_back(std::move(seen));
  return true;
}

} // namespace waybill::chaos
