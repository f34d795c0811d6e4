#pragma once

#include "domain/function/function.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// A function that is asked before an order is placed.
struct order_guard {
  std::string name;
  function::guard_failure on_failure = function::guard_failure::refuse;
};

/// What a node knows of the guards, for its gateway; guard_keeper_actor keeps it true. Thread-safe; never blocks for
/// longer than it takes to copy a pointer.
class order_guards {
public:
  using list = std::shared_ptr<const std::vector<order_guard>>;

  /// In the order in which they are asked, by name. Null while they are not known: then no order may be placed.
  [[nodiscard]] list all() const {
    const std::lock_guard lock{mutex_};
    return all_;
  }

  void replace(std::vector<order_guard> guards) {
    auto made = std::make_shared<const std::vector<order_guard>>(std::move(guards));
    const std::lock_guard lock{mutex_};
    all_ = std::move(made);
  }

private:
  mutable std::mutex mutex_;
  list all_;
};

} // namespace waybill
