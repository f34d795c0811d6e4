#pragma once

#include "persistence/database/connection.hpp"
#include "persistence/journal/batch/batch_plan.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// Looks up by SQL what a plan needs. Throws what SOCI throws.
class sql_facts : public fact_source {
public:
  /// `node` is the one that writes on this connection.
  sql_facts(connection& database, std::string node);
  ~sql_facts() override;
  sql_facts(const sql_facts&) = delete;
  sql_facts& operator=(const sql_facts&) = delete;

  std::vector<stream_facts> look_up(const std::vector<std::string_view>& streams) override;
  bool is_written(const append& request) override;
  std::optional<std::string> holder_of(const std::string& sku) override;
  std::optional<std::string> user_of(const std::string& email) override;

  /// Forgets the prepared statement; call it before the connection is dropped.
  void reset();

private:
  struct prepared;

  std::vector<stream_facts> look_up_each(const std::vector<std::string_view>& streams);
  std::vector<stream_facts> lock_and_look_up(const std::vector<std::string_view>& streams);
  std::optional<std::string> find_id(const char* sql, const std::string& value);

  connection& database_;
  std::string node_;
  std::unique_ptr<prepared> prepared_;
};

} // namespace waybill
