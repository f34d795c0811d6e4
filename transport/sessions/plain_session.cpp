#include "transport/sessions/plain_session.hpp"

#include "domain/base/errors.hpp"
#include "transport/sessions/peer_user.hpp"

#include <caf/policy/tcp.hpp>

#include <fstream>
#include <iterator>
#include <string>

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

enum class side : std::uint8_t { connects, accepts };

class plain_session final : public session {
public:
  plain_session(std::shared_ptr<const transport_security> security, socket fd, side own, bool asks)
    : security_(std::move(security)), fd_(fd), side_(own), trusts_(!asks) {}

  rw_state read_some(std::size_t& done, void* buffer, std::size_t size) override {
    done = 0;
    // The end that accepts speaks first: when something can be read, its process is known.
    return trusts_ || begin() ? caf::policy::tcp::read_some(done, fd_, buffer, size) : rw_state::failure;
  }

  rw_state write_some(std::size_t& done, const void* buffer, std::size_t size) override {
    done = 0;
    if (size == 0 && (trusts_ || side_ == side::connects))
      return rw_state::indeterminate;
    if (!trusts_ && !begin())
      return rw_state::failure;
    return size == 0 ? rw_state::indeterminate : caf::policy::tcp::write_some(done, fd_, buffer, size);
  }

  [[nodiscard]] bool has_pending(std::size_t) const override { return false; }

private:
  bool begin() {
    const auto user = user_at_other_end(fd_);
    trusts_ = user.has_value() && may_talk_to(*user);
    if (!trusts_)
      tell(user);
    return trusts_;
  }

  void tell(const result<uid_t>& user) {
    if (told_ || !security_->on_distrust)
      return;
    told_ = true;
    auto reason = user.has_value() ? strangers(*user) : user.error().detail;
    if (side_ == side::connects && user.has_error() && user.error().code == ec::not_found) {
      // Hung up: it has looked at this process, and this one can look who listens there.
      const auto listener = user_who_listens(fd_);
      if (listener == ::geteuid())
        return;
      if (listener)
        reason = strangers(*listener);
    }
    const auto host = caf::io::network::remote_addr_of_fd(fd_);
    const auto port = caf::io::network::remote_port_of_fd(fd_);
    security_->on_distrust(host ? *host + ':' + std::to_string(port ? *port : 0) : "a peer that has gone", reason);
  }

  std::shared_ptr<const transport_security> security_;
  socket fd_;
  side side_;
  bool trusts_;
  bool told_ = false;
};

class plain_sessions final : public session_maker {
public:
  explicit plain_sessions(const transport_security& security)
    : security_(std::make_shared<const transport_security>(security)) {}

  std::unique_ptr<session> connected(session::socket fd) const override {
    const bool any_user = security_->is_tool && ::geteuid() == root;
    return std::make_unique<plain_session>(security_, fd, side::connects, !any_user && peer_is_loopback(fd));
  }

  std::unique_ptr<session> accepted(session::socket fd, session::socket listener) const override {
    return std::make_unique<plain_session>(security_, fd, side::accepts, own_is_loopback(listener));
  }

private:
  std::shared_ptr<const transport_security> security_;
};

} // namespace

std::shared_ptr<const session_maker> make_plain_sessions(const transport_security& security) {
  return std::make_shared<plain_sessions>(security);
}

} // namespace waybill
