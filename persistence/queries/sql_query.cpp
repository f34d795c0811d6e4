#include "domain/base/errors.hpp"
#include "persistence/database/connection.hpp"
#include "persistence/queries/account_queries.hpp"
#include "persistence/queries/courier_queries.hpp"
#include "persistence/queries/entity_queries.hpp"
#include "persistence/queries/functions/function_queries.hpp"
#include "persistence/queries/log/log_reader.hpp"
#include "persistence/queries/log/settled.hpp"
#include "persistence/queries/notification_queries.hpp"
#include "persistence/queries/order_queries.hpp"
#include "persistence/queries/product_queries.hpp"
#include "persistence/queries/follower/sink_queries.hpp"
#include "persistence/queries/follower/webhook_queries.hpp"
#include "persistence/rows/append_row.hpp"
#include "persistence/store.hpp"

namespace waybill {

namespace {

class sql_query final : public query_store_of<sql_query> {
public:
  explicit sql_query(const store_config& config) : database_{config, access::read}, entities_{database_} {}

  ~sql_query() override {
    // Closing a prepared statement sends a message to the server, too.
    const connection::time_limit limit{database_};
    entities_.reset();
  }

  template <class Query>
  auto answer(const Query& query) {
    return guarded([&] { return run_query(database_, query); });
  }

  result<stored_entity> answer(const load_entity& query) {
    return guarded([&] { return entities_.load(query); });
  }

  result<log_page> answer(const read_log& query) {
    return to_log_answer(guarded([&] { return read_log_page(database_, query); }));
  }

  result<stream_events> answer(const read_stream_events& query) {
    return guarded([&] { return stream_events{read_stream(database_, query.stream, query.version, query.limit)}; });
  }

  result<log_position> answer(const get_log_end&) {
    return guarded([&] { return find_log_end(database_); });
  }

  result<void> answer(const check_store&) {
    const auto newest_migration = guarded([&] {
      int number = 0;
      database_.require_usable();
      database_.session() << "select max(number) from schema_migrations", soci::into(number);
      note_log_delay(database_);
      return number;
    });
    if (!newest_migration)
      return newest_migration.error();
    return {};
  }

private:
  template <class Function>
  auto run_and_note(Function& run) {
    if constexpr (std::is_void_v<decltype(run())>) {
      run();
      database_.note_success();
    } else {
      auto answer = run();
      database_.note_success();
      return answer;
    }
  }

  template <class Function>
  auto guarded(Function run) -> result<decltype(run())> {
    const connection::time_limit limit{database_};
    // That a kept connection was cut meanwhile only shows when it is used, and a query may be asked twice.
    for (bool may_repeat = !database_.is_lost();; may_repeat = false) {
      try {
        connection::require_reachable();
        return run_and_note(run);
      } catch (const std::exception&) {
        auto reason = database_.explain(std::current_exception());
        const bool again = may_repeat && reason.code == ec::unavailable && !database_.is_cut_off();
        entities_.reset();
        database_.disconnect();
        if (!again)
          return reason;
      }
    }
  }

  connection database_;
  entity_loader entities_;
};

} // namespace

std::unique_ptr<query_store> open_query_store(const store_config& config) {
  return std::make_unique<sql_query>(config);
}

} // namespace waybill
