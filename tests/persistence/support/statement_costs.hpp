#pragma once

#include <string>
#include <vector>

namespace waybill::test {

struct statement_cost {
  std::string sql;
  /// For messages.
  std::string cost;
  /// More than a page of a list, or a window of the log, should take.
  bool is_high = false;
};

/// The cost of each statement that is executed during this object's life, over connections that are opened during it.
class statement_costs {
public:
  virtual ~statement_costs() = default;
  virtual std::vector<statement_cost> collect() = 0;
};

/// The pages that PostgreSQL reads for a statement, by its extension auto_explain, from the log of the shared server.
class postgresql_costs final : public statement_costs {
public:
  explicit postgresql_costs(const std::string& url);
  std::vector<statement_cost> collect() override;

private:
  std::size_t begin_;
};

/// The steps of SQLite's virtual machine.
class sqlite_costs final : public statement_costs {
public:
  sqlite_costs();
  ~sqlite_costs() override;
  sqlite_costs(const sqlite_costs&) = delete;
  sqlite_costs& operator=(const sqlite_costs&) = delete;
  std::vector<statement_cost> collect() override;
};

} // namespace waybill::test
