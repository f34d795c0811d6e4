#pragma once

#include "gateway/http/caller.hpp"
#include "messages/journal/account_rows.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace waybill::http {

/// Callers who have streams open, and whether they still may: accounts change while streams are open. One look-up per
/// caller and interval, however many streams it has, a hundred callers in one question. Used by one thread.
class caller_watch {
public:
  using clock = std::chrono::steady_clock;
  /// Gets the roles that the caller has now; nothing: it is disabled, revoked or gone.
  using listener = std::function<void(std::optional<role_set>)>;

  explicit caller_watch(std::chrono::milliseconds interval) : interval_(interval) {}

  /// Tells `changed` what each look-up finds, for as long as the result is kept. The first one is due at once.
  [[nodiscard]] std::shared_ptr<const listener> add(const std::string& caller_id, listener changed);

  /// Callers whose look-up is due, not more than fit into one question. To be followed by tell() or fail() with them.
  std::vector<std::string> take_due(clock::time_point now);
  void tell(const std::vector<std::string>& asked, const found_callers& answer);
  /// There was no answer: they are asked for again a moment later, and until then nothing changes.
  void fail(const std::vector<std::string>& asked, clock::time_point now);

  [[nodiscard]] std::size_t size() const noexcept { return callers_.size(); }

private:
  struct place {
    std::weak_ptr<const listener> to;
    /// Came after the question under way was asked: its token may be newer than the answer.
    bool is_new = true;
  };
  struct entry {
    std::vector<place> listeners;
    clock::time_point due;
    bool is_asked = false;
  };

  std::chrono::milliseconds interval_;
  std::unordered_map<std::string, entry> callers_;
};

} // namespace waybill::http
