#include "gateway/routes/router.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill::http {

namespace {

/// One line of the table, prepared for look-ups.
struct prepared_route {
  const route* entry;
  std::vector<std::string_view> parts;
  /// As in `GET /v1/orders`.
  std::string name;
};

/// What the patterns of one bucket have in common: the number of segments, and the first one; below /v1, where nearly
/// all routes are, the second one.
struct bucket_key {
  std::size_t segments;
  std::string_view name;
  bool operator==(const bucket_key&) const = default;
};

struct bucket_hash {
  std::size_t operator()(const bucket_key& key) const noexcept {
    return std::hash<std::string_view>{}(key.name) + key.segments;
  }
};

/// Stands for any number of segments, in the buckets of routes with `below`.
constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

/// `Segments`: the parts of a pattern or of a path.
template <class Segments>
bucket_key key_of(const Segments& segments) {
  if (segments.empty())
    return {0, {}};
  const bool below_v1 = segments.size() > 1 && segments[0] == "v1";
  return {segments.size(), segments[below_v1 ? 1 : 0]};
}

std::vector<std::string_view> split(std::string_view pattern) {
  std::vector<std::string_view> parts;
  pattern.remove_prefix(1);
  while (!pattern.empty()) {
    const auto part = pattern.substr(0, pattern.find('/'));
    parts.push_back(part);
    pattern.remove_prefix(std::min(part.size() + 1, pattern.size()));
  }
  return parts;
}

class route_index {
public:
  route_index() {
    for (const auto& entry : all_routes()) {
      auto parts = split(entry.pattern);
      const auto key = entry.below ? bucket_key{any_number, parts.front()} : key_of(parts);
      buckets_[key].push_back(routes_.size());
      routes_.push_back(
        {&entry, std::move(parts), std::string{method_name(entry.method)} + ' ' + std::string{entry.pattern}});
    }
  }

  /// The places of the routes that may fit.
  [[nodiscard]] const std::vector<std::size_t>& candidates(const std::vector<std::string>& segments) const {
    static const std::vector<std::size_t> none;
    auto bucket = buckets_.find(key_of(segments));
    if (bucket == buckets_.end() && !segments.empty())
      bucket = buckets_.find({any_number, segments.front()});
    return bucket == buckets_.end() ? none : bucket->second;
  }

  [[nodiscard]] const std::vector<prepared_route>& routes() const noexcept { return routes_; }

private:
  std::vector<prepared_route> routes_;
  std::unordered_map<bucket_key, std::vector<std::size_t>, bucket_hash> buckets_;
};

const route_index& table_index() {
  static const route_index made;
  return made;
}

/// Whether a path fits a route. `id` is the segment at the last `{...}`, empty for a pattern without one.
bool fits(const prepared_route& route, const std::vector<std::string>& segments, std::string_view& id) noexcept {
  const auto& parts = route.parts;
  if (route.entry->below)
    return segments.size() >= parts.size() && segments.front() == parts.front();
  if (parts.size() != segments.size())
    return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].starts_with('{') && !segments[i].empty())
      id = segments[i];
    else if (parts[i] != segments[i])
      return false;
  }
  return true;
}

bool is_served(route_place where, bool for_operators, const gateway_config& config) noexcept {
  switch (where) {
    case route_place::clients: return !for_operators;
    case route_place::probes: return true;
    case route_place::operators: return for_operators || !config.ops;
    default: return for_operators;
  }
}

} // namespace

rate_class rate_class_of(const route& entry) noexcept {
  if (entry.rate != rate_class::by_method)
    return entry.rate;
  if (entry.kind != route_kind::plain)
    return rate_class::streams;
  return entry.method == verb::get ? rate_class::reads : rate_class::writes;
}

access_rule rule_of(const route& entry) noexcept {
  return {entry.right, entry.has_page, entry.kind == route_kind::websocket};
}

bool is_charged_by_address(const route& entry) noexcept {
  return entry.right == access::everybody && entry.method != verb::get;
}

bool has_effect(const route& entry) noexcept {
  return entry.method != verb::get || entry.rate == rate_class::writes || entry.kind == route_kind::websocket;
}

match find_route(request& req, bool for_operators, const gateway_config& config) {
  const auto method = req.method == verb::head ? verb::get : req.method;
  const auto& index = table_index();
  match result;
  for (const auto number : index.candidates(req.segments)) {
    const auto& route = index.routes()[number];
    const auto* entry = route.entry;
    std::string_view id;
    if (entry->method != method || !is_served(entry->place, for_operators, config) || !fits(route, req.segments, id))
      continue;
    // A path without `{id}` comes before one with it: `read-all` is not the id of a notification.
    if (result.entry && !id.empty())
      continue;
    result = {entry, number};
    req.id = id;
  }
  return result;
}

std::string allowed_methods(const request& req, bool for_operators, const gateway_config& config) {
  const auto& index = table_index();
  std::string methods;
  for (const auto number : index.candidates(req.segments)) {
    const auto& route = index.routes()[number];
    const auto* entry = route.entry;
    std::string_view id;
    if (!is_served(entry->place, for_operators, config) || !fits(route, req.segments, id))
      continue;
    methods += std::string{method_name(entry->method)} + ", ";
    if (entry->method == verb::get)
      methods += "HEAD, ";
  }
  return methods.empty() ? methods : methods + "OPTIONS";
}

std::string_view route_name(std::size_t index) {
  const auto& routes = table_index().routes();
  return index < routes.size() ? std::string_view{routes[index].name} : "none";
}

} // namespace waybill::http
