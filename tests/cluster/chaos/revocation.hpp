#pragma once

#include "tests/cluster/chaos/accounts.hpp"
#include "tests/cluster/chaos/history.hpp"
#include "tests/cluster/chaos/open_stream.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace waybill::chaos {

/// At each gateway one event stream of a service key, of a user who will be disabled, and of one who will be no
/// operator any more. Everything returns false when it did not succeed yet and is to be called again. Blocks as long as
/// the requests take. For one thread.
class revocation {
public:
  revocation(std::vector<std::string> gateways, const accounts& people);

  /// Makes the key and the users, and opens their streams from the present end of the log.
  bool open();
  /// Each stream has got an event. If not, one is logged every now and then.
  bool all_follow();
  /// Takes their rights away.
  bool revoke();
  /// Something that each stream would get.
  bool log_event();
  /// When the last one was taken away; the beginning of time before that.
  [[nodiscard]] timestamp revoked() const;
  /// Records the events that arrived, and the present answer to the key.
  void note(history& into, bool alone) const;

private:
  struct holder {
    std::string description;
    /// The request that revokes the right.
    outbound::api_request taking;
    std::string token;
    timestamp revoked{};
    std::vector<std::unique_ptr<open_stream>> streams;
  };

  bool make_key();
  bool make_operator(const std::string& description, const std::string& change);

  std::vector<std::string> gateways_;
  const accounts& people_;
  std::string name_;
  std::vector<holder> holders_;
  std::size_t products_ = 0;
  std::chrono::steady_clock::time_point logged_at_;
};

} // namespace waybill::chaos
