#include "persistence/trouble/known_stores.hpp"

#include "persistence/files/sqlite_file.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace waybill::known_stores {

namespace {

struct known_store {
  std::optional<file_identity> file;
  bool damaged = false;
};

std::mutex stores_mutex;
std::map<std::string, known_store> stores;
/// Spares everybody the lock while all is well.
std::atomic<bool> any_damaged = false;

} // namespace

void begin(const std::string& url) {
  const auto path = sqlite_path(url);
  const std::lock_guard lock{stores_mutex};
  stores[url] = {path ? identify_file(*path) : std::nullopt, false};
}

bool set_damaged(const std::string& url) {
  const std::lock_guard lock{stores_mutex};
  any_damaged = true;
  return !std::exchange(stores[url].damaged, true);
}

bool is_damaged(const std::string& url) {
  if (!any_damaged.load(std::memory_order_relaxed))
    return false;
  const std::lock_guard lock{stores_mutex};
  const auto known = stores.find(url);
  return known != stores.end() && known->second.damaged;
}

store_trouble look(const std::string& url) {
  if (is_damaged(url))
    return store_trouble::damaged;
  std::optional<file_identity> expected;
  {
    const std::lock_guard lock{stores_mutex};
    if (const auto known = stores.find(url); known != stores.end())
      expected = known->second.file;
  }
  const auto path = sqlite_path(url);
  return expected && path && identify_file(*path) != expected ? store_trouble::gone : store_trouble::none;
}

} // namespace waybill::known_stores
