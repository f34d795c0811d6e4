#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace waybill::brokers::rabbitmq {

/// Which messages of a batch are confirmed. Confirms may come one by one or for all up to one, in any order.
class confirmations {
public:
  confirmations(std::uint64_t first, std::size_t count) : first_{first}, confirmed_(count, false), open_{count} {}

  void take(std::uint64_t tag, bool multiple) {
    if (tag < first_)
      return;
    const auto place = std::min<std::size_t>(tag - first_, confirmed_.size() - 1);
    for (auto i = multiple ? lowest_ : place; i <= place; ++i)
      if (!confirmed_[i]) {
        confirmed_[i] = true;
        --open_;
      }
    while (lowest_ < confirmed_.size() && confirmed_[lowest_])
      ++lowest_;
  }

  [[nodiscard]] bool are_complete() const { return open_ == 0; }

private:
  std::uint64_t first_;
  std::vector<bool> confirmed_;
  std::size_t open_;
  std::size_t lowest_ = 0;
};

} // namespace waybill::brokers::rabbitmq
