#pragma once

#include "persistence/database/connection.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// One query whose text depends on its conditions. The values must stay valid until it is done.
class query_builder {
public:
  explicit query_builder(connection& database) : database_{database} {}

  query_builder(const query_builder&) = delete;
  query_builder& operator=(const query_builder&) = delete;

  /// What failed is prepared anew the next time.
  ~query_builder() {
    if (executed_ && database_.kind() == dialect::sqlite && std::uncaught_exceptions() == exceptions_)
      database_.kept().put(sql_, std::move(*statement_));
  }

  template <class T>
  void use(const T& value, const std::string& name) {
    exchanges_.emplace_back([&value, name](soci::statement& to) { to.exchange(soci::use(value, name)); });
  }
  template <class T>
  void into(T& value) {
    exchanges_.emplace_back([&value](soci::statement& to) { to.exchange(soci::into(value)); });
  }
  void execute(std::string sql) {
    sql_ = std::move(sql);
    auto& session = database_.session();
    statement_ = database_.kept().take(sql_);
    const bool is_kept = statement_.has_value();
    if (!is_kept) {
      statement_.emplace(session);
      statement_->alloc();
    }
    for (const auto& exchange : exchanges_)
      exchange(*statement_);
    if (!is_kept)
      statement_->prepare(sql_, soci::details::st_one_time_query);
    statement_->define_and_bind();
    // With the exchange of data: without it SOCI would not bind the values. The first row comes with it.
    first_ = statement_->execute(true);
    is_first_ = executed_ = true;
  }
  bool fetch() {
    if (std::exchange(is_first_, false))
      return first_;
    return statement_->fetch();
  }

private:
  connection& database_;
  int exceptions_ = std::uncaught_exceptions();
  std::vector<std::function<void(soci::statement&)>> exchanges_;
  std::string sql_;
  std::optional<soci::statement> statement_;
  bool first_ = false;
  bool is_first_ = false;
  bool executed_ = false;
};

} // namespace waybill
