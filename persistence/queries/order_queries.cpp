#include "persistence/queries/order_queries.hpp"

#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "domain/order_view/listing.hpp"
#include "persistence/queries/list_page.hpp"
#include "persistence/rows/append_row.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// What has an index is asked of the database: customer, listed status, time of creation, id. The rest is looked for in
// the states themselves, in windows of a bounded number of orders, so that a page costs the same whatever the history.

namespace waybill {

namespace {

/// How many orders a statement looks at when something is looked for in their states, and how many statements make a
/// page at most.
constexpr std::uint32_t window_size = 400;
constexpr int most_windows = 5;

struct listed_order {
  list_place place;
  std::string state;
  std::uint64_t version = 0;
  bool is_stale = false;
};

/// One statement for orders, from the conditions that have an index.
class order_statement {
public:
  order_statement(connection& database, const list_orders& query, std::uint32_t rows)
    : builder_(database), query_(query), statuses_(order::listed_statuses(query.statuses)), rows_(rows),
      time_(to_number(query.cursor_time)), after_(to_number(query.created_after)),
      before_(to_number(query.created_before)) {}

  std::vector<listed_order> run() {
    std::string id;
    std::string state;
    long long created_at = 0;
    long long version = 0;
    long long newest = 0;
    const auto sql = text();
    bind();
    builder_.into(id);
    builder_.into(created_at);
    builder_.into(state);
    builder_.into(version);
    builder_.into(newest);
    builder_.execute(sql);
    std::vector<listed_order> rows;
    while (builder_.fetch())
      rows.push_back({{to_time(created_at), id}, state, static_cast<std::uint64_t>(version), newest > version});
    return rows;
  }

private:
  /// The state is compared with the stream: most events do not store it.
  [[nodiscard]] std::string columns() const {
    return "select o.id, o.created_at, e.state, e.version, " + newest_version_sql("o.id") + " from ";
  }

  [[nodiscard]] std::string order_and_limit(const std::string& table) const {
    const auto direction = query_.oldest_first ? std::string{} : std::string{" desc"};
    return " order by " + table + "created_at" + direction + ", " + table + "id" + direction + " limit "
           + std::to_string(rows_);
  }

  /// Everything but the status.
  [[nodiscard]] std::string terms() const {
    std::string sql;
    if (query_.created_after)
      sql += " and o.created_at > :created_after";
    if (query_.created_before)
      sql += " and o.created_at < :created_before";
    if (query_.ids)
      sql += " and o.id in (" + list_of("id", query_.ids->size()) + ")";
    if (query_.cursor_time)
      sql +=
        query_.oldest_first ? " and (o.created_at, o.id) > (:time, :id)" : " and (o.created_at, o.id) < (:time, :id)";
    return sql;
  }

  /// The orders whose ids begin so, by the primary key: without this table of its own the database may rather walk
  /// along the time of creation, over the whole history.
  [[nodiscard]] std::string source() const {
    if (query_.id_prefix.empty())
      return "orders o";
    return "(select id, customer_id, status, created_at from orders where id >= :prefix and id < :prefix_end order by "
           "id "
           "limit "
           + std::to_string(window_size) + ") o";
  }

  static std::string list_of(const std::string& name, std::size_t count) {
    std::string places;
    for (std::size_t i = 0; i < count; ++i)
      places += (i == 0 ? ":" : ", :") + name + std::to_string(i);
    return places;
  }

  [[nodiscard]] std::string text() const {
    const std::string join = source() + " join entities e on e.id = o.id where true";
    const auto& statuses = statuses_;
    const auto customer = std::string{query_.customer.empty() ? "" : " and o.customer_id = :customer"};
    if (statuses.empty())
      return columns() + join + customer + terms() + order_and_limit("o.");
    if (statuses.size() == 1)
      return columns() + join + customer + " and o.status = :status0" + terms() + order_and_limit("o.");
    if (!query_.customer.empty() || query_.ids || !query_.id_prefix.empty())
      return columns() + join + customer + " and o.status in (" + list_of("status", statuses.size()) + ")" + terms()
             + order_and_limit("o.");
    // Each status has its place in the index: one statement for all would sort all that they have.
    std::string sql = "select id, created_at, state, version, newest from (";
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      sql += i == 0 ? "" : " union all ";
      sql += "select * from (" + named_columns() + join + " and o.status = :status" + std::to_string(i) + terms()
             + order_and_limit("o.") + ") s" + std::to_string(i);
    }
    return sql + ") s" + order_and_limit("");
  }

