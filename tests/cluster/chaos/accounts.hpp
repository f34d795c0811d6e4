#pragma once

#include "outbound/api_client.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace waybill::chaos {

inline constexpr const char* admin_email = "chaos@localhost";
inline constexpr const char* admin_password = "threw a spanner in the works";

/// The callers of the load: an admin and some customers, one of them for each order. A thread of its own signs all of
/// them in again long before their tokens expire, at any gateway that answers. Safe for any thread.
class accounts {
public:
  /// Registers the customers and signs everybody in, as often as it takes. Blocks; throws std::runtime_error when that
  /// does not succeed.
  explicit accounts(std::vector<std::string> gateways);

  [[nodiscard]] outbound::header_list admin() const { return header_of(0); }
  /// The customer of the order at that place of the plan.
  [[nodiscard]] outbound::header_list owner(std::size_t order) const;

private:
  struct person {
    std::string email;
    std::string password;
    std::string token;
  };

  [[nodiscard]] outbound::header_list header_of(std::size_t place) const;
  void add_customer();
  bool sign_in(std::size_t place, const std::string& gateway);
  void stay_signed_in(const std::stop_token& ending);

  std::vector<std::string> gateways_;
  mutable std::mutex mutex_;
  std::vector<person> people_;
  std::jthread thread_;
};

} // namespace waybill::chaos
