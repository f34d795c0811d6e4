#pragma once

#include "actors/entity/entity_start.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace waybill {

/// Whether one entity stands in the set; it does not when it has ended.
class retrying_mark {
public:
  retrying_mark(std::shared_ptr<region_shared> shared, std::string id)
    : shared_(std::move(shared)), id_(std::move(id)) {}
  retrying_mark(const retrying_mark&) = delete;
  retrying_mark& operator=(const retrying_mark&) = delete;
  ~retrying_mark() { set(false, {}); }

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
