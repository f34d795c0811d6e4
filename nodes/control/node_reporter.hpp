#pragma once

#include "messages/actors.hpp"
#include "messages/cluster/known_troubles.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace waybill {

/// How histograms, which only grow, have grown in the last hour: what they were is noted once a minute, so that neither
/// the hour nor the rate of orders makes it larger.
class hour_of_histograms {
public:
  /// A minute has passed. `readings`: the counts since the start, those of one name with as many each time.
  void note(std::vector<latency_histogram> readings);
  /// `readings` less what they were an hour ago.
  [[nodiscard]] std::vector<latency_histogram> growth(std::vector<latency_histogram> readings) const;

private:
  static constexpr std::size_t most = 60;
  std::deque<std::vector<latency_histogram>> minutes_;
};

/// Reads the metrics of the actor system, and `troubles`, which may be null; ends with send_exit.
node_reporter_actor spawn_node_reporter(caf::actor_system& sys, std::string node,
                                        std::shared_ptr<const known_troubles> troubles = nullptr);

} // namespace waybill
