#include "persistence/journal/batch/known_versions.hpp"

#include <utility>

namespace waybill {

bool known_versions::proves(std::string_view stream, std::uint64_t version) const {
  if (!removed_)
    return false;
  // A stream that has events begins with version 1, as does what would be its first row here.
  if (version == 0 && *removed_ == 0)
    return true;
  if (const auto young = young_.find(stream); young != young_.end())
    return young->second == version;
  const auto old = old_.find(stream);
  return old != old_.end() && old->second == version;
}

void known_versions::note(std::string_view stream, std::uint64_t version) {
  if (!removed_)
    return;
  if (const auto young = young_.find(stream); young != young_.end()) {
    young->second = version;
    return;
  }
  if (young_.size() >= most_) {
    old_ = std::exchange(young_, {});
    young_.reserve(most_);
  }
  young_.emplace(stream, version);
}

void known_versions::forget() {
  young_.clear();
  old_.clear();
  removed_.reset();
}

} // namespace waybill
