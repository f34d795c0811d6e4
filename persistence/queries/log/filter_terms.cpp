#include "persistence/queries/log/filter_terms.hpp"

#include "domain/json/utf8.hpp"
#include "messages/order/order_streams.hpp"

#include <algorithm>

namespace waybill {

filter_terms::filter_terms(const event_filter& filter, dialect kind) {
  add_equal("stream", filter.stream);
  if (!filter.order.empty())
    add_streams_of(filter.order);
  add_owner(filter, kind);
  if (!filter.types.empty() && std::find(filter.types.begin(), filter.types.end(), "*") == filter.types.end())
    add_types(filter.types);
}

void filter_terms::add_unseen(const std::vector<seen_stream>& seen) {
  for (const auto& [stream, version] : seen) {
    const auto number = std::to_string(values_.size());
    sql_ += " and not (stream = :seen" + number + " and version <= cast(:version" + number + " as bigint))";
    values_.emplace_back("seen" + number, stream);
    values_.emplace_back("version" + number, std::to_string(version));
  }
}

void filter_terms::add_types(const std::vector<std::string>& types) {
  std::string any;
  for (const auto& pattern : types) {
    const auto name = "type" + std::to_string(values_.size());
    const bool prefix = pattern.ends_with('*');
    const auto text = prefix ? pattern.substr(0, pattern.size() - 1) : pattern;
    any += any.empty() ? "" : " or ";
    any += prefix ? "substr(type, 1, " + std::to_string(count_code_points(text)) + ") = :" + name : "type = :" + name;
    values_.emplace_back(name, text);
  }
  sql_ += " and (" + any + ")";
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
  if (filter.courier.empty()) {
    add_equal("customer_id", filter.customer);
    return;
  }
  const std::string find = kind == dialect::sqlite ? "instr" : "strpos";
  sql_ += " and (stream = :courier or (substr(type, 1, 9) = 'delivery.' and " + find + "(data, :mark) > 0)";
  values_.emplace_back("courier", filter.courier);
  values_.emplace_back("mark", mark_of_courier(filter.courier));
  if (!filter.customer.empty()) {
    sql_ += " or customer_id = :customer_id";
    values_.emplace_back("customer_id", filter.customer);
  }
  sql_ += ")";
}

void filter_terms::add_equal(const std::string& column, const std::string& value) {
  if (value.empty())
    return;
  sql_ += " and " + column + " = :" + column;
  values_.emplace_back(column, value);
}

} // namespace waybill
