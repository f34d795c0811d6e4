#include "actors/entity/entity_support.hpp"

#include <random>

namespace waybill {

std::uint64_t new_append_group() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return random() | 1U;
}

} // namespace waybill
