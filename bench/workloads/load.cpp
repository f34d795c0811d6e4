#include "bench/workloads/load.hpp"

#include "bench/workloads/delivery_feed.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace asio = boost::asio;

namespace waybill::bench {

namespace {

using clock = std::chrono::steady_clock;
using error_code = boost::system::error_code;

constexpr std::chrono::milliseconds pause_after_error{20};
constexpr std::size_t max_early = 65'536;

std::string request_bytes(const outbound::api_server& server, const std::string& body) {
  return "POST " + server.url.below("/v1/orders").target + " HTTP/1.1\r\nHost: " + server.url.authority()
         + (server.token.empty() ? "" : "\r\nAuthorization: Bearer " + server.token)
         + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// The value of Content-Length in the head of a response.
std::optional<std::size_t> content_length(std::string_view head) {
  static constexpr std::string_view name = "\r\ncontent-length:";
  const auto field =
    std::search(head.begin(), head.end(), name.begin(), name.end(), [](char x, char y) { return lower(x) == y; });
  if (field == head.end())
    return std::nullopt;
  auto rest = head.substr(static_cast<std::size_t>(field - head.begin()) + name.size());
  while (rest.starts_with(' '))
    rest.remove_prefix(1);
  std::size_t out = 0;
  const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), out);
  return code == std::errc{} ? std::optional{out} : std::nullopt;
}

} // namespace

class load::client {
public:
  explicit client(load& owner)
    : owner_(owner), socket_(owner.context_), resolver_(owner.context_), timer_(owner.context_) {}

  void connect() {
    start_step();
    const auto& url = owner_.options_.server.url;
    resolver_.async_resolve(url.host, std::to_string(url.port), [this](error_code code, auto addresses) {
      if (code)
        return fail("connect");
      asio::async_connect(socket_, addresses, [this](error_code failed, const asio::ip::tcp::endpoint&) {
        if (failed)
          return fail("connect");
        error_code ignored;
        socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
        next();
      });
    });
  }

  void close() {
    closing_ = true;
    resolver_.cancel();
    timer_.cancel();
    drop_socket();
    // No handler is pending that would end it.
    if (!awaited_.empty())
      end();
  }

  /// Ends a step that takes longer than the time-out; the owner calls it once a second.
  void check_time(clock::time_point now) {
    if (ended_ || overdue_ || now - step_began_ < owner_.options_.timeout)
      return;
    overdue_ = true;
    if (!awaited_.empty())
      return fail("timeout");
    resolver_.cancel();
    drop_socket();
  }

  void delivered() {
    if (!awaited_.empty())
      owner_.waiting_.erase(awaited_);
    awaited_.clear();
    record_delivery();
    next();
  }

private:
  void next() {
    if (owner_.stopping_ || closing_)
      return end();
    auto& all = owner_.requests_;
    const auto& bytes = all[owner_.next_request_++ % all.size()];
    start_step();
    filled_ = 0;
    asio::async_write(socket_, asio::buffer(bytes), [this](error_code code, std::size_t) {
      if (code)
        return fail("broken");
      read();
    });
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_),
                            [this](error_code code, std::size_t got) {
                              if (code)
                                return fail("broken");
                              filled_ += got;
                              parse();
                            });
  }

  // Parses the response, and reads more when it is not complete.
  void parse() {
    const std::string_view received{buffer_.data(), filled_};
    const auto end_of_head = received.find("\r\n\r\n");
    if (end_of_head == std::string_view::npos)
      return filled_ == buffer_.size() ? fail("not_http") : read();
    const auto head = received.substr(0, end_of_head);
    const auto length = content_length(head);
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 12 || !length)
      return fail("not_http");
    const auto whole = end_of_head + 4 + *length;
    if (whole > buffer_.size())
      return fail("not_http");
    if (filled_ < whole)
      return read();
    if (head.substr(9, 3) == "201")
      return accepted(received.substr(end_of_head + 4, *length));
    refused(std::string{head.substr(9, 3)});
  }

  void accepted(std::string_view body) {
    ++owner_.accepted_in_all_;
    if (owner_.measuring_ && !owner_.stopping_) {
      ++owner_.result_.accepted;
      owner_.result_.post.add(microseconds_since(step_began_));
    }
    if (!owner_.options_.until_delivered)
      return next();
    static constexpr std::string_view before = "\"id\":\"ord_";
    const auto at = body.find(before);
    if (at == std::string_view::npos)
      return fail("not_http");
    std::string order{body.substr(at + before.size() - 4, id_length)};
    if (owner_.already_finished(order)) {
      record_delivery();
      return next();
    }
    awaited_ = order;
    owner_.waiting_.emplace(std::move(order), this);
  }

  void record_delivery() {
    if (!owner_.measuring_ || owner_.stopping_)
      return;
    ++owner_.result_.delivered;
    owner_.result_.delivery.add(microseconds_since(step_began_));
  }

  // The answer is not a 201. The connection stays open; the pause spares a server that refuses.
  void refused(const std::string& status) {
    owner_.count_error(status);
    timer_.expires_after(pause_after_error);
    timer_.async_wait([this](error_code) { next(); });
  }

  void fail(const char* kind) {
    if (closing_)
      return end();
    owner_.count_error(overdue_ ? "timeout" : kind);
    if (!awaited_.empty())
      owner_.waiting_.erase(awaited_);
    awaited_.clear();
    drop_socket();
    start_step();
    timer_.expires_after(pause_after_error);
    timer_.async_wait([this](error_code) {
      if (owner_.stopping_ || closing_)
        return end();
      connect();
    });
  }

  void start_step() {
    step_began_ = clock::now();
    overdue_ = false;
  }

  void drop_socket() {
    error_code ignored;
    socket_.close(ignored);
  }

  void end() {
    if (std::exchange(ended_, true))
      return;
    drop_socket();
    --owner_.active_;
  }

  load& owner_;
  asio::ip::tcp::socket socket_;
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;
  std::array<char, 16'384> buffer_{};
  std::size_t filled_ = 0;
  clock::time_point step_began_;
  std::string awaited_;
  bool overdue_ = false;
  bool closing_ = false;
  bool ended_ = false;
};

load::load(asio::io_context& context, load_options options)
  : context_(context), options_(std::move(options)), watch_(context) {
  for (const auto& body : options_.bodies)
    requests_.push_back(request_bytes(options_.server, body));
}

load::~load() = default;

void load::start() {
  for (unsigned i = 0; i < options_.concurrency; ++i)
    clients_.push_back(std::make_unique<client>(*this));
  active_ = clients_.size();
  for (auto& sender : clients_)
    sender->connect();
  watch();
}

void load::watch() {
  watch_.expires_after(std::chrono::seconds{1});
  watch_.async_wait([this](error_code code) {
    if (code || idle())
      return;
    const auto now = clock::now();
    for (auto& sender : clients_)
      sender->check_time(now);
    watch();
  });
}

void load::stop() {
  stopping_ = true;
}

void load::close() {
  watch_.cancel();
  for (auto& sender : clients_)
    sender->close();
}

void load::count_error(const std::string& kind) {
  if (measuring_ && !stopping_)
    ++result_.errors[kind];
}

bool load::already_finished(const std::string& order) {
  return early_.erase(order) > 0;
}

void load::finished(std::string_view order) {
  std::string id{order};
  if (const auto waiter = waiting_.find(id); waiter != waiting_.end())
    return waiter->second->delivered();
  if (early_order_.size() == max_early) {
    early_.erase(early_order_.front());
    early_order_.pop_front();
  }
  early_.insert(id);
  early_order_.push_back(std::move(id));
}

} // namespace waybill::bench
