#pragma once

#include "persistence/database/connection.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace waybill {

/// One query whose text depends on its conditions. The values must stay valid until it is done.
class query_builder {
public:
  explicit query_builder(connection& database) : statement_{database.session()} {}

  template <class T>
  void use(const T& value, const std::string& name) {
    statement_.exchange(soci::use(value, name));
  }
  template <class T>
  void into(T& value) {
    statement_.exchange(soci::into(value));
  }
  void execute(const std::string& sql) {
    statement_.alloc();
    statement_.prepare(sql, soci::details::st_one_time_query);
    statement_.define_and_bind();
    // With the exchange of data: without it SOCI would not bind the values. The first row comes with it.
    first_ = statement_.execute(true);
    executed_ = true;
  }
  bool fetch() {
    if (std::exchange(executed_, false))
      return first_;
    return statement_.fetch();
  }

private:
  soci::statement statement_;
  bool first_ = false;
  bool executed_ = false;
};

} // namespace waybill
