#pragma once

#include "gateway/transport/stream/connection_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace waybill::http {

/// Follows the frames of a client (RFC 6455, section 5.2) and changes the code of a close frame that means nothing,
/// 5000 and more (section 7.4.2), into one that Beast refuses with 1002: Beast would answer with the same code.
class close_codes {
public:
  /// Looks at what was read, and may change it. Gives how much of it can be used now: an octet of a code that came
  /// alone is held back until the next one comes.
  std::size_t follow(unsigned char* data, std::size_t size) {
    std::size_t at = 0;
    while (at < size) {
      if (part_ != part::payload) {
        read_head(data[at++]);
        continue;
      }
      if (opcode_ == close && !code_seen_ && left_ >= 2) {
        if (at + 1 == size) {
          held_ = data[at];
          return at;
        }
        check_code(data[at], data[at + 1]);
      }
      code_seen_ = true;
      const auto passed = std::min<std::uint64_t>(left_, size - at);
      at += passed;
      left_ -= passed;
      if (left_ == 0)
        begin_frame();
    }
    return size;
  }

  /// The octet that was held back comes first in what is followed next.
  std::optional<unsigned char> take_held() { return std::exchange(held_, std::nullopt); }
  [[nodiscard]] bool holds() const noexcept { return held_.has_value(); }

private:
  enum class part : std::uint8_t { opcode, length, long_length, mask, payload };
  static constexpr unsigned close = 8;
  static constexpr unsigned first_undefined = 5'000;
  /// Must not be in a frame.
  static constexpr unsigned refused = 1'005;

  void begin_frame() {
    part_ = part::opcode;
    code_seen_ = false;
  }

  void read_head(unsigned char octet) {
    switch (part_) {
      case part::opcode:
        opcode_ = octet & 0x0fU;
        part_ = part::length;
        return;
      case part::length:
        masked_ = (octet & 0x80U) != 0;
        left_ = octet & 0x7fU;
        awaited_ = left_ == 126 ? 2 : left_ == 127 ? 8 : 0;
        if (awaited_ == 0) {
          end_length();
        } else {
          left_ = 0;
          part_ = part::long_length;
        }
        return;
      case part::long_length:
        left_ = left_ << 8U | octet;
        if (--awaited_ == 0)
          end_length();
        return;
      default:
        mask_[mask_.size() - awaited_] = octet;
        if (--awaited_ == 0)
          begin_payload();
    }
  }

  void end_length() {
    mask_ = {};
    awaited_ = mask_.size();
    part_ = part::mask;
    if (!masked_)
      begin_payload();
  }

  void begin_payload() {
    part_ = part::payload;
    if (left_ == 0)
      begin_frame();
  }

  void check_code(unsigned char& high, unsigned char& low) const {
    const unsigned code = static_cast<unsigned>(high ^ mask_[0]) << 8U | static_cast<unsigned>(low ^ mask_[1]);
    if (code < first_undefined)
      return;
    high = static_cast<unsigned char>((refused >> 8U) ^ mask_[0]);
    low = static_cast<unsigned char>((refused & 0xffU) ^ mask_[1]);
  }

  part part_ = part::opcode;
  unsigned opcode_ = 0;
  bool masked_ = false;
  bool code_seen_ = false;
  std::size_t awaited_ = 0;
  std::uint64_t left_ = 0;
  std::array<unsigned char, 4> mask_{};
  std::optional<unsigned char> held_;
};

/// The connection as Beast's WebSocket sees it. Meets Beast's AsyncStream.
class close_code_filter {
public:
  using executor_type = connection_stream::executor_type;

  explicit close_code_filter(connection_stream& under) : under_(under) {}

  executor_type get_executor() { return under_.get_executor(); }
  connection_stream& under() noexcept { return under_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& to, Token&& token) {
    net::mutable_buffer into;
    for (auto at = net::buffer_sequence_begin(to); at != net::buffer_sequence_end(to) && into.size() == 0; ++at)
      into = *at;
    return net::async_compose<Token, void(error_code, std::size_t)>(read_operation{*this, into}, token,
                                                                    under_.socket());
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& from, Token&& token) {
    return under_.async_write_some(from, std::forward<Token>(token));
  }

private:
  struct read_operation {
    close_code_filter& filter;
    net::mutable_buffer into;
    std::size_t kept = 0;
    bool begun = false;

    template <class Self>
    void operator()(Self& self, error_code error = {}, std::size_t octets = 0) {
      auto* const data = static_cast<unsigned char*>(into.data());
      if (std::exchange(begun, true)) {
        const auto usable = error ? 0 : filter.codes_.follow(data, kept + octets);
        if (error || usable > 0 || !filter.codes_.holds()) {
          self.complete(error, usable);
          return;
        }
      }
      kept = 0;
      // Beast never asks for less than a frame of control, of which this is one octet.
      if (const auto held = filter.codes_.take_held()) {
        data[0] = *held;
        kept = 1;
      }
      auto& under = filter.under_;
      under.async_read_some(into + kept, std::move(self));
    }
  };

  connection_stream& under_;
  close_codes codes_;
};

// How Beast's WebSocket ends connections.

inline void beast_close_socket(close_code_filter& on) {
  beast_close_socket(on.under());
}

inline void teardown(boost::beast::role_type role, close_code_filter& on, error_code& error) {
  teardown(role, on.under(), error);
}

template <class Handler>
void async_teardown(boost::beast::role_type role, close_code_filter& on, Handler&& handler) {
  async_teardown(role, on.under(), std::forward<Handler>(handler));
}

} // namespace waybill::http
