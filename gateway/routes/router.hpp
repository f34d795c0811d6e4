#pragma once

#include "gateway/http/request.hpp"
#include "gateway/transport/worker.hpp"

#include <span>
#include <string_view>

namespace waybill::http {

/// Answers a request; throws a problem when it cannot.
using route_handler = task<response> (*)(worker&, const request&);

enum class route_kind : std::uint8_t { plain, events, websocket };

/// What a route takes of the machine: `work` needs the database and counts against the limit of requests, `local` is
/// answered by the gateway alone, `always` even when nothing else is: whoever watches the node must see it then above
/// all.
enum class route_load : std::uint8_t { work, local, always };

/// Where a route is served: to clients, to whoever spreads the load too, or to operators, who have a listener of their
/// own when one is configured (`ops`), without which clients see the route as well unless it is for operators only.
enum class route_place : std::uint8_t { clients, probes, operators, operators_only };

/// Who may use a route: the one source of the rights, also of docs/rights.md. Admins may use all of them.
enum class access : std::uint8_t {
  everybody,
  /// The payment provider, whose signature the handler checks; no token gives this right, not an admin's either.
  provider,
  /// Whoever is signed in, for what is their own; nobody sees more.
  user,
  /// Whoever is signed in, for what is their own, which is not there for others; operators for all.
  owner,
  customer,
  /// Couriers, for what is theirs, which is not there for others; operators for all.
  courier,
  /// Operators.
  staff,
  admin,
};

/// One line of the table. `{id}` in `pattern` stands for any one segment.
struct route {
  verb method = verb::get;
  std::string_view pattern;
  access right = access::admin;
  route_handler answer = nullptr;
  route_kind kind = route_kind::plain;
  route_load load = route_load::work;
  /// How it counts against the caller's share.
  rate_class rate = rate_class::by_method;
  route_place place = route_place::clients;
};

/// `by_method` resolved; none for what is always served.
rate_class rate_class_of(const route& one) noexcept;

/// What became of the look-up of a method and path.
struct match {
  const route* found = nullptr;
  /// Its place in the table.
  std::size_t index = http_metrics::max_routes - 1;
  /// The methods that the path allows; empty when no such path is known.
  std::string allowed;
};

/// Looks for the route and sets `req.id`. HEAD finds the route of GET. `for_operators`: among those of the operators'
/// listener.
match find_route(request& req, bool for_operators, const gateway_config& config);

/// Method and pattern of a place in the table, empty behind the last one.
std::string_view route_name(std::size_t index);

/// The whole table.
std::span<const route> all_routes() noexcept;

} // namespace waybill::http
