#pragma once

#include "gateway/auth/access.hpp"
#include "gateway/context/context.hpp"
#include "gateway/limits/rate_limits.hpp"

#include <span>
#include <string>
#include <string_view>

namespace waybill::http {

/// Answers a request; throws a problem when it cannot.
using route_handler = task<response> (*)(context&, const request&);

using type_check = void (*)(const request&);

enum class route_kind : std::uint8_t { plain, events, websocket };

/// What a route needs: `work` needs the database and counts against the limit of requests, `local` is answered by the
/// gateway alone, `always` is answered even when the gateway is overloaded, so that the node can be watched.
enum class route_load : std::uint8_t { work, local, always };

/// Where a route is served: to clients; to clients and operators (`probes`, for load balancers); to operators, or to
/// clients when there is no listener for operators (`ops`); or to operators only.
enum class route_place : std::uint8_t { clients, probes, operators, operators_only };

/// One line of the routing table. `{id}` in `pattern` stands for any one segment.
struct route {
  verb method = verb::get;
  std::string_view pattern;
  access right = access::admin;
  route_handler answer = nullptr;
  route_kind kind = route_kind::plain;
  route_load load = route_load::work;
  /// The share of the caller that it is charged to.
  rate_class rate = rate_class::by_method;
  route_place place = route_place::clients;
  /// Browsers get a page instead.
  bool has_page = false;
  /// What it does outlives an access token: the account is asked whether the caller still may (confirm_account).
  bool asks_account = false;
  /// Its last segment stands for one or more: all that lies below a page of the web clients.
  bool below = false;
  /// Throws a problem with status 415 when the body is of a type or coding that is not taken. Null: it is JSON.
  type_check check_type = nullptr;
  /// Its handler makes the change depend on the version that If-Match names; others have it judged before.
  bool checks_version = false;
  /// It makes its resource when there is none: then no tag is the present one, and conditions are judged by that.
  bool creates = false;
};

/// The share of the caller with `by_method` resolved; none for routes that are always served.
rate_class rate_class_of(const route& entry) noexcept;

access_rule rule_of(const route& entry) noexcept;

/// Whether it is charged to the address whatever token comes along: routes on which passwords and tokens can be tried.
bool is_charged_by_address(const route& entry) noexcept;

/// Whether it has an effect, or opens what has some.
bool has_effect(const route& entry) noexcept;

/// The route of a request.
struct match {
  /// Null when there is none.
  const route* entry = nullptr;
  /// Its place in the table.
  std::size_t index = http_metrics::max_routes;
};

/// Finds the route by method and path and sets `req.id`. HEAD finds the route of GET. `for_operators`: among those of
/// the operators' listener.
match find_route(request& req, bool for_operators, const gateway_config& config);

/// The methods that the path allows, as for the header Allow; empty when the path is not known.
std::string allowed_methods(const request& req, bool for_operators, const gateway_config& config);

/// Method and pattern of a place in the table; `none` after the last one.
std::string_view route_name(std::size_t index);

/// The whole table.
std::span<const route> all_routes() noexcept;

} // namespace waybill::http
