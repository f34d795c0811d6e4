#include "gateway/context/token_cache.hpp"

#include <utility>

namespace waybill::http {

const caller* token_cache::find(std::string_view token, timestamp now) {
  auto known = young_.find(token);
  if (known == young_.end()) {
    const auto older = old_.find(token);
    if (older == old_.end())
      return nullptr;
    auto kept = std::move(older->second);
    old_.erase(older);
    add(token, std::move(kept.bearer), kept.until);
    known = young_.find(token);
  }
  return known->second.until > now ? &known->second.bearer : nullptr;
}

void token_cache::add(std::string_view token, caller bearer, timestamp until) {
  if (young_.size() >= most) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(std::string{token}, entry{std::move(bearer), until});
}

void token_cache::follow(std::uint64_t generation) {
  if (std::exchange(generation_, generation) == generation)
    return;
  young_.clear();
  old_.clear();
}

} // namespace waybill::http
