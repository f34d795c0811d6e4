#pragma once

#include "tests/support/temp_folder.hpp"

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace waybill::test {

/// A pgbouncer of its own in front of a database, on a free port. It ends with this object or this process.
class pooler {
public:
  /// `database` is the URL of the database, `mode` pgbouncer's pool_mode, `options` a further line of its
  /// configuration. Throws std::runtime_error when it does not serve.
  pooler(const std::string& database, const std::string& mode, const std::string& options);
  ~pooler();
  pooler(const pooler&) = delete;
  pooler& operator=(const pooler&) = delete;

  /// Of the database, through the pool.
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
  temp_folder folder_;
  std::string url_;
  pid_t process_ = -1;
};

} // namespace waybill::test
