#pragma once

#include "persistence/connection.hpp"

#include <string>

namespace waybill {

/// One query whose text depends on what is asked; the values must stay where they are until it is done.
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
    statement_.execute();
  }
  bool fetch() { return statement_.fetch(); }

private:
  soci::statement statement_;
};

} // namespace waybill
