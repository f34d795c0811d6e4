#include "transport/sessions/plain_session.hpp"

#include "transport/sessions/peer_user.hpp"
#include "transport/sessions/preface.hpp"

#include <caf/policy/tcp.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace waybill {

namespace {

constexpr uid_t root = 0;

/// Whether every user of the machine has a number of its own here. In a user namespace those who have none are all told
/// as one, the same that `nobody` has there.
bool tells_users_apart() {
  std::ifstream file{"/proc/self/uid_map"};
  std::uint64_t first = 1;
  std::uint64_t outside = 1;
  std::uint64_t count = 0;
  return file >> first >> outside >> count && first == 0 && outside == 0 && count == 0xFFFF'FFFF;
}

constexpr uid_t without_number = 65'534;

bool may_talk_to(uid_t user) {
  if (user == without_number && !tells_users_apart())
    return false;
  return user == root || user == ::geteuid();
}

std::string strangers(uid_t user) {
  return "it runs as user " + std::to_string(user) + ", this process as user " + std::to_string(::geteuid())
         + ": without TLS a node talks only to processes of its own user and of root";
}

std::string address_of_peer(session::socket fd) {
  const auto host = caf::io::network::remote_addr_of_fd(fd);
  const auto port = caf::io::network::remote_port_of_fd(fd);
  return host && port ? *host + ':' + std::to_string(*port) : "a peer that has gone";
}

enum class side : std::uint8_t { connects, accepts };

class plain_session final : public session {
public:
  plain_session(std::shared_ptr<const transport_security> security, socket fd, side own, bool asks)
    : security_(std::move(security)), fd_(fd), peer_(address_of_peer(fd)), side_(own), asks_(asks) {}

  rw_state read_some(std::size_t& done, void* buffer, std::size_t size) override {
    done = 0;
    // Success without a byte lets the stream go on with what it wanted to write.
    return stage_ == stage::open ? caf::policy::tcp::read_some(done, fd_, buffer, size) : advance();
  }

  rw_state write_some(std::size_t& done, const void* buffer, std::size_t size) override {
    done = 0;
    if (stage_ != stage::open)
      if (const auto state = advance(); state != rw_state::success)
        return state == rw_state::want_read && size == 0 ? rw_state::indeterminate : state;
    return size == 0 ? rw_state::indeterminate : caf::policy::tcp::write_some(done, fd_, buffer, size);
  }

  [[nodiscard]] bool has_pending(std::size_t) const override { return false; }

private:
  enum class stage : std::uint8_t { begins, awaits_hello, awaits_verdict, open, over };

  /// Goes on with the prefaces: success when both ends trust each other, want_read when the peer has to say more.
  rw_state advance() {
    if (stage_ == stage::begins)
      begin();
    while (stage_ == stage::awaits_hello || stage_ == stage::awaits_verdict) {
      const auto count = ::recv(fd_, heard_.data() + heard_size_, heard_.size() - heard_size_, MSG_DONTWAIT);
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return rw_state::want_read;
      // To hang up before anything is said is no offence: that does who looks whether somebody listens.
      if (count <= 0)
        stage_ = stage::over;
      else if ((heard_size_ += static_cast<std::size_t>(count)) == heard_.size())
        hear();
    }
    return stage_ == stage::open ? rw_state::success : rw_state::failure;
  }

  void begin() {
    if (side_ == side::accepts) {
      decide(stage::awaits_hello);
      return;
    }
    stage_ = stage::awaits_verdict;
    say(preface::kind::hello);
  }

  void hear() {
    heard_size_ = 0;
    const auto said = parse_preface(heard_);
    if (said && stage_ == stage::awaits_hello && said->meaning == preface::kind::hello)
      stage_ = stage::awaits_verdict;
    else if (said && stage_ == stage::awaits_verdict && said->meaning != preface::kind::hello)
      hear_verdict(*said);
    else
      hear_foreign_protocol();
  }

  void hear_verdict(const preface& said) {
    if (said.meaning == preface::kind::refuses_user)
      refuse(strangers(said.user));
    else if (said.meaning == preface::kind::refuses_unknown)
      refuse("it cannot learn whose process this one is");
    else if (side_ == side::connects)
      // Only a process that has accepted the connection can say something: now the kernel knows its user.
      decide(stage::open);
    else
      stage_ = stage::open;
  }

  void hear_foreign_protocol() {
    // Who connects gets an error, and words it.
    if (side_ == side::accepts)
      refuse("it speaks another protocol, or TLS, or is of another version");
    stage_ = stage::over;
  }

  /// Looks whose process the peer is, and tells it the verdict; `next` follows when it is trusted.
  void decide(stage next) {
    const auto peer = asks_ ? user_at_other_end(fd_) : peer_user{};
    if (!asks_ || (peer.state == peer_user::outcome::found && may_talk_to(peer.user))) {
      stage_ = next;
      say(preface::kind::trusts);
    } else if (peer.state == peer_user::outcome::found) {
      say(preface::kind::refuses_user);
      refuse(strangers(peer.user));
    } else if (peer.state == peer_user::outcome::unknown) {
      say(preface::kind::refuses_unknown);
      refuse(peer.reason);
    } else {
      stage_ = stage::over;
    }
  }

  /// The buffer of a new connection has place for a preface. When the peer has hung up, the next read says so, after
  /// what it said before.
  void say(preface::kind meaning) {
    const auto bytes = to_bytes({meaning, ::geteuid()});
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size()) && (sent >= 0 || errno == EAGAIN || errno == EWOULDBLOCK))
      stage_ = stage::over;
  }

  void refuse(const std::string& reason) {
    stage_ = stage::over;
    if (security_->on_distrust)
      security_->on_distrust(peer_, reason);
  }

  std::shared_ptr<const transport_security> security_;
  socket fd_;
  std::string peer_;
  side side_;
  bool asks_;
  stage stage_ = stage::begins;
  preface_bytes heard_{};
  std::size_t heard_size_ = 0;
};

class plain_sessions final : public session_maker {
public:
  explicit plain_sessions(const transport_security& security)
    : security_(std::make_shared<const transport_security>(security)) {}

  std::unique_ptr<session> connected(session::socket fd) const override {
    const bool any_user = security_->is_tool && ::geteuid() == root;
    // Of an address that is not known any more something may still be read.
    const bool asks = !any_user && kind_of_peer(fd) != address_kind::other;
    return std::make_unique<plain_session>(security_, fd, side::connects, asks);
  }

  std::unique_ptr<session> accepted(session::socket fd, session::socket listener) const override {
    const bool asks = kind_of_own(listener) != address_kind::other;
    return std::make_unique<plain_session>(security_, fd, side::accepts, asks);
  }

private:
  std::shared_ptr<const transport_security> security_;
};

} // namespace

std::shared_ptr<const session_maker> make_plain_sessions(const transport_security& security) {
  return std::make_shared<plain_sessions>(security);
}

} // namespace waybill
