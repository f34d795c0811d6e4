#pragma once

#include "domain/base/time.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// What a node knows to be wrong now, in sentences for operators: whoever asks why an order waits is told of it. The
/// part that finds a trouble says so under a name of its own, and that it is over. Thread-safe.
class known_troubles {
public:
  using clock = std::chrono::steady_clock;

  /// `sentence` replaces what was told under `name`. With `lasts` it is forgotten by itself after that time: for what
  /// has no end that anybody would notice.
  void tell(const std::string& name, std::string sentence, std::optional<milliseconds> lasts = {});
  void forget(const std::string& name);
  /// Tells `sentence`, or forgets what was told when it is empty.
  void set(const std::string& name, std::string sentence);

  /// Sorted by name.
  [[nodiscard]] std::vector<std::string> sentences(clock::time_point now = clock::now()) const;

private:
  struct trouble {
    std::string sentence;
    std::optional<clock::time_point> until;
  };

  mutable std::mutex mutex_;
  std::map<std::string, trouble> troubles_;
};

} // namespace waybill
