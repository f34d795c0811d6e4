#include "actors/entity/entity_support.hpp"

#include "domain/octets/octets.hpp"

#include <random>

namespace waybill {

std::uint64_t new_append_group() {
  return random_number() | 1U;
}

} // namespace waybill
