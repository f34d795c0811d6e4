#pragma once

#include "persistence/trouble/store_trouble.hpp"

#include <stdexcept>
#include <string>

namespace waybill {

/// What this process knows of the databases that it has opened, by their URLs. Thread-safe.
namespace known_stores {

/// A node begins with this database: what was known of it is forgotten, and the file that lies there now is the one.
void begin(const std::string& url);

/// From now on it is damaged, until begin(). False when that was known.
bool set_damaged(const std::string& url);

/// `damaged`, without asking the system.
bool is_damaged(const std::string& url);

/// `damaged`; `gone` when another file, or none, lies where the database was; otherwise `none`. Asks the file system.
store_trouble look(const std::string& url);

} // namespace known_stores

/// Thrown instead of asking the database.
class store_unusable : public std::runtime_error {
public:
  explicit store_unusable(store_trouble why, const std::string& reason = {})
    : std::runtime_error{reason}, trouble_{why} {}

  [[nodiscard]] store_trouble trouble() const noexcept { return trouble_; }

private:
  store_trouble trouble_;
};

} // namespace waybill
