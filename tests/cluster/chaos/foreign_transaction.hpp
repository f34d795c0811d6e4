#pragma once

#include <memory>
#include <string>

struct pg_conn;

namespace waybill::chaos {

/// A forgotten transaction in another database of the server, with a transaction number. Ends with this object. Throws
/// std::runtime_error when it cannot be begun.
class foreign_transaction {
public:
  explicit foreign_transaction(const std::string& url);

  /// Its session still lives. Asks the server.
  [[nodiscard]] bool is_open() const;

private:
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> session_;
};

} // namespace waybill::chaos
