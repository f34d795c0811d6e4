#include "persistence/queries/follower/follower_columns.hpp"

#include <stdexcept>

namespace waybill {

log_position to_position(const std::string& text, std::uint64_t generation, const char* unreadable) {
  const auto position = parse_log_position(text);
  if (!position)
    throw std::runtime_error{unreadable};
  return position->of_generation(generation);
}

follower_columns::follower_columns(query_builder& builder) {
  builder.into(progress_.id);
  builder.into(cursor_);
  builder.into(last_success_at_);
  builder.into(last_failure_at_);
  builder.into(progress_.last_error);
}

follower_progress follower_columns::get(std::uint64_t generation, const char* unreadable) const {
  auto result = progress_;
  result.cursor = to_position(cursor_, generation, unreadable);
  result.last_success_at = to_optional_time(last_success_at_);
  result.last_failure_at = to_optional_time(last_failure_at_);
  return result;
}

} // namespace waybill
