#include "persistence/queries/log/filter_terms.hpp"

#include "domain/json/utf8.hpp"
#include "domain/order/order_streams.hpp"
#include "persistence/rows/further_events.hpp"

#include <algorithm>

namespace waybill {

namespace {

/// The function that looks for a text in another.
std::string finder_of(dialect kind) {
  return kind == dialect::sqlite ? "instr" : "strpos";
}

} // namespace

filter_terms::filter_terms(const event_filter& filter, dialect kind) : filter_{filter} {
  add_equal("stream", filter.stream);
  if (!filter.order.empty())
    add_streams_of(filter.order);
  add_owner(filter, kind);
  if (!filter.types.empty() && std::find(filter.types.begin(), filter.types.end(), "*") == filter.types.end())
    add_types(filter.types, finder_of(kind));
}

bool filter_terms::matches(const stored_event& event) const {
  return waybill::matches(filter_, event) && std::ranges::none_of(seen_, [&](const seen_stream& known) {
           return known.stream == event.stream && event.version <= known.version;
         });
}

void filter_terms::add_unseen(const std::vector<seen_stream>& seen) {
  seen_ = seen;
  for (const auto& [stream, version] : seen) {
    const auto number = std::to_string(values_.size());
    sql_ +=
      " and not (stream = :seen" + number + " and version + event_count - 1 <= cast(:version" + number + " as bigint))";
    values_.emplace_back("seen" + number, stream);
    values_.emplace_back("version" + number, std::to_string(version));
  }
}

void filter_terms::add_types(const std::vector<std::string>& types, const std::string& find) {
  std::string first;
  std::string further;
  for (const auto& pattern : types) {
    const auto name = "type" + std::to_string(values_.size());
    const bool prefix = pattern.ends_with('*');
    const auto text = prefix ? pattern.substr(0, pattern.size() - 1) : pattern;
    first += first.empty() ? "" : " or ";
    first += prefix ? "substr(type, 1, " + std::to_string(count_code_points(text)) + ") = :" + name : "type = :" + name;
    further += (further.empty() ? "" : " or ") + find + "(further, :further_" + name + ") > 0";
    values_.emplace_back(name, text);
    values_.emplace_back("further_" + name, mark_of_type(text, prefix));
  }
  // Most rows have one event: they are passed over without a search for each type.
  sql_ += " and (" + first + " or (further <> '' and (" + further + ")))";
}

void filter_terms::add_streams_of(const std::string& order) {
  std::string any;
  for (const auto& stream : streams_of_order(order)) {
    const auto name = "stream" + std::to_string(values_.size());
    any += (any.empty() ? ":" : ", :") + name;
    values_.emplace_back(name, stream);
  }
  any = "stream in (" + any + ")";
  // As a range: a `like` whose pattern is a parameter has no index.
  if (const auto further = further_payments_of(order); !further.empty()) {
    any += " or (stream > :further and stream < :further_end)";
    values_.emplace_back("further", further);
    values_.emplace_back("further_end", further);
    ++values_.back().second.back();
  }
  sql_ += " and (" + any + ")";
}

void filter_terms::add_owner(const event_filter& filter, dialect kind) {
  const auto find = finder_of(kind);
  std::string any;
  if (!filter.courier.empty()) {
    any = "stream = :courier or (substr(type, 1, 9) = 'delivery.' and (" + find + "(data, :mark) > 0 or " + find
          + "(further, :mark) > 0))";
    values_.emplace_back("courier", filter.courier);
    values_.emplace_back("mark", mark_of_courier(filter.courier));
  }
  if (!filter.customer.empty()) {
    any += (any.empty() ? "" : " or ") + std::string{"customer_id = :customer_id or "} + find
           + "(further, :further_customer) > 0";
    values_.emplace_back("customer_id", filter.customer);
    values_.emplace_back("further_customer", mark_of_customer(filter.customer));
  }
  if (!any.empty())
    sql_ += " and (" + any + ")";
}

void filter_terms::add_equal(const std::string& column, const std::string& value) {
  if (value.empty())
    return;
  sql_ += " and " + column + " = :" + column;
  values_.emplace_back(column, value);
}

} // namespace waybill
