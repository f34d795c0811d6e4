#pragma once

#include "brokers/connecting.hpp"
#include "brokers/tls.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/types.h>

/// Bytes to and from a server. Included in this room only.
namespace waybill::brokers::redis {

/// A connection in the clear, or by TLS, which Debian's hiredis does not know. Every function that blocks ends in time,
/// or when it is stopped; its failures are ec::unavailable or ec::shutting_down, and after one the stream must be
/// closed.
class stream {
public:
  [[nodiscard]] bool is_open() const noexcept { return socket_.has_value(); }
  result<void> open(const sink::address& to, const connection_settings& settings, const deadline& until);
  void close();

  result<void> write(std::string_view octets, const deadline& until);
  /// What has come, or comes next, one octet at least. Valid until the next call.
  result<std::string_view> read(const deadline& until);

private:
  struct context_closer {
    void operator()(SSL_CTX* context) const;
  };
  struct session_closer {
    void operator()(SSL* session) const;
  };
  struct attempt;

  result<void> secure(const sink::server& to, const connection_settings& settings, const deadline& until);
  [[nodiscard]] attempt shake_hands() const;
  [[nodiscard]] attempt try_write(std::string_view octets) const;
  attempt try_read();
  [[nodiscard]] attempt judge_tls(int said) const;

  /// Repeats an attempt until something was done: so many octets. `doing` is what it does, for the failure.
  template <class Attempt>
  result<std::size_t> finish(Attempt once, std::string_view doing, const deadline& until) const;

  static constexpr std::size_t most_at_once = 16'384;

  /// Of the server.
  std::string name_;
  std::optional<socket_handle> socket_;
  certificate_check check_;
  std::unique_ptr<SSL_CTX, context_closer> context_;
  /// Empty: in the clear. Ends before its socket.
  std::unique_ptr<SSL, session_closer> session_;
  std::array<char, most_at_once> incoming_{};
};

} // namespace waybill::brokers::redis
