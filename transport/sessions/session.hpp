#pragma once

#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/rw_state.hpp>

#include <cstddef>
#include <memory>

namespace waybill {

/// The bytes of one connection between processes. Belongs to CAF's I/O thread, does not block, and lets no byte of the
/// peer through before it trusts it. `done` is the number of bytes; a size of zero only begins what comes before them.
class session {
public:
  using socket = caf::io::network::native_socket;
  using rw_state = caf::io::network::rw_state;

  virtual ~session() = default;
  virtual rw_state read_some(std::size_t& done, void* buffer, std::size_t size) = 0;
  virtual rw_state write_some(std::size_t& done, const void* buffer, std::size_t size) = 0;
  /// Whether `size` bytes were read from the socket already and wait here.
  [[nodiscard]] virtual bool has_pending(std::size_t size) const = 0;
};

/// Makes the sessions of a process. Thread-safe.
class session_maker {
public:
  virtual ~session_maker() = default;
  /// For a connection that this process made. Throws std::runtime_error.
  virtual std::unique_ptr<session> connected(session::socket fd) const = 0;
  /// For a connection that came in through the socket `listener`. Throws std::runtime_error.
  virtual std::unique_ptr<session> accepted(session::socket fd, session::socket listener) const = 0;
};

} // namespace waybill
