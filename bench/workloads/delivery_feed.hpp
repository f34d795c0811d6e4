#pragma once

#include "outbound/api_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace waybill::bench {

/// The length of an order's id.
inline constexpr std::size_t id_length = 24;

/// Decodes HTTP/1.1's chunked coding (RFC 9112, 7.1) as it arrives, in pieces of any size.
class chunk_decoder {
public:
  /// Appends the part of the body that is in `bytes` to `out`; false when they are not chunked coding.
  bool feed(std::string_view bytes, std::string& out);

private:
  enum class part { size, extension, data, end_of_data };
  part part_ = part::size;
  std::size_t left_ = 0;
};

/// Finds the orders that completed in a stream of Server-Sent Events, in pieces of any size.
class completed_orders {
public:
  void feed(std::string_view text, const std::function<void(std::string_view)>& completed);

private:
  std::string line_;
};

/// Follows the server's event stream and reports each order that completes. Reads by hand for the same reason as
/// `load`. Runs on the io_context's one thread and must outlive its handlers.
class delivery_feed {
public:
  delivery_feed(boost::asio::io_context& context, outbound::api_server server,
                std::function<void(std::string_view)> completed);

  /// Calls `ready` with an empty text once the stream is open, or with the reason why it is not.
  void start(std::function<void(std::string)> ready);
  void close();
  /// Why the stream ended; empty while it lives.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

private:
  void ask();
  void read();
  void take_head();
  void take_body(std::string_view bytes);
  void fail(const std::string& reason);

  outbound::api_server server_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::ip::tcp::resolver resolver_;
  std::function<void(std::string_view)> completed_;
  std::function<void(std::string)> ready_;
  std::string request_;
  std::array<char, 65'536> buffer_{};
  std::string head_;
  std::string body_;
  bool in_body_ = false;
  bool chunked_ = false;
  chunk_decoder decoder_;
  completed_orders parser_;
  std::string problem_;
};

} // namespace waybill::bench
