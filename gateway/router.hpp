#pragma once

#include "gateway/message.hpp"
#include "gateway/worker.hpp"

#include <string_view>

namespace waybill::http {

/// Answers a request; throws a problem when it cannot.
using handler = task<response> (*)(worker&, const request&);

enum class route_kind : std::uint8_t { plain, events, websocket };

/// One line of the table. `{id}` in `pattern` stands for any one segment.
struct route {
  verb method = verb::get;
  std::string_view pattern;
  handler answer = nullptr;
  route_kind kind = route_kind::plain;
  /// Served even when too many requests are under way.
  bool always = false;
};

/// What became of the look-up of a method and path.
struct match {
  const route* found = nullptr;
  /// Its place in the table.
  std::size_t index = http_metrics::max_routes - 1;
  /// The methods that the path allows; empty when no such path is known.
  std::string allowed;
};

/// Looks for the route and sets `req.id`. HEAD finds the route of GET.
match find_route(request& req);

/// Method and pattern of a place in the table, empty behind the last one.
std::string_view route_name(std::size_t index);

} // namespace waybill::http
