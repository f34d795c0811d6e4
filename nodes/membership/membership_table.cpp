#include "nodes/membership/membership_table.hpp"

#include "nodes/options/role_words.hpp"

#include "domain/base/errors.hpp"
#include "messages/type_ids.hpp"
#include "persistence/database/call_limit.hpp"
#include "persistence/faults/outage.hpp"
#include "persistence/log/log_watch.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>

namespace waybill {

namespace {

/// Rows of nodes that died can be seen for so long; then the next node that joins deletes them.
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

std::string to_lines(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text += name + '\n';
  return text;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n'))
    lines.emplace_back(line);
  return lines;
}

/// A word of a newer program means a state in which the node owns nothing.
node_state state_of(const std::string& word) {
  auto state = node_state::leaving;
  boost::describe::enum_from_string(word.c_str(), state);
  return state;
}

class postgresql_membership_table final : public membership_table {
public:
  postgresql_membership_table(std::string url, const membership_settings& settings, std::shared_ptr<log_watch> watch)
    : url_(std::move(url)), settings_(settings), lease_(settings.lease.count()), watch_(std::move(watch)) {
    if (settings_.protocol == 0)
      settings_.protocol = protocol_version;
  }

  result<std::uint64_t> join(const std::string& node) override {
    return guarded<std::uint64_t>([&](soci::session& sql) -> result<std::uint64_t> {
      if (const auto ahead = clock_ahead(sql); abs(ahead) > settings_.clock_limit)
        return failure{ec::invalid_argument, "the clock of this machine is " + describe_clock_offset(ahead)
                                               + " the database's: set it right"};
      long long incarnation = 0;
      sql << "insert into cluster_nodes as c (node, incarnation, address, http, roles, lease_until, state) "
             "values (:node, (extract(epoch from clock_timestamp()) * 1000000)::bigint, '', '', '', "
             "clock_timestamp() + :lease * interval '1 millisecond', 'joining') "
             "on conflict (node) do update set incarnation = greatest(excluded.incarnation, c.incarnation + 1), "
             "address = '', http = '', roles = '', lease_until = excluded.lease_until, state = 'joining', "
             "suspects = '' where c.lease_until <= clock_timestamp() returning incarnation",
        soci::use(node), soci::use(lease_), soci::into(incarnation);
      if (!sql.got_data())
        return failure{ec::conflict, "another process is node " + node + " and its lease holds"};
      return static_cast<std::uint64_t>(incarnation);
    });
  }

  result<void> announce(const node_entry& self) override {
    return guarded<void>([&](soci::session& sql) -> result<void> {
      soci::transaction together{sql};
      // Two nodes that announce themselves at once must see each other. Renewals do not wait for this lock: the process
      // that holds it may have been stopped.
      sql << "select pg_advisory_xact_lock(7211640194)";
      if (auto rival = find_rival(sql, self); rival.has_error())
        return rival;
      auto renewed = write(sql, self);
      sql << "delete from cluster_nodes where lease_until < clock_timestamp() - interval '" << forget_dead_after << "'";
      together.commit();
      return renewed;
    });
  }

  result<void> renew(const node_entry& self) override {
    return guarded<void>([&](soci::session& sql) { return write(sql, self); });
  }

  result<membership_view> look() override {
    return guarded<membership_view>([&](soci::session& sql) -> result<membership_view> {
      membership_view view{{}, settings_.lease, clock_ahead(sql)};
      const soci::rowset<soci::row> rows =
        (sql.prepare << "select node, incarnation, address, http, roles, state, suspects, "
                        "(extract(epoch from lease_until) * 1000000)::bigint, "
                        "ceil(extract(epoch from lease_until - clock_timestamp()) * 1000)::bigint "
                        "from cluster_nodes where address <> '' order by node");
      for (const auto& row : rows) {
        const milliseconds left{row.get<long long>(8)};
        const bool alive = left.count() > 0;
        if (alive)
          view.first_lease_ends_in = std::min(view.first_lease_ends_in, left);
        view.nodes.push_back({.node = row.get<std::string>(0),
                              .incarnation = static_cast<std::uint64_t>(row.get<long long>(1)),
                              .address = row.get<std::string>(2),
                              .http = row.get<std::string>(3),
                              .roles = roles_from_text(row.get<std::string>(4)),
                              .lease_until = from_microseconds(row.get<long long>(7)),
                              .reachable = false,
                              .state = alive ? state_of(row.get<std::string>(5)) : node_state::dead,
                              .suspects = lines_of(row.get<std::string>(6))});
      }
      return view;
    });
  }