  [[nodiscard]] std::string named_columns() const {
    auto sql = columns();
    sql.replace(sql.rfind(" from "), 6, " as newest from ");
    return sql;
  }

  void bind() {
    if (!query_.customer.empty())
      builder_.use(query_.customer, "customer");
    for (std::size_t i = 0; i < statuses_.size(); ++i)
      builder_.use(statuses_[i], "status" + std::to_string(i));
    if (query_.created_after)
      builder_.use(after_, "created_after");
    if (query_.created_before)
      builder_.use(before_, "created_before");
    if (query_.ids)
      for (std::size_t i = 0; i < query_.ids->size(); ++i)
        builder_.use((*query_.ids)[i], "id" + std::to_string(i));
    if (query_.cursor_time) {
      builder_.use(time_, "time");
      builder_.use(query_.cursor_id, "id");
    }
    if (!query_.id_prefix.empty()) {
      prefix_end_ = query_.id_prefix + '~';
      builder_.use(query_.id_prefix, "prefix");
      builder_.use(prefix_end_, "prefix_end");
    }
  }

  query_builder builder_;
  const list_orders& query_;
  std::vector<std::string> statuses_;
  std::uint32_t rows_;
  long long time_;
  long long after_;
  long long before_;
  std::string prefix_end_;
};

/// The state with the events that came after it was stored.
order::state present_state(connection& database, const listed_order& row) {
  auto state = decode<order::state>(row.state);
  if (!state)
    throw std::runtime_error{row.place.id + ": " + state.error().detail};
  if (row.is_stale)
    for (const auto& item : read_stream(database, row.place.id, row.version)) {
      const auto event = decode_event<order::event>(item.type, item.schema, item.data);
      if (!event)
        throw std::runtime_error{row.place.id + ": " + event.error().detail};
      order::apply(*state, *event, item.at);
    }
  return std::move(*state);
}

state_page page_of_index(connection& database, const list_orders& query) {
  auto rows = order_statement{database, query, query.limit + 1}.run();
  state_page page;
  page.more = rows.size() > query.limit;
  if (page.more)
    rows.resize(query.limit);
  if (page.more && !rows.empty())
    page.next = rows.back().place;
  for (auto& row : rows)
    page.states.push_back(row.is_stale ? encode(present_state(database, row)) : std::move(row.state));
  return page;
}

bool has_status(const list_orders& query, const order::state& state) {
  return query.statuses.empty() || std::ranges::find(query.statuses, name_of(state.status)) != query.statuses.end();
}

state_page search_page(connection& database, list_orders query) {
  state_page page;
  for (int window = 0; window < most_windows; ++window) {
    const auto rows = order_statement{database, query, window_size}.run();
    for (const auto& row : rows) {
      const auto state = present_state(database, row);
      page.next = row.place;
      if (!order::matches(query.search, state) || !has_status(query, state))
        continue;
      page.states.push_back(row.is_stale ? encode(state) : row.state);
      page.more = page.states.size() == query.limit;
      if (page.more)
        return page;
    }
    page.more = rows.size() == window_size;
    if (!page.more)
      break;
    query.cursor_time = page.next->time;
    query.cursor_id = page.next->id;
  }
  if (!page.more)
    page.next.reset();
  return page;
}

} // namespace

state_page run_query(connection& database, const list_orders& query) {
  if (query.ids && query.ids->size() > max_listed_ids)
    throw std::length_error{"too many orders are asked for at once"};
  if (query.ids && query.ids->empty())
    return {};
  if (!query.id_prefix.empty() && query.id_prefix.size() < min_id_prefix)
    throw std::length_error{"too many ids may begin so"};
  return query.search.is_empty() && !order::needs_state(query.statuses) ? page_of_index(database, query)
                                                                        : search_page(database, query);
}

/// Along the index of the statuses, so that it costs what is counted and not what is stored.
order_counts run_query(connection& database, const count_orders& query) {
  order_counts answer;
  for (const auto& status : query.statuses) {
    long long count = 0;
    database.session() << "select count(*) from (select 1 from orders where status = :status limit "
                            + std::to_string(query.most) + ") counted",
      soci::use(status, "status"), soci::into(count);
    answer.counts.push_back(static_cast<std::uint64_t>(count));
  }
  return answer;
}

} // namespace waybill
