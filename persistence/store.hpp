#pragma once

#include "messages/journal/append.hpp"
#include "messages/journal/entity_rows.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/queries.hpp"
#include "persistence/database/store_config.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace waybill {

/// The writing side of one connection. Blocks; belongs to one thread at a time. Reconnects by itself.
class journal_store {
public:
  virtual ~journal_store() = default;

  /// Writes all appends in one transaction and returns after its commit, with one outcome for each: the new version, or
  /// ec::conflict (the stream is not at the expected version) or ec::duplicate (a unique value is taken), which leaves
  /// the others untouched, except those to the same stream behind a conflict: they conflict too, because they may build
  /// on it. So do those with an epoch behind any refused append that `is_built_on`. Several appends to one stream are
  /// applied in order. An append that is already there, written by this node (the answer to the last commit got lost),
  /// counts as done. Fails as a whole with ec::unavailable when the database cannot be reached: then nothing is known,
  /// and the same batch may be tried again.
  virtual result<std::vector<result<appended>>> commit(std::span<const append> batch) = 0;

  /// Whether the database can be written: writes, and changes nothing. For times in which nobody else writes. Fails
  /// with ec::unavailable.
  virtual result<void> probe() { return {}; }
};

/// One function for each query of a list: `virtual result<Answer> run(const Query&) = 0`.
template <class... Queries>
class query_interface;

template <class Answer, class Query>
class query_interface<Answer(Query)> {
public:
  virtual ~query_interface() = default;
  virtual result<Answer> run(const Query& query) = 0;
};

template <class Answer, class Query, class... Rest>
class query_interface<Answer(Query), Rest...> : public query_interface<Rest...> {
public:
  using query_interface<Rest...>::run;
  virtual result<Answer> run(const Query& query) = 0;
};

/// The reading side of one connection: `run` answers every query of all_queries. Blocks; belongs to one thread at a
/// time. Reconnects by itself. Every query fails with ec::unavailable when the database cannot be reached.
class query_store : public boost::mp11::mp_rename<all_queries, query_interface> {};

/// What implementations of query_store inherit: each query goes to `Store::answer(query)`, which is public and returns
/// what `run` returns.
template <class Store, class... Queries>
class query_dispatcher : public query_store {};

template <class Store, class Answer, class Query, class... Rest>
class query_dispatcher<Store, Answer(Query), Rest...> : public query_dispatcher<Store, Rest...> {
public:
  using query_dispatcher<Store, Rest...>::run;
  result<Answer> run(const Query& query) final { return static_cast<Store&>(*this).answer(query); }
};

template <class Store>
using query_store_of = boost::mp11::mp_rename<boost::mp11::mp_push_front<all_queries, Store>, query_dispatcher>;

/// Connections of their own; `node` is recorded with every event. The database must have been migrated.
std::unique_ptr<journal_store> open_journal_store(const store_config& config, std::string node);
std::unique_ptr<query_store> open_query_store(const store_config& config);

} // namespace waybill
