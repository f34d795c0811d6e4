#pragma once

#include "domain/product.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/order_rows.hpp"
#include "messages/journal/product_rows.hpp"
#include "persistence/database/connection.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the audit reads, each function with one statement. All throw what SOCI throws.
namespace waybill {

/// A stored state, and the rows of lists about it, as they were in one moment.
struct audited_entity {
  std::uint64_t version = 0;
  std::string state;
  bool unfinished = false;
  bool has_timer = false;
  std::optional<order_row> listed_order;
  std::optional<product_row> listed_product;
};

/// Nothing when no state is stored under `id`.
std::optional<audited_entity> find_audited(connection& database, const std::string& id);

/// How many versions a stream has above `above`, the lowest and the highest; zero without any.
struct stream_extent {
  std::uint64_t count = 0;
  std::uint64_t oldest = 0;
  std::uint64_t newest = 0;
};
stream_extent measure_stream(connection& database, const std::string& stream, std::uint64_t above);

/// The same without `count`, which would cost more the longer the stream is.
stream_extent find_stream_ends(connection& database, const std::string& stream, std::uint64_t above);

/// The reservations of `product`, by order: those of `orders`, or all that are live.
using reservation_map = std::map<std::string, product::reservation>;
reservation_map find_reservations(connection& database, const std::string& product,
                                  const std::vector<std::string>& orders);
reservation_map find_live_reservations(connection& database, const std::string& product);

/// The orders for which `product` has a live reservation although they are final or do not exist.
std::vector<std::string> find_reservations_of_nobody(connection& database, const std::string& product);

/// The reservations under `holder` (an order's id, or that of its revision) of `products`, by product.
reservation_map find_reservations_under(connection& database, const std::string& holder,
                                        const std::vector<std::string>& products);

/// Those of `orders` that are not over, with their statuses.
std::map<std::string, std::string> find_living_orders(connection& database, const std::vector<std::string>& orders);

/// The products of which `order` has a live reservation, among `products`.
std::vector<std::string> find_held_products(connection& database, const std::string& order,
                                            const std::vector<std::string>& products);

/// An entry of the provider's ledger as it is stored, by its key.
struct ledger_row {
  std::uint64_t version = 0;
  std::string state;
};
std::map<std::string, ledger_row> find_ledger_rows(connection& ledger, const std::vector<std::string>& keys);

/// Ids behind `after`, sorted: of all stored states and of all streams.
std::vector<std::string> list_audited(connection& database, const std::string& after, std::uint32_t limit);

/// Whether the tables exist: the provider makes its ledger when it starts for the first time.
bool has_tables(connection& database);

/// A transaction that only reads: until its end all reads see one moment. It does not hold up the readers of the log,
/// because it writes nothing.
class reading_moment {
public:
  explicit reading_moment(connection& database);
  ~reading_moment();
  reading_moment(const reading_moment&) = delete;
  reading_moment& operator=(const reading_moment&) = delete;

private:
  connection& database_;
};

} // namespace waybill
