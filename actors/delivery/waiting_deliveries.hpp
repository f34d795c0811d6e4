#pragma once

#include "domain/base/errors.hpp"
#include "messages/actors.hpp"
#include "messages/failures.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace waybill {

/// Deliveries that wait for a courier in the memory of a pool: the oldest of those that asked, a bounded number.
class waiting_deliveries {
public:
  struct waiting {
    find_courier request;
    caf::typed_response_promise<courier_found> promise;
    caf::actor_clock::time_point until;
  };
  using key = std::pair<timestamp, std::string>;
  using map_type = std::map<key, waiting>;

  explicit waiting_deliveries(std::size_t most) : most_(most) {}

  /// False when some delivery had to be turned away, with ec::overloaded: it stands in line now.
  bool add(waiting item) {
    auto place = key{item.request.since, item.request.delivery.value};
    if (const auto earlier = items_.find(place); earlier != items_.end())
      take_out(earlier, failure{ec::overloaded, "the delivery has asked again"});
    const auto newest = items_.empty() ? items_.end() : std::prev(items_.end());
    if (items_.size() < most_) {
      items_.emplace(std::move(place), std::move(item));
      return true;
    }
    if (newest == items_.end() || newest->first < place) {
      item.promise.deliver(to_error(full()));
    } else {
      take_out(newest, full());
      items_.emplace(std::move(place), std::move(item));
    }
    return false;
  }

  /// Answers with `reason` and forgets the delivery; returns the next one.
  map_type::iterator take_out(map_type::iterator position, const failure& reason) {
    position->second.promise.deliver(to_error(reason));
    return items_.erase(position);
  }

  map_type::iterator take_out(map_type::iterator position, courier_found answer) {
    position->second.promise.deliver(std::move(answer));
    return items_.erase(position);
  }

  /// The oldest, which is no longer here. There must be one.
  waiting take_oldest() {
    auto oldest = std::move(items_.begin()->second);
    items_.erase(items_.begin());
    return oldest;
  }

  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] std::size_t most() const noexcept { return most_; }
  map_type::iterator begin() { return items_.begin(); }
  map_type::iterator end() { return items_.end(); }

private:
  static failure full() { return {ec::overloaded, "too many deliveries wait for a courier"}; }

  std::size_t most_;
  /// The oldest first.
  map_type items_;
};

} // namespace waybill
