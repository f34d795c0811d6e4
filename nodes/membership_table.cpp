#include "nodes/membership_table.hpp"

#include "persistence/call_limit.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>

namespace waybill {

namespace {

/// Rows of nodes that died stay this long for whoever looks, then any node takes them away.
constexpr std::string_view forget_dead_after = "10 minutes";

timestamp from_microseconds(long long value) {
  return timestamp{std::chrono::microseconds{value}};
}

/// The whole text between the separators, without empty pieces.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0)
      pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

class postgresql_membership_table final : public membership_table {
public:
  postgresql_membership_table(std::string url, const membership_settings& settings)
    : url_(std::move(url)), lease_(settings.lease.count()) {}

  result<std::uint64_t> join(const std::string& node) override {
    return guarded<std::uint64_t>([&](soci::session& sql) -> result<std::uint64_t> {
      long long incarnation = 0;
      sql << "insert into cluster_nodes as c (node, incarnation, address, http, roles, lease_until) values (:node, "
             "(extract(epoch from clock_timestamp()) * 1000000)::bigint, '', '', '', "
             "clock_timestamp() + :lease * interval '1 millisecond') "
             "on conflict (node) do update set incarnation = greatest(excluded.incarnation, c.incarnation + 1), "
             "address = '', http = '', roles = '', lease_until = excluded.lease_until "
             "where c.lease_until <= clock_timestamp() returning incarnation",
        soci::use(node), soci::use(lease_), soci::into(incarnation);
      if (!sql.got_data())
        return failure{ec::conflict, "another process is node " + node + " and its lease holds"};
      return static_cast<std::uint64_t>(incarnation);
    });
  }

  result<void> renew(const node_entry& self) override {
    return guarded<void>([&](soci::session& sql) -> result<void> {
      const auto number = static_cast<long long>(self.incarnation);
      const auto roles = roles_to_text(self.roles);
      std::string mine;
      sql << "update cluster_nodes set lease_until = clock_timestamp() + :lease * interval '1 millisecond', "
             "address = :address, http = :http, roles = :roles "
             "where node = :node and incarnation = :incarnation returning node",
        soci::use(lease_), soci::use(self.address), soci::use(self.http), soci::use(roles), soci::use(self.node),
        soci::use(number), soci::into(mine);
      if (!sql.got_data())
        return failure{ec::conflict, "its row is gone or another process took it over"};
      return {};
    });
  }

  result<node_list> live() override {
    return guarded<node_list>([&](soci::session& sql) -> result<node_list> {
      const soci::rowset<soci::row> rows =
        (sql.prepare << "select node, incarnation, address, http, roles, "
                        "(extract(epoch from lease_until) * 1000000)::bigint from cluster_nodes "
                        "where lease_until > clock_timestamp() and address <> '' order by node");
      node_list list;
      for (const auto& row : rows)
        list.nodes.push_back({.node = row.get<std::string>(0),
                              .incarnation = static_cast<std::uint64_t>(row.get<long long>(1)),
                              .address = row.get<std::string>(2),
                              .http = row.get<std::string>(3),
                              .roles = roles_from_text(row.get<std::string>(4)),
                              .lease_until = from_microseconds(row.get<long long>(5)),
                              .reachable = false});
      return list;
    });
  }

  result<void> leave(const std::string& node, std::uint64_t incarnation) override {
    return guarded<void>([&](soci::session& sql) -> result<void> {
      const auto number = static_cast<long long>(incarnation);
      sql << "delete from cluster_nodes where (node = :node and incarnation = :incarnation) "
             "or lease_until < clock_timestamp() - interval '"
          << forget_dead_after << "'",
        soci::use(node), soci::use(number);
      return {};
    });
  }

private:
  /// Where SOCI's exceptions end: the connection is dropped, so that the next call makes a new one.
  template <class T>
  result<T> guarded(const std::function<result<T>(soci::session&)>& work) {
    try {
      if (!session_)
        connect();
      const auto limit = bound_call();
      return work(*session_);
    } catch (const std::exception&) {
      // What libpq says names the host and may quote the URL: it stays out of the answer.
      session_.reset();
      return failure{ec::unavailable, "the membership table cannot be reached"};
    }
  }

  /// The server's own limit is worth nothing when the server hangs.
  [[nodiscard]] call_limit bound_call() {
    const auto* backend = static_cast<soci::postgresql_session_backend*>(session_->get_backend());
    return {PQsocket(backend->conn_), milliseconds{std::max<long long>(lease_ / 2, 500)}};
  }

  /// A silent network must not hold the thread for longer than a lease: every wait is bounded.
  void connect() {
    auto bounded = url_;
    bounded += url_.find('?') == std::string::npos ? '?' : '&';
    bounded += "connect_timeout=2&tcp_user_timeout=2000&keepalives_idle=2&application_name=waybill-membership";
    session_.emplace(soci::postgresql, bounded);
    const auto limit = bound_call();
    *session_ << "set statement_timeout = " << std::max<long long>(lease_ / 2, 100);
  }

  std::string url_;
  long long lease_;
  std::optional<soci::session> session_;
};

} // namespace

std::unique_ptr<membership_table> open_membership_table(std::string url, const membership_settings& settings) {
  return std::make_unique<postgresql_membership_table>(std::move(url), settings);
}

std::string roles_to_text(const std::vector<role>& roles) {
  std::string text;
  for (const auto one : roles) {
    if (!text.empty())
      text += ',';
    text += role_name(one);
  }
  return text;
}

std::vector<role> roles_from_text(std::string_view text) {
  std::vector<role> roles;
  for (const auto word : split(text, ','))
    if (const auto known = role_of(word))
      roles.push_back(*known);
  return roles;
}

std::string_view role_name(role wanted) {
  return boost::describe::enum_to_string(wanted, "unknown");
}

std::optional<role> role_of(std::string_view name) {
  role found{};
  if (!boost::describe::enum_from_string(std::string{name}.c_str(), found))
    return std::nullopt;
  return found;
}

} // namespace waybill
