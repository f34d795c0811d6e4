#include "persistence/audit/followed_streams.hpp"

#include <algorithm>

namespace waybill {

followed_stream& followed_streams::follow(const std::string& id) {
  if (streams_.size() >= most_ && !streams_.contains(id)) {
    const auto oldest = std::min_element(streams_.begin(), streams_.end(), [](const auto& x, const auto& y) {
      return x.second.last_used < y.second.last_used;
    });
    streams_.erase(oldest);
  }
  auto& stream = streams_[id];
  stream.last_used = ++uses_;
  return stream;
}

} // namespace waybill
