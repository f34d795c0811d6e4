#pragma once

#include "actors/entity/entity_start.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace waybill {

/// One entity's place in its region's retrying_entities; it leaves them when it ends.
class retrying_entry {
public:
  retrying_entry(std::shared_ptr<region_shared> shared, std::string id)
    : shared_(std::move(shared)), id_(std::move(id)) {}
  retrying_entry(const retrying_entry&) = delete;
  retrying_entry& operator=(const retrying_entry&) = delete;
  ~retrying_entry() { set(false, {}); }

  void set(bool is_retrying, timestamp created_at) {
    if (is_retrying == listed_under_.has_value())
      return;
    auto& set = shared_->retrying;
    if (is_retrying)
      set.add(listed_under_.emplace(created_at), id_);
    else
      set.remove(*std::exchange(listed_under_, std::nullopt), id_);
  }

private:
  std::shared_ptr<region_shared> shared_;
  std::string id_;
  std::optional<timestamp> listed_under_;
};

} // namespace waybill