  result<void> leave(const std::string& node, std::uint64_t incarnation) override {
    return guarded<void>([&](soci::session& sql) -> result<void> {
      const auto number = static_cast<long long>(incarnation);
      sql << "delete from cluster_nodes where node = :node and incarnation = :incarnation", soci::use(node),
        soci::use(number);
      return {};
    });
  }

private:
  milliseconds clock_ahead(soci::session& sql) const {
    long long theirs = 0;
    const auto before = settings_.clock();
    sql << "select (extract(epoch from clock_timestamp()) * 1000000)::bigint", soci::into(theirs);
    const auto after = settings_.clock();
    return std::chrono::duration_cast<milliseconds>(before + (after - before) / 2 - from_microseconds(theirs));
  }

  result<void> find_rival(soci::session& sql, const node_entry& self) const {
    std::string rival;
    const auto protocol = static_cast<int>(settings_.protocol);
    int theirs = 0;
    sql << "select node, protocol from cluster_nodes where node <> :node and lease_until > clock_timestamp() and "
           "address <> '' and (address = :address or protocol <> :protocol) order by protocol = :protocol limit 1",
      soci::use(self.node, "node"), soci::use(self.address, "address"), soci::use(protocol, "protocol"),
      soci::into(rival), soci::into(theirs);
    if (!sql.got_data())
      return {};
    if (theirs != protocol)
      return failure{ec::incompatible_peer, "node " + rival + " of this cluster speaks protocol "
                                              + std::to_string(theirs) + ", this program speaks "
                                              + std::to_string(protocol)};
    return failure{ec::duplicate, "node " + rival + " has the address " + self.address + " and its lease holds"};
  }

  result<void> write(soci::session& sql, const node_entry& self) const {
    const auto number = static_cast<long long>(self.incarnation);
    const auto roles = roles_to_text(self.roles);
    const std::string state{state_name(self.state)};
    const auto suspects = to_lines(self.suspects);
    const auto protocol = static_cast<int>(settings_.protocol);
    std::string mine;
    sql << "update cluster_nodes set lease_until = clock_timestamp() + :lease * interval '1 millisecond', "
           "address = :address, http = :http, roles = :roles, state = :state, suspects = :suspects, "
           "protocol = :protocol where node = :node and incarnation = :incarnation "
           "and lease_until > clock_timestamp() returning node",
      soci::use(lease_), soci::use(self.address), soci::use(self.http), soci::use(roles), soci::use(state),
      soci::use(suspects), soci::use(protocol), soci::use(self.node), soci::use(number), soci::into(mine);
    if (!sql.got_data())
      return failure{ec::conflict, "its lease has run out, or another process took its name"};
    return {};
  }

  /// Where SOCI's exceptions end: the connection is dropped, so that the next call makes a new one.
  template <class T>
  result<T> guarded(const std::function<result<T>(soci::session&)>& work) {
    try {
      if (simulated_outage::is_on())
        throw std::runtime_error{"fault injection keeps it away"};
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
    bounded += "connect_timeout=2&tcp_user_timeout=2000&keepalives_idle=1&keepalives_interval=1&keepalives_count=2&"
               "application_name=waybill-membership";
    session_.emplace(soci::postgresql, bounded);
    const auto limit = bound_call();
    *session_ << "set statement_timeout = " << std::max<long long>(lease_ / 2, 100);
    if (watch_)
      watch_->meet(*session_);
  }

  std::string url_;
  membership_settings settings_;
  long long lease_;
  std::shared_ptr<log_watch> watch_;
  std::optional<soci::session> session_;
};

} // namespace

std::unique_ptr<membership_table> open_membership_table(std::string url, const membership_settings& settings,
                                                        std::shared_ptr<log_watch> watch) {
  return std::make_unique<postgresql_membership_table>(std::move(url), settings, std::move(watch));
}

std::string_view state_name(node_state state) {
  return boost::describe::enum_to_string(state, "unknown");
}

std::string describe_clock_offset(milliseconds ahead) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(abs(ahead)).count();
  std::string text;
  if (seconds >= 3'600)
    text += std::to_string(seconds / 3'600) + "h ";
  if (seconds >= 60)
    text += std::to_string(seconds / 60 % 60) + "m ";
  text += std::to_string(seconds % 60) + "s ";
  return text + (ahead.count() < 0 ? "behind" : "ahead of");
}

} // namespace waybill
