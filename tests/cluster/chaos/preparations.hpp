#pragma once

#include "tests/cluster/chaos/accounts.hpp"
#include "tests/cluster/chaos/cluster_of_namespaces.hpp"
#include "tests/cluster/chaos/faults.hpp"
#include "tests/cluster/chaos/history.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace waybill::chaos {

/// The history of several days, made before the load. Its cost is measured in rows that the database has read, not in
/// time. For the main thread only; throws std::runtime_error when something cannot be done.
class preparations {
public:
  preparations(cluster_of_namespaces& cluster, fault_driver& driver, const accounts& people,
               const std::vector<std::string>& products, history& into);

  /// Makes so many lines of closed orders for each product. Then the inventory nodes restart, and `place_orders` sends
  /// orders for all products, which are loaded for them.
  void make_past(std::uint64_t closed, const std::function<void()>& place_orders);

  /// At each gateway a subscriber follows the log and leaves; so many events are logged; then a new subscriber asks
  /// each gateway for `latest`, and one more event is logged.
  void pass_quiet_hour(std::uint64_t events);

private:
  /// Changes the stock; the version of the product after that.
  std::uint64_t adjust_stock(const std::string& key);
  /// How many events the product has that is adjusted.
  std::uint64_t version_of_stock();
  /// Rows that were read from the table, by everybody.
  std::uint64_t rows_read(const std::string& table);
  /// Until hardly anything is read from the table any more; then as rows_read.
  std::uint64_t rows_read_at_rest(const std::string& table, std::uint64_t little);
  /// PostgreSQL counts the rows that a session has read when the session ends.
  void end_sessions();
  void require(const std::function<bool()>& done, const char* otherwise);

  cluster_of_namespaces& cluster_;
  fault_driver& driver_;
  const accounts& people_;
  const std::vector<std::string>& products_;
  history& into_;
};

} // namespace waybill::chaos
